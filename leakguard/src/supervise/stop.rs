//! The word to stop: said once, heard by all clones.

#[cfg(feature = "tokio-util")]
use tokio_util::sync::CancellationToken as Word;
#[cfg(not(feature = "tokio-util"))]
use word::Word;

/// Tells those who hold a clone of it to stop. It says so once and for good.
///
/// With the feature `tokio-util` it is made from a `tokio_util::sync::CancellationToken` by `From`,
/// and becomes one: each then hears what is said to the other.
///
/// ```
/// use leakguard::supervise::Stop;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let stop = Stop::new();
/// let worker = tokio::spawn({
///     let stop = stop.clone();
///     async move { stop.stopped().await }
/// });
/// stop.stop();
/// worker.await.unwrap();
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Word);

impl Stop {
    /// One that has not been told.
    pub fn new() -> Self {
        Stop::default()
    }

    /// Tells all clones to stop.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether that was said.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is said; at once ready if it was. Dropping this future loses nothing.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }
}

#[cfg(feature = "tokio-util")]
impl From<Word> for Stop {
    fn from(token: Word) -> Self {
        Stop(token)
    }
}

#[cfg(feature = "tokio-util")]
impl From<Stop> for Word {
    fn from(stop: Stop) -> Self {
        stop.0
    }
}

/// What is left of tokio-util's token where that is not there.
#[cfg(not(feature = "tokio-util"))]
mod word {
    use std::sync::Arc;
    use tokio::sync::watch;

    #[derive(Clone, Debug, Default)]
    pub(super) struct Word(Arc<watch::Sender<bool>>);

    impl Word {
        pub(super) fn cancel(&self) {
            self.0.send_replace(true);
        }

        pub(super) fn is_cancelled(&self) -> bool {
            *self.0.borrow()
        }

        pub(super) async fn cancelled(&self) {
            // It cannot fail: the sender lives in `self`.
            let _ = self.0.subscribe().wait_for(|told| *told).await;
        }
    }
}
