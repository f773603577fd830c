//! The one `unsafe` function of std's builder.
#![expect(unsafe_code, reason = "std's is unsafe to call")]

use super::builder::Builder;
use super::handle::{JoinHandle, SpawnedThread};
use crate::site::Site;
use crate::watch::closure;
use std::io;

impl Builder {
    /// Same as [`std::thread::Builder::spawn_unchecked`].
    ///
    /// # Errors
    ///
    /// If the operating system fails to create a thread.
    ///
    /// # Panics
    ///
    /// If the name contains null bytes.
    ///
    /// # Safety
    ///
    /// The thread must have ended before anything that `f` or its result borrows is dropped.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let site = Site::by_hand_spawn(Self::NAME);
        let (task, body) = closure::thread(site, f);
        // SAFETY: what the caller promises for `f` holds for the body, which contains `f` and a record. The record
        // borrows nothing.
        let handle = unsafe { self.inner.spawn_unchecked(body) }?;
        Ok(JoinHandle::new(handle, SpawnedThread::new(task, site)))
    }
}
