//! Verdicts on constructed facts.

mod counterpart;
mod fixture;
mod graph;
mod join;
mod nested;
mod parking;
mod spin;
mod steady;
mod waking;
