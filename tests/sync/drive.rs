//! Polls futures by hand and counts their wakeups.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A future with a waker of its own. It is dropped once it is ready.
pub struct Driven<'a, T> {
    future: Option<Pin<Box<dyn Future<Output = T> + 'a>>>,
    count: Arc<Count>,
}

impl<'a, T> Driven<'a, T> {
    pub fn new(future: impl Future<Output = T> + 'a) -> Self {
        Driven { future: Some(Box::pin(future)), count: Arc::default() }
    }

    /// Polls once. `None` if it is pending or was ready before.
    pub fn poll(&mut self) -> Option<T> {
        let future = self.future.as_mut()?;
        let waker = Waker::from(self.count.clone());
        let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) else {
            return None;
        };
        self.future = None;
        Some(output)
    }

    /// Number of wakeups so far.
    pub fn woken(&self) -> usize {
        self.count.0.load(Relaxed)
    }
}
