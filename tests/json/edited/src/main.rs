//! Leaves behind one thing of each kind.

use leakguard::sync::{Mutex, mpsc};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

async fn worker(mut jobs: mpsc::Receiver<u8>) {
    while jobs.recv().await.is_some() {}
}

async fn lock_both(first: Arc<Mutex<u8>>, second: Arc<Mutex<u8>>, both: Arc<Barrier>) {
    let _first = first.lock().await;
    both.wait().await;
    let _second = second.lock().await;
}

#[leakguard::must_terminate(grace = "50ms")]
async fn start() {
    let (sender, jobs) = mpsc::channel(8);
    tokio::spawn(worker(jobs));
    std::mem::forget(sender);
    let numbers: Vec<u32> = (0..3).map(|n| n + 1).collect(); // an unrelated closure
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        drop(numbers);
    });
    let (sender, mut plain) = tokio::sync::mpsc::channel::<u8>(1);
    std::mem::forget(tokio::spawn(async move { plain.recv().await }));
    std::mem::forget(sender);
    tokio::spawn(std::future::pending::<()>());
    let (left, right) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let both = Arc::new(Barrier::new(2));
    tokio::spawn(lock_both(left.clone(), right.clone(), both.clone()));
    tokio::spawn(lock_both(right, left, both));
}

#[tokio::main]
async fn main() {
    start().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
}
