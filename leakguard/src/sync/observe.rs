//! Counts channels that keep their types, by the place that creates them. It keeps nothing of a channel, and has no bound
//! on the type of its messages.

use super::here;
use super::type_of::TypeOf;
use crate::ledger;
use crate::record::observed::Observed;
use std::any::type_name;
use tokio::sync::mpsc;

/// Not public API. Used by generated code: returns the result of what may be a channel's constructor, unchanged.
#[inline]
pub fn observe<P>(place: &'static Observed, pair: P) -> P {
    observe_with(place, pair, None)
}

/// Same as [`observe`], where the type reports its capacity.
#[inline]
pub fn observe_with<P>(place: &'static Observed, pair: P, capacity: Option<usize>) -> P {
    let first = || ledger::global().list(place);
    if place.is_channel(type_name::<P>(), first) {
        place.count(&here::origin(place.created()), capacity);
    }
    pair
}

/// The capacity of a channel that was created with a variable, which only its type knows.
pub mod capacity_tags {
    use super::*;

    /// tokio's bounded channel.
    pub trait KnownCapacity<P> {
        /// Maximum number of messages.
        fn leakguard_capacity(&self, pair: &P) -> Option<usize>;
    }
    impl<T> KnownCapacity<(mpsc::Sender<T>, mpsc::Receiver<T>)>
        for &TypeOf<(mpsc::Sender<T>, mpsc::Receiver<T>)>
    {
        fn leakguard_capacity(&self, pair: &(mpsc::Sender<T>, mpsc::Receiver<T>)) -> Option<usize> {
            Some(pair.0.max_capacity())
        }
    }

    /// Any other type.
    pub trait UnknownCapacity<P> {
        /// `None`.
        fn leakguard_capacity(&self, _: &P) -> Option<usize> {
            None
        }
    }
    impl<P> UnknownCapacity<P> for TypeOf<P> {}
}
