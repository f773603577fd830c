//! Actions, configuration and allow lists.

use crate::place::starts;
use crate::support::{found, gate};
use leakguard::sync::{Barrier, Mutex};
use leakguard::{Code, Report, Scope};
use std::sync::Arc;
use tokio::sync::oneshot;

#[leakguard::must_terminate(grace = "10ms", on_leak = "panic")]
async fn must(gate: impl Future<Output = ()> + Send + 'static) -> u8 {
    tokio::spawn(gate);
    7
}

#[tokio::test]
async fn panic_action_waits_and_panics() {
    let (open, gate) = gate();
    let panic = tokio::spawn(must(gate)).await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("leak[LG002]"), "{text}");
    assert!(text.contains("rules.rs:"), "{text}");
    drop(open);
    assert_eq!(must(async {}).await, 7);
}

#[test]
fn sync_function_outside_a_runtime_waits_and_panics() {
    #[leakguard::must_terminate(grace = "10ms", on_leak = "panic")]
    fn must(end: std::sync::mpsc::Receiver<()>) -> u8 {
        std::thread::spawn(move || {
            let _ = end.recv();
        });
        7
    }
    let (end, ended) = std::sync::mpsc::channel();
    let panic = std::panic::catch_unwind(|| must(ended)).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("leak[LG013]"));
    drop(end);
    let (end, ended) = std::sync::mpsc::channel();
    drop(end);
    assert_eq!(must(ended), 7);
}

#[tokio::test]
async fn ignored_leak_is_not_reported() {
    #[leakguard::must_terminate(grace = "1ms", on_leak = "ignore")]
    async fn ignored(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(gate);
    }
    let (open, gate) = gate();
    assert_eq!(found(ignored(gate)).await, []);
    drop(open);
}

macro_rules! allows {
    ($($name:ident: $allow:literal => $expected:expr,)*) => {$(
        #[tokio::test]
        async fn $name() {
            #[leakguard::must_terminate(grace = "1ms", allow = $allow)]
            async fn outer(gate: impl Future<Output = ()> + Send + 'static) {
                starts(gate).await;
            }
            let (open, gate) = gate();
            assert_eq!(found(outer(gate)).await, $expected);
            drop(open);
        }
    )*};
}

allows! {
    allow_by_code: "LG002" => [],
    allow_by_function: "place::starts" => [],
    allow_by_place: "scopes/place.rs:5" => [],
    allow_something_else: "LG001, other::starts, rules.rs:1" => [Code::LeakedTask],
}

async fn named_worker(opened: oneshot::Receiver<()>) {
    let _ = opened.await;
}

#[leakguard::track]
async fn start_named(opened: oneshot::Receiver<()>) {
    tokio::spawn(named_worker(opened));
}

#[tokio::test]
async fn task_is_allowed_by_its_name() {
    for (allow, is_found) in [("named_worker", false), ("worker", true)] {
        let (_open, opened) = oneshot::channel();
        let found = Scope::new("start-up").allow(allow).find(start_named(opened)).await;
        assert_eq!(found.is_err(), is_found, "{allow}");
    }
}

/// What a report says would allow it.
fn allowance(report: &Report) -> &'static str {
    let text = report.to_string().replace('\n', " ");
    let (_, rest) = text.split_once("`allow = \"").unwrap();
    rest.split_once('"').unwrap().0.to_owned().leak()
}

/// Runs `body` once more with what the report on it says.
macro_rules! assert_its_line_allows {
    ($body:expr) => {
        let report = Scope::new("strict").find($body).await.unwrap_err();
        let again = Scope::new("allowing").allow(allowance(&report)).find($body).await;
        assert!(again.is_ok(), "{report}");
    };
}

#[tokio::test]
async fn report_says_which_line_allows_it() {
    #[leakguard::track]
    async fn task() {
        let (open, gate) = gate();
        tokio::spawn(gate);
        std::mem::forget(open);
    }
    #[leakguard::track]
    fn thread() {
        std::thread::spawn(std::thread::park);
    }
    #[leakguard::bounded_channel]
    async fn message() {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        drop(receiver);
        let _ = sender.send(1).await;
    }
    #[leakguard::track]
    async fn deadlock() {
        let locks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
        let arrived = Arc::new(Barrier::new(2));
        let [(a, b), (c, d)] =
            [(locks[0].clone(), locks[1].clone()), (locks[1].clone(), locks[0].clone())];
        let other = arrived.clone();
        let first = tokio::spawn(async move {
            let _a = a.lock().await;
            other.wait().await;
            let _b = b.lock().await;
        });
        let second = tokio::spawn(async move {
            let _c = c.lock().await;
            arrived.wait().await;
            let _d = d.lock().await;
        });
        drop((first, second));
    }
    assert_its_line_allows!(task());
    assert_its_line_allows!(async { thread() });
    assert_its_line_allows!(message());
    assert_its_line_allows!(deadlock());
}
