//! What is known of a channel, token or value that a finding is about: plain data, which a report puts into words.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::fact::resource::{EndpointFacts, OccurrenceFacts, SetFacts};
use crate::site::{CallSite, Site};
use crate::vocabulary::Code;
use std::time::Duration;

/// A channel as a report names it: it may be gone by then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelLabel {
    pub(crate) kind: ResourceKind,
    pub(crate) capacity: Option<usize>,
    pub(crate) created: CallSite,
    /// The call of a `#[bounded_channel]` function that created it.
    pub(crate) site: &'static Site,
    /// Its endpoints have plain types, so it is unknown where they are.
    pub(crate) is_plain: bool,
}

/// What happened to a channel, or to several that were created at one place.
#[derive(Clone, Debug)]
pub(crate) struct ChannelStory {
    pub(crate) channel: ChannelLabel,
    /// What happened, and the first time: by which task, where and when.
    pub(crate) what: ChannelEventKind,
    pub(crate) by: Option<TaskLabel>,
    pub(crate) at: Option<CallSite>,
    pub(crate) when: Instant,
    /// The other side as it was used last, dropped or not, and the task that used it, if that is alive.
    pub(crate) other: Option<EndpointFacts>,
    pub(crate) other_user: Option<TaskLabel>,
    pub(crate) channels: usize,
    /// Messages that were lost, or that stood in the queue.
    pub(crate) messages: u64,
    /// The lines that sent them, as far as known, each with its count. The most frequent is first.
    pub(crate) lines: Vec<(CallSite, u64)>,
}

impl ChannelStory {
    /// The line it is about.
    pub(crate) fn place(&self) -> CallSite {
        let line = self.lines.first().map(|(at, _)| *at);
        line.or(self.at).unwrap_or(self.channel.created)
    }

    pub(crate) fn absorb(&mut self, other: &ChannelStory) {
        self.channels += other.channels;
        self.messages += other.messages;
        for (at, count) in &other.lines {
            self.add(at, *count);
        }
    }

    pub(crate) fn add(&mut self, at: CallSite, count: u64) {
        match self.lines.iter_mut().find(|(known, _)| *known == at) {
            Some((_, known)) => *known += count,
            None => self.lines.push((at, count)),
        }
        // Stable, so that what came first stays first.
        self.lines.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
}

/// A channel whose last receiver is gone while a sender lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnheardStory {
    pub(crate) kind: ResourceKind,
    pub(crate) created: CallSite,
    /// The task has used the sender. Otherwise the sender probably belongs to the task.
    pub(crate) is_sure: bool,
}

/// A closed channel on which a task operates again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpinStory {
    pub(crate) kind: ResourceKind,
    pub(crate) capacity: Option<usize>,
    pub(crate) created: CallSite,
    /// The endpoint in use.
    pub(crate) end: EndpointFacts,
    /// The endpoint of the other side that it was created with, if that is gone.
    pub(crate) other: Option<EndpointFacts>,
    /// All endpoints of the other side are gone. Otherwise the receiver has closed the channel.
    pub(crate) is_gone: bool,
    /// When the last of them was dropped.
    pub(crate) ended: Option<Instant>,
}

impl SpinStory {
    /// The line that uses the endpoint.
    pub(crate) fn at(&self) -> CallSite {
        self.end.last_at.unwrap_or(self.end.created)
    }
}

/// How the number of live tasks of one place has grown.
#[derive(Clone, Debug)]
pub(crate) struct GrowthStory {
    /// The counts of one window, at least two. The last one is the current count.
    pub(crate) counts: Vec<u64>,
    pub(crate) window: Duration,
}

impl GrowthStory {
    pub(crate) fn now(&self) -> u64 {
        self.counts.last().copied().unwrap_or_default()
    }
}

/// What keeps the results of tasks that have ended.
#[derive(Clone, Debug)]
pub(crate) enum ResultHolder {
    /// A join set, with the task that created it, if that is alive.
    Set(SetFacts, Option<TaskLabel>),
    /// The handles of one spawn.
    Handles,
}

/// How the number of such results has grown at one place.
#[derive(Clone, Debug)]
pub(crate) struct UnreapedStory {
    /// Where the set was created, or the tasks were spawned.
    pub(crate) site: &'static Site,
    pub(crate) keeper: ResultHolder,
    /// As of a [`GrowthStory`].
    pub(crate) growth: GrowthStory,
}

impl UnreapedStory {
    /// The line that spawns the tasks, or the line that created the set if that is not known.
    pub(crate) fn started(&self) -> CallSite {
        let at = match &self.keeper {
            ResultHolder::Set(set, _) => set.spawned.and_then(|mark| mark.at),
            ResultHolder::Handles => None,
        };
        at.unwrap_or(self.site.location())
    }
}

/// A value that should be gone, or several that were created at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueStory {
    /// Where it was created, with the name of its type.
    pub(crate) site: &'static Site,
    /// The task that created it, if that is alive.
    pub(crate) created_by: Option<TaskLabel>,
    pub(crate) values: usize,
    pub(crate) age: Duration,
}

/// A cancelled token that governs a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenStory {
    /// Where the token was created that was cancelled: this one, or one above it.
    pub(crate) created: CallSite,
    pub(crate) cancelled: OccurrenceFacts,
    /// The handle that the task has.
    pub(crate) handle: EndpointFacts,
    /// The task has used the handle. Otherwise the handle probably belongs to the task.
    pub(crate) is_sure: bool,
}

/// A panic that nothing receives.
#[derive(Clone, Debug)]
pub(crate) struct PanicStory {
    pub(crate) message: String,
    pub(crate) at: Option<Position>,
    pub(crate) when: Instant,
    /// How long after the return of a test's function it happened, with the name of that. The task lived on only because
    /// leakguard waited for it.
    pub(crate) after: Option<(Duration, &'static str)>,
}

/// What it was.
#[derive(Clone, Debug)]
pub(crate) enum ChannelEventKind {
    /// A receive found that the last sender was dropped without sending a value.
    BrokenPromise,
    /// Sends that failed at one place.
    SendFailed { count: u64 },
    /// The last receiver was dropped with messages inside. The places are those of the last few.
    DiedInside { count: usize, sent_at: Vec<CallSite> },
    /// The queue grew longer than it was to be.
    OverBound { bound: usize, depth: usize, sent_at: Vec<CallSite> },
}

impl ChannelEventKind {
    pub(crate) fn code(&self) -> Code {
        match self {
            ChannelEventKind::SendFailed { .. } | ChannelEventKind::DiedInside { .. } => {
                Code::LostMessage
            }
            ChannelEventKind::BrokenPromise => Code::BrokenPromise,
            ChannelEventKind::OverBound { .. } => Code::OverBound,
        }
    }
}
