//! What `#[bounded_channel]` requires of a channel. The channel keeps it, because its endpoints outlive the function.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::id::ResourceId;
use crate::fact::kind::ResourceKind;
use crate::fact::options::Options;
use crate::fact::resource::EndpointFacts;
use crate::fact::story::ChannelLabel;
use crate::lock::Lock;
use crate::record::resource::number::number;
use crate::record::resource::pause::LogPause;
use crate::record::scope::ScopeRecord;
use crate::site::{CallSite, Site};
use crate::vocabulary::SiteKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The arguments of the attribute, for one call that creates channels. Not public API; used by generated code.
#[doc(hidden)]
#[derive(Debug)]
pub struct ChannelRule {
    /// The call.
    pub(crate) site: Site,
    pub(crate) options: Options,
    /// Maximum length of the queue of an unbounded channel.
    pub(crate) bound: Option<usize>,
    /// The context of messages that plain channels lost at this place. It belongs to the scope that used it last.
    lost: Lock<Option<Arc<ChannelContext>>>,
    quiet: Lock<LogPause>,
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
            quiet: Lock::new(LogPause::new()),
        }
    }

    /// The same context for the same scope, so that a loop of failing sends is one event.
    pub(crate) fn lost(
        &'static self,
        scope: Option<Arc<ScopeRecord>>,
        kind: ResourceKind,
    ) -> Arc<ChannelContext> {
        let id = |scope: &Option<Arc<ScopeRecord>>| scope.as_ref().map(|scope| scope.id());
        let mut lost = self.lost.lock();
        match &*lost {
            Some(known) if id(&known.scope) == id(&scope) => known.clone(),
            _ => lost.insert(Arc::new(ChannelContext::of_plain(self, scope, kind))).clone(),
        }
    }

    /// The log reports the channels of this rule now, and is quiet for a while.
    pub(crate) fn pause(&self, now: Instant) {
        self.quiet.lock().extend(now);
    }

    pub(crate) fn quiet_until(&self) -> Instant {
        self.quiet.lock().until
    }
}

/// What a report needs of one channel of such a function. The channel may be gone by then.
#[derive(Debug)]
pub(crate) struct ChannelContext {
    pub(crate) rule: &'static ChannelRule,
    /// The scope in which the channel was created. For a plain channel, the scope that used it.
    pub(crate) scope: Option<Arc<ScopeRecord>>,
    pub(crate) id: ResourceId,
    pub(crate) kind: ResourceKind,
    pub(crate) capacity: Option<usize>,
    pub(crate) created: CallSite,
    /// Its endpoints have plain types, so their tasks are unknown.
    pub(crate) is_plain: bool,
    /// Its failing sends were reported. A loop of them is not reported again.
    reported: AtomicBool,
    /// The sender was dropped without a value, and no receiver has found out yet.
    broken: Lock<Option<BrokenPromise>>,
}

/// The last sender was dropped without a value.
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

    /// The context of a channel without a record.
    pub(crate) fn of_plain(
        rule: &'static ChannelRule,
        scope: Option<Arc<ScopeRecord>>,
        kind: ResourceKind,
    ) -> Self {
        let id = ResourceId(number(1));
        let channel = ChannelContext::new(rule, scope, (id, kind, None), rule.site.location());
        ChannelContext { is_plain: true, ..channel }
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

    /// Whether a caller collects the findings on this channel.
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

    /// Keeps the event until a receiver finds out.
    pub(crate) fn set_broken_promise(&self, broken: BrokenPromise) {
        *self.broken.lock() = Some(broken);
    }

    /// Returns the event to the first receiver that finds out.
    pub(crate) fn take_broken_promise(&self) -> Option<BrokenPromise> {
        self.broken.lock().take()
    }
}
