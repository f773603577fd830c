//! Notes the sleeps that a task creates. They keep their type.

use crate::ledger;
use crate::record::sleep_place::SleepPlace;
use crate::sync::type_of::TypeOf;
use crate::{config, context};
use tokio::time::{Instant, Sleep};

/// What to note of the result of a function with that name.
pub mod sleep_tags {
    use super::*;

    /// tokio's sleep.
    pub trait KnownSleep {
        /// Notes it.
        fn leakguard_note(&self, sleep: &Sleep, place: &'static SleepPlace);
    }
    impl KnownSleep for &TypeOf<Sleep> {
        fn leakguard_note(&self, sleep: &Sleep, place: &'static SleepPlace) {
            note(place, sleep.deadline());
        }
    }

    /// Any other type.
    pub trait OtherSleep<P> {
        /// Does nothing.
        fn leakguard_note(&self, _: &P, _: &'static SleepPlace) {}
    }
    impl<P> OtherSleep<P> for TypeOf<P> {}
}

fn note(place: &'static SleepPlace, due: Instant) {
    if config::is_off() {
        return;
    }
    let current = context::with(|task| (task.id, task.polls()));
    if let Some((task, poll)) = current
        && place.note(task, poll.into(), Instant::now(), due)
    {
        ledger::global().list_sleeps(place);
    }
}
