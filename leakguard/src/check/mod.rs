//! Probes tasks, has the responses judged, and acts on what is found.

pub(crate) mod act;
pub(crate) mod ahead;
pub(crate) mod disturbance;
pub(crate) mod due;
mod hang;
pub(crate) mod inquiry;
mod judgement;
pub(crate) mod long_polls;
pub(crate) mod messages;
mod native;
mod outside;
mod postpone;
pub(crate) mod quiet;
pub(crate) mod repeat;
pub(crate) mod scope;
#[cfg(not(miri))]
mod singleton;
pub(crate) mod starvation;
pub(crate) mod summary;
mod surroundings;
pub(crate) mod unended;
