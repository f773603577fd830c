//! Exact twins of `tokio::sync`: the same names, signatures and behaviour, and each keeps a record of
//! who sends, waits and holds.
//!
//! Write `leakguard::sync` where `tokio::sync` stood. In builds that do not watch, it is
//! `tokio::sync`. Those of std's locks and channels are in [`blocking`], those of parking_lot's locks,
//! with the feature `parking_lot`, in `parking_lot`.
//!
//! Where another library wants tokio's own type, `into` crosses the border, in every build. Where nothing
//! is watched it has nothing to do; the `into_inner` that the twins have is not there. What has crossed
//! is no longer seen, and a report says so.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let (sender, mut receiver) = leakguard::sync::mpsc::channel(5);
//! sender.send("seen").await.unwrap();
//! assert_eq!(receiver.recv().await, Some("seen"));
//! # }
//! ```

pub(crate) mod alarm;
mod half;
pub(crate) mod handover;
mod here;
mod hold;
pub(crate) mod joining;
mod lazy;
mod notice;
mod recycle;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod type_of;
mod waiting;

/// Methods that do what tokio's do, and change nothing that a record speaks of.
macro_rules! forward {
    ($original:literal; $($(#[$meta:meta])* fn $name:ident(&self) -> $out:ty;)*) => {
        $(
            #[doc = concat!("As [`tokio::sync::", $original, "::", stringify!($name), "`].")]
            $(#[$meta])*
            pub fn $name(&self) -> $out {
                self.inner.$name()
            }
        )*
    };
}

/// What tokio's type shows, without the record.
macro_rules! shown_as_inner {
    ($($type:ident < $($life:lifetime,)? $($generic:ident)? >),* $(,)?) => {
        $(
            impl<$($life,)? $($generic)?> std::fmt::Debug for $type<$($life,)? $($generic)?> {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.inner.fmt(f)
                }
            }
        )*
    };
}

pub(crate) mod adopt;
mod barrier;
pub mod blocking;
pub mod broadcast;
mod lock;
pub mod mpsc;
mod notify;
pub(crate) mod observe;
mod once_cell;
pub mod oneshot;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
mod semaphore;
#[cfg(feature = "tokio-util")]
mod token;
pub mod watch;

/// The futures that have names.
pub mod futures {
    pub use super::notify::{Notified, OwnedNotified};
}

pub use barrier::Barrier;
pub use lock::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub use notify::Notify;
pub use once_cell::{OnceCell, SetOnce};
pub use semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
#[cfg(feature = "tokio-util")]
pub use token::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
pub use tokio::sync::{
    AcquireError, BarrierWaitResult, SetError, SetOnceError, TryAcquireError, TryLockError,
};
