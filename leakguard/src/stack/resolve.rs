//! Puts names to addresses: late, once per address, and never while it holds its own lock.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::Frame;
use super::raw::RawStack;
use super::trace::Stack;
use super::waker::{ENTRY, NOTES};

/// One address stands for several frames where the compiler inlined one function into another.
type Frames = Arc<[Frame]>;

/// Addresses stay valid for the life of the process, except in a library that is closed with `dlclose`; a stack in
/// one opened later at the same place would then bear the old names.
static CACHE: Mutex<BTreeMap<usize, Frames>> = Mutex::new(BTreeMap::new());

/// Names every frame of `raw`, the inlined ones included.
///
/// The first call in a process reads the debug information of the program, which takes 100 ms or more.
pub(crate) fn resolve(raw: &RawStack) -> Stack {
    let mut frames = Vec::with_capacity(raw.addresses().len());
    for &address in raw.addresses() {
        frames.extend_from_slice(&frames_at(address));
    }
    trim(&mut frames);
    Stack::new(frames)
}

/// Names all of `raws`, and keeps those that look equal to the user once.
///
/// One leaf may clone the waker twice on its way, in places of its library that no reader cares about.
pub(crate) fn resolve_all(raws: &[RawStack]) -> Vec<Stack> {
    let mut stacks = Vec::with_capacity(raws.len());
    for stack in raws.iter().map(resolve) {
        if !stacks.contains(&stack) {
            stacks.push(stack);
        }
    }
    stacks
}

fn frames_at(address: usize) -> Frames {
    let known = cache().get(&address).cloned();
    known.unwrap_or_else(|| {
        let found = look_up(address);
        cache().entry(address).or_insert(found).clone()
    })
}

fn look_up(address: usize) -> Frames {
    let mut frames = Vec::new();
    let address = ptr::without_provenance_mut::<c_void>(address);
    backtrace::resolve(address, |symbol| frames.push(Frame::of(symbol)));
    frames.into()
}

fn cache() -> MutexGuard<'static, BTreeMap<usize, Frames>> {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes off what the capture itself put on the stack: the noting at the inner end, its own frame at the outer one.
///
/// With nested captures the note that is innermost and the entry that is outermost belong to the one that took this
/// stack, since it calls the others.
fn trim(frames: &mut Vec<Frame>) {
    if let Some(edge) = frames.iter().rposition(|frame| frame.function() == ENTRY) {
        frames.truncate(edge);
    }
    if let Some(note) = frames
        .iter()
        .position(|frame| NOTES.contains(&frame.function()))
    {
        frames.drain(..=note);
    }
}
