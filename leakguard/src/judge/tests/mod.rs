//! Verdicts on constructed facts.

mod counterpart;
pub(super) mod fixture;
mod graph;
mod join;
mod many;
mod nested;
mod parking;
mod queued;
mod spin;
mod steady;
mod waking;
