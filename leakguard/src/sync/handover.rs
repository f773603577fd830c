//! Notes which task an endpoint or guard was moved into, where that task's function takes it as a parameter.

use crate::context;
use crate::fact::id::{TaskId, TaskKind};
use crate::site::CallSite;
use crate::sync::type_of::TypeOf;
use std::panic::Location;

/// What may be moved into a task and used by it much later.
pub trait HandOver {
    /// It now is in a task.
    #[doc(hidden)]
    fn leakguard_hand_over(&self, to: Recipient);
}

/// A task, and the parameter by which it got something.
#[derive(Clone, Copy, Debug)]
pub struct Recipient {
    pub(super) task: TaskId,
    pub(super) at: CallSite,
}

impl Recipient {
    /// The current task, in its first poll: a function that is called later may only pass on what it gets.
    fn begun(at: CallSite) -> Option<Recipient> {
        let begins = |task: &crate::record::live::Live| {
            (task.kind() == TaskKind::Async && task.polls() == 1).then_some(task.id)
        };
        let task = context::with(begins).flatten()?;
        Some(Recipient { task, at })
    }
}

/// An endpoint's own field does the rest.
macro_rules! hand_over {
    ($($name:ident),*) => {
        $(impl<T> crate::sync::handover::HandOver for $name<T> {
            fn leakguard_hand_over(&self, to: crate::sync::handover::Recipient) {
                self.half.hand_over(to);
            }
        })*
    };
}

pub(super) use hand_over;

/// The choices, in the order in which they are tried: the more `&`, the earlier.
pub mod handover_tags {
    use super::*;

    /// A twin.
    pub trait NoteHandover<P> {
        /// Notes who has it.
        fn leakguard_given(&self, it: &P);
    }
    impl<P: HandOver> NoteHandover<P> for &TypeOf<P> {
        #[track_caller]
        fn leakguard_given(&self, it: &P) {
            if let Some(to) = Recipient::begun(Location::caller()) {
                it.leakguard_hand_over(to);
            }
        }
    }

    /// Everything else.
    pub trait SkipHandover<P> {
        /// Does nothing.
        #[inline(always)]
        fn leakguard_given(&self, _: &P) {}
    }
    impl<P> SkipHandover<P> for TypeOf<P> {}
}
