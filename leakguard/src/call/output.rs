//! Decides whether the return of an async call can wait, by the type that it returns.

use std::marker::PhantomData;

/// Where an output is stored while the return waits.
///
/// A future that stores its output is `Send` only if the output is. An async function's own future has no such
/// restriction: a future that returns a `Box<dyn Error>` may be `Send`.
pub trait OutputSlot<T> {
    /// Whether it stores the output.
    const STORES: bool;
    /// Stores an output.
    fn store(output: T) -> Self;
    /// Returns the stored output.
    fn take(&mut self) -> Option<T>;
}

/// For outputs that are `Send`.
#[derive(Debug)]
pub struct StoredOutput<T>(pub(crate) Option<T>);

impl<T> OutputSlot<T> for StoredOutput<T> {
    const STORES: bool = true;
    fn store(output: T) -> Self {
        StoredOutput(Some(output))
    }
    fn take(&mut self) -> Option<T> {
        self.0.take()
    }
}

/// For other outputs, whose calls return at once.
#[derive(Debug)]
pub struct UnstoredOutput;

impl<T> OutputSlot<T> for UnstoredOutput {
    const STORES: bool = false;
    fn store(_: T) -> Self {
        UnstoredOutput
    }
    fn take(&mut self) -> Option<T> {
        None
    }
}

/// Passes the type of a body's output to where a tag is chosen.
#[derive(Debug)]
pub struct OutputOf<T>(PhantomData<fn() -> T>);

/// Not public API. Used by generated code.
pub fn output_of<F: Future>(_: &F) -> OutputOf<F::Output> {
    OutputOf(PhantomData)
}

/// The tags. A trait with more `&` is tried earlier.
pub mod keep_tags {
    use super::{OutputOf, StoredOutput, UnstoredOutput};

    /// Tried first.
    pub trait CanWait<T> {
        /// An empty slot.
        fn leakguard_keep(&self) -> StoredOutput<T> {
            StoredOutput(None)
        }
    }
    impl<T: Send> CanWait<T> for &OutputOf<T> {}

    /// Tried second.
    pub trait MustPass {
        /// No slot.
        fn leakguard_keep(&self) -> UnstoredOutput {
            UnstoredOutput
        }
    }
    impl<T> MustPass for OutputOf<T> {}
}
