//! The live records of what was spawned or called.

pub(crate) mod collector;
pub(crate) mod event;
pub(crate) mod extension;
pub(crate) mod last_panic;
pub(crate) mod live;
pub(crate) mod location;
pub(crate) mod name;
pub(crate) mod observed;
pub(crate) mod probe;
pub(crate) mod progress;
pub(crate) mod record_arc;
pub(crate) mod resource;
pub(crate) mod scope;
pub(crate) mod sleep_place;
pub(crate) mod stillness;
pub(crate) mod task;
