//! What leakguard itself asks of tokio and an older tokio does not answer.
//!
//! `leakguard_tokio_before` is explained in `docs/decisions.md`.

use tokio::runtime::Handle;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

cfg_if! {
    if #[cfg(any(not(leakguard_tokio_before = "1.49"), tokio_unstable))] {
        pub(crate) use tokio::runtime::Id as RuntimeId;

        /// Which runtime it is.
        pub(crate) fn runtime_id(handle: &Handle) -> Option<RuntimeId> {
            Some(handle.id())
        }
    } else {
        /// No runtime has an id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum RuntimeId {}

        /// Unknown.
        pub(crate) fn runtime_id(_: &Handle) -> Option<RuntimeId> {
            None
        }
    }
}

cfg_if! {
    if #[cfg(any(not(leakguard_tokio_before = "1.41"), tokio_unstable))] {
        pub(crate) use tokio::task::{Id as TokioTaskId, try_id as tokio_task_id};
    } else {
        /// No task has an id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum TokioTaskId {}

        /// Unknown.
        pub(crate) fn tokio_task_id() -> Option<TokioTaskId> {
            None
        }
    }
}

cfg_if! {
    if #[cfg(not(leakguard_tokio_before = "1.39"))] {
        /// How many tasks are alive on the runtime.
        pub(crate) fn alive_tasks(handle: &Handle) -> Option<usize> {
            Some(handle.metrics().num_alive_tasks())
        }
    } else {
        /// Unknown.
        pub(crate) fn alive_tasks(_: &Handle) -> Option<usize> {
            None
        }
    }
}

cfg_if! {
    if #[cfg(not(leakguard_tokio_before = "1.54"))] {
        /// Blocks this thread until it has the permits.
        #[track_caller]
        pub(crate) fn block_for_permits(
            semaphore: &Semaphore,
            permits: u32,
        ) -> Result<SemaphorePermit<'_>, AcquireError> {
            semaphore.blocking_acquire_many(permits)
        }
    } else {
        /// Blocks this thread until it has the permits, as the locks of tokio do.
        #[track_caller]
        pub(crate) fn block_for_permits(
            semaphore: &Semaphore,
            permits: u32,
        ) -> Result<SemaphorePermit<'_>, AcquireError> {
            // Panics inside an asynchronous context.
            drop(tokio::sync::Mutex::new(()).blocking_lock());
            parked::block_on(semaphore.acquire_many(permits))
        }

        /// Runs a future on a thread that has no runtime.
        mod parked {
            use std::pin::pin;
            use std::sync::Arc;
            use std::task::{Context, Poll, Wake};
            use std::thread::{self, Thread};

            struct Unpark(Thread);

            impl Wake for Unpark {
                fn wake(self: Arc<Self>) {
                    self.0.unpark();
                }
            }

            pub(super) fn block_on<F: Future>(future: F) -> F::Output {
                let waker = Arc::new(Unpark(thread::current())).into();
                let mut future = pin!(tokio::task::unconstrained(future));
                loop {
                    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return output;
                    }
                    thread::park();
                }
            }
        }
    }
}
