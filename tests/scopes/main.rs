//! Scopes: what leaks is found in the right scope, and of what ends nobody speaks.

mod blocked;
mod busy;
mod by_hand;
mod deadlines;
mod dumps;
mod endings;
mod findings;
mod growing;
mod harness;
mod inheritance;
mod kept;
mod many;
mod messages;
mod owners;
mod place;
mod rules;
mod runtimes;
mod signals;
mod spins;
mod still;
mod supervised;
mod support;
mod threads;
mod threads_locks;
mod threads_parking;
mod watcher;
