//! The record of one half of a channel: a sender, a receiver, or a clone of one.

use crate::clock::{self, Instant};
use crate::fact::id::TaskId;
use crate::fact::kind::Refusal;
use crate::fact::kind::Side;
use crate::fact::resource::EndpointFacts;
use crate::record::resource::Creation;
use crate::record::resource::mark::LastUse;
use crate::site::CallSite;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

/// One live endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    id: u64,
    side: Side,
    created: CallSite,
    created_by: Option<TaskId>,
    touch: LastUse,
    gone: AtomicBool,
    /// Of a token's handle: it was cancelled through this one, or this one has said so.
    heard: AtomicBool,
    /// For a receiver of a broadcast: how many of the messages ever sent it no longer waits for.
    passed: AtomicU64,
    /// How often in a row it was told that the other side is gone; when and in which words the last time.
    refused: AtomicU64,
    refused_at: AtomicU64,
    refusal: AtomicU8,
}

impl Endpoint {
    /// `id` is one that [`number`](super::number) gave.
    #[inline]
    pub(crate) fn new(id: u64, side: Side, origin: Creation) -> Self {
        Endpoint {
            id,
            side,
            created: origin.created,
            created_by: origin.by,
            touch: LastUse::new(origin.by, origin.created),
            gone: AtomicBool::new(false),
            heard: AtomicBool::new(false),
            passed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            refused_at: AtomicU64::new(0),
            refusal: AtomicU8::new(0),
        }
    }

    pub(crate) fn touch(&self, task: Option<TaskId>, at: CallSite) {
        self.touch.set(task, at);
    }

    pub(crate) fn hand_over(&self, task: TaskId, at: CallSite) {
        self.touch.hand_over(task, at);
    }

    pub(crate) fn set_gone(&self) {
        self.gone.store(true, Relaxed);
    }

    #[cfg_attr(
        not(feature = "tokio-util"),
        expect(dead_code, reason = "only tokens use it")
    )]
    pub(crate) fn set_heard(&self) {
        self.heard.store(true, Relaxed);
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Relaxed)
    }

    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Relaxed)
    }

    pub(crate) fn set_passed(&self, passed: u64) {
        self.passed.store(passed, Relaxed);
    }

    /// The other side is gone. How often in a row that has been said.
    pub(crate) fn count_refusal(&self, refusal: Refusal, now: Instant) -> u64 {
        self.refusal.store(refusal as u8, Relaxed);
        self.refused_at.store(now.nanos(), Relaxed);
        self.refused.fetch_add(1, Relaxed) + 1
    }

    /// It was not, this time.
    pub(crate) fn reset_refusals(&self) {
        self.refused.store(0, Relaxed);
    }

    pub(crate) fn side(&self) -> Side {
        self.side
    }

    /// Where it was last used.
    pub(crate) fn last_at(&self) -> Option<CallSite> {
        self.touch.at()
    }

    pub(crate) fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            id: self.id,
            side: self.side,
            created: self.created,
            created_by: self.created_by,
            last_task: self.touch.task(),
            last_at: self.touch.at(),
            heard: self.heard.load(Relaxed),
            handed: self.touch.is_handed(),
            refused: self.refused.load(Relaxed),
            refused_at: clock::settled(Instant::from_nanos(self.refused_at.load(Relaxed))),
            refusal: Refusal::ALL[usize::from(self.refusal.load(Relaxed))],
        }
    }
}
