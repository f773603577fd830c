//! The wait of a caller for its call.

use crate::supervise::error::CallError;
use crate::supervise::load::Abandonment;
use crate::supervise::state::MonitorState;
use std::panic::resume_unwind;
use tokio::task::{JoinError, JoinHandle, yield_now};
use tokio::time::timeout;

/// Abandons the call when it is dropped before the call has ended.
pub(crate) struct CallWait<'a, T> {
    pub(crate) state: &'a MonitorState,
    pub(crate) number: u64,
    pub(crate) handle: JoinHandle<T>,
}

/// How often the caller of a cancelled call yields, so that the call has ended when the caller continues. It does not wait
/// for a call inside a long poll.
const YIELDS: usize = 16;

impl<T> CallWait<'_, T> {
    pub(crate) async fn value(mut self) -> Result<T, CallError> {
        let joined = match self.state.call_timeout {
            Some(limit) => timeout(limit, &mut self.handle).await.ok(),
            None => Some((&mut self.handle).await),
        };
        match joined {
            Some(joined) => value(joined),
            None if self.abandon(Abandonment::TimedOut) => {
                self.yield_to_cancelled().await;
                Err(CallError::TimedOut)
            }
            // It has ended meanwhile.
            None => value((&mut self.handle).await),
        }
    }

    fn abandon(&self, reason: Abandonment) -> bool {
        let abandoned = self.state.load.lock().abandon(self.number, reason);
        if abandoned && self.state.cancels_abandoned {
            self.handle.abort();
        }
        abandoned
    }

    async fn yield_to_cancelled(&self) {
        let mut left = if self.state.cancels_abandoned { YIELDS } else { 0 };
        while left > 0 && !self.handle.is_finished() {
            left -= 1;
            yield_now().await;
        }
    }
}

impl<T> Drop for CallWait<'_, T> {
    fn drop(&mut self) {
        self.abandon(Abandonment::Dropped);
    }
}

fn value<T>(joined: Result<T, JoinError>) -> Result<T, CallError> {
    joined.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => CallError::Cancelled,
    })
}
