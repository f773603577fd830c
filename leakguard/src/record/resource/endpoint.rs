//! The record of one half of a channel: a sender, a receiver, or a clone of one.

use crate::clock::{self, Instant};
use crate::fact::id::TaskId;
use crate::fact::kind::{Refusal, Side};
use crate::fact::resource::EndpointFacts;
use crate::record::resource::creation::Creation;
use crate::record::resource::entries::Entries;
use crate::record::resource::mark::LastUse;
use crate::site::CallSite;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

/// One live endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    id: u64,
    side: Side,
    created: CallSite,
    created_by: Option<TaskId>,
    last_use: LastUse,
    gone: AtomicBool,
    /// The user of this handle of a token knows that the token was cancelled.
    heard: AtomicBool,
    /// The last thing that this receiver of a broadcast returned is that it missed messages.
    lagged: AtomicBool,
    /// Number of the channel's messages that this receiver of a broadcast has received or missed.
    passed: AtomicU64,
    /// How often in a row it returned that the other side is gone, and when and how the last time.
    refused: AtomicU64,
    refused_at: AtomicU64,
    refusal: AtomicU8,
}

/// One of any number of endpoints of a channel or token.
#[derive(Debug)]
pub(crate) struct ListedEndpoint {
    endpoint: Endpoint,
    /// In the list of them.
    pub(super) place: u64,
}

impl ListedEndpoint {
    pub(super) fn list(endpoint: Endpoint, all: &mut Entries<Arc<ListedEndpoint>>) -> Arc<Self> {
        let listed = Arc::new(ListedEndpoint { endpoint, place: all.next() });
        all.push(listed.clone());
        listed
    }
}

impl Deref for ListedEndpoint {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Endpoint {
    /// `id` is a number that no other resource or endpoint has.
    #[inline]
    pub(crate) fn new(id: u64, side: Side, origin: Creation) -> Self {
        Endpoint {
            id,
            side,
            created: origin.created,
            created_by: origin.by,
            last_use: LastUse::new(origin.by, origin.created),
            gone: AtomicBool::new(false),
            heard: AtomicBool::new(false),
            lagged: AtomicBool::new(false),
            passed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            refused_at: AtomicU64::new(0),
            refusal: AtomicU8::new(0),
        }
    }

    pub(crate) fn touch(&self, task: Option<TaskId>, at: CallSite) {
        self.last_use.set(task, at);
    }

    pub(crate) fn hand_over(&self, task: TaskId, at: CallSite) {
        self.last_use.hand_over(task, at);
    }

    pub(crate) fn set_gone(&self) {
        self.gone.store(true, Relaxed);
    }

    #[cfg_attr(not(feature = "tokio-util"), expect(dead_code, reason = "only tokens use it"))]
    pub(crate) fn set_heard(&self) {
        self.heard.store(true, Relaxed);
    }

    pub(crate) fn has_refused(&self) -> bool {
        self.refused.load(Relaxed) > 0
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Relaxed)
    }

    pub(crate) fn set_lagged(&self, lagged: bool) {
        self.lagged.store(lagged, Relaxed);
    }

    pub(crate) fn has_lagged(&self) -> bool {
        self.lagged.load(Relaxed)
    }

    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Relaxed)
    }

    pub(crate) fn set_passed(&self, passed: u64) {
        self.passed.store(passed, Relaxed);
    }

    /// The endpoint returns that the other side is gone. Returns how often in a row it has done so.
    pub(crate) fn count_refusal(&self, refusal: Refusal, now: Instant) -> u64 {
        self.refusal.store(refusal as u8, Relaxed);
        self.refused_at.store(now.nanos(), Relaxed);
        self.refused.fetch_add(1, Relaxed) + 1
    }

    /// The endpoint did not return that.
    pub(crate) fn reset_refusals(&self) {
        self.refused.store(0, Relaxed);
    }

    pub(crate) fn side(&self) -> Side {
        self.side
    }

    /// The task that last used it.
    pub(crate) fn last_task(&self) -> Option<TaskId> {
        self.last_use.task()
    }

    /// Where it was last used.
    pub(crate) fn last_at(&self) -> Option<CallSite> {
        self.last_use.at()
    }

    pub(crate) fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            id: self.id,
            side: self.side,
            created: self.created,
            created_by: self.created_by,
            last_task: self.last_use.task(),
            last_at: self.last_use.at(),
            heard: self.heard.load(Relaxed),
            handed: self.last_use.is_handed(),
            refused: self.refused.load(Relaxed),
            refused_at: clock::settled(Instant::from_nanos(self.refused_at.load(Relaxed))),
            refusal: Refusal::ALL[usize::from(self.refusal.load(Relaxed))],
        }
    }
}
