//! What a judge found: plain data, which a report puts into words.

use crate::clock::Moment;
use crate::record::facts::{ScopeFacts, TaskFacts};
use std::fmt;
use std::time::Duration;

/// The stable name of a kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// LG001, overrun: the function itself is still running at its timeout.
    Overrun = 1,
    /// LG002, leaked task: alive at the limit, and no other code says it better.
    LeakedTask = 2,
    /// LG007, stuck task: nothing can wake it.
    StuckTask = 7,
    /// LG008, lost wakeup: it moved on only because the dump polled it.
    LostWakeup = 8,
    /// LG011, busy executor: one poll has lasted longer than the threshold.
    BusyExecutor = 11,
    /// LG013, leaked thread or blocking call.
    LeakedThread = 13,
    /// LG014, swallowed panic: a task panicked and nobody will ever join it.
    SwallowedPanic = 14,
}

impl Code {
    /// In a few words, as in the table of findings.
    pub fn title(self) -> &'static str {
        match self {
            Code::Overrun => "overrun",
            Code::LeakedTask => "leaked task",
            Code::StuckTask => "stuck task",
            Code::LostWakeup => "lost wakeup",
            Code::BusyExecutor => "busy executor",
            Code::LeakedThread => "leaked thread or blocking call",
            Code::SwallowedPanic => "swallowed panic",
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
}

/// One thing that is wrong. Its `Display` is the report.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(crate) code: Code,
    pub(crate) verdict: Verdict,
    /// The first speaks for all that are folded into this finding; never empty.
    pub(crate) tasks: Vec<TaskFacts>,
    pub(crate) scope: Option<ScopeFacts>,
    /// When it was judged.
    pub(crate) now: Moment,
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

    /// How many tasks it speaks of; at least 1.
    pub fn count(&self) -> usize {
        self.tasks.len()
    }

    /// Where the task was started, or the function that overran.
    pub fn site(&self) -> &'static crate::Site {
        self.tasks[0].site
    }

    /// The line where it waits as `(file, line)`, if that is known.
    pub fn wait_place(&self) -> Option<(String, u32)> {
        self.place().map(|p| (p.0, p.1))
    }

    /// The words for what it waits on, such as "mpsc receive".
    pub fn wait(&self) -> Option<&'static str> {
        self.task().stacks().first().map(|s| s.wait().kind())
    }

    pub(crate) fn task(&self) -> &TaskFacts {
        &self.tasks[0]
    }

    /// File, line and column of the wait.
    pub(crate) fn place(&self) -> Option<(String, u32, u32)> {
        self.task().place()
    }
}
