//! Every kind of runtime, and several at once.

use crate::support::{current_thread, found, gate, multi_thread};
use leakguard::Code;
use std::future::pending;

#[leakguard::track]
async fn leave(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
    tokio::task::yield_now().await;
}

#[test]
fn on_one_thread_and_on_two() {
    for runtime in [current_thread(), multi_thread()] {
        let (open, gate) = gate();
        assert_eq!(runtime.block_on(found(leave(gate))), [Code::LeakedTask]);
        assert_eq!(runtime.block_on(found(leave(async {}))), []);
        drop(open);
    }
}

#[test]
fn shutting_a_runtime_down_ends_its_tasks() {
    #[leakguard::track]
    async fn brief() {
        let inner = multi_thread();
        inner.spawn(pending::<()>());
        inner.shutdown_background();
    }
    assert_eq!(current_thread().block_on(found(brief())), []);
}

#[test]
fn a_task_on_another_runtime_is_owned() {
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
    assert_eq!(
        here.block_on(found(abroad(handle, gate))),
        [Code::LeakedTask]
    );
    drop(open);
}

#[test]
fn a_local_set() {
    #[leakguard::track]
    async fn local(future: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(future);
        tokio::task::yield_now().await;
    }
    let runtime = current_thread();
    let set = tokio::task::LocalSet::new();
    let (open, gate) = gate();
    assert_eq!(
        set.block_on(&runtime, found(local(gate))),
        [Code::LeakedTask]
    );
    assert_eq!(set.block_on(&runtime, found(local(async {}))), []);
    drop(open);
}

#[test]
fn join_maps_and_trackers() {
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
fn tasks_that_nobody_registered_are_counted() {
    let runtime = multi_thread();
    let text = runtime.block_on(async {
        tokio::spawn(pending::<()>());
        leakguard::find(leave(pending()))
            .await
            .unwrap_err()
            .to_string()
    });
    // Other tests of this process have watched tasks of their own, so that it may count too few.
    assert!(text.contains("LG007"), "{text}");
}
