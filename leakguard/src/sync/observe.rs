//! Notes where channels are made that keep their types; holds nothing of them, and asks nothing of their messages.

use super::here;
use super::type_of::TypeOf;
use crate::ledger;
use crate::record::observed::Observed;
use std::any::type_name;
use tokio::sync::mpsc;

/// Not public API. Used by generated code: the result of what may be a channel's constructor, unchanged.
#[inline]
pub fn observe<P>(place: &'static Observed, pair: P) -> P {
    observe_with(place, pair, None)
}

/// As [`observe`], where its capacity could be asked for.
#[inline]
pub fn observe_with<P>(place: &'static Observed, pair: P, capacity: Option<usize>) -> P {
    let first = || ledger::global().list(place);
    if place.is_channel(type_name::<P>(), first) {
        place.count(&here::origin(place.created()), capacity);
    }
    pair
}

/// Where a channel is made from a variable, only its type can tell how much it holds.
pub mod capacity_tags {
    use super::*;

    /// tokio's bounded channel knows.
    pub trait KnownCapacity<P> {
        /// How many messages it holds.
        fn leakguard_capacity(&self, pair: &P) -> Option<usize>;
    }
    impl<T> KnownCapacity<(mpsc::Sender<T>, mpsc::Receiver<T>)>
        for &TypeOf<(mpsc::Sender<T>, mpsc::Receiver<T>)>
    {
        fn leakguard_capacity(&self, pair: &(mpsc::Sender<T>, mpsc::Receiver<T>)) -> Option<usize> {
            Some(pair.0.max_capacity())
        }
    }

    /// Everything else does not.
    pub trait UnknownCapacity<P> {
        /// Nothing.
        fn leakguard_capacity(&self, _: &P) -> Option<usize> {
            None
        }
    }
    impl<P> UnknownCapacity<P> for TypeOf<P> {}
}
