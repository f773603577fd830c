//! Runs the README's code. It lives in the root package because a path that leaves a published
//! crate does not survive packaging.
#![doc = include_str!("../../README.md")]
