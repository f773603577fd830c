//! Scopes: what leaks is found in the right scope, and of what ends nobody speaks.

mod busy;
mod by_hand;
mod deadlines;
mod dumps;
mod endings;
mod findings;
mod harness;
mod inheritance;
mod many;
mod place;
mod rules;
mod runtimes;
mod support;
mod watcher;
