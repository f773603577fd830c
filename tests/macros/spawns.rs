//! A call that looks like a spawn keeps its type, whatever the callee expects.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

struct Ready;

impl Future for Ready {
    type Output = u8;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        Poll::Ready(1)
    }
}

async fn length(text: &'static str) -> usize {
    text.len()
}

/// Callees named `spawn`, which is all that the macro sees of them.
mod user {
    use super::*;
    pub mod ready {
        pub fn spawn(_: super::Ready) {}
    }
    pub mod number {
        pub fn spawn(number: u64) -> u64 {
            number
        }
    }
    pub mod boxed {
        use super::*;
        pub fn spawn<T: Send + 'static>(
            future: BoxFuture<'static, T>,
        ) -> tokio::task::JoinHandle<T> {
            tokio::spawn(future)
        }
    }
    pub mod local {
        use super::*;
        pub fn spawn<'a>(_: Pin<Box<dyn Future<Output = ()> + 'a>>) {}
    }
    pub mod unpinned {
        use super::*;
        pub fn spawn(_: Box<dyn Future<Output = ()> + Unpin + Send>) {}
    }
    pub mod pointer {
        pub fn spawn(function: fn() -> u8) -> u8 {
            function()
        }
    }
    pub mod job {
        pub fn spawn(job: Box<dyn FnOnce() -> Box<dyn super::Debug> + Send>) -> String {
            format!("{:?}", job())
        }
    }
    pub mod repeated {
        pub fn spawn(mut job: impl FnMut() -> u8) -> u8 {
            job() + job()
        }
    }
    pub mod shared {
        pub fn spawn(job: impl Fn() -> u8 + Clone + Send + Sync + 'static) -> u8 {
            job.clone()() + job()
        }
    }
    pub mod factory {
        use super::*;
        pub fn spawn<F: Fn() -> R, R: Future<Output = u8>>(make: F) -> (R, R) {
            (make(), make())
        }
    }
    pub mod visitor {
        pub fn spawn(visit: impl Fn(&str) -> usize) -> usize {
            visit("four")
        }
    }
    pub mod wrapped {
        pub struct Visitor(pub Box<dyn Fn(&str) -> usize>);
        pub fn spawn(visitor: Visitor) -> usize {
            (visitor.0)("four")
        }
    }
    pub mod debug {
        pub fn spawn(value: &dyn super::Debug) -> String {
            format!("{value:?}")
        }
    }
    pub mod text {
        pub fn spawn<S: Into<String>>(text: S) -> String {
            text.into()
        }
    }
    pub mod option {
        pub fn spawn(bytes: Option<Vec<u8>>) -> usize {
            bytes.map_or(0, |bytes| bytes.len())
        }
    }
    pub mod slice {
        pub fn spawn(bytes: &[u8]) -> usize {
            bytes.len()
        }
    }
    pub mod shared_object {
        pub fn spawn(value: super::Arc<dyn super::Debug>) -> String {
            format!("{value:?}")
        }
    }
    pub mod exclusive {
        pub fn spawn(count: &mut u32, by: u32) {
            *count += by;
        }
    }
    pub mod hierarchy {
        pub fn spawn<T: Default>(parts: (T, u8)) -> u8 {
            parts.1
        }
    }
}

fn seven() -> u8 {
    7
}

#[leakguard::track]
fn every_signature(bytes: &Vec<u8>, count: &mut u32) {
    user::ready::spawn(Ready);
    assert_eq!(user::number::spawn(5), 5);
    assert_eq!(user::number::spawn(5u8.into()), 5);
    assert_eq!(user::number::spawn(u64::default() + 1), 1);
    let here = 5;
    user::local::spawn(Box::pin(async {
        let _ = &here;
    }));
    user::unpinned::spawn(Box::new(std::future::ready(())));
    assert_eq!(user::pointer::spawn(seven), 7);
    assert_eq!(user::repeated::spawn(|| 2), 4);
    let mut calls = 0;
    user::repeated::spawn(|| {
        calls += 1;
        calls
    });
    assert_eq!(user::shared::spawn(|| 2), 4);
    assert_eq!(user::shared::spawn(seven), 14);
    assert_eq!(user::visitor::spawn(|text| text.len()), 4);
    assert_eq!(user::wrapped::spawn(user::wrapped::Visitor(Box::new(|text| text.len()))), 4);
    assert_eq!(user::job::spawn(Box::new(|| Box::new(1))), "1");
    let job: Box<dyn FnOnce() -> Box<dyn Debug> + Send> = Box::new(|| Box::new(2));
    assert_eq!(user::job::spawn(job), "2");
    assert_eq!(user::debug::spawn(&5), "5");
    assert_eq!(user::debug::spawn(bytes), "[1]");
    assert_eq!(user::text::spawn("x"), "x");
    assert_eq!(user::text::spawn(String::from("x")), "x");
    assert_eq!(user::option::spawn(None), 0);
    assert_eq!(user::option::spawn(Some(vec![])), 0);
    assert_eq!(user::slice::spawn(bytes), 1);
    assert_eq!(user::slice::spawn(bytes.as_slice()), 1);
    assert_eq!(user::shared_object::spawn(Arc::new(3)), "3");
    user::exclusive::spawn(count, 1);
    user::exclusive::spawn(count, 1);
    let again = &mut *count;
    user::exclusive::spawn(again, 1);
    user::exclusive::spawn(again, 1);
    assert_eq!(user::hierarchy::spawn(((), 3)), 3);
    let _ = user::factory::spawn(|| async { 1 });
    let _ = user::factory::spawn(|| Ready);
}

#[test]
fn callees_of_every_signature_compile() {
    let mut count = 0;
    every_signature(&vec![1], &mut count);
    assert_eq!(count, 4);
}

/// The closure must coerce to `fn()`, which only the signature in this file shows.
mod bare {
    pub fn spawn_thread(function: fn() -> u8) -> u8 {
        function()
    }
}

#[leakguard::track]
#[test]
fn a_closure_for_a_function_pointer_is_not_wrapped() {
    assert_eq!(bare::spawn_thread(|| 3), 3);
}

#[leakguard::track]
#[tokio::test]
async fn spawns_of_tokio_run() {
    assert_eq!(tokio::spawn(length("abc")).await.unwrap(), 3);
    assert_eq!(tokio::spawn(async { 5u8 }).await.unwrap(), 5);
    assert_eq!(tokio::spawn(Ready).await.unwrap(), 1);
    assert_eq!(tokio::spawn(Box::pin(length("abc"))).await.unwrap(), 3);
    assert_eq!(
        tokio::spawn({
            let five = 5u8;
            async move { five }
        })
        .await
        .unwrap(),
        5
    );
    let boxed: BoxFuture<'static, u8> = Box::pin(Ready);
    assert_eq!(tokio::spawn(boxed).await.unwrap(), 1);
    assert_eq!(user::boxed::spawn(Box::pin(length("abc"))).await.unwrap(), 3);
    assert_eq!(tokio::spawn(leakguard::background(Ready)).await.unwrap(), 1);
    assert_eq!(tokio::task::spawn_blocking(|| 4).await.unwrap(), 4);
    assert_eq!(tokio::task::spawn_blocking(seven).await.unwrap(), 7);
    let mut set = tokio::task::JoinSet::new();
    set.spawn(async { 1u8 });
    set.spawn(Ready);
    set.spawn_blocking(|| 1);
    set.spawn_on(Ready, &tokio::runtime::Handle::current());
    while let Some(one) = set.join_next().await {
        assert_eq!(one.unwrap(), 1);
    }
}

#[leakguard::track]
#[tokio::test]
async fn spawns_of_tokio_util_run() {
    let tracker = tokio_util::task::TaskTracker::new();
    assert_eq!(tracker.spawn(length("z")).await.unwrap(), 1);
    let mut map = tokio_util::task::JoinMap::new();
    let key = String::from("key");
    map.spawn(key.clone(), length("z"));
    map.spawn("other".to_owned(), Ready.after());
    assert!(map.join_next().await.is_some());
    let local = tokio::task::LocalSet::new();
    let shared = std::rc::Rc::new(1u8);
    let kept = shared.clone();
    assert_eq!(
        local
            .run_until(async move { tokio::task::spawn_local(async move { *kept }).await.unwrap() })
            .await,
        1
    );
    local.spawn_local(async move { drop(shared) });
}

trait After {
    async fn after(self) -> usize;
}

impl After for Ready {
    async fn after(self) -> usize {
        usize::from(self.await)
    }
}

#[leakguard::track]
#[test]
fn threads_run() {
    let text = String::from("abc");
    let borrowed = &text;
    let lengths = std::thread::scope(|scope| {
        let one = scope.spawn(|| borrowed.len());
        let two = scope.spawn(move || borrowed.len());
        one.join().unwrap() + two.join().unwrap()
    });
    assert_eq!(lengths, 6);
    let job = move || text.len();
    assert_eq!(std::thread::spawn(job).join().unwrap(), 3);
    let named = std::thread::Builder::new().name("x".into()).spawn(|| 1).unwrap();
    assert_eq!(named.join().unwrap(), 1);
    let in_block = std::thread::spawn({
        let number = 3;
        move || number
    });
    assert_eq!(in_block.join().unwrap(), 3);
    let never: std::thread::Result<u8> = std::thread::spawn(|| panic!("on purpose")).join();
    assert!(never.is_err());
    let result: Result<Box<dyn Debug>, ()> =
        std::thread::spawn(|| Ok(Box::new(1) as Box<dyn Debug + Send>))
            .join()
            .unwrap()
            .map(|value: Box<dyn Debug + Send>| value as Box<dyn Debug>);
    assert!(result.is_ok());
}

/// As in real crates: a trait with `spawn`, an object of it, and a helper around it.
trait Runtime: Send + Sync {
    fn spawn(&self, future: BoxFuture<'static, ()>);
}

struct Tokio;

#[leakguard::track]
impl Runtime for Tokio {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        tokio::spawn(future);
    }
}

struct Executor {
    runtime: Arc<dyn Runtime>,
}

#[leakguard::track]
impl Executor {
    fn spawn<F>(&self, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.runtime.spawn(Box::pin(future));
    }

    fn spawn_blocking<F, R>(&self, job: F) -> tokio::task::JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        tokio::task::spawn_blocking(job)
    }
}

#[leakguard::track]
#[tokio::test]
async fn spawns_behind_helpers_and_objects_run() {
    let executor = Executor { runtime: Arc::new(Tokio) };
    let (sender, receiver) = tokio::sync::oneshot::channel();
    executor.spawn(async move { sender.send(3u8).unwrap() });
    assert_eq!(receiver.await.unwrap(), 3);
    assert_eq!(executor.spawn_blocking(move || 4).await.unwrap(), 4);
    assert_eq!(executor.spawn_blocking(seven).await.unwrap(), 7);
}

/// Imports under another name.
mod renamed {
    use tokio::spawn as go;
    use tokio::task::{spawn_blocking as sb, spawn_local};

    #[leakguard::track]
    #[tokio::test]
    async fn imports_are_recognized() {
        assert_eq!(go(async { 1 }).await.unwrap(), 1);
        assert_eq!(sb(|| 2).await.unwrap(), 2);
        use std::thread::spawn as start;
        assert_eq!(start(|| 3).join().unwrap(), 3);
        let _ = spawn_local::<std::future::Ready<()>>;
    }
}

struct Guarded<'a> {
    count: &'a mut u32,
}

impl Guarded<'_> {
    #[leakguard::track]
    fn twice(&mut self) {
        user::exclusive::spawn(self.count, 1);
        user::exclusive::spawn(self.count, 1);
        (0..2).for_each(|_| user::exclusive::spawn(self.count, 1));
    }
}

#[test]
fn mutable_references_are_reborrowed() {
    let mut count = 0;
    Guarded { count: &mut count }.twice();
    assert_eq!(count, 4);
}

#[leakguard::track]
fn in_closures_of_unknown_type(with: impl FnOnce(fn(&mut u32))) {
    with(|count| {
        user::exclusive::spawn(count, 1);
        user::exclusive::spawn(count, 1);
    });
}

#[test]
fn mutable_closure_parameters_are_reborrowed() {
    in_closures_of_unknown_type(|add| {
        let mut count = 0;
        add(&mut count);
        assert_eq!(count, 2);
    });
}

/// Has the grammar of the macro of that name in the crate `async-stream`, less its `yield`.
macro_rules! stream {
    ($($body:tt)*) => { async move { $($body)* } };
}

mod spawns_without_a_call {
    use super::*;
    use tokio::task::{JoinSet, spawn};

    #[leakguard::track]
    pub fn by_path(waits: Vec<BoxFuture<'static, ()>>) {
        waits.into_iter().map(tokio::spawn).for_each(drop); // here: path
    }

    #[leakguard::track]
    pub fn by_name(wait: BoxFuture<'static, ()>) {
        drop(Some(wait).map(spawn)); // here: name
    }

    #[leakguard::track]
    pub fn by_collect(waits: Vec<BoxFuture<'static, ()>>) {
        let mut set = waits.into_iter().collect::<JoinSet<_>>(); // here: collect
        set.detach_all();
    }

    #[leakguard::track]
    pub fn by_type(wait: BoxFuture<'static, ()>) {
        let mut set: JoinSet<()> = [wait].into_iter().collect(); // here: type
        set.detach_all();
    }

    #[leakguard::track]
    pub async fn in_a_stream(wait: BoxFuture<'static, ()>) {
        stream! {
            let wait = wait;
            tokio::spawn(wait); // here: stream
        }
        .await;
    }

    #[leakguard::track]
    pub fn by_macro(wait: BoxFuture<'static, ()>) {
        macro_rules! start {
            ($wait:expr) => {
                tokio::spawn($wait)
            };
        }
        start!(wait); // here: macro
    }

    #[leakguard::track]
    pub fn by_pointer(wait: BoxFuture<'static, ()>) {
        let begin: fn(_) -> _ = tokio::spawn; // here: pointer
        drop(begin(wait));
    }

    struct Starter {
        spawn: fn(BoxFuture<'static, ()>) -> tokio::task::JoinHandle<()>,
    }

    impl Starter {
        fn new() -> Self {
            Starter { spawn: tokio::spawn }
        }

        #[leakguard::track]
        fn start(&self, wait: BoxFuture<'static, ()>) {
            (self.spawn)(wait); // here: field
        }
    }

    pub fn by_field(wait: BoxFuture<'static, ()>) {
        Starter::new().start(wait);
    }

    #[leakguard::track]
    pub fn by_argument(wait: BoxFuture<'static, ()>) {
        fn call<T>(begin: impl Fn(BoxFuture<'static, ()>) -> T, wait: BoxFuture<'static, ()>) {
            drop(begin(wait));
        }
        call(tokio::task::spawn, wait); // here: argument
    }
}

/// Whether a task that waits was recorded with the line as its spawn.
async fn is_found<F: Future<Output = ()>>(
    mark: &str,
    spawn: impl FnOnce(BoxFuture<'static, ()>) -> F,
) -> bool {
    let (_open, opened) = tokio::sync::oneshot::channel::<()>();
    let wait: BoxFuture<'static, ()> = Box::pin(async { drop(opened.await) });
    let report = leakguard::find(spawn(wait)).await.unwrap_err();
    let end = format!("// here: {mark}");
    let mut lines = include_str!("spawns.rs").lines();
    let line = 1 + lines.position(|line| line.ends_with(&end)).unwrap();
    assert!(leakguard::find(spawn_nothing()).await.is_ok());
    report.iter().all(|finding| finding.site().location().line() as usize == line)
}

async fn spawn_nothing() {
    spawns_without_a_call::by_path(vec![Box::pin(async {})]);
    spawns_without_a_call::by_name(Box::pin(async {}));
    spawns_without_a_call::by_collect(vec![Box::pin(async {})]);
    spawns_without_a_call::by_type(Box::pin(async {}));
    spawns_without_a_call::in_a_stream(Box::pin(async {})).await;
    spawns_without_a_call::by_macro(Box::pin(async {}));
    spawns_without_a_call::by_pointer(Box::pin(async {}));
    spawns_without_a_call::by_field(Box::pin(async {}));
    spawns_without_a_call::by_argument(Box::pin(async {}));
}

#[tokio::test]
async fn spawn_as_a_value_and_in_a_stream_is_watched() {
    use spawns_without_a_call as spawns;
    assert!(is_found("path", |wait| async { spawns::by_path(vec![wait]) }).await);
    assert!(is_found("name", |wait| async { spawns::by_name(wait) }).await);
    assert!(is_found("collect", |wait| async { spawns::by_collect(vec![wait]) }).await);
    assert!(is_found("type", |wait| async { spawns::by_type(wait) }).await);
    assert!(is_found("stream", spawns::in_a_stream).await);
    assert!(is_found("macro", |wait| async { spawns::by_macro(wait) }).await);
    assert!(is_found("pointer", |wait| async { spawns::by_pointer(wait) }).await);
    assert!(is_found("field", |wait| async { spawns::by_field(wait) }).await);
    assert!(is_found("argument", |wait| async { spawns::by_argument(wait) }).await);
}

/// Two functions have two types, so that where one is assigned to the other neither is replaced.
#[leakguard::track]
#[tokio::test]
async fn spawn_as_a_value_keeps_its_type() {
    type Task = std::future::Ready<u8>;
    let mut start = tokio::spawn::<Task>;
    assert_eq!(start(std::future::ready(1)).await.unwrap(), 1);
    start = tokio::spawn::<Task>;
    assert_eq!(start(std::future::ready(2)).await.unwrap(), 2);
}

#[leakguard::track]
#[tokio::test]
async fn spawn_as_a_value_takes_arguments_of_its_own() {
    type Task = std::future::Ready<u8>;
    let start = ::tokio::task::spawn::<Task>;
    assert_eq!(start(std::future::ready(1)).await.unwrap(), 1);
}

#[leakguard::track]
#[tokio::test]
async fn spawn_of_a_job_as_a_value_runs() {
    let start: fn(fn() -> u8) -> tokio::task::JoinHandle<u8> = tokio::task::spawn_blocking;
    assert_eq!(start(seven).await.unwrap(), 7);
}

#[leakguard::track]
#[tokio::test]
async fn spawn_of_a_local_task_as_a_value_runs() {
    let set = tokio::task::LocalSet::new();
    let shared = std::rc::Rc::new(1_u8);
    let kept = shared.clone();
    let start = tokio::task::spawn_local;
    let run = set.run_until(async move { start(async move { *kept }).await.unwrap() });
    assert_eq!(run.await, *shared);
}

/// A field that is called like a spawn.
struct Callbacks {
    spawn: fn(fn() -> u8) -> u8,
    spawn_on: Box<dyn Fn(&mut u32, u8) -> u8>,
    spawn_local: fn(Option<Vec<u8>>) -> usize,
}

#[leakguard::track]
#[test]
fn fields_that_are_named_like_a_spawn_are_called() {
    let callbacks = Callbacks {
        spawn: user::pointer::spawn,
        spawn_on: Box::new(|count, by| {
            *count += u32::from(by);
            by
        }),
        spawn_local: user::option::spawn,
    };
    let mut count = 0;
    let again = &mut count;
    assert_eq!((callbacks.spawn)(|| 3), 3);
    assert_eq!((callbacks.spawn)(seven), 7);
    assert_eq!((callbacks.spawn_on)(again, 2), 2);
    assert_eq!((callbacks.spawn_on)(again, 3), 3);
    assert_eq!((callbacks.spawn_local)(None), 0);
    assert_eq!((callbacks.spawn_local)(Some(vec![1])), 1);
    assert_eq!(count, 5);
}

/// What a definition of a macro may hold beside a plain call.
#[leakguard::track]
#[tokio::test]
async fn definitions_of_macros_keep_their_meaning() {
    macro_rules! join_all {
        ($($future:expr),* $(,)?) => { [$(tokio::spawn(async move { $future.await })),*] };
    }
    macro_rules! with_tokens {
        ($($tokens:tt)*) => { tokio::task::spawn($($tokens)*) };
    }
    macro_rules! text {
        ($future:expr) => {
            stringify!(tokio::spawn($future))
        };
    }
    macro_rules! defines {
        ($name:ident) => {
            macro_rules! $name {
                ($future:expr) => {
                    tokio::spawn($future)
                };
            }
        };
    }
    macro_rules! declares {
        () => {
            mod tokio {
                pub fn spawn(number: u8) -> u8 {
                    number
                }
            }
        };
    }
    macro_rules! statement {
        ($future:expr) => {{
            tokio::spawn($future);
        }};
        (@two $one:expr, $two:expr) => {
            statement!($one);
            statement!($two);
        };
    }
    for (at, handle) in join_all!(length("a"), length("bc"),).into_iter().enumerate() {
        assert_eq!(handle.await.unwrap(), at + 1);
    }
    assert_eq!(with_tokens!(async { 1 },).await.unwrap(), 1);
    assert_eq!(
        with_tokens!({
            let one = 1;
            async move { one }
        })
        .await
        .unwrap(),
        1
    );
    assert_eq!(text!(x).replace(' ', ""), "tokio::spawn(x)");
    defines!(start);
    assert_eq!(start!(async { 2 }).await.unwrap(), 2);
    {
        declares!();
        fn inner() -> u8 {
            user::number::spawn(4) as u8
        }
        assert_eq!((inner(), tokio::spawn(3)), (4, 3));
    }
    fn nested() -> tokio::task::JoinHandle<u8> {
        with_tokens!(async { 5 })
    }
    assert_eq!(nested().await.unwrap(), 5);
    statement!(@two async {}, Ready);
}
