//! The same random operations on tokio's tasks and on their twins have the same results, debug output and wakeups.
//!
//! Each machine is written once for the library that `$task` names and returns a log of strings. One thread runs all tasks,
//! and only where a machine yields.

use crate::drive::Driven;
use proptest::collection::vec;
use proptest::prelude::*;

/// One step: an operation and its argument.
type Step = (u8, u8);

macro_rules! machines {
    ($name:ident, $task:path, $runtime:path) => {
        pub mod $name {
            use super::*;
            use futures::FutureExt;
            use std::fmt::Debug;
            use std::panic::resume_unwind;
            use tokio::sync::oneshot;
            use tokio::task::yield_now;
            use $runtime as runtime;
            use $task as task;

            macro_rules! record {
                ($log:ident, $what:expr) => {
                    $log.push(format!("{}: {:?}", stringify!($what), $what))
                };
            }

            /// The outcome without task ids, which are unique.
            fn plain<T: Debug>(result: Result<T, task::JoinError>) -> Result<T, &'static str> {
                result.map_err(|error| match error.is_panic() {
                    true => "panicked",
                    false if error.is_cancelled() => "cancelled",
                    false => "neither",
                })
            }

            fn run<R>(body: impl AsyncFnOnce() -> R) -> R {
                let runtime = runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_all().build().unwrap();
                let local = task::LocalSet::new();
                local.block_on(&runtime, body())
            }

            /// A task that ends at once, or when its gate opens, or panics.
            async fn work(n: u8, gate: Option<oneshot::Receiver<()>>) -> u8 {
                if let Some(gate) = gate {
                    let _ = gate.await;
                }
                if n % 5 == 0 {
                    resume_unwind(Box::new(n));
                }
                n
            }

            pub fn set(steps: &[Step]) -> Vec<String> {
                run(async || {
                    let mut log = Vec::new();
                    let (mut set, mut gates) = (task::JoinSet::new(), Vec::new());
                    let mut aborts = Vec::new();
                    let handle = runtime::Handle::current();
                    for &(operation, n) in steps {
                        match operation % 16 {
                            0 | 1 => aborts.push(set.spawn(work(n, None))),
                            2 | 3 => {
                                let (open, gate) = oneshot::channel();
                                gates.push(open);
                                aborts.push(set.spawn_local(work(n, Some(gate))));
                            }
                            4 => aborts.push(set.spawn_on(work(n, None), &handle)),
                            5 => set.extend([work(n, None), work(n ^ 1, None)]),
                            6 => drop(gates.pop()),
                            7 | 8 => yield_now().await,
                            9 => record!(log, set.try_join_next().map(plain)),
                            10 => {
                                let mut next = Driven::new(set.join_next());
                                log.push(format!("join: {:?}", next.poll().map(|r| r.map(plain))));
                                yield_now().await;
                                let woken = next.woken() > 0;
                                let polled = next.poll().map(|r| r.map(plain));
                                log.push(format!("again: {woken} {polled:?}"));
                            }
                            11 => {
                                let next = set.join_next_with_id().now_or_never();
                                let next = next.map(|r| r.map(|r| plain(r.map(|(_, n)| n))));
                                log.push(format!("with id: {next:?}"));
                            }
                            12 if n % 4 == 0 => set.abort_all(),
                            12 if n % 4 == 1 => set.detach_all(),
                            12 if n % 4 == 2 => set.shutdown().await,
                            13 => {
                                if let Some(abort) = aborts.get(usize::from(n)) {
                                    abort.abort();
                                    record!(log, abort.is_finished());
                                }
                            }
                            14 => {
                                let next = set.try_join_next_with_id();
                                let known = next.as_ref().is_some_and(|r| {
                                    let id = r.as_ref().map_or_else(|e| e.id(), |(id, _)| *id);
                                    aborts.iter().any(|abort| abort.id() == id)
                                });
                                log.push(format!(
                                    "{known}, {:?}",
                                    next.map(|r| plain(r.map(|(_, n)| n)))
                                ));
                            }
                            _ => record!(log, (set.len(), set.is_empty(), &set)),
                        }
                    }
                    gates.clear();
                    while let Some(last) = set.join_next().await {
                        record!(log, plain(last));
                    }
                    let all: task::JoinSet<_> =
                        steps.iter().map(|&(_, n)| async move { n }).collect();
                    record!(log, all.join_all().await);
                    log
                })
            }

            pub fn handles(steps: &[Step]) -> Vec<String> {
                run(async || {
                    let mut log = Vec::new();
                    let (mut handles, mut gates) = (Vec::new(), Vec::new());
                    for &(operation, n) in steps {
                        let at = usize::from(n).checked_rem(handles.len()).unwrap_or(0);
                        match operation % 9 {
                            0 => handles.push(task::spawn(work(n, None))),
                            1 => {
                                let (open, gate) = oneshot::channel();
                                gates.push(open);
                                handles.push(task::spawn_local(work(n, Some(gate))));
                            }
                            2 => drop(gates.pop()),
                            3 => yield_now().await,
                            // Only without other tasks, whose progress meanwhile would vary.
                            4 if handles.is_empty() => {
                                let blocking = task::spawn_blocking(move || n);
                                record!(log, plain(blocking.await));
                            }
                            5 => {
                                let Some(handle) = handles.get_mut(at) else {
                                    continue;
                                };
                                let (polled, again, woken) = {
                                    let mut driven = Driven::new(handle);
                                    let polled = driven.poll().map(plain);
                                    yield_now().await;
                                    (polled, driven.poll().map(plain), driven.woken() > 0)
                                };
                                log.push(format!("{polled:?} {again:?} {woken}"));
                                if polled.is_some() || again.is_some() {
                                    drop(handles.remove(at));
                                }
                            }
                            6 => {
                                let Some(handle) = handles.get(at) else {
                                    continue;
                                };
                                handle.abort();
                                let (abort, id) = (handle.abort_handle(), handle.id());
                                record!(log, (handle.is_finished(), abort.id() == id));
                            }
                            7 if at < handles.len() => drop(handles.remove(at)),
                            _ => {
                                let finished = handles.iter().map(|handle| handle.is_finished());
                                record!(log, finished.collect::<Vec<_>>());
                            }
                        }
                    }
                    gates.clear();
                    for handle in handles {
                        record!(log, plain(handle.await));
                    }
                    log
                })
            }
        }
    };
}

machines!(original, tokio::task, tokio::runtime);
machines!(twin, leakguard::task, leakguard::runtime);

macro_rules! alike {
    ($($machine:ident)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
            $(
                #[test]
                fn $machine(steps in vec(any::<Step>(), 0..80)) {
                    prop_assert_eq!(twin::$machine(&steps), original::$machine(&steps));
                }
            )*
        }
    };
}

alike!(set handles);

/// Compiles only if the twins have tokio's auto traits.
#[tokio::test]
async fn types_have_the_auto_traits_of_tokio() {
    use leakguard::task::{JoinHandle, JoinSet};
    use std::cell::Cell;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    fn threads<T: Send + Sync + Unpin>(_: &T) {}
    fn unwinds<T: UnwindSafe + RefUnwindSafe>(_: &T) {}
    fn sends<T: Send>(_: T) {}
    let handle: JoinHandle<Cell<u8>> = leakguard::task::spawn(async { Cell::new(1) });
    threads(&handle);
    unwinds(&handle);
    let mut set = JoinSet::<Cell<u8>>::default();
    threads(&set);
    sends(set.join_next());
    sends(set.join_next_with_id());
    sends(set.shutdown());
    sends(set.join_all());
    // Converts to tokio's type and back.
    let handle: tokio::task::JoinHandle<_> = handle.into();
    let (theirs, ours) =
        tokio::try_join!(handle, JoinHandle::from(tokio::spawn(async { 2 }))).unwrap();
    assert_eq!((theirs.get(), ours), (1, 2));
    let set: tokio::task::JoinSet<u8> = JoinSet::from_iter([async { 1 }]).into();
    let mut set = JoinSet::from(set);
    set.spawn(async { 2 });
    assert_eq!(set.join_all().await.iter().sum::<u8>(), 3);
}
