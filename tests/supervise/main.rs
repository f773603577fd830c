//! Supervised calls on paused time, and the public names that every build has.
//!
//! This is a binary of its own because it passes in every build: `cargo test --release --test supervise` runs it where
//! nothing is watched.

mod attribute;
mod calls;
mod calls_at_random;
mod names;
mod runs;
mod runs_at_random;
mod support;
