//! Wraps the user's futures and closures. It records and never judges.

pub(crate) mod adapt;
mod budget;
pub(crate) mod closure;
pub(crate) mod future;
pub(crate) mod inside;
pub(crate) mod registered;
pub(crate) mod result;
pub(crate) mod singleton;
pub(crate) mod sleep;
pub(crate) mod tracked;
pub(crate) mod visit;
pub(crate) mod wait;
