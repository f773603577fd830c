//! Records which task an endpoint or guard was moved into, if it is a parameter of that task's function.

use crate::context;
use crate::fact::id::{TaskId, TaskKind};
use crate::site::CallSite;
use crate::sync::type_of::TypeOf;
use std::panic::Location;

/// An endpoint or guard, which may be moved into a task long before the task uses it.
pub trait HandOver {
    /// Records the move.
    #[doc(hidden)]
    fn leakguard_hand_over(&self, to: Recipient);
}

/// A task, and the place of the parameter.
#[derive(Clone, Copy, Debug)]
pub struct Recipient {
    pub(super) task: TaskId,
    pub(super) at: CallSite,
}

impl Recipient {
    /// The current task, if this is its first poll. A function that is called later may only pass its parameters on.
    fn begun(at: CallSite) -> Option<Recipient> {
        let begins = |task: &crate::record::live::Live| {
            (task.kind() == TaskKind::Async && task.polls() == 1).then_some(task.id)
        };
        let task = context::with(begins).flatten()?;
        Some(Recipient { task, at })
    }
}

/// Implements it by the field `half`.
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

/// The choices. rustc tries those with more `&` first.
pub mod handover_tags {
    use super::*;

    /// A drop-in.
    pub trait NoteHandover<P> {
        /// Records the move.
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

    /// Any other type.
    pub trait SkipHandover<P> {
        /// Does nothing.
        #[inline(always)]
        fn leakguard_given(&self, _: &P) {}
    }
    impl<P> SkipHandover<P> for TypeOf<P> {}
}
