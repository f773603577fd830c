//! What all locks share: construction, access without a lock, and the ways to acquire them.

/// `lock!(Lock, const_lock, Kind [raw parts])`: the type, with all that needs no guard.
macro_rules! lock {
    ($lock:ident, $constant:ident, $kind:ident [$($part:ident: $type:ident),*]) => {
        #[doc = concat!("Instrumented drop-in for [`parking_lot::", stringify!($lock), "`].")]
        pub struct $lock<T: ?Sized> {
            pub(super) record: Lazy,
            pub(super) inner: original::$lock<T>,
        }

        #[doc = concat!("Same as [`parking_lot::", stringify!($constant), "`].")]
        #[track_caller]
        pub const fn $constant<T>(val: T) -> $lock<T> {
            $lock::new(val)
        }

        impl<T> $lock<T> {
            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::new`].")]
            #[track_caller]
            pub const fn new(val: T) -> $lock<T> {
                $lock::around(original::$lock::new(val), Location::caller())
            }

            const fn around(inner: original::$lock<T>, created: CallSite) -> $lock<T> {
                let record = Lazy::const_new(ResourceKind::$kind, None, created);
                $lock { record, inner }
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::from_raw`].")]
            #[track_caller]
            pub const fn from_raw($($part: original::$type,)* val: T) -> $lock<T> {
                let inner = original::$lock::from_raw($($part,)* val);
                $lock::around(inner, Location::caller())
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::const_new`].")]
            #[track_caller]
            pub const fn const_new($($part: original::$type,)* val: T) -> $lock<T> {
                $lock::from_raw($($part,)* val)
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::into_inner`].")]
            pub fn into_inner(self) -> T {
                self.inner.into_inner()
            }
        }

        impl<T: ?Sized> $lock<T> {
            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::get_mut`].")]
            pub fn get_mut(&mut self) -> &mut T {
                self.inner.get_mut()
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::is_locked`].")]
            pub fn is_locked(&self) -> bool {
                self.inner.is_locked()
            }

            #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::data_ptr`].")]
            pub fn data_ptr(&self) -> *mut T {
                self.inner.data_ptr()
            }
        }

        impl<T> From<T> for $lock<T> {
            #[track_caller]
            fn from(val: T) -> Self {
                $lock::new(val)
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
    };
}
pub(super) use lock;

/// Each line is a way to acquire the lock: its guard, its four methods, its operation and permits.
macro_rules! acquire {
    ($lock:ident: $(
        $guard:ident $acquire:ident $try_acquire:ident $try_for:ident $try_until:ident, $operation:ident $permits:expr;
    )*) => {
        impl<T: ?Sized> $lock<T> {
            $(
                #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::", stringify!($acquire), "`].")]
                #[track_caller]
                pub fn $acquire(&self) -> $guard<'_, T> {
                    let at = Location::caller();
                    let (lock, wait) = (&self.inner, (Operation::$operation, $permits, at));
                    let inner = hold::acquire(&self.record, wait, || lock.$try_acquire(), || lock.$acquire());
                    $guard::new(self, inner, at)
                }

                #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::", stringify!($try_acquire), "`].")]
                #[track_caller]
                pub fn $try_acquire(&self) -> Option<$guard<'_, T>> {
                    let inner = self.inner.$try_acquire()?;
                    Some($guard::new(self, inner, Location::caller()))
                }

                #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::", stringify!($try_for), "`].")]
                #[track_caller]
                pub fn $try_for(&self, timeout: Duration) -> Option<$guard<'_, T>> {
                    let at = Location::caller();
                    let (lock, wait) = (&self.inner, (Operation::$operation, $permits, at));
                    let in_time = || lock.$try_for(timeout);
                    let inner = acquire_timed(&self.record, wait, || lock.$try_acquire(), in_time)?;
                    Some($guard::new(self, inner, at))
                }

                #[doc = concat!("Same as [`parking_lot::", stringify!($lock), "::", stringify!($try_until), "`].")]
                #[track_caller]
                pub fn $try_until(&self, timeout: Instant) -> Option<$guard<'_, T>> {
                    let at = Location::caller();
                    let (lock, wait) = (&self.inner, (Operation::$operation, $permits, at));
                    let in_time = || lock.$try_until(timeout);
                    let inner = acquire_timed(&self.record, wait, || lock.$try_acquire(), in_time)?;
                    Some($guard::new(self, inner, at))
                }
            )*
        }
    };
}
pub(super) use acquire;
