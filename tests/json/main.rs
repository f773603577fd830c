//! Findings as lines of JSON: they are what `leakguard/schema/leakguard-1.json` says, and the text of the golden files beside
//! this one. Each test runs a test of `child.rs` in a process of its own.
//!
//! `JSON=overwrite cargo test --test json` writes the golden files anew.
#![cfg(debug_assertions)]

mod child;
mod escape;
mod fingerprint;
mod golden;
mod process;
mod run;
mod schema;
