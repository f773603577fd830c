//! Plain data about tasks, channels and findings: what records are read into, judges judge and reports print.

pub(crate) mod cause;
pub(crate) mod finding;
pub(crate) mod id;
pub(crate) mod kind;
pub(crate) mod observed;
pub(crate) mod options;
pub(crate) mod position;
pub(crate) mod renewed_sleep;
pub(crate) mod resource;
pub(crate) mod story;
pub(crate) mod subject;
pub(crate) mod task;
pub(crate) mod task_map;
