//! The body of a call on the heap. The only `unsafe` code says when it is `Send`.
#![expect(unsafe_code, reason = "rustc counts each type between a call and its body")]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// `Pin<Box<F>>` as one type instead of four.
///
/// rustc computes the layout of a future through all that it contains, up to a depth of 128, so the body is boxed. It
/// infers `Send` in the same way, so this type implements it.
#[derive(Debug)]
pub struct Boxed<F>(Pin<Box<F>>);

// SAFETY: It contains only a `Box<F>`, which is `Send` if `F` is.
unsafe impl<F: Send> Send for Boxed<F> {}
// SAFETY: As above.
unsafe impl<F: Sync> Sync for Boxed<F> {}

impl<F> Boxed<F> {
    pub(crate) fn new(body: F) -> Self {
        Boxed(Box::pin(body))
    }
}

impl<F: Future> Future for Boxed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(cx)
    }
}
