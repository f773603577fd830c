//! Helpers that several of these files share.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

pub const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A current-thread runtime whose time is paused.
pub fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// Counts the live guards and the futures that run around it.
#[derive(Clone, Debug, Default)]
pub struct Inside(Arc<AtomicUsize>);

impl Inside {
    pub fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Counts one more until the guard is dropped.
    pub fn enter(&self) -> Guard {
        self.0.fetch_add(1, SeqCst);
        Guard(self.clone())
    }

    /// Runs `future` and counts it from its first poll to its end.
    pub async fn around<F: Future>(self, future: F) -> F::Output {
        let _guard = self.enter();
        future.await
    }
}

#[derive(Debug)]
pub struct Guard(Inside);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, SeqCst);
    }
}

/// Lets all ready tasks run until none is ready, without advancing the time.
pub async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}
