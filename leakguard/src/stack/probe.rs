//! Polls a future once for a test; outside of `tests`, so that its own frames are hidden like the real watcher's.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::{Capture, Class, Resolver, Stack, capture};

thread_local! {
    /// The awaits that the polled future passed, in order.
    static AWAITS: RefCell<Vec<(&'static str, u32)>> = const { RefCell::new(Vec::new()) };
}

/// The outcome of one poll.
pub(super) struct Polled {
    pub(super) ready: bool,
    pub(super) capture: Capture,
    pub(super) stacks: Vec<Arc<Stack>>,
    pub(super) awaits: Vec<(&'static str, u32)>,
}

/// Marks the line below the call as the await that the stack must name.
#[track_caller]
pub(super) fn await_below() {
    let here = Location::caller();
    AWAITS.with_borrow_mut(|awaits| awaits.push((here.file(), here.line() + 1)));
}

/// Polls `future` once, in a capture, and resolves its stacks.
pub(super) async fn look<F: Future>(future: F) -> Polled {
    let mut future = pin!(future);
    AWAITS.take();
    poll_fn(|cx| {
        let (poll, capture) = capture(cx.waker(), |cx| future.as_mut().poll(cx));
        let stacks = Resolver::default().resolve(&capture.stacks);
        Poll::Ready(Polled { ready: poll.is_ready(), capture, stacks, awaits: AWAITS.take() })
    })
    .await
}

/// Polls `future` in a capture and returns that, so that a test can nest captures.
pub(super) async fn nested<F: Future>(future: F) -> Capture {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(capture(cx.waker(), |cx| future.as_mut().poll(cx)).1)).await
}

impl Polled {
    /// One stack for each await, in the order of polling, each at its line and with these words.
    ///
    /// After a bar stand the words that are left when the build drops frames (a call in tail position, optimised) or
    /// the names of types (`debug = "line-tables-only"`).
    #[track_caller]
    pub(super) fn waits(&self, words: &[&str]) {
        let places: Vec<_> = self.stacks.iter().map(|s| place(s)).collect();
        assert_eq!(places, self.awaits, "{:#?}", self.stacks);
        self.has_words(words);
    }

    #[track_caller]
    pub(super) fn has_words(&self, words: &[&str]) {
        let found: Vec<_> = self.stacks.iter().map(|stack| stack.wait().words()).collect();
        assert!(!self.ready);
        assert_eq!(found.len(), words.len(), "{:#?}", self.stacks);
        for (found, words) in found.iter().zip(words) {
            assert!(words.split('|').any(|words| words == *found), "{found}: {:#?}", self.stacks);
        }
    }

    #[track_caller]
    pub(super) fn is_of(&self, class: Class) {
        assert!(self.stacks.iter().all(|stack| stack.wait().class() == class));
    }

    /// A poll that is ready leaves no stack.
    #[track_caller]
    pub(super) fn is_silent(&self) {
        assert!(self.ready && self.stacks.is_empty(), "{:#?}", self.stacks);
    }
}

/// The line where the user's code waits, by the stack.
pub(super) fn place(stack: &Stack) -> (&'static str, u32) {
    let frame = stack.place().expect("a stack has a place");
    let file = frame.file().and_then(|file| file.to_str()).unwrap_or_default();
    (file.to_owned().leak(), frame.line().unwrap_or_default())
}
