//! Each kind of wait, polled once inside a capture: the stack must name the user's await line and the words.
//!
//! The futures live in this crate, so in tests `origin` takes whatever is in a module `tests` for the user's.

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
