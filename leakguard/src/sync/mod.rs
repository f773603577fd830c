//! Instrumented drop-ins for [`tokio::sync`]: the same names, signatures and behaviour, with a record of which task
//! sends, waits or holds.
//!
//! Write `leakguard::sync` in place of `tokio::sync`. In builds that do not watch, it is `tokio::sync`. The drop-ins for
//! the locks and channels of std are in [`blocking`]. Those for the locks of parking_lot are in `parking_lot`, with the
//! feature of that name.
//!
//! Where another library requires tokio's own type, `into()` converts to it and from it, in every build. The method
//! `into_inner` exists only where tasks are watched. What was converted is no longer recorded, and reports say so.
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

/// Methods that change nothing that is recorded.
macro_rules! forward {
    ($original:literal; $($(#[$meta:meta])* fn $name:ident(&self) -> $out:ty;)*) => {
        $(
            #[doc = concat!("Same as [`tokio::sync::", $original, "::", stringify!($name), "`].")]
            $(#[$meta])*
            pub fn $name(&self) -> $out {
                self.inner.$name()
            }
        )*
    };
}

/// `Debug` as for tokio's type, without the record.
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

/// Named futures.
pub mod futures {
    pub use super::notify::Notified;
    #[cfg(not(leakguard_tokio_before = "1.47"))]
    pub use super::notify::OwnedNotified;
}

pub use barrier::Barrier;
pub use lock::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub use notify::Notify;
pub use once_cell::OnceCell;
#[cfg(not(leakguard_tokio_before = "1.47"))]
pub use once_cell::SetOnce;
pub use semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
#[cfg(feature = "tokio-util")]
pub use token::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use tokio::sync::*;
