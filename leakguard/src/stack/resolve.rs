//! Resolves addresses to names: late, once per address, and never while it holds its own lock.

use crate::lock::Lock;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, MutexGuard};

use super::frame::Frame;
use super::raw::RawStack;
use super::symbol;
use super::system;
use super::trace::Stack;
use super::waker::{ENTRY, RECORDERS};

/// The functions that poll a task or a call.
const TASKS: [&str; 2] = ["leakguard::watch::future::Watched", "leakguard::call::future::Scoped"];

/// One address stands for several frames where the compiler inlined one function into another.
type Frames = Arc<[Frame]>;

/// Addresses stay valid for the life of the process, except in a library that is closed with `dlclose`. A stack in
/// a library loaded later at the same address would then show the old names.
static CACHE: Lock<BTreeMap<usize, Frames>> = Lock::new(BTreeMap::new());

/// Resolves stacks. Those with the same addresses share one result, so that many tasks that wait at one place cost
/// little more than one.
///
/// The first address in a process reads the debug information of the program, which takes 100 ms or more.
#[derive(Default)]
pub(crate) struct Resolver {
    /// By [`RawStack::key`], which tells most stacks apart. The raw stack is kept so that its key stays unique.
    by_key: HashMap<usize, (RawStack, Arc<Stack>)>,
    by_addresses: HashMap<RawStack, Arc<Stack>>,
}

impl Resolver {
    /// Resolves all of `raws`, and keeps one of those that look equal to the user.
    ///
    /// One leaf may clone the waker twice, at different places inside its library.
    pub(crate) fn resolve(&mut self, raws: &[RawStack]) -> Vec<Arc<Stack>> {
        let mut stacks = Vec::with_capacity(raws.len());
        for raw in raws {
            let stack = self.one(raw);
            if !stacks.contains(&stack) {
                stacks.push(stack);
            }
        }
        stacks
    }

    /// Resolves the stack of a thread. If the thread polls a task, the frames that called the task are cut off.
    pub(crate) fn resolve_thread(raw: &RawStack, polls: bool) -> Arc<Stack> {
        let mut frames = frames(raw);
        if polls {
            let edge = frames.iter().rposition(is_task);
            frames.truncate(edge.unwrap_or(frames.len()));
        }
        Arc::new(Stack::of_thread(frames))
    }

    fn one(&mut self, raw: &RawStack) -> Arc<Stack> {
        if let Some((_, stack)) = self.by_key.get(&raw.key()) {
            return stack.clone();
        }
        let resolved = || Arc::new(resolve(raw));
        let stack = self.by_addresses.entry(raw.clone()).or_insert_with(resolved).clone();
        self.by_key.insert(raw.key(), (raw.clone(), stack.clone()));
        stack
    }
}

/// Resolves two addresses of no interest, so that the debug information has been read when a report needs it.
pub(crate) fn read_ahead() {
    // Miri has no debug information.
    if cfg!(miri) {
        return;
    }
    let places: [*const (); 2] = [
        frames_at as fn(usize) -> Frames as *const (),
        tokio::runtime::Handle::try_current as fn() -> Result<_, _> as *const (),
    ];
    for place in places {
        frames_at(place.addr());
    }
}

/// Resolves every frame of `raw`, including inlined ones.
pub(super) fn resolve(raw: &RawStack) -> Stack {
    let mut frames = frames(raw);
    trim(&mut frames);
    Stack::new(frames)
}

fn frames(raw: &RawStack) -> Vec<Frame> {
    let mut frames = Vec::with_capacity(raw.addresses().len());
    for &address in raw.addresses() {
        frames.extend_from_slice(&frames_at(address));
    }
    frames
}

/// Whether it belongs to the future of a task or a call.
fn is_task(frame: &Frame) -> bool {
    TASKS.iter().any(|task| frame.function().contains(task))
}

/// Whether it polls a task or a call.
#[cfg(not(miri))]
pub(super) fn polls_task(frame: &Frame) -> bool {
    is_task(frame) && frame.function().ends_with("poll")
}

pub(super) fn frames_at(address: usize) -> Frames {
    let known = cache().get(&address).cloned();
    known.unwrap_or_else(|| {
        let found = look_up(address);
        cache().entry(address).or_insert(found).clone()
    })
}

fn look_up(address: usize) -> Frames {
    if let Some(frame) = system::function(address) {
        return Arc::new([frame]);
    }
    symbol::frames_at(address).into()
}

fn cache() -> MutexGuard<'static, BTreeMap<usize, Frames>> {
    CACHE.lock()
}

/// Cuts off the frames of the capture itself: the recording ones at the innermost, its own at the outermost.
///
/// With nested captures the innermost recorder and the outermost entry belong to the capture of this stack, since it
/// calls the others.
fn trim(frames: &mut Vec<Frame>) {
    if let Some(edge) = frames.iter().rposition(|frame| frame.function() == ENTRY) {
        frames.truncate(edge);
    }
    if let Some(recorder) = frames.iter().position(|frame| RECORDERS.contains(&frame.function())) {
        frames.drain(..=recorder);
    }
}
