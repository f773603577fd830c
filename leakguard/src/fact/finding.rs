//! What a judge found: plain data, which a report puts into words.

use crate::clock::Instant;
use crate::fact::cause::Blockage;
use crate::fact::observed::ObservedFacts;
use crate::fact::position::Position;
use crate::fact::story::{ChannelStory, SpinStory, Story, TokenStory, UnreapedStory, ValueStory};
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::vocabulary::{Cause, Code, Verdict, WaitKind};
use std::sync::Arc;
use std::time::Duration;

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
