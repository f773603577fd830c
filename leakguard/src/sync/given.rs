//! Notes which task an endpoint or guard was moved into, where that task's function takes it as a parameter.

use crate::context;
use crate::fact::id::{TaskId, TaskKind};
use crate::site::CallSite;
use crate::sync::adopt::Made;
use std::panic::Location;

/// What may be moved into a task and used by it much later.
pub trait Given {
    /// It now is in a task.
    #[doc(hidden)]
    fn leakguard_hand(&self, to: To);
}

/// A task, and the parameter by which it got something.
#[derive(Clone, Copy, Debug)]
pub struct To {
    pub(super) task: TaskId,
    pub(super) at: CallSite,
}

impl To {
    /// The current task, in its first poll: a function that is called later may only pass on what it gets.
    fn begun(at: CallSite) -> Option<To> {
        let begins = |task: &crate::record::live::Live| {
            (task.kind() == TaskKind::Async && task.polls() == 1).then_some(task.id)
        };
        let task = context::with(begins).flatten()?;
        Some(To { task, at })
    }
}

/// An endpoint's own field does the rest.
macro_rules! given {
    ($($name:ident),*) => {
        $(impl<T> crate::sync::given::Given for $name<T> {
            fn leakguard_hand(&self, to: crate::sync::given::To) {
                self.end.hand(to);
            }
        })*
    };
}

pub(super) use given;

/// The choices, in the order in which they are tried: the more `&`, the earlier.
pub mod given_tags {
    use super::*;

    /// A twin.
    pub trait Hand<P> {
        /// Notes who has it.
        fn leakguard_given(&self, it: &P);
    }
    impl<P: Given> Hand<P> for &Made<P> {
        #[track_caller]
        fn leakguard_given(&self, it: &P) {
            if let Some(to) = To::begun(Location::caller()) {
                it.leakguard_hand(to);
            }
        }
    }

    /// Everything else.
    pub trait Pass<P> {
        /// Does nothing.
        #[inline(always)]
        fn leakguard_given(&self, _: &P) {}
    }
    impl<P> Pass<P> for Made<P> {}
}
