//! The public API is the same in builds that watch and in those that do not. `.ci/run` runs this in both.

mod names;
mod uses;
