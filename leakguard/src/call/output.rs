//! Whether the return of an async call can wait, chosen by the type of what it returns.

use std::marker::PhantomData;

/// Where an output stays while the return waits.
///
/// A future that stores its output is `Send` only if the output is, and an async function's own
/// future need not be so restricted: one that returns a `Box<dyn Error>` is `Send` all the same.
pub trait OutputSlot<T> {
    /// Whether it can keep anything.
    const STORES: bool;
    /// Keeps an output.
    fn store(output: T) -> Self;
    /// Gives it back.
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

/// For all others: their calls return at once.
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

/// Carries the type of a body's output to where a tag is chosen.
#[derive(Debug)]
pub struct OutputOf<T>(PhantomData<fn() -> T>);

/// Not public API. Used by generated code.
pub fn output_of<F: Future>(_: &F) -> OutputOf<F::Output> {
    OutputOf(PhantomData)
}

/// The tags in the order in which they are tried: the more `&`, the earlier.
pub mod keep_tags {
    use super::{OutputOf, StoredOutput, UnstoredOutput};

    /// Tried first.
    pub trait CanWait<T> {
        /// An empty place.
        fn leakguard_keep(&self) -> StoredOutput<T> {
            StoredOutput(None)
        }
    }
    impl<T: Send> CanWait<T> for &OutputOf<T> {}

    /// Tried second.
    pub trait MustPass {
        /// No place.
        fn leakguard_keep(&self) -> UnstoredOutput {
            UnstoredOutput
        }
    }
    impl<T> MustPass for OutputOf<T> {}
}
