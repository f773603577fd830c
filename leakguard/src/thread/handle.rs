//! The twins of the handles that join a thread.

use crate::fact::id::TaskId;
use crate::site::{CallSite, Site};
use crate::sync::joining::ThreadGroup;
use std::fmt;
use std::panic::Location;
use std::thread as std_thread;
use std::thread::{Result, Thread};

/// The thread of a handle.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpawnedThread {
    task: Option<TaskId>,
    site: &'static Site,
}

impl SpawnedThread {
    pub(super) fn new(task: Option<TaskId>, site: &'static Site) -> Self {
        SpawnedThread { task, site }
    }

    /// Calls `join`, and is in the ledger while it waits.
    fn wait<T>(self, at: CallSite, join: impl FnOnce() -> T) -> T {
        let threads = ThreadGroup::new(self.site.location());
        let _member = threads.add(self.task, self.site.location());
        let _wait = threads.wait(at);
        join()
    }
}

macro_rules! handle {
    ($handle:ident < $($life:lifetime,)? T >) => {
        #[doc = concat!("Instrumented drop-in for [`std::thread::", stringify!($handle), "`].")]
        pub struct $handle<$($life,)? T> {
            inner: std_thread::$handle<$($life,)? T>,
            spawned: SpawnedThread,
        }

        impl<$($life,)? T> $handle<$($life,)? T> {
            pub(super) fn new(
                inner: std_thread::$handle<$($life,)? T>,
                spawned: SpawnedThread,
            ) -> Self {
                $handle { inner, spawned }
            }

            #[doc = concat!("Same as [`std::thread::", stringify!($handle), "::thread`].")]
            #[must_use]
            pub fn thread(&self) -> &Thread {
                self.inner.thread()
            }

            #[doc = concat!("Same as [`std::thread::", stringify!($handle), "::join`].")]
            ///
            /// # Errors
            ///
            /// The payload of the thread's panic.
            #[track_caller]
            pub fn join(self) -> Result<T> {
                if self.inner.is_finished() {
                    return self.inner.join();
                }
                self.spawned
                    .wait(Location::caller(), || self.inner.join())
            }

            #[doc = concat!("Same as [`std::thread::", stringify!($handle), "::is_finished`].")]
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
