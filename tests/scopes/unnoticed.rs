//! What leakguard's own probes do to a task does not count as its progress.

use crate::support::{codes, current_thread};
use futures::stream::{FuturesUnordered, StreamExt};
use leakguard::Verdict;
use leakguard::sync::Mutex;
use std::sync::Arc;

#[leakguard::must_terminate(grace = "60s")]
async fn locks(lock: Arc<Mutex<u8>>) -> u8 {
    *lock.lock().await
}

/// The probe wakes the call through the set, and the set wakes the task once more.
#[leakguard::track]
async fn waits_in_a_set(lock: Arc<Mutex<u8>>) {
    tokio::spawn(async move {
        let mut set: FuturesUnordered<_> = [locks(lock)].into_iter().collect();
        set.next().await
    });
    tokio::task::yield_now().await;
}

#[test]
fn task_that_waits_in_a_set_makes_no_progress() {
    let lock = Arc::new(Mutex::new(1));
    current_thread().block_on(async {
        let held = lock.lock().await;
        let report = leakguard::find(waits_in_a_set(lock.clone())).await.unwrap_err();
        assert!(matches!(report.findings()[0].verdict(), Verdict::Blocked(_)), "{report}");
        // The set woke itself after the first, as it does once it has polled all its futures.
        assert!(report.to_string().contains(" after 2 polls"), "{report}");
        assert_eq!(codes(&report).len(), 1, "{report}");
        drop(held);
        leakguard::verify(waits_in_a_set(lock.clone())).await;
    });
}
