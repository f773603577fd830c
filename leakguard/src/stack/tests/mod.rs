//! Polls each kind of wait once inside a capture: the stack must give the user's await line and the words.
//!
//! The futures are in this crate, so in tests `origin` treats code in a module `tests` as the user's.

mod branch;
mod foreign;
mod io;
mod shape;
mod sync;
mod time;

use super::probe::{await_below, look, place};
use super::raw::RawStack;
use super::resolve::resolve;
use super::{Class, Frame, FrameOrigin, Stack, capture};
