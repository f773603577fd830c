//! What a finding tells of a channel or token: plain data, which a report puts into words.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::kind::ResourceKind;
use crate::fact::resource::OccurrenceFacts;
use crate::fact::resource::{EndpointFacts, SetFacts};
use crate::site::CallSite;
use crate::site::Site;
use crate::vocabulary::Code;
use std::sync::Arc;
use std::time::Duration;

/// What a finding is about beside its tasks, or instead of them.
#[derive(Clone, Debug)]
pub(crate) enum Story {
    /// Something happened to a channel; there is no task.
    Channel(Arc<ChannelStory>),
    /// The token that its task should have looked at.
    Token(Arc<TokenStory>),
    /// The channel into which its task would send though nobody receives.
    Unheard(UnheardStory),
    /// The closed channel on which its task turns round.
    Spin(Arc<SpinStory>),
    /// Of its tasks there are ever more.
    Growth(Arc<GrowthStory>),
    /// A value that is still there; there is no task.
    Value(ValueStory),
    /// Results that nobody takes; their tasks have ended.
    Unreaped(Arc<UnreapedStory>),
}

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
    /// The lines that sent them, as far as known, each with its count; the most frequent first.
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
        self.lines
            .sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
}

/// A channel whose last receiver is gone while a sender lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnheardStory {
    pub(crate) kind: ResourceKind,
    pub(crate) created: CallSite,
    /// The task has used the sender; otherwise it is the task's as far as can be told.
    pub(crate) is_sure: bool,
}

/// A channel that is closed, and of which somebody asks all the same, again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpinStory {
    pub(crate) kind: ResourceKind,
    pub(crate) capacity: Option<usize>,
    pub(crate) created: CallSite,
    /// The end that asks.
    pub(crate) end: EndpointFacts,
    /// The end of the other side that it was made with, if that is gone.
    pub(crate) other: Option<EndpointFacts>,
    /// All ends of the other side are gone; otherwise the receiver has closed it.
    pub(crate) is_gone: bool,
    /// When the last of them went.
    pub(crate) ended: Option<Instant>,
}

impl SpinStory {
    /// The line that asks.
    pub(crate) fn at(&self) -> CallSite {
        self.end.last_at.unwrap_or(self.end.created)
    }
}

/// How the number of live tasks of one place has grown.
#[derive(Clone, Debug)]
pub(crate) struct GrowthStory {
    /// Those of one window, the last one now; at least two.
    pub(crate) counts: Vec<u64>,
    pub(crate) window: Duration,
}

impl GrowthStory {
    pub(crate) fn now(&self) -> u64 {
        self.counts.last().copied().unwrap_or_default()
    }
}

/// Who keeps the results of tasks that have ended.
#[derive(Clone, Debug)]
pub(crate) enum ResultHolder {
    /// A join set, with the task that made it, if that is alive.
    Set(SetFacts, Option<TaskLabel>),
    /// The handles of one spawn.
    Handles,
}

/// How the number of such results has grown at one place.
#[derive(Clone, Debug)]
pub(crate) struct UnreapedStory {
    /// Where the set was made, or the tasks were started.
    pub(crate) site: &'static Site,
    pub(crate) keeper: ResultHolder,
    /// As of a [`GrowthStory`].
    pub(crate) growth: GrowthStory,
}

impl UnreapedStory {
    /// The line that starts ever more tasks; where that is not known, the one that made the set.
    pub(crate) fn started(&self) -> CallSite {
        let at = match &self.keeper {
            ResultHolder::Set(set, _) => set.spawned.and_then(|mark| mark.at),
            ResultHolder::Handles => None,
        };
        at.unwrap_or(self.site.location())
    }
}

/// A value that should be gone, or several that were made at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueStory {
    /// Where it was made, with the name of its type.
    pub(crate) site: &'static Site,
    /// The task that made it, if that is alive.
    pub(crate) created_by: Option<TaskLabel>,
    pub(crate) values: usize,
}

/// A cancelled token that governs a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenStory {
    /// Where the one was made that was cancelled: it, or one above it.
    pub(crate) created: CallSite,
    pub(crate) cancelled: OccurrenceFacts,
    /// The handle that the task has.
    pub(crate) handle: EndpointFacts,
    /// The task has used it; otherwise it is the task's as far as can be told.
    pub(crate) is_sure: bool,
}

/// What it was.
#[derive(Clone, Debug)]
pub(crate) enum ChannelEventKind {
    /// A receive found that the last sender was dropped without sending a value.
    BrokenPromise,
    /// Sends that failed at one place.
    SendFailed { count: u64 },
    /// The last receiver went with messages inside; the places are those of the last few.
    DiedInside {
        count: usize,
        sent_at: Vec<CallSite>,
    },
    /// The queue grew longer than it was to be.
    OverBound {
        bound: usize,
        depth: usize,
        sent_at: Vec<CallSite>,
    },
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
