//! The stable codes of findings.

use std::fmt;

/// Defines [`Code`] with the number, the title and the documentation of each variant.
macro_rules! codes {
    ($($variant:ident = $number:literal, $title:literal: $meaning:literal)*) => {
        /// The stable code of a kind of finding. Its `Display` is `LG002`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(
                #[doc = concat!($number, ", ", $title, ": ", $meaning)]
                $variant,
            )*
        }

        impl Code {
            /// A few words for it, as in the table of findings.
            pub fn title(self) -> &'static str {
                match self {
                    $(Code::$variant => $title,)*
                }
            }
        }

        impl fmt::Display for Code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self {
                    $(Code::$variant => $number,)*
                })
            }
        }
    };
}

codes! {
    Overrun = "LG001", "overrun": "the function itself is still running at its timeout."
    LeakedTask = "LG002", "leaked task": "a task is alive at its limit, and no other code fits better."
    AbandonedReceiver = "LG003", "abandoned receiver": "a task waits to receive, a sender is alive, and nothing is sent."
    ForgottenSender = "LG004", "forgotten sender": "a task waits to send, the receiver is alive, and nothing is received."
    LostMessage = "LG005", "lost message": "its receiver was dropped, before or after the message was sent."
    BrokenPromise = "LG006", "broken promise": "the sender was dropped without a value while a receiver waited for it."
    StuckTask = "LG007", "stuck task": "nothing can wake it."
    LostWakeup = "LG008", "lost wakeup": "a task moved on only because leakguard polled it."
    Deadlock = "LG009", "deadlock": "each task waits for something that the next one holds, or a task for something that it holds itself."
    OverBound = "LG010", "channel over its bound": "its queue grew longer than `capacity`."
    BusyExecutor = "LG011", "busy executor": "one poll takes longer than the threshold."
    IgnoredCancellation = "LG012", "ignored cancellation": "the token was cancelled, and its task is still alive."
    LeakedThread = "LG013", "leaked thread or blocking call": "it still runs at its limit."
    SwallowedPanic = "LG014", "swallowed panic": "a task panicked, and its handle was dropped."
    KeptResource = "LG015", "kept resource": "a `Tracked` value outlived its scope."
    GrowingTasks = "LG016", "growing tasks": "ever more tasks of one spawn are alive."
    SpinOnClosed = "LG017", "spin on a closed channel": "a task receives from it again and again, although nothing can come."
    UnreapedTasks = "LG018", "unreaped tasks": "ever more tasks have ended, and their results are not taken."
}
