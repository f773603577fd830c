//! Whether a poll used what tokio itself wakes tasks for, read from the budget that tokio gives each poll.

#[cfg(not(leakguard_tokio_before = "1.47"))]
use std::task::{Context, Poll, Waker};
#[cfg(not(leakguard_tokio_before = "1.47"))]
use tokio::task::coop::poll_proceed;

/// More than tokio gives a poll.
const MANY: usize = 256;

/// How many operations of tokio's timers, sockets, channels and locks the current poll may still complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budget(usize);

impl Budget {
    /// The budget that is left. Takes nothing of it.
    #[cfg(not(leakguard_tokio_before = "1.47"))]
    pub(super) fn left() -> Self {
        let mut cx = Context::from_waker(Waker::noop());
        let mut left = 0;
        // Each unit gives back what was left before it when it is dropped, so the first is enough.
        let mut first = None;
        while left < MANY
            && let Poll::Ready(unit) = poll_proceed(&mut cx)
        {
            left += 1;
            match first {
                None => first = Some(unit),
                Some(_) => std::mem::forget(unit),
            }
        }
        Budget(left)
    }

    /// Unknown: as where no budget limits the poll.
    #[cfg(leakguard_tokio_before = "1.47")]
    pub(super) fn left() -> Self {
        Budget(MANY)
    }

    /// Whether something of tokio's completed since then. It may have where no budget limits the poll.
    pub(super) fn is_used(self) -> bool {
        self.0 == MANY || self != Budget::left()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::time::Duration;

    #[tokio::test]
    async fn look_takes_nothing() {
        let budget = Budget::left();
        std::future::ready(()).await;
        assert!(!budget.is_used());
    }

    #[tokio::test(start_paused = true)]
    async fn timer_uses_the_budget() {
        let mut sleep = pin!(tokio::time::sleep(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        let budget = Budget::left();
        sleep.as_mut().await;
        assert!(budget.is_used());
    }

    #[tokio::test]
    async fn message_uses_the_budget() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        sender.send(1).unwrap();
        let budget = Budget::left();
        assert_eq!(receiver.await, Ok(1));
        assert!(budget.is_used());
    }

    #[test]
    fn poll_without_a_budget_may_have_used_it() {
        assert!(Budget::left().is_used());
    }
}
