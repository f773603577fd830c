//! What guards share, mapped or not.

/// What every guard has: access to its value, to read or also (`mut`) to write.
macro_rules! view {
    ($guard:ident) => {
        impl<T: ?Sized> std::ops::Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.inner
            }
        }

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

        impl<T: ?Sized> $guard<'_, T> {
            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::unlock_fair`].")]
            pub fn unlock_fair(s: Self) {
                // Dropped first, so that the next holder never finds its predecessor.
                drop(s.hold);
                original::$guard::unlock_fair(s.inner);
            }
        }
    };
    (mut $guard:ident) => {
        view!($guard);

        impl<T: ?Sized> std::ops::DerefMut for $guard<'_, T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.inner
            }
        }
    };
}
pub(super) use view;

/// What a guard that has its lock can do, such as release it for a while: `owner!(Guard of Lock as method, operation
/// permits)`.
macro_rules! owner {
    ($guard:ident of $lock:ident as $accessor:ident, $operation:ident $permits:expr) => {
        impl<'a, T: ?Sized> $guard<'a, T> {
            pub(super) fn new(lock: &'a $lock<T>, inner: original::$guard<'a, T>, at: CallSite) -> Self {
                let hold = GuardHold::of_guard(&lock.record, $permits, at);
                $guard { hold, inner, lock }
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::", stringify!($accessor), "`].")]
            pub fn $accessor(s: &Self) -> &'a $lock<T> {
                s.lock
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::unlocked`].")]
            #[track_caller]
            pub fn unlocked<F, U>(s: &mut Self, f: F) -> U
            where
                F: FnOnce() -> U,
            {
                let suspended = SuspendedHold::new(&mut s.hold, $permits, Location::caller());
                let run = || (f(), suspended.reacquire(Operation::$operation));
                original::$guard::unlocked(&mut s.inner, run).0
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::unlocked_fair`].")]
            #[track_caller]
            pub fn unlocked_fair<F, U>(s: &mut Self, f: F) -> U
            where
                F: FnOnce() -> U,
            {
                let suspended = SuspendedHold::new(&mut s.hold, $permits, Location::caller());
                let run = || (f(), suspended.reacquire(Operation::$operation));
                original::$guard::unlocked_fair(&mut s.inner, run).0
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::bump`].")]
            #[track_caller]
            pub fn bump(s: &mut Self) {
                let suspended = SuspendedHold::new(&mut s.hold, $permits, Location::caller());
                let _entry = suspended.reacquire(Operation::$operation);
                original::$guard::bump(&mut s.inner);
            }
        }
    };
}
pub(super) use owner;

/// How a guard becomes a guard of a part of its value: `maps!(Guard to Mapped, [mut])`.
macro_rules! maps {
    ($guard:ident to $mapped:ident, [$($mut:ident)?]) => {
        maps!($guard to $mapped, [$($mut)?], try_map_or_err);
    };
    ($guard:ident to $mapped:ident, [$($mut:ident)?], $or_err:ident) => {
        impl<'a, T: ?Sized> $guard<'a, T> {
            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::map`].")]
            pub fn map<U: ?Sized, F>(s: Self, f: F) -> $mapped<'a, U>
            where
                F: FnOnce(&$($mut)? T) -> &$($mut)? U,
            {
                let inner = original::$guard::map(s.inner, f);
                $mapped { hold: s.hold, inner }
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::try_map`].")]
            ///
            /// # Errors
            ///
            /// The guard, if `f` returns `None`.
            pub fn try_map<U: ?Sized, F>(s: Self, f: F) -> Result<$mapped<'a, U>, Self>
            where
                F: FnOnce(&$($mut)? T) -> Option<&$($mut)? U>,
            {
                match original::$guard::try_map(s.inner, f) {
                    Ok(inner) => Ok($mapped { hold: s.hold, inner }),
                    Err(inner) => Err($guard { inner, ..s }),
                }
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::", stringify!($or_err), "`].")]
            ///
            /// # Errors
            ///
            /// The guard and the error of `f`.
            pub fn $or_err<U: ?Sized, F, E>(s: Self, f: F) -> Result<$mapped<'a, U>, (Self, E)>
            where
                F: FnOnce(&$($mut)? T) -> Result<&$($mut)? U, E>,
            {
                match original::$guard::$or_err(s.inner, f) {
                    Ok(inner) => Ok($mapped { hold: s.hold, inner }),
                    Err((inner, error)) => Err(($guard { inner, ..s }, error)),
                }
            }
        }
    };
}
pub(super) use maps;
