//! What a judge found: plain data, which a report puts into words.

use crate::clock::Instant;
use crate::fact::cause::{Blockage, Cause};
use crate::fact::observed::ObservedFacts;
use crate::fact::position::Position;
use crate::fact::story::{ChannelStory, SpinStory, Story, TokenStory, UnreapedStory, ValueStory};
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::wait_kind::WaitKind;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The stable name of a kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// LG001, overrun: the function itself is still running at its timeout.
    Overrun = 1,
    /// LG002, leaked task: alive at the limit, and no other code says it better.
    LeakedTask = 2,
    /// LG003, abandoned receiver: it waits to receive, a sender lives, and nobody sends.
    AbandonedReceiver = 3,
    /// LG004, forgotten sender: it waits to send, the receiver lives, and nobody receives.
    ForgottenSender = 4,
    /// LG005, lost message: its receiver was gone, or went without taking it.
    LostMessage = 5,
    /// LG006, broken promise: the sender was dropped without a value while somebody waited for it.
    BrokenPromise = 6,
    /// LG007, stuck task: nothing can wake it.
    StuckTask = 7,
    /// LG008, lost wakeup: it moved on only because the dump polled it.
    LostWakeup = 8,
    /// LG009, deadlock: each task waits for what the next one holds, or one for what it holds itself.
    Deadlock = 9,
    /// LG010, channel over its bound: its queue grew longer than `capacity`.
    OverBound = 10,
    /// LG011, busy executor: one poll has lasted longer than the threshold.
    BusyExecutor = 11,
    /// LG012, ignored cancellation: the token was cancelled and the task is still there.
    IgnoredCancellation = 12,
    /// LG013, leaked thread or blocking call.
    LeakedThread = 13,
    /// LG014, swallowed panic: a task panicked and nobody will ever join it.
    SwallowedPanic = 14,
    /// LG015, kept resource: a `Tracked` value outlived its scope.
    KeptResource = 15,
    /// LG016, growing tasks: of one spawn ever more are alive.
    GrowingTasks = 16,
    /// LG017, spin on a closed channel: it asks again and again, and nothing will come.
    SpinOnClosed = 17,
    /// LG018, unreaped tasks: ever more tasks have ended, and nobody takes their results.
    UnreapedTasks = 18,
}

impl Code {
    /// In a few words, as in the table of findings.
    pub fn title(self) -> &'static str {
        match self {
            Code::Overrun => "overrun",
            Code::LeakedTask => "leaked task",
            Code::AbandonedReceiver => "abandoned receiver",
            Code::ForgottenSender => "forgotten sender",
            Code::LostMessage => "lost message",
            Code::BrokenPromise => "broken promise",
            Code::StuckTask => "stuck task",
            Code::LostWakeup => "lost wakeup",
            Code::Deadlock => "deadlock",
            Code::OverBound => "channel over its bound",
            Code::BusyExecutor => "busy executor",
            Code::IgnoredCancellation => "ignored cancellation",
            Code::LeakedThread => "leaked thread or blocking call",
            Code::SwallowedPanic => "swallowed panic",
            Code::KeptResource => "kept resource",
            Code::GrowingTasks => "growing tasks",
            Code::SpinOnClosed => "spin on a closed channel",
            Code::UnreapedTasks => "unreaped tasks",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("LG{:03}", *self as u8))
    }
}

/// What is known of a task that should have ended; certain only where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Certain: nothing can wake it, because its last poll registered no waker.
    Stuck,
    /// It waits on something for so long.
    Blocked(Duration),
    /// It waits on a timer or on I/O for so long.
    TimerOrIo(Duration),
    /// It is still making progress.
    Running,
    /// Inside one poll or one blocking call for so long.
    Busy(Duration),
    /// Started so long ago and never polled or begun.
    NeverBegun(Duration),
    /// It moved on when it was polled though nobody had woken it for so long.
    WakeupLost(Duration),
    /// The function ended by itself, so long after its entry.
    Late(Duration),
    /// It panicked.
    Panicked,
    /// It happened to a channel, or a value was made, so long ago; or it has gone on for so long.
    Happened(Duration),
}

/// One thing that is wrong. Its `Display` is the report.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(crate) code: Code,
    pub(crate) verdict: Verdict,
    /// The first speaks for all that are folded into this finding; empty only where it speaks of something else.
    pub(crate) tasks: Vec<TaskFacts>,
    pub(crate) scope: Option<ScopeFacts>,
    /// When it was judged.
    pub(crate) now: Instant,
    /// What is known of the channel or lock that the first task waits on.
    pub(crate) blockage: Option<Arc<Blockage>>,
    /// The channel or token that it is about.
    pub(crate) story: Option<Story>,
}

impl Finding {
    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What is known of its tasks.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How many tasks it speaks of; at least 1. Of LG005 how many messages, of LG006 and LG010 how many channels, of
    /// LG018 how many that have ended.
    pub fn count(&self) -> usize {
        match &self.story {
            Some(Story::Channel(story)) if self.code == Code::LostMessage => {
                usize::try_from(story.messages).unwrap_or(usize::MAX)
            }
            Some(Story::Channel(story)) => story.channels,
            Some(Story::Value(story)) => story.values,
            Some(Story::Growth(story)) => usize::try_from(story.now()).unwrap_or(usize::MAX),
            Some(Story::Unreaped(story)) => {
                usize::try_from(story.growth.now()).unwrap_or(usize::MAX)
            }
            Some(Story::Token(_) | Story::Unheard(_) | Story::Spin(_)) | None => self.tasks.len(),
        }
    }

    /// Where the task was started, the function that overran, or the call that made the channel or the join set.
    pub fn site(&self) -> &'static crate::Site {
        match &self.story {
            Some(Story::Channel(story)) => story.channel.site,
            Some(Story::Value(story)) => story.site,
            Some(Story::Unreaped(story)) => story.site,
            Some(Story::Token(_) | Story::Unheard(_) | Story::Spin(_) | Story::Growth(_))
            | None => self.task().site,
        }
    }

    /// The line where it waits as `(file, line)`, if that is known.
    ///
    /// Of a channel, the line that the finding is about: where the lost message was sent (LG005), where somebody waited
    /// for the value (LG006), where the message was sent that was one too many (LG010).
    pub fn wait_place(&self) -> Option<Position> {
        match &self.story {
            Some(Story::Channel(story)) => Some(Position::of_location(story.place())),
            Some(Story::Value(_) | Story::Unreaped(_)) => None,
            Some(Story::Token(_) | Story::Unheard(_) | Story::Spin(_) | Story::Growth(_))
            | None => Position::of_wait(self.task()),
        }
    }

    /// What it waits for.
    pub fn wait(&self) -> Option<WaitKind> {
        let wait = self.tasks.first()?.stacks().first().map(|s| s.wait());
        wait.filter(|&wait| wait != WaitKind::Running)
    }

    /// Why its wait does not end, if it waits on a type of [`leakguard::sync`](crate::sync) and that is known.
    pub fn cause(&self) -> Option<Cause> {
        self.blockage.as_ref().and_then(|b| b.cause)
    }

    /// The one place where its scope made a channel, only observed, on which its first task may wait.
    pub(crate) fn perhaps(&self) -> Option<&ObservedFacts> {
        let wait = self.wait().filter(|_| self.blockage.is_none())?;
        let created = self.scope.iter().flat_map(|scope| &scope.observed);
        let mut fitting = created.filter(|place| place.family.is_waited_on(wait));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Whether it is about a function that still runs: then the tasks behind the first are what lives beside it.
    pub(crate) fn is_overrun(&self) -> bool {
        let better = matches!(
            self.code,
            Code::AbandonedReceiver | Code::ForgottenSender | Code::Deadlock | Code::SpinOnClosed
        );
        self.code == Code::Overrun || better && self.task().kind.is_call()
    }

    /// The first of its tasks. What speaks of a channel, a value or ended tasks has none: whoever may meet
    /// one asks for that first.
    pub(crate) fn task(&self) -> &TaskFacts {
        &self.tasks[0]
    }

    pub(crate) fn channel(&self) -> Option<&ChannelStory> {
        match &self.story {
            Some(Story::Channel(story)) => Some(story),
            _ => None,
        }
    }

    pub(crate) fn value(&self) -> Option<&ValueStory> {
        match &self.story {
            Some(Story::Value(story)) => Some(story),
            _ => None,
        }
    }

    pub(crate) fn unreaped(&self) -> Option<&UnreapedStory> {
        match &self.story {
            Some(Story::Unreaped(story)) => Some(story),
            _ => None,
        }
    }

    /// For how long a value has been there, or how long ago something happened.
    pub(crate) fn age(&self) -> Duration {
        match self.verdict {
            Verdict::Happened(age) => age,
            _ => Duration::ZERO,
        }
    }

    pub(crate) fn token(&self) -> Option<&TokenStory> {
        match &self.story {
            Some(Story::Token(story)) => Some(story),
            _ => None,
        }
    }

    /// The closed channel on which its tasks turn round.
    pub(crate) fn spin(&self) -> Option<&SpinStory> {
        match &self.story {
            Some(Story::Spin(story)) => Some(story),
            _ => None,
        }
    }
}
