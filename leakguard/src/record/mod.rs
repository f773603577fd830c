//! Plain facts about what was started; nothing here judges.

pub(crate) mod ask;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod finding;
pub(crate) mod id;
pub(crate) mod name;
pub(crate) mod options;
pub(crate) mod place;
pub(crate) mod scope;
pub(crate) mod task;
