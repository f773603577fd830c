//! Every kind of runtime, and two runtimes at once.

use crate::support::{current_thread, found, gate, multi_thread};
use leakguard::Code;
use std::future::pending;

#[leakguard::track]
async fn leave(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
    tokio::task::yield_now().await;
}

#[test]
fn leak_is_found_on_one_thread_and_on_two() {
    for runtime in [current_thread(), multi_thread()] {
        let (open, gate) = gate();
        assert_eq!(runtime.block_on(found(leave(gate))), [Code::LeakedTask]);
        assert_eq!(runtime.block_on(found(leave(async {}))), []);
        drop(open);
    }
}

#[test]
fn runtime_shutdown_ends_its_tasks() {
    #[leakguard::track]
    async fn brief() {
        let inner = multi_thread();
        inner.spawn(pending::<()>());
        inner.shutdown_background();
    }
    assert_eq!(current_thread().block_on(found(brief())), []);
}

#[test]
fn task_on_another_runtime_belongs_to_the_scope() {
    #[leakguard::track]
    async fn abroad(
        handle: tokio::runtime::Handle,
        gate: impl Future<Output = ()> + Send + 'static,
    ) {
        handle.spawn(gate);
    }
    let (here, there) = (current_thread(), multi_thread());
    let (open, gate) = gate();
    let handle = there.handle().clone();
    assert_eq!(here.block_on(found(abroad(handle, gate))), [Code::LeakedTask]);
    drop(open);
}

#[test]
fn leak_is_found_in_a_local_set() {
    #[leakguard::track]
    async fn local(future: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(future);
        tokio::task::yield_now().await;
    }
    let runtime = current_thread();
    let set = tokio::task::LocalSet::new();
    let (open, gate) = gate();
    assert_eq!(set.block_on(&runtime, found(local(gate))), [Code::LeakedTask]);
    assert_eq!(set.block_on(&runtime, found(local(async {}))), []);
    drop(open);
}

#[test]
fn leak_is_found_in_join_maps_and_trackers() {
    #[leakguard::track]
    async fn map(
        gate: impl Future<Output = ()> + Send + 'static,
    ) -> tokio_util::task::JoinMap<u8, ()> {
        let mut map = tokio_util::task::JoinMap::new();
        map.spawn(1, gate);
        map
    }
    #[leakguard::track]
    async fn tracker(gate: impl Future<Output = ()> + Send + 'static) {
        tokio_util::task::TaskTracker::new().spawn(gate);
    }
    let runtime = current_thread();
    let (open, first) = gate();
    let (open2, second) = gate();
    assert_eq!(
        runtime.block_on(found(async { std::mem::forget(map(first).await) })),
        [Code::LeakedTask]
    );
    assert_eq!(runtime.block_on(found(tracker(second))), [Code::LeakedTask]);
    assert_eq!(runtime.block_on(found(map(async {}))), []);
    drop((open, open2));
}

#[test]
fn unregistered_tasks_do_not_hide_a_leak() {
    let runtime = multi_thread();
    let text = runtime.block_on(async {
        tokio::spawn(pending::<()>());
        leakguard::find(leave(pending())).await.unwrap_err().to_string()
    });
    // Other tests of this process have watched tasks of their own, so the report may count too few.
    assert!(text.contains("LG007"), "{text}");
}
