//! Scopes that are opened by hand, without an attribute.

use crate::support::{codes, gate};
use leakguard::{Code, Scope};
use std::time::Duration;

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

#[tokio::test]
async fn scope_has_its_own_name_and_grace() {
    let (open, gate) = gate();
    let scope = Scope::new("start-up").grace(Duration::from_millis(5));
    let report = scope.find(starts(gate)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask]);
    assert!(report.to_string().contains("`start-up`"), "{report}");
    drop(open);
    scope.find(starts(async {})).await.unwrap();
}

#[tokio::test]
async fn body_is_cancelled_at_the_timeout() {
    let (open, mut closed) = tokio::sync::mpsc::channel::<()>(1);
    let body = async move {
        let _open = open;
        std::future::pending::<()>().await;
    };
    let scope = Scope::new("start-up").timeout(Duration::from_millis(10));
    let report = scope.find(body).await.unwrap_err();
    assert_eq!(codes(&report), [Code::Overrun], "{report}");
    assert_eq!(closed.recv().await, None, "the body has been dropped");
    scope.find(async {}).await.unwrap();
}

#[tokio::test]
async fn allowed_function_is_not_reported() {
    let (open, gate) = gate();
    let scope = Scope::new("start-up").grace(Duration::ZERO).allow("by_hand::starts");
    scope.verify(starts(gate)).await;
    drop(open);
}

#[test]
fn leak_is_found_in_a_sync_body() {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    #[leakguard::track]
    fn thread(ended: std::sync::mpsc::Receiver<()>) {
        std::thread::spawn(move || ended.recv());
    }
    let scope = Scope::new("start-up").grace(Duration::from_millis(5));
    let report = scope.find_sync(|| thread(ended)).unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedThread]);
    drop(end);
    let (end, ended) = std::sync::mpsc::channel();
    drop(end);
    scope.find_sync(|| thread(ended)).unwrap();
}

#[tokio::test]
async fn inner_scope_keeps_its_findings() {
    let (open, gate) = gate();
    let outer = leakguard::find(async {
        let inner = Scope::new("inner").grace(Duration::from_millis(5));
        inner.find(starts(gate)).await.unwrap_err();
    });
    assert!(outer.await.is_ok(), "the inner scope returned it");
    drop(open);
}
