//! The description of a bug: its programs, the findings in them, and the expected report.

use std::future::Future;
use std::pin::Pin;

pub type Code = &'static str;
pub const LG001: Code = "LG001";
pub const LG002: Code = "LG002";
pub const LG003: Code = "LG003";
pub const LG004: Code = "LG004";
pub const LG009: Code = "LG009";
pub const LG011: Code = "LG011";
pub const LG013: Code = "LG013";
pub const LG017: Code = "LG017";

/// Why a wait does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The waiting task itself holds what it waits for.
    HeldByItself,
    /// It was created or acquired outside the scope and lives there.
    HeldOutside,
    /// The task or function that used it last has ended and left it alive, in a struct or forgotten.
    LeftBehind,
    /// Tasks wait for each other.
    Cycle,
    /// The signal was never sent.
    NeverSignalled,
    /// The signal was sent before the wait began and was not stored.
    NotifiedTooEarly,
    /// More permits are requested than will ever exist.
    TooFew,
    /// The lock was granted to a future that its task no longer polls.
    GrantedButNotPolled,
    /// The message that would have led to the answer was lost.
    LostMessage,
    /// It waits for I/O.
    Io,
    /// No other variant fits. The report has each of these texts, in which `{mark}` is the position of the line marked
    /// `// mark` and `{#mark}` its number.
    Reported(&'static [&'static str]),
    /// It cannot be known. The report has each of these texts about what is known instead.
    Unknown(&'static [&'static str]),
}

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One program.
#[derive(Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    pub run: fn() -> Body,
    /// `Drop` ends it but loses a message: the send on the line marked `lost` fails.
    pub loses: bool,
}

/// `form!(leaking)` is the program of the function `leaking`.
macro_rules! form {
    ($name:ident) => {
        $crate::kernel::Form { name: stringify!($name), run: || Box::pin($name()), loses: false }
    };
    ($name:ident, loses) => {
        $crate::kernel::Form { loses: true, ..form!($name) }
    };
}
pub(crate) use form;

/// A task or body that must be found at the lines marked `// spawn: mark` and `// wait: mark`. A single such line needs no
/// mark.
#[derive(Clone, Copy)]
pub struct Place {
    /// `None` for a task that an overrun lists beside the body.
    pub code: Option<Code>,
    pub mark: &'static str,
    pub count: usize,
    pub spawned: bool,
    /// It blocks a thread, so the position of its wait may be unknown.
    pub blocks: bool,
}

/// A task that outlives its scope.
pub const fn task(code: Code, mark: &'static str) -> Place {
    tasks(code, mark, 1)
}

/// Several identical tasks that outlive their scope.
pub const fn tasks(code: Code, mark: &'static str, count: usize) -> Place {
    Place { code: Some(code), mark, count, spawned: true, blocks: false }
}

/// A call that blocks its thread and outlives its scope.
pub const fn blocking(code: Code, mark: &'static str) -> Place {
    Place { blocks: true, ..task(code, mark) }
}

/// The body itself, which does not return.
pub const fn body(mark: &'static str) -> Place {
    Place { spawned: false, ..task(LG001, mark) }
}

/// A task that is stuck like the body. The overrun lists it.
pub const fn with(mark: &'static str) -> Place {
    Place { code: None, ..task("", mark) }
}

/// One row of the table of bugs.
pub struct Kernel {
    pub row: &'static str,
    pub leaking: Form,
    /// The findings if only tasks are known. The first one is the root cause.
    pub finds: &'static [Place],
    /// The code and cause for the first place. For a cycle any of the places may have it.
    pub expected: (Code, Cause),
    /// The mended form, the control that `Drop` saves, and the trap for false alarms.
    pub silent: &'static [Form],
}
