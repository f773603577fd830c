//! The one `unsafe` function of std's builder, alone for that.
#![expect(unsafe_code, reason = "std's is unsafe to call")]

use super::builder::Builder;
use super::handle::{JoinHandle, Started};
use crate::site::Site;
use crate::watch::closure;
use std::io;

impl Builder {
    /// As [`std::thread::Builder::spawn_unchecked`].
    ///
    /// # Errors
    ///
    /// If the system starts no thread.
    ///
    /// # Panics
    ///
    /// If the name has null bytes in it.
    ///
    /// # Safety
    ///
    /// The thread must have ended before anything ends that `f` or its result borrows.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let site = Site::by_hand_spawn(Self::NAME);
        let (task, body) = closure::thread(site, f);
        // SAFETY: what the caller promises of `f` holds for the body: beside `f` it has a record,
        // which borrows nothing.
        let handle = unsafe { self.inner.spawn_unchecked(body) }?;
        Ok(JoinHandle::new(handle, Started::new(task, site)))
    }
}
