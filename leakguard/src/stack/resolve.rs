//! Puts names to addresses: late, once per address, and never while it holds its own lock.

use crate::lock::Lock;
use std::collections::{BTreeMap, HashMap};
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, MutexGuard};

use super::frame::Frame;
use super::raw::RawStack;
use super::system;
use super::trace::Stack;
use super::waker::{ENTRY, NOTES};

/// The functions that poll a task or a call.
const TASKS: [&str; 2] = [
    "leakguard::watch::future::Watched",
    "leakguard::call::future::Scoped",
];

/// One address stands for several frames where the compiler inlined one function into another.
type Frames = Arc<[Frame]>;

/// Addresses stay valid for the life of the process, except in a library that is closed with `dlclose`; a stack in
/// one opened later at the same place would then bear the old names.
static CACHE: Lock<BTreeMap<usize, Frames>> = Lock::new(BTreeMap::new());

/// Names stacks; those with the same addresses share one name, so that many tasks that wait at one
/// place cost little more than one.
///
/// The first address in a process reads the debug information of the program, which takes 100 ms or more.
#[derive(Default)]
pub(crate) struct Resolver {
    /// By the addresses' own address, which tells most stacks apart; they are kept, so it stays theirs.
    near: HashMap<usize, (RawStack, Arc<Stack>)>,
    known: HashMap<RawStack, Arc<Stack>>,
}

impl Resolver {
    /// Names all of `raws`, and keeps those that look equal to the user once.
    ///
    /// One leaf may clone the waker twice on its way, in places of its library that no reader cares about.
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

    /// Names the stack of a thread; if that `polls` a task, without what called the task.
    pub(crate) fn resolve_thread(raw: &RawStack, polls: bool) -> Arc<Stack> {
        let mut frames = name(raw);
        if polls {
            let is_task = |frame: &Frame| TASKS.iter().any(|task| frame.function().contains(task));
            let end = frames.iter().rposition(is_task);
            frames.truncate(end.unwrap_or(frames.len()));
        }
        Arc::new(Stack::of_thread(frames))
    }

    fn one(&mut self, raw: &RawStack) -> Arc<Stack> {
        if let Some((_, stack)) = self.near.get(&raw.mark()) {
            return stack.clone();
        }
        let named = || Arc::new(resolve(raw));
        let stack = self.known.entry(raw.clone()).or_insert_with(named).clone();
        self.near.insert(raw.mark(), (raw.clone(), stack.clone()));
        stack
    }
}

/// Names places that nobody asked about, so that the debug information has been read when somebody does.
pub(crate) fn read_ahead() {
    // Miri has none.
    if cfg!(miri) {
        return;
    }
    let places: [*const (); 2] = [
        frames_at as fn(usize) -> Frames as *const (),
        tokio::task::try_id as fn() -> Option<tokio::task::Id> as *const (),
    ];
    for place in places {
        frames_at(place.addr());
    }
}

/// Names every frame of `raw`, the inlined ones included.
pub(super) fn resolve(raw: &RawStack) -> Stack {
    let mut frames = name(raw);
    trim(&mut frames);
    Stack::new(frames)
}

fn name(raw: &RawStack) -> Vec<Frame> {
    let mut frames = Vec::with_capacity(raw.addresses().len());
    for &address in raw.addresses() {
        frames.extend_from_slice(&frames_at(address));
    }
    frames
}

fn frames_at(address: usize) -> Frames {
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
    let mut frames = Vec::new();
    let address = ptr::without_provenance_mut::<c_void>(address);
    backtrace::resolve(address, |symbol| frames.push(Frame::of(symbol)));
    frames.into()
}

fn cache() -> MutexGuard<'static, BTreeMap<usize, Frames>> {
    CACHE.lock()
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
