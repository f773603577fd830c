//! Puts questions, has the answers judged, and acts on what is found.

pub(crate) mod act;
pub(crate) mod ahead;
pub(crate) mod inquiry;
pub(crate) mod messages;
mod native;
pub(crate) mod scope;
