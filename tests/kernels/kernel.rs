//! What is written down of each bug: its programs, what is found in them, and what is to be said of it.

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

/// Why a wait does not end, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The waiting task itself has what it waits for.
    HeldByItself,
    /// It was made or taken outside the scope and lives there.
    HeldOutside,
    /// Who touched it last has ended or returned and left it alive: in a struct, or forgotten.
    LeftBehind,
    /// Tasks wait for one another.
    Cycle,
    /// Nobody ever gave the signal.
    NeverSignalled,
    /// The signal came before the wait began, and was not stored.
    NotifiedTooEarly,
    /// More are asked for than there will ever be.
    TooFew,
    /// The lock was handed to a future that its task no longer polls.
    GrantedButNotPolled,
    /// What was to bring the answer was lost on its way.
    LostMessage,
    /// It waits for the world outside.
    Io,
    /// No one word says it, and the report does: with each of these texts, in which `{made}` is the place of the line
    /// marked `// made`, and `{#made}` its number.
    Told(&'static [&'static str]),
    /// Nobody can know it. These texts, likewise, say what is known instead.
    Unknown(&'static [&'static str]),
}

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One program.
#[derive(Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    pub run: fn() -> Body,
    /// `Drop` ends it, at the price of a message: the send on the line marked `lost` fails.
    pub loses: bool,
}

/// `form!(leaking)` is the program that the function `leaking` is.
macro_rules! form {
    ($name:ident) => {
        $crate::kernel::Form {
            name: stringify!($name),
            run: || Box::pin($name()),
            loses: false,
        }
    };
    ($name:ident, loses) => {
        $crate::kernel::Form {
            loses: true,
            ..form!($name)
        }
    };
}
pub(crate) use form;

/// A task or body that is to be found, at the lines marked `// spawn: mark` and `// wait: mark`; where there is but one
/// such line, the mark may be missing.
#[derive(Clone, Copy)]
pub struct Place {
    /// None for what an overrun lists beside the body.
    pub code: Option<Code>,
    pub mark: &'static str,
    pub count: usize,
    pub spawned: bool,
    /// It blocks a thread, of which it may be unknown where it waits.
    pub blocks: bool,
}

/// A task that outlives its scope.
pub const fn task(code: Code, mark: &'static str) -> Place {
    tasks(code, mark, 1)
}

/// Several that are alike.
pub const fn tasks(code: Code, mark: &'static str, count: usize) -> Place {
    Place {
        code: Some(code),
        mark,
        count,
        spawned: true,
        blocks: false,
    }
}

/// A call that blocks its thread and outlives its scope.
pub const fn blocking(code: Code, mark: &'static str) -> Place {
    Place {
        blocks: true,
        ..task(code, mark)
    }
}

/// The body itself, which does not return.
pub const fn body(mark: &'static str) -> Place {
    Place {
        spawned: false,
        ..task(LG001, mark)
    }
}

/// A task that is stuck while the body is; the overrun lists it.
pub const fn with(mark: &'static str) -> Place {
    Place {
        code: None,
        ..task("", mark)
    }
}

/// One row of the table of bugs.
pub struct Kernel {
    pub row: &'static str,
    pub leaking: Form,
    /// What a leakguard that knows tasks only finds. The first is the root of the evil.
    pub finds: &'static [Place],
    /// What is to be said of the first place, or, of a cycle, of any.
    pub fits: (Code, Cause),
    /// The mended form, the control that `Drop` saves, and the trap.
    pub silent: &'static [Form],
}
