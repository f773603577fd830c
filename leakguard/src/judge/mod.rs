//! Turns facts and an instant into findings. Reads no clock and changes no record.

pub(crate) mod allow;
mod blockage;
mod certainty;
pub(crate) mod channel;
pub(crate) mod closed;
mod closure;
mod counterpart;
mod crowd;
pub(crate) mod derive;
mod fingerprint;
pub(crate) mod fold;
mod foremost;
mod going;
pub(crate) mod graph;
pub(crate) mod growth;
pub(crate) mod leak;
pub(crate) mod outside;
mod queued;
mod ring;
mod spin;
pub(crate) mod steady;
#[cfg(test)]
mod tests;
mod token;
mod unheard;
pub(crate) mod value;
pub(crate) mod verdict;
pub(crate) mod waiters;
mod waking;
