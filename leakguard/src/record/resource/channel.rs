//! What `#[bounded_channel]` asks of a channel: the channel carries it, since its ends outlive the function.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::id::ResourceId;
use crate::fact::kind::ResourceKind;
use crate::fact::options::Options;
use crate::fact::resource::EndpointFacts;
use crate::fact::story::ChannelLabel;
use crate::lock::Lock;
use crate::record::resource::number;
use crate::record::scope::ScopeRecord;
use crate::site::CallSite;
use crate::site::Site;
use crate::vocabulary::SiteKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// The arguments of the attribute at one call that makes channels. Not public API; used by generated code.
#[doc(hidden)]
#[derive(Debug)]
pub struct ChannelRule {
    /// The call.
    pub(crate) site: Site,
    pub(crate) options: Options,
    /// The queue of an unbounded channel is not to be longer.
    pub(crate) bound: Option<usize>,
    /// Whom the messages are charged to that plain channels lost at one place; the last scope's.
    lost: Lock<Option<Arc<ChannelContext>>>,
    quiet: Lock<LogPause>,
}

/// How long nothing more is said of a place in the log.
#[derive(Clone, Copy, Debug)]
struct LogPause {
    until: Instant,
    pause: Duration,
}

impl ChannelRule {
    #[track_caller]
    pub const fn new(
        function: &'static str,
        module: &'static str,
        options: Options,
        bound: Option<usize>,
    ) -> Self {
        ChannelRule {
            site: Site::new(SiteKind::Function, function, "", module),
            options,
            bound,
            lost: Lock::new(None),
            quiet: Lock::new(LogPause {
                until: Instant::from_nanos(0),
                pause: Duration::ZERO,
            }),
        }
    }

    /// The same charge for the same scope, so that a loop that sends is spoken of once.
    pub(crate) fn lost(
        &'static self,
        scope: Option<Arc<ScopeRecord>>,
        kind: ResourceKind,
    ) -> Arc<ChannelContext> {
        let id = |scope: &Option<Arc<ScopeRecord>>| scope.as_ref().map(|scope| scope.id());
        let mut lost = self.lost.lock();
        match &*lost {
            Some(known) if id(&known.scope) == id(&scope) => known.clone(),
            _ => lost
                .insert(Arc::new(ChannelContext::of_plain(self, scope, kind)))
                .clone(),
        }
    }

    /// The log has been told of its channels: what happens to the next ones is told together, after a pause. It is twice
    /// as long each time that there was more to tell at its end, so that a function that is called often does not fill
    /// the log.
    pub(crate) fn pause(&self, now: Instant) {
        let mut quiet = self.quiet.lock();
        if now < quiet.until {
            return;
        }
        let again = now <= quiet.until.plus(quiet.pause);
        quiet.pause = match again {
            true => (quiet.pause * 2).min(LONGEST_PAUSE),
            false => FIRST_PAUSE,
        };
        quiet.until = now.plus(quiet.pause);
    }

    pub(crate) fn quiet_until(&self) -> Instant {
        let quiet = self.quiet.lock();
        quiet.until
    }
}

/// One channel of such a function, which may be gone when it is spoken of.
#[derive(Debug)]
pub(crate) struct ChannelContext {
    pub(crate) rule: &'static ChannelRule,
    /// The scope in which the channel was made; of a plain one, that of who used it.
    pub(crate) scope: Option<Arc<ScopeRecord>>,
    pub(crate) id: ResourceId,
    pub(crate) kind: ResourceKind,
    pub(crate) capacity: Option<usize>,
    pub(crate) created: CallSite,
    /// Its endpoints have plain types, of which nobody knows where they are.
    pub(crate) is_plain: bool,
    /// It has been said that sends fail; a loop that sends would say it for ever.
    reported: AtomicBool,
    /// The sender broke its promise, and nobody has heard of it yet.
    broken: Lock<Option<BrokenPromise>>,
}

/// The last sender went without a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenPromise {
    pub(crate) by: Option<TaskLabel>,
    pub(crate) sender: EndpointFacts,
}

impl ChannelContext {
    pub(crate) fn new(
        rule: &'static ChannelRule,
        scope: Option<Arc<ScopeRecord>>,
        (id, kind, capacity): (ResourceId, ResourceKind, Option<usize>),
        created: CallSite,
    ) -> Self {
        ChannelContext {
            rule,
            scope,
            id,
            kind,
            capacity,
            created,
            is_plain: false,
            reported: AtomicBool::new(false),
            broken: Lock::default(),
        }
    }

    /// Of a channel without a record.
    pub(crate) fn of_plain(
        rule: &'static ChannelRule,
        scope: Option<Arc<ScopeRecord>>,
        kind: ResourceKind,
    ) -> Self {
        let id = ResourceId(number(1));
        let channel = ChannelContext::new(rule, scope, (id, kind, None), rule.site.location());
        ChannelContext {
            is_plain: true,
            ..channel
        }
    }

    /// The channel as a report names it.
    pub(crate) fn label(&self) -> ChannelLabel {
        ChannelLabel {
            kind: self.kind,
            capacity: self.capacity,
            created: self.created,
            site: &self.rule.site,
            is_plain: self.is_plain,
        }
    }

    /// Whether somebody who gathers findings will read of this channel.
    pub(crate) fn is_collected(&self) -> bool {
        let collector = self.scope.as_ref().and_then(|s| s.collector.as_ref());
        collector.is_some_and(|c| c.is_open())
    }

    pub(crate) fn set_reported(&self) {
        self.reported.store(true, Relaxed);
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.reported.load(Relaxed)
    }

    /// Keeps what the sender did until a receiver hears of it.
    pub(crate) fn set_broken_promise(&self, broken: BrokenPromise) {
        *self.broken.lock() = Some(broken);
    }

    /// The first receiver that hears of it takes it.
    pub(crate) fn take_broken_promise(&self) -> Option<BrokenPromise> {
        self.broken.lock().take()
    }
}

/// For how long failing sends are counted together before they are spoken of.
const PATIENCE: Duration = Duration::from_millis(50);

/// A place is reported a second after it was for the first time, and in the end once a minute.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// When an event that began at `first` is to be spoken of.
pub(crate) fn due(first: Instant) -> Instant {
    first.plus(PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::options::Options;

    #[test]
    fn a_place_of_which_there_is_always_more_to_tell_is_told_of_ever_less_often() {
        static RULE: ChannelRule = ChannelRule::new("test", "test", Options::new(), None);
        let start = Instant::from_nanos(1 << 40);
        let mut now = start;
        let mut told = 0;
        while now.since(start) < Duration::from_secs(600) {
            now = due(now).max(RULE.quiet_until());
            // Of each of its codes.
            RULE.pause(now);
            RULE.pause(now);
            told += 1;
        }
        assert_eq!(told, 16);
        // Where nothing has happened for long, it is told at once, and soon again.
        let later = now.plus(LONGEST_PAUSE * 3);
        assert!(RULE.quiet_until() < later);
        RULE.pause(later);
        assert_eq!(RULE.quiet_until(), later.plus(FIRST_PAUSE));
    }
}
