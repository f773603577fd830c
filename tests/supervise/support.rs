//! Small things that several themes need.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

pub const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A runtime on this thread whose clock stands still while anything runs.
pub fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// Counts who is inside something.
#[derive(Clone, Debug, Default)]
pub struct Inside(Arc<AtomicUsize>);

impl Inside {
    pub fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Counts whoever has the guard.
    pub fn enter(&self) -> Guard {
        self.0.fetch_add(1, SeqCst);
        Guard(self.clone())
    }

    /// `future`, counted from its first poll to its end.
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

/// Lets all that is ready run until nothing is, with the clock standing still.
pub async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}
