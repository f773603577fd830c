//! Plain facts about what was started; nothing here judges.

pub(crate) mod ask;
pub(crate) mod collector;
pub(crate) mod course;
pub(crate) mod event;
pub(crate) mod held;
pub(crate) mod live;
pub(crate) mod name;
pub(crate) mod observed;
pub(crate) mod place;
pub(crate) mod resource;
pub(crate) mod scope;
pub(crate) mod stillness;
pub(crate) mod task;
