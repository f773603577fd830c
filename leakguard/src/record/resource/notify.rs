//! The notifications of a `Notify` or a condvar.

use crate::fact::resource::NotifyFacts;
use crate::record::resource::mark::Occurrence;

/// The last notification of each form.
#[derive(Debug, Default)]
pub(crate) struct NotifyState {
    pub(crate) one: Occurrence,
    pub(crate) last: Occurrence,
    pub(crate) waiters: Occurrence,
}

impl NotifyState {
    /// Number of notifications of any form.
    pub(crate) fn times(&self) -> u64 {
        self.one.times() + self.last.times() + self.waiters.times()
    }

    pub(crate) fn facts(&self) -> NotifyFacts {
        NotifyFacts {
            one: self.one.facts(),
            last: self.last.facts(),
            waiters: self.waiters.facts(),
        }
    }
}
