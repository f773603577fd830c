//! A stack as bare return addresses, which is all that is taken while the user's future is being polled.

/// Deep recursion must not make a dump slow; the leaf is at the inner end, so what is cut off is the least telling.
const MAX_FRAMES: usize = 512;

/// Return addresses, innermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RawStack(Box<[usize]>);

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
        let mut addresses = Vec::with_capacity(64);
        backtrace::trace(|frame| {
            let inside = edge.is_none_or(|edge| frame.sp().addr() <= edge);
            if inside {
                addresses.push(frame.ip().addr());
            }
            inside && addresses.len() < MAX_FRAMES
        });
        Self(addresses.into())
    }

    pub(crate) fn addresses(&self) -> &[usize] {
        &self.0
    }
}
