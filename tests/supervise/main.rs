//! Supervised calls, on paused time, and the names that every build has. A binary of its own because all of it holds in every build:
//! `cargo test --release --test supervise` runs it where nothing is watched.

mod attribute;
mod calls;
mod calls_at_random;
mod names;
mod runs;
mod runs_at_random;
mod support;
