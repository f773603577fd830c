//! The twins of what joins a thread.

use crate::fact::id::TaskId;
use crate::site::CallSite;
use crate::site::Site;
use crate::sync::joining::Threads;
use std::fmt;
use std::panic::Location;
use std::thread as std_thread;
use std::thread::{Result, Thread};

/// A thread as its handle knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    task: Option<TaskId>,
    site: &'static Site,
}

impl Started {
    pub(super) fn new(task: Option<TaskId>, site: &'static Site) -> Self {
        Started { task, site }
    }

    /// Calls `join`, and is in the ledger as one that waits while it does.
    fn wait<T>(self, at: CallSite, join: impl FnOnce() -> T) -> T {
        let threads = Threads::new(self.site.location());
        let _member = threads.add(self.task, self.site.location());
        let _wait = threads.wait(at);
        join()
    }
}

macro_rules! handle {
    ($handle:ident < $($life:lifetime,)? T >) => {
        #[doc = concat!("As [`std::thread::", stringify!($handle), "`].")]
        pub struct $handle<$($life,)? T> {
            inner: std_thread::$handle<$($life,)? T>,
            started: Started,
        }

        impl<$($life,)? T> $handle<$($life,)? T> {
            pub(super) fn new(
                inner: std_thread::$handle<$($life,)? T>,
                started: Started,
            ) -> Self {
                $handle { inner, started }
            }

            #[doc = concat!("As [`std::thread::", stringify!($handle), "::thread`].")]
            #[must_use]
            pub fn thread(&self) -> &Thread {
                self.inner.thread()
            }

            #[doc = concat!("As [`std::thread::", stringify!($handle), "::join`].")]
            ///
            /// # Errors
            ///
            /// What the thread has panicked with.
            #[track_caller]
            pub fn join(self) -> Result<T> {
                if self.inner.is_finished() {
                    return self.inner.join();
                }
                self.started
                    .wait(Location::caller(), || self.inner.join())
            }

            #[doc = concat!("As [`std::thread::", stringify!($handle), "::is_finished`].")]
            pub fn is_finished(&self) -> bool {
                self.inner.is_finished()
            }
        }

        impl<$($life,)? T> fmt::Debug for $handle<$($life,)? T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

handle!(JoinHandle<T>);
handle!(ScopedJoinHandle<'scope, T>);

#[cfg(unix)]
impl<T> std::os::unix::thread::JoinHandleExt for JoinHandle<T> {
    fn as_pthread_t(&self) -> std::os::unix::thread::RawPthread {
        self.inner.as_pthread_t()
    }

    fn into_pthread_t(self) -> std::os::unix::thread::RawPthread {
        self.inner.into_pthread_t()
    }
}
