//! A stack as bare return addresses, which is all that is taken while the user's future is being polled.

use super::memo::Memo;
use std::cell::RefCell;
use std::sync::Arc;

/// Deep recursion must not make a dump slow; the leaf is at the inner end, so what is cut off is the least telling.
pub(super) const MAX_FRAMES: usize = 512;

/// Return addresses, innermost first; shared by stacks that are taken one after the other and alike,
/// as those of a hundred thousand tasks of one kind are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RawStack(Arc<[usize]>);

/// What one thread uses again.
#[derive(Default)]
struct Desk {
    addresses: Vec<usize>,
    pointers: Vec<usize>,
    memo: Memo,
}

thread_local!(static DESK: RefCell<Desk> = RefCell::default());

impl RawStack {
    /// Walks the calling thread's stack out to the frame that holds the address `edge`, that frame included.
    ///
    /// A frame's stack pointer lies below its locals, and its caller's lies above them. Where the unwinder knows no
    /// stack pointer it says null, which is below everything: the walk then goes on to the end of the thread's stack,
    /// and `resolve` cuts it by name.
    pub(super) fn take(edge: Option<usize>) -> Self {
        // Miri cannot unwind; an empty stack still says that somebody waits.
        if cfg!(miri) {
            return Self::default();
        }
        let again = DESK.try_with(|desk| Some(desk.try_borrow_mut().ok()?.take(edge)));
        again
            .ok()
            .flatten()
            .unwrap_or_else(|| Desk::default().take(edge))
    }

    /// One that was walked elsewhere.
    #[allow(dead_code, reason = "not every build takes stacks of threads")]
    pub(super) fn of(addresses: &[usize]) -> Self {
        RawStack(addresses.into())
    }

    /// Stacks that share their addresses have the same mark.
    pub(super) fn mark(&self) -> usize {
        self.0.as_ptr().addr()
    }

    pub(crate) fn addresses(&self) -> &[usize] {
        &self.0
    }
}

impl Desk {
    /// Never inlined, so that its frame has one size wherever it is called from.
    #[inline(never)]
    fn take(&mut self, edge: Option<usize>) -> RawStack {
        let mark = std::hint::black_box(0_usize);
        let here = std::ptr::from_ref(&mark).expose_provenance();
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
