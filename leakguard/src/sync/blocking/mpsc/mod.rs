//! Instrumented drop-in for `std::sync::mpsc`: the same channels, and a record of each.

mod receiver;
mod sender;

pub use receiver::{IntoIter, Iter, Receiver, TryIter};
pub use sender::{Sender, SyncSender, channel, sync_channel};
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use std::sync::mpsc::*;

/// The traits of std's endpoints, and the conversions from and to them.
macro_rules! like_std {
    ($end:ident, $side:ident, $kind:ident) => {
        impl<T> std::panic::UnwindSafe for $end<T> {}
        impl<T> std::panic::RefUnwindSafe for $end<T> {}

        impl<T> std::fmt::Debug for $end<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

        /// The other endpoints of the channel are not recorded.
        impl<T> From<std::sync::mpsc::$end<T>> for $end<T> {
            #[track_caller]
            fn from(inner: std::sync::mpsc::$end<T>) -> Self {
                let created = std::panic::Location::caller();
                let half = ChannelHalf::foreign(Side::$side, ResourceKind::$kind, None, created);
                $end { half, inner }
            }
        }

        /// The result is no longer recorded.
        impl<T> From<$end<T>> for std::sync::mpsc::$end<T> {
            fn from(twin: $end<T>) -> Self {
                twin.half.set_outside();
                twin.inner
            }
        }
    };
}
use like_std;
