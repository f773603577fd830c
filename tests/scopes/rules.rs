//! Actions, configuration and allow lists.

use crate::place::starts;
use crate::support::{found, gate};
use leakguard::Code;

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
