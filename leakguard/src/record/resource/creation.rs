//! Where a resource or endpoint was created.

use crate::fact::id::{ScopeId, TaskId};
use crate::site::CallSite;

/// The call, its task and the task's scope. It is copied for each channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Creation {
    pub(crate) created: CallSite,
    pub(crate) by: Option<TaskId>,
    pub(crate) scope: Option<ScopeId>,
}

impl Creation {
    pub(crate) const fn unknown(created: CallSite) -> Self {
        Creation { created, by: None, scope: None }
    }
}
