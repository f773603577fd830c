//! A mutex whose data stays readable after a panic: every record is valid between two writes.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A `std::sync::Mutex` that ignores poison.
#[derive(Debug, Default)]
pub(crate) struct Lock<T: ?Sized>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Lock(Mutex::new(value))
    }
}

impl<T: ?Sized> Lock<T> {
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(any(debug_assertions, feature = "always"))]
    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}
