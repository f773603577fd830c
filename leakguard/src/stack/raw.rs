//! A stack as bare return addresses, which is all that is recorded while the user's future is being polled.

use super::memo::Memo;
use std::cell::RefCell;
use std::sync::Arc;

/// Maximum number of frames of a stack, so that deep recursion does not make a dump slow. The outermost frames, which
/// tell least about a wait, are cut off.
pub(super) const MAX_FRAMES: usize = 512;

/// Return addresses, innermost first. Equal stacks that are walked one after the other share them, such as those of a
/// hundred thousand tasks of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RawStack(Arc<[usize]>);

/// The buffers of a walk, which each thread reuses.
#[derive(Default)]
struct WalkBuffer {
    addresses: Vec<usize>,
    pointers: Vec<usize>,
    memo: Memo,
}

thread_local!(static BUFFER: RefCell<WalkBuffer> = RefCell::default());

impl RawStack {
    /// Walks the calling thread's stack out to the frame that holds the address `edge`, that frame included.
    ///
    /// A frame's stack pointer lies below its locals, and its caller's lies above them. Where the unwinder knows no
    /// stack pointer it reports null, which is below everything: the walk then continues to the outermost frame of the
    /// thread, and `resolve` cuts the stack by name.
    pub(super) fn walk(edge: Option<usize>) -> Self {
        // Miri cannot unwind. An empty stack still shows that there is a wait.
        if cfg!(miri) {
            return Self::default();
        }
        let stack = BUFFER.try_with(|buffer| Some(buffer.try_borrow_mut().ok()?.stack(edge)));
        stack.ok().flatten().unwrap_or_else(|| WalkBuffer::default().stack(edge))
    }

    /// A stack that was walked elsewhere.
    #[allow(dead_code, reason = "not every build takes stacks of threads")]
    pub(super) fn of(addresses: &[usize]) -> Self {
        RawStack(addresses.into())
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
    fn stack(&mut self, edge: Option<usize>) -> RawStack {
        let local = std::hint::black_box(0_usize);
        let here = std::ptr::from_ref(&local).expose_provenance();
        if let Some(known) = edge.and_then(|edge| self.memo.find(here, edge)) {
            return known.clone();
        }
        self.walk(edge);
        let stack = RawStack(self.addresses.as_slice().into());
        if let Some(edge) = edge {
            self.memo.keep(here, edge, &self.pointers, &stack);
        }
        stack
    }

    fn walk(&mut self, edge: Option<usize>) {
        self.addresses.clear();
        self.pointers.clear();
        backtrace::trace(|frame| {
            let pointer = frame.sp().addr();
            let inside = edge.is_none_or(|edge| pointer <= edge);
            if inside {
                self.addresses.push(frame.ip().addr());
                self.pointers.push(pointer);
            }
            inside && self.addresses.len() < MAX_FRAMES
        });
    }
}
