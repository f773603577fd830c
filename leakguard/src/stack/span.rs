//! A part of the calling thread's stack, which a walk reads word by word.
#![expect(unsafe_code, reason = "unwinding reads memory that has no Rust value")]

const WORD: usize = size_of::<usize>();

/// The address of a local of the function at which walks end.
#[derive(Clone, Copy)]
pub(super) struct StackEdge(usize);

impl StackEdge {
    /// # Safety
    ///
    /// `local` lies in the frame of a function that the calling thread executes, and that does not return as long as
    /// the edge is used.
    pub(super) unsafe fn at<T>(local: &T) -> Self {
        StackEdge(std::ptr::from_ref(local).expose_provenance())
    }

    /// # Safety
    ///
    /// `pointer` is the stack pointer of a function that the calling thread executes, and that does not return as long as
    /// the edge is used.
    #[cfg(not(miri))]
    pub(super) unsafe fn of_frame(pointer: usize) -> Self {
        StackEdge(pointer)
    }

    pub(super) fn address(self) -> usize {
        self.0
    }
}

/// From one frame out to an edge.
pub(super) struct StackSpan {
    from: usize,
    to: usize,
}

impl StackSpan {
    /// `None` if `from` is further out than the edge.
    ///
    /// # Safety
    ///
    /// `from` lies in the frame of a function that the calling thread executes, and that does not return as long as
    /// the span is used.
    pub(super) unsafe fn new(from: usize, edge: StackEdge) -> Option<Self> {
        (from <= edge.0).then_some(StackSpan { from, to: edge.0 })
    }

    pub(super) fn from(&self) -> usize {
        self.from
    }

    pub(super) fn to(&self) -> usize {
        self.to
    }

    /// The word at an address of the span.
    pub(super) fn read(&self, address: usize) -> Option<usize> {
        let is_inside = (self.from..self.to).contains(&address) && address.is_multiple_of(WORD);
        let word = std::ptr::with_exposed_provenance::<usize>(address);
        // SAFETY: The memory lies between two frames that the calling thread executes, so it is mapped and readable, and
        // no other thread writes to what a walk reads of it. It is aligned, so the last word does not end beyond the page
        // of the edge. The word may be padding of a frame. The read is volatile, so that the compiler assumes nothing of
        // it.
        is_inside.then(|| unsafe { word.read_volatile() })
    }
}
