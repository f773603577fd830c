//! Walks stacks and looks names up by the crate `backtrace`, where leakguard has no reader of its own.

/// Walks without the lock under which names are looked up.
pub(super) mod unwind {
    #![allow(unsafe_code, reason = "walking without a lock is unsafe on some systems")]

    use crate::stack::raw::WalkedFrames;
    use crate::stack::span::StackEdge;

    pub(crate) fn prepare() {}

    pub(in crate::stack) struct Walker;

    impl Walker {
        pub(in crate::stack) fn new() -> Self {
            Walker
        }

        pub(in crate::stack) fn walk_here(
            &mut self,
            edge: Option<StackEdge>,
            frames: &mut WalkedFrames,
        ) {
            frames.clear();
            let add =
                |frame: &backtrace::Frame| frames.add(frame.ip().addr(), frame.sp().addr(), edge);
            // The library that walks on 32-bit Windows is not made for several threads.
            #[cfg(all(windows, target_pointer_width = "32"))]
            backtrace::trace(add);
            // SAFETY: Every other system's unwinder may be used by several threads at once.
            #[cfg(not(all(windows, target_pointer_width = "32")))]
            unsafe {
                backtrace::trace_unsynchronized(add);
            }
        }
    }
}

pub(super) mod module {
    /// Where the program's statics lie is not known here.
    pub(in crate::stack) fn statics() -> Vec<std::ops::Range<usize>> {
        Vec::new()
    }
}

pub(super) mod symbol {
    use crate::lock::Lock;
    use crate::stack::frame::Frame;

    static READING: Lock<()> = Lock::new(());

    #[cfg(test)]
    pub(crate) fn hold() -> impl Drop {
        READING.lock()
    }

    pub(in crate::stack) fn frames_at(address: usize) -> Vec<Frame> {
        let _reading = READING.lock();
        let mut frames = Vec::new();
        backtrace::resolve(std::ptr::without_provenance_mut(address), |symbol| {
            let name = symbol.name().map(|name| format!("{name:#}"));
            let name = name.as_deref().unwrap_or("?");
            let (line, column) = (symbol.lineno(), symbol.colno());
            frames.push(Frame::new(name, symbol.filename(), line, column));
        });
        frames
    }
}
