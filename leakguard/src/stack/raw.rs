//! A stack as bare return addresses, which is all that is recorded while the user's future is being polled.
#![expect(unsafe_code, reason = "a walk reads the stack that it is on")]

use super::memo::Memo;
use super::span::{StackEdge, StackSpan};
use super::unwind::Walker;
use std::cell::RefCell;
use std::sync::Arc;

/// Maximum number of frames of a stack, so that deep recursion does not make a dump slow. The outermost frames, which
/// tell least about a wait, are cut off.
pub(super) const MAX_FRAMES: usize = 512;

/// Return addresses, innermost first. Equal stacks that are walked one after the other share them, such as those of a
/// hundred thousand tasks of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RawStack(Arc<[usize]>);

/// The frames that a walk has found, innermost first.
#[derive(Default)]
pub(super) struct WalkedFrames {
    pub(super) addresses: Vec<usize>,
    pub(super) pointers: Vec<usize>,
}

/// What a walk needs, which each thread reuses.
#[derive(Default)]
struct WalkBuffer {
    frames: WalkedFrames,
    walker: Option<Walker>,
    memo: Memo,
}

thread_local!(static BUFFER: RefCell<WalkBuffer> = RefCell::default());

impl RawStack {
    /// Walks the calling thread's stack out to the frame that holds `edge`, that frame included.
    ///
    /// Without an edge, and where the unwinder knows no stack pointers, the walk continues to the outermost frame of
    /// the thread, and `resolve` cuts the stack by name.
    pub(super) fn walk(edge: Option<StackEdge>) -> Self {
        // Miri cannot unwind. An empty stack still shows that there is a wait.
        if cfg!(miri) {
            return Self::default();
        }
        let stack = BUFFER.try_with(|buffer| Some(buffer.try_borrow_mut().ok()?.stack(edge)));
        stack.ok().flatten().unwrap_or_else(|| WalkBuffer::default().stack(edge))
    }

    /// Walks the whole stack, and calls `word` with the number of each frame and each word in it. The outermost frame and
    /// very large ones are left out.
    #[cfg(not(miri))]
    pub(super) fn walk_words(mut word: impl FnMut(usize, usize)) -> Self {
        WalkBuffer::default().stack_with_words(&mut word)
    }

    /// Equal for stacks that share their addresses.
    pub(super) fn key(&self) -> usize {
        self.0.as_ptr().addr()
    }

    pub(crate) fn addresses(&self) -> &[usize] {
        &self.0
    }
}

impl WalkBuffer {
    /// Never inlined, so that its frame has one size wherever it is called from.
    #[inline(never)]
    fn stack(&mut self, edge: Option<StackEdge>) -> RawStack {
        let local = std::hint::black_box(0_usize);
        let here = std::ptr::from_ref(&local).expose_provenance();
        // SAFETY: `here` lies in the frame of this function, and the span is used nowhere else.
        let span = edge.and_then(|edge| unsafe { StackSpan::new(here, edge) });
        if let Some(known) = span.as_ref().and_then(|span| self.memo.find(span)) {
            return known.clone();
        }
        let walker = self.walker.get_or_insert_with(Walker::new);
        walker.walk_here(edge, &mut self.frames);
        let stack = RawStack::from(&self.frames);
        if let Some(span) = span {
            self.memo.keep(&span, &self.frames, &stack);
        }
        stack
    }
}

/// Maximum size of a frame whose words are read, in bytes.
#[cfg(not(miri))]
const READ_FRAME: usize = 1 << 16;

#[cfg(not(miri))]
impl WalkBuffer {
    #[inline(never)]
    fn stack_with_words(&mut self, word: &mut dyn FnMut(usize, usize)) -> RawStack {
        let local = std::hint::black_box(0_usize);
        let here = std::ptr::from_ref(&local).expose_provenance();
        self.walker.get_or_insert_with(Walker::new).walk_here(None, &mut self.frames);
        let pointers = &self.frames.pointers;
        let outermost = pointers.last().copied().unwrap_or_default();
        // SAFETY: The walk has found both frames on this thread's stack. The span is used nowhere else.
        let span = unsafe { StackSpan::new(here, StackEdge::of_frame(outermost)) };
        for (frame, bounds) in pointers.windows(2).enumerate() {
            // A frame of which nothing is known begins at zero.
            if bounds[1].checked_sub(bounds[0]).is_some_and(|size| size <= READ_FRAME) {
                let words = (bounds[0]..bounds[1]).step_by(size_of::<usize>());
                let read = |at| span.as_ref().and_then(|span| span.read(at));
                words.filter_map(read).for_each(|found| word(frame, found));
            }
        }
        RawStack::from(&self.frames)
    }
}

impl WalkedFrames {
    pub(super) fn clear(&mut self) {
        self.addresses.clear();
        self.pointers.clear();
    }

    /// Adds a frame, unless it lies beyond the edge: a frame's stack pointer lies below its locals, and its caller's
    /// lies above them. An unknown one is null, which is below everything. Returns whether there may be more.
    pub(super) fn add(&mut self, address: usize, pointer: usize, edge: Option<StackEdge>) -> bool {
        let is_inside = edge.is_none_or(|edge| pointer <= edge.address());
        if is_inside {
            self.addresses.push(address);
            self.pointers.push(pointer);
        }
        is_inside && self.addresses.len() < MAX_FRAMES
    }
}

impl From<&WalkedFrames> for RawStack {
    fn from(frames: &WalkedFrames) -> Self {
        RawStack(frames.addresses.as_slice().into())
    }
}
