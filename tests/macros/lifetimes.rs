//! Drops happen in the same order as without the attribute. Each case runs annotated and plain.

use std::cell::RefCell;

thread_local! {
    static LOG: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fn note(event: &'static str) {
    LOG.with_borrow_mut(|log| log.push(event));
}

fn log() -> Vec<&'static str> {
    LOG.with_borrow_mut(std::mem::take)
}

/// Logs when it is dropped.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        note(self.0);
    }
}

impl Loud {
    fn future(&self) -> std::future::Ready<u8> {
        std::future::ready(1)
    }

    fn lend(&self) -> &Self {
        self
    }
}

struct Whole {
    one: Loud,
    two: Loud,
}

impl Whole {
    #[leakguard::must_terminate]
    async fn annotated(mut self, _b: Loud) -> u8 {
        self.one.0 = "one again";
        drop(self.two);
        3
    }

    async fn consume(self, b: Loud) -> u8 {
        let _local = Loud("local");
        note(self.two.0);
        self.annotated(b).await
    }
}

/// Defines each function plain, annotated and tracked, and compares their logs.
macro_rules! same_drops {
    ($($test:ident: $name:ident($($argument:expr),*) = { $($function:tt)* })*) => { $(
        mod $test {
            use super::*;
            mod plain {
                use super::*;
                $($function)*
            }
            mod annotated {
                use super::*;
                #[leakguard::must_terminate]
                $($function)*
            }
            mod tracked {
                use super::*;
                #[leakguard::track]
                $($function)*
            }
            #[tokio::test]
            async fn drop_order_is_unchanged() {
                let _ = plain::$name($($argument),*).await;
                let expected = log();
                assert!(expected.len() > 1, "the case logs too little: {expected:?}");
                let _ = annotated::$name($($argument),*).await;
                assert_eq!(log(), expected);
                let _ = tracked::$name($($argument),*).await;
                assert_eq!(log(), expected);
            }
        }
    )* };
}

same_drops! {
    parameters: run(Loud("a"), Loud("b"), Loud("c"), Loud("d")) = {
        pub(super) async fn run(a: Loud, mut b: Loud, _: Loud, _d: Loud) {
            let _last = Loud("local");
            b.0 = "b again";
            note(a.0);
            drop(b);
        }
    }
    unused_parameter: run(Loud("guard"), Loud("used")) = {
        pub(super) async fn run(_guard: Loud, used: Loud) {
            note(used.0);
        }
    }
    patterns: run((Loud("a"), Loud("b")), Loud("c")) = {
        pub(super) async fn run((a, _b): (Loud, Loud), c: Loud) {
            let _last = Loud("local");
            note(a.0);
            note(c.0);
        }
    }
    formatted: run(Loud("a"), Loud("b"), "text") = {
        pub(super) async fn run(a: Loud, b: Loud, text: &str) -> String {
            note(b.0);
            note(a.0);
            format!("{text}")
        }
    }
    temporary_of_an_await: run() = {
        pub(super) async fn run() -> u8 {
            let one = Loud("temporary").future().await;
            note("next");
            note("tail");
            one + Loud("of the tail").future().await
        }
    }
    temporary_in_a_scrutinee: run() = {
        pub(super) async fn run() {
            match Loud("scrutinee").future().await {
                1 => note("arm"),
                _ => {}
            }
            if let 1 = Loud("if let").future().await {
                note("then");
            }
            while Loud("while").future().await == 2 {}
        }
    }
    temporary_of_a_spawn: run() = {
        pub(super) async fn run() {
            let task = tokio::spawn(Loud("argument").lend().future());
            note("after");
            task.await.unwrap();
            tokio::spawn(Loud("argument").future()).await.unwrap();
            note("end");
        }
    }
    consumed: run(Whole { one: Loud("one"), two: Loud("two") }, Loud("b")) = {
        pub(super) async fn run(whole: Whole, b: Loud) -> u8 {
            whole.consume(b).await
        }
    }
    captured: run(Loud("a"), Loud("b")) = {
        pub(super) async fn run(a: Loud, b: Loud) {
            let block = async move {
                let _c = Loud("c");
                std::future::ready(note(b.0)).await;
            };
            block.await;
            note(a.0);
        }
    }
    early_return: run(Loud("a")) = {
        pub(super) async fn run(a: Loud) -> Result<(), u8> {
            let _b = Loud("b");
            let refused: Result<(), u8> = std::future::ready(Err(3)).await;
            refused?;
            note(a.0);
            Ok(())
        }
    }
}

/// A cancelled call drops its values, and in the same order.
#[tokio::test]
async fn cancellation_drops_in_the_same_order() {
    async fn plain(a: Loud, b: Loud) {
        let _c = Loud("c");
        note(a.0);
        std::future::pending::<()>().await;
        note(b.0);
    }
    #[leakguard::must_terminate(on_leak = "ignore", on_overrun = "ignore")]
    async fn annotated(a: Loud, b: Loud) {
        let _c = Loud("c");
        note(a.0);
        std::future::pending::<()>().await;
        note(b.0);
    }
    let soon = std::time::Duration::from_millis(1);
    let _ = tokio::time::timeout(soon, plain(Loud("a"), Loud("b"))).await;
    let expected = log();
    let _ = tokio::time::timeout(soon, annotated(Loud("a"), Loud("b"))).await;
    assert_eq!(log(), expected);
}

/// The temporaries of a sync function live until the end of their statement, also those in the argument of a spawn.
#[test]
fn sync_temporaries_live_as_long_as_before() {
    fn plain(_a: Loud) {
        let lent = Loud("lent");
        std::thread::scope(|scope| {
            scope.spawn(|| lent.lend().future());
            note("scope");
        });
    }
    #[leakguard::must_terminate]
    fn annotated(_a: Loud) {
        let lent = Loud("lent");
        std::thread::scope(|scope| {
            scope.spawn(|| lent.lend().future());
            note("scope");
        });
    }
    plain(Loud("a"));
    let expected = log();
    annotated(Loud("a"));
    assert_eq!(log(), expected);
}

/// As `tokio_test::task::spawn`: the result lives until the end of the block, and borrows no longer than it is used.
mod mock {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    pub struct Spawned<F>(Pin<Box<F>>);

    pub fn spawn<F: Future>(future: F) -> Spawned<F> {
        Spawned(Box::pin(future))
    }

    impl<F: Future> Spawned<F> {
        pub fn poll(&mut self) -> Poll<F::Output> {
            self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        }
    }
}

#[leakguard::track]
fn polls_futures_that_borrow() -> u8 {
    let mut count = 0_u8;
    let mut first = mock::spawn(std::future::poll_fn(|_| {
        count += 1;
        std::task::Poll::Ready(count)
    }));
    assert!(first.poll().is_ready());
    count += 1;
    let mut second = mock::spawn(std::future::poll_fn(|_| {
        count += 1;
        std::task::Poll::<()>::Pending
    }));
    assert!(second.poll().is_pending());
    count
}

#[test]
fn watched_futures_borrow_until_their_last_use() {
    assert_eq!(polls_futures_that_borrow(), 3);
}
