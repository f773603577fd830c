//! Senders that do not keep their channel open. They are no endpoints.

use crate::fact::kind::Side;
use crate::sync::half::WeakHalf;
use crate::sync::mpsc::bounded::Sender;
use crate::sync::mpsc::unbounded::UnboundedSender;
use std::panic::Location;
use tokio::sync::mpsc as tokio_mpsc;

macro_rules! weak_sender {
    ($name:ident, $strong:ident, $text:literal) => {
        #[doc = concat!("Instrumented drop-in for [`tokio::sync::", $text, "`].")]
        pub struct $name<T> {
            half: WeakHalf,
            inner: tokio_mpsc::$name<T>,
        }

        impl<T> $name<T> {
            pub(super) fn new(inner: tokio_mpsc::$name<T>, half: WeakHalf) -> Self {
                $name { half, inner }
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::upgrade`].")]
            #[track_caller]
            pub fn upgrade(&self) -> Option<$strong<T>> {
                let inner = self.inner.upgrade()?;
                let half = self.half.join(Side::Sender, Location::caller());
                Some($strong { half, inner })
            }

            forward! { $text;
                fn strong_count(&self) -> usize;
                fn weak_count(&self) -> usize;
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                $name::new(self.inner.clone(), self.half.clone())
            }
        }

        shown_as_inner!($name<T>);
    };
}

weak_sender!(WeakSender, Sender, "mpsc::WeakSender");
weak_sender!(WeakUnboundedSender, UnboundedSender, "mpsc::WeakUnboundedSender");
