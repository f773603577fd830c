//! What std's locks share: the poison that a panic leaves, and the traits and methods that all of them have.

use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// The result of a lock that is free. `None` if it is held.
pub(super) fn at_once<G>(result: TryLockResult<G>) -> Option<LockResult<G>> {
    match result {
        Ok(guard) => Some(Ok(guard)),
        Err(TryLockError::Poisoned(error)) => Some(Err(error)),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Maps the guard and keeps the poison.
pub(super) fn map<G, H>(result: LockResult<G>, change: impl FnOnce(G) -> H) -> LockResult<H> {
    match result {
        Ok(guard) => Ok(change(guard)),
        Err(error) => Err(PoisonError::new(change(error.into_inner()))),
    }
}

/// Same as [`map`], for the result of a `try_` method.
pub(super) fn map_try<G, H>(
    result: TryLockResult<G>,
    change: impl FnOnce(G) -> H,
) -> TryLockResult<H> {
    match result {
        Ok(guard) => Ok(change(guard)),
        Err(TryLockError::Poisoned(error)) => {
            Err(PoisonError::new(change(error.into_inner())).into())
        }
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
    }
}

/// The traits and methods that all locks, or all guards, have.
macro_rules! like_std {
    (lock $lock:ident) => {
        impl<T: ?Sized> std::panic::UnwindSafe for $lock<T> {}
        impl<T: ?Sized> std::panic::RefUnwindSafe for $lock<T> {}

        impl<T> From<T> for $lock<T> {
            #[track_caller]
            fn from(value: T) -> Self {
                $lock::new(value)
            }
        }

        impl<T: Default> Default for $lock<T> {
            #[track_caller]
            fn default() -> Self {
                $lock::new(T::default())
            }
        }

        impl<T: ?Sized + std::fmt::Debug> std::fmt::Debug for $lock<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

        impl<T: ?Sized> $lock<T> {
            #[doc = concat!("Same as [`std::sync::", stringify!($lock), "::is_poisoned`].")]
            pub fn is_poisoned(&self) -> bool {
                self.inner.is_poisoned()
            }

            #[doc = concat!("Same as [`std::sync::", stringify!($lock), "::clear_poison`].")]
            pub fn clear_poison(&self) {
                self.inner.clear_poison();
            }

            #[doc = concat!("Same as [`std::sync::", stringify!($lock), "::into_inner`].")]
            ///
            /// # Errors
            ///
            /// The value, if the lock is poisoned.
            pub fn into_inner(self) -> LockResult<T>
            where
                T: Sized,
            {
                self.inner.into_inner()
            }

            #[doc = concat!("Same as [`std::sync::", stringify!($lock), "::get_mut`].")]
            ///
            /// # Errors
            ///
            /// The value, if the lock is poisoned.
            pub fn get_mut(&mut self) -> LockResult<&mut T> {
                self.inner.get_mut()
            }
        }
    };
    (guard $guard:ident) => {
        impl<T: ?Sized> std::ops::Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.inner
            }
        }

        impl<T: ?Sized> std::panic::UnwindSafe for $guard<'_, T> {}
        impl<T: ?Sized> std::panic::RefUnwindSafe for $guard<'_, T> {}

        impl<T: ?Sized + std::fmt::Debug> std::fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

        impl<T: ?Sized + std::fmt::Display> std::fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
    (guard mut $guard:ident) => {
        like_std!(guard $guard);

        impl<T: ?Sized> std::ops::DerefMut for $guard<'_, T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.inner
            }
        }
    };
}
pub(super) use like_std;
