//! A stop signal that all clones share.

#[cfg(not(feature = "tokio-util"))]
use token::CancellationToken;
#[cfg(feature = "tokio-util")]
use tokio_util::sync::CancellationToken;

/// A stop signal, given once to all clones.
///
/// With the feature `tokio-util` it converts by `From` from and into a `tokio_util::sync::CancellationToken`. Each then
/// receives the signal of the other.
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
pub struct Stop(CancellationToken);

impl Stop {
    /// A signal that has not been given.
    pub fn new() -> Self {
        Stop::default()
    }

    /// Gives the signal to all clones.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether the signal has been given.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for the signal, and is ready at once if it has been given. Dropping this future loses nothing.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }
}

#[cfg(feature = "tokio-util")]
impl From<CancellationToken> for Stop {
    fn from(token: CancellationToken) -> Self {
        Stop(token)
    }
}

#[cfg(feature = "tokio-util")]
impl From<Stop> for CancellationToken {
    fn from(stop: Stop) -> Self {
        stop.0
    }
}

/// The part of tokio-util's token that is used, for builds without tokio-util.
#[cfg(not(feature = "tokio-util"))]
mod token {
    use std::sync::Arc;
    use tokio::sync::watch;

    #[derive(Clone, Debug)]
    pub(super) struct CancellationToken(Arc<watch::Sender<bool>>);

    // An older sender has no default.
    impl Default for CancellationToken {
        fn default() -> Self {
            CancellationToken(Arc::new(watch::Sender::new(false)))
        }
    }

    impl CancellationToken {
        pub(super) fn cancel(&self) {
            self.0.send_replace(true);
        }

        pub(super) fn is_cancelled(&self) -> bool {
            *self.0.borrow()
        }

        pub(super) async fn cancelled(&self) {
            // It cannot fail, because `self` holds the sender.
            let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
        }
    }
}
