//! How far the limit of a scope is extended, because its process got too little of the processor.

use crate::clock::Instant;
use crate::clock::share::Share;
use std::sync::Arc;
use std::time::Duration;

/// Maximum length of an extension.
const LONGEST: Duration = Duration::from_secs(10);
/// Shortest and longest time that the tasks are granted.
const GRANTS: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(1)];
/// Shortest and longest pause between two looks.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(500)];
/// What the system withholds at least of a process that is starved.
const LEAST: Duration = Duration::from_millis(10);
/// How many times the grant is supplied to tasks that make progress.
const PATIENT: u32 = 3;

/// The time that the tasks got since their limit, without what the system withheld.
#[derive(Debug)]
pub(crate) struct Extension {
    /// When the extension began.
    began: Instant,
    share: Arc<Share>,
    /// What was withheld before, which is granted now.
    grant: Duration,
    supplied: Duration,
    /// What was withheld, before and since.
    withheld: Duration,
    /// A number that changes with every poll of every task.
    seen: u64,
    has_moved: bool,
    is_over: bool,
}

impl Extension {
    /// `withheld` is what the scope lacks so far. Nothing if that is not known, and a thread wants to run.
    pub(crate) fn begin(share: Arc<Share>, seen: u64, withheld: Duration) -> Self {
        let (began, supplied) = (share.at(), Duration::ZERO);
        let [least, most] = GRANTS;
        let grant = withheld.clamp(least, most);
        Extension {
            began,
            share,
            grant,
            supplied,
            withheld,
            seen,
            has_moved: false,
            is_over: false,
        }
    }

    /// Counts what was supplied since the last look.
    pub(crate) fn look(&mut self, share: Arc<Share>, seen: u64) {
        if self.is_over {
            return;
        }
        let window = share.at().since(self.share.at());
        let withheld = share.withheld_since(&self.share);
        self.withheld += withheld;
        self.supplied += window.saturating_sub(withheld);
        self.share = share;
        self.has_moved = self.seen != seen;
        self.seen = seen;
    }

    /// When to look again. `None` once the tasks got what they lacked. Then the extension is over.
    pub(crate) fn advance(&mut self) -> Option<Instant> {
        let wanted = if self.has_moved { self.grant * PATIENT } else { self.grant };
        let left = wanted.saturating_sub(self.supplied);
        let [shortest, longest] = PAUSES;
        let next = self.share.at().plus(left.clamp(shortest, longest));
        self.is_over |= left.is_zero() || self.length() >= LONGEST;
        (!self.is_over).then_some(next)
    }

    /// How far the limit is extended so far.
    pub(crate) fn length(&self) -> Duration {
        self.share.at().since(self.began)
    }

    /// Whether it is over, and nothing was withheld.
    pub(crate) fn was_in_vain(&self) -> bool {
        self.is_over && !self.is_known()
    }

    /// Whether anything was withheld. Otherwise the extension only looked.
    pub(crate) fn is_known(&self) -> bool {
        self.withheld >= LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LACK: Duration = Duration::from_millis(100);

    /// The one thread of the process has run for `ran` and waited for `waited`.
    fn share(at: u64, ran: u64, waited: u64) -> Arc<Share> {
        Share::of_one_thread(at, ran, waited)
    }

    #[test]
    fn tasks_get_their_time_again_without_what_was_withheld() {
        let mut extension = Extension::begin(share(1_000, 10, 100), 7, LACK);
        assert_eq!(extension.advance(), Some(ms(1_100)));
        extension.look(share(1_100, 20, 170), 7);
        assert_eq!(extension.advance(), Some(ms(1_170)), "70 ms of it were withheld");
        extension.look(share(1_170, 90, 170), 7);
        assert_eq!((extension.advance(), extension.length()), (None, Duration::from_millis(170)));
    }

    #[test]
    fn tasks_that_make_progress_get_more() {
        let mut extension = Extension::begin(share(1_000, 10, 100), 7, LACK);
        extension.look(share(1_100, 110, 100), 8);
        assert_eq!(extension.advance(), Some(ms(1_300)));
        extension.look(share(1_300, 310, 100), 9);
        assert_eq!(extension.advance(), None);
    }

    #[test]
    fn an_extension_has_a_limit() {
        let mut extension = Extension::begin(share(1_000, 10, 100), 7, LACK);
        extension.look(share(11_000, 10, 10_100), 7);
        assert_eq!(extension.advance(), None);
    }

    #[test]
    fn a_thread_that_waits_since_before_the_limit_is_seen_by_a_second_look() {
        let runnable = |at, ran| Arc::new(Share::of_runnable_thread(at, ran));
        let mut busy = Extension::begin(runnable(1_000, 10), 7, Duration::ZERO);
        assert_eq!(busy.advance(), Some(ms(1_020)));
        busy.look(runnable(1_020, 30), 7);
        assert_eq!((busy.advance(), busy.is_known()), (None, false), "it runs");
        let mut starved = Extension::begin(runnable(1_000, 10), 7, Duration::ZERO);
        assert_eq!(starved.advance(), Some(ms(1_020)));
        starved.look(runnable(1_020, 10), 7);
        assert_eq!((starved.advance(), starved.is_known()), (Some(ms(1_040)), true));
    }

    fn ms(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }
}
