//! The runtimes, handles and sets of `leakguard::runtime` and `task` behave like tokio's: the same results, panics, debug
//! output and auto traits.

use std::panic::{AssertUnwindSafe, Location, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Which auto traits a type has.
struct Traits<T: ?Sized>(std::marker::PhantomData<T>);

macro_rules! auto_traits {
    ($($name:ident: $($bound:path),+;)*) => {
        $(
            impl<T: $($bound +)+ ?Sized> Traits<T> {
                const $name: bool = true;
            }
        )*
        trait Lacks {
            $(const $name: bool = false;)*
        }
        impl<T: ?Sized> Lacks for Traits<T> {}
        macro_rules! traits_of {
            ($of:ty) => { [$((stringify!($name), Traits::<$of>::$name)),*] };
        }
    };
}

auto_traits! {
    SEND: Send;
    SYNC: Sync;
    UNWIND: UnwindSafe;
    REF_UNWIND: RefUnwindSafe;
    CLONE: Clone;
    DEFAULT: Default;
    DEBUG: std::fmt::Debug;
}

/// Has none of them.
struct Bare(std::marker::PhantomData<(*mut u8, &'static mut std::cell::Cell<u8>)>);

#[test]
fn types_have_the_traits_of_tokio() {
    assert!(traits_of!(u8).iter().all(|(_, has)| *has));
    assert!(traits_of!(Bare).iter().all(|(_, has)| !has));
    macro_rules! same {
        ($($module:ident :: $name:ident),* $(,)?) => {
            $(assert_eq!(
                traits_of!(leakguard::$module::$name),
                traits_of!(tokio::$module::$name),
                stringify!($name)
            );)*
        };
    }
    same!(runtime::Handle, runtime::Runtime, runtime::LocalRuntime, runtime::Builder);
    same!(task::LocalEnterGuard, task::LocalSet);
}

/// The line that a call panics at, if it is one of this file, and the first line of the message.
fn panic_of(call: impl FnOnce()) -> (Option<u32>, String) {
    static HOOK: Mutex<Option<u32>> = Mutex::new(None);
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let at = info.location().filter(|at| at.file() == file!());
        *HOOK.lock().unwrap() = at.map(Location::line);
    }));
    let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    std::panic::set_hook(before);
    let text = payload.downcast::<String>().map(|text| *text);
    let text = text.or_else(|payload| payload.downcast::<&str>().map(|text| (*text).to_owned()));
    (HOOK.lock().unwrap().take(), text.unwrap().lines().next().unwrap().to_owned())
}

macro_rules! machines {
    ($name:ident, $krate:ident) => {
        mod $name {
            use super::*;
            use $krate::runtime::{Builder, Handle, LocalRuntime, Runtime};
            use $krate::task::{self, JoinSet, LocalSet};

            pub fn results() -> Vec<String> {
                let mut log = Vec::new();
                let mut note = |text: String| log.push(text);
                let threads = Arc::new(Mutex::new(0));
                let started = threads.clone();
                let mut builder = Builder::new_multi_thread();
                builder
                    .enable_all()
                    .worker_threads(1)
                    .thread_name("worker")
                    .max_blocking_threads(2);
                builder.on_thread_start(move || *started.lock().unwrap() += 1);
                note(format!("{builder:?}"));
                let runtime = builder.build().unwrap();
                let handle = runtime.handle().clone();
                note(format!("{:?}", runtime.block_on(runtime.spawn(async { 1 })).unwrap()));
                note(format!("{:?}", runtime.block_on(handle.spawn(async { 2 })).unwrap()));
                note(format!("{:?}", handle.block_on(handle.spawn_blocking(|| 3)).unwrap()));
                note(format!("{:?}", runtime.block_on(runtime.spawn_blocking(|| 4)).unwrap()));
                note(format!("{:?}", handle.runtime_flavor()));
                note(format!("{:?}", runtime.metrics().num_workers()));
                note(format!("{}", handle.id() == runtime.handle().id()));
                {
                    let _entered = runtime.enter();
                    note(format!("{}", Handle::current().id() == handle.id()));
                    let _entered = handle.enter();
                    drop(task::spawn(async {}));
                }
                note(format!("{:?}", Handle::try_current().unwrap_err()));
                let mut set = JoinSet::new();
                set.spawn_on(async { 5 }, &handle);
                set.spawn_blocking_on(|| 6, runtime.handle());
                let mut all = runtime.block_on(set.join_all());
                all.sort();
                note(format!("{all:?}"));
                note(format!("{}", *threads.lock().unwrap() > 1));
                runtime.shutdown_timeout(Duration::from_secs(9));
                let late = handle.spawn(async {});
                let one = Builder::new_current_thread().build().unwrap();
                note(format!("{}", one.block_on(late).unwrap_err().is_cancelled()));
                note(format!("{:?}", format!("{one:?}").split('{').next()));
                one.shutdown_background();
                note(format!("{:?}", Runtime::new().unwrap().block_on(async { 7 })));
                log
            }

            pub fn local() -> Vec<String> {
                let mut log = Vec::new();
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                let mut set = LocalSet::new();
                let shared = Rc::new(1);
                let held = shared.clone();
                let task = set.spawn_local(async move { *held + 1 });
                log.push(format!("{:?}", set.block_on(&runtime, task).unwrap()));
                let held = shared.clone();
                let inside = runtime.block_on(set.run_until(async move {
                    task::spawn_local(async move { *held + 2 }).await.unwrap()
                }));
                log.push(format!("{inside:?}"));
                let mut tasks = JoinSet::new();
                let held = shared.clone();
                tasks.spawn_local_on(async move { *held + 3 }, &set);
                runtime.block_on(&mut set);
                log.push(format!("{:?}", tasks.try_join_next().unwrap().unwrap()));
                log.push(format!("{:?}", runtime.block_on(LocalSet::run_until(&set, async { 5 }))));
                {
                    let _entered = set.enter();
                    task::spawn_local(async move { drop(shared) });
                }
                log.push(format!("{set:?}"));
                let local = LocalRuntime::new().unwrap();
                let task = local.spawn_local(async { Rc::new(6).clone() });
                log.push(format!("{:?}", local.block_on(async { *task.await.unwrap() })));
                let blocking = local.handle().spawn_blocking(|| 7);
                log.push(format!("{:?}", local.block_on(blocking).unwrap()));
                let options = Default::default();
                let built = Builder::new_current_thread().build_local(options).unwrap();
                log.push(format!("{:?}", built.block_on(async { 8 })));
                log
            }

            /// Each panic in the order of its line, with how far it is below the one before.
            pub fn panics() -> Vec<(Option<u32>, String)> {
                let first = line!();
                let mut all = vec![
                    panic_of(|| drop(Handle::current())),
                    panic_of(|| drop(task::spawn(async {}))),
                    panic_of(|| _ = Builder::new_multi_thread().worker_threads(0)),
                    panic_of(|| {
                        let one = Builder::new_current_thread().build().unwrap();
                        one.block_on(async { one.handle().block_on(async {}) });
                    }),
                    panic_of(|| {
                        let one = Builder::new_current_thread().build().unwrap();
                        one.block_on(async { one.block_on(async {}) });
                    }),
                ];
                for (line, _) in &mut all {
                    *line = line.map(|line| line.wrapping_sub(first));
                }
                all
            }
        }
    };
}

machines!(original, tokio);
machines!(twin, leakguard);

#[test]
fn results_are_those_of_tokio() {
    assert_eq!(twin::results(), original::results());
    assert_eq!(twin::local(), original::local());
}

#[test]
fn panics_are_those_of_tokio_at_the_same_line() {
    assert_eq!(twin::panics(), original::panics());
}

#[test]
fn types_convert_to_those_of_tokio_and_back() {
    let ours = leakguard::runtime::Builder::new_current_thread();
    let theirs: tokio::runtime::Builder = ours.into();
    let mut ours = leakguard::runtime::Builder::from(theirs);
    let theirs: tokio::runtime::Runtime = ours.build().unwrap().into();
    let ours = leakguard::runtime::Runtime::from(theirs);
    let theirs: tokio::runtime::Handle = ours.handle().clone().into();
    assert_eq!(leakguard::runtime::Handle::from(theirs).id(), ours.handle().id());
    let theirs: tokio::task::LocalSet = leakguard::task::LocalSet::default().into();
    assert_eq!(leakguard::task::LocalSet::from(theirs).block_on(&ours, async { 1 }), 1);
}
