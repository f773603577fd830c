//! The value of a lock, and views of it that live as long as a grip on the lock; the reason it is
//! `unsafe` and alone.
#![expect(
    unsafe_code,
    reason = "a lock hands out references through a shared cell"
)]

use super::core::{Grip, Lock};
use super::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
use crate::sync::given::To;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// A value that is reached through a lock only.
pub(super) struct Value<T: ?Sized>(UnsafeCell<T>);

impl<T> Value<T> {
    pub(super) const fn new(value: T) -> Self {
        Value(UnsafeCell::new(value))
    }

    pub(super) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> Value<T> {
    pub(super) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

/// A lock around a value. The value stays where it is and alive while the `Lock` does.
pub(super) trait LockOf<T: ?Sized>: Lock {
    fn value(&self) -> &Value<T>;
}

/// The only way to the value, or to a part of it, while the grip lasts.
pub(super) struct Exclusive<L: Lock, U: ?Sized> {
    data: *mut U,
    grip: Grip<L>,
}

impl<L: LockOf<U>, U: ?Sized> Exclusive<L, U> {
    pub(super) fn new(grip: Grip<L>) -> Self {
        assert!(grip.is_exclusive());
        Exclusive {
            data: grip.lock().value().0.get(),
            grip,
        }
    }
}

impl<L: Lock, U: ?Sized> Exclusive<L, U> {
    pub(super) fn lock(&self) -> &L {
        self.grip.lock()
    }

    pub(super) fn hand(&self, to: To) {
        self.grip.hand(to);
    }

    pub(super) fn map<V: ?Sized>(mut self, part: impl FnOnce(&mut U) -> &mut V) -> Exclusive<L, V> {
        let data: *mut V = part(&mut *self);
        let grip = self.grip;
        Exclusive { data, grip }
    }

    pub(super) fn try_map<V: ?Sized>(
        mut self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<Exclusive<L, V>, Self> {
        let Some(data) = part(&mut *self) else {
            return Err(self);
        };
        let data: *mut V = data;
        let grip = self.grip;
        Ok(Exclusive { data, grip })
    }

    /// The part is looked for while nobody else is inside.
    pub(super) fn downgrade_map<V: ?Sized>(
        self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<Shared<L, V>, Self> {
        let Some(data) = part(&*self) else {
            return Err(self);
        };
        let data: *const V = data;
        let mut grip = self.grip;
        grip.downgrade();
        Ok(Shared { data, grip })
    }

    pub(super) fn downgrade(self) -> Shared<L, U> {
        let Exclusive { data, mut grip } = self;
        grip.downgrade();
        Shared { data, grip }
    }
}

impl<'a, L: Lock + Copy + Into<&'a super::core::Core>, U: ?Sized> Exclusive<L, U> {
    pub(super) fn erase(self) -> Exclusive<&'a super::core::Core, U> {
        let Exclusive { data, grip } = self;
        let grip = grip.erase();
        Exclusive { data, grip }
    }
}

impl<L: Lock, U: ?Sized> Deref for Exclusive<L, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: `data` came from the value of the lock in `grip`, which keeps it in place and
        // alive, or from a borrow of all of `self`, which `map` consumed. All permits are held, so
        // that there is no other view, and `&self` keeps `deref_mut` away.
        unsafe { &*self.data }
    }
}

impl<L: Lock, U: ?Sized> DerefMut for Exclusive<L, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and `&mut self` keeps every other use of this view away.
        unsafe { &mut *self.data }
    }
}

/// One of several views that only read.
pub(super) struct Shared<L: Lock, U: ?Sized> {
    data: *const U,
    grip: Grip<L>,
}

impl<L: LockOf<U>, U: ?Sized> Shared<L, U> {
    pub(super) fn new(grip: Grip<L>) -> Self {
        Shared {
            data: grip.lock().value().0.get(),
            grip,
        }
    }
}

impl<L: Lock, U: ?Sized> Shared<L, U> {
    pub(super) fn lock(&self) -> &L {
        self.grip.lock()
    }

    pub(super) fn hand(&self, to: To) {
        self.grip.hand(to);
    }

    pub(super) fn try_map<V: ?Sized>(
        self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<Shared<L, V>, Self> {
        let Some(data) = part(&*self) else {
            return Err(self);
        };
        let data: *const V = data;
        let grip = self.grip;
        Ok(Shared { data, grip })
    }
}

impl<'a, L: Lock + Copy + Into<&'a super::core::Core>, U: ?Sized> Shared<L, U> {
    pub(super) fn erase(self) -> Shared<&'a super::core::Core, U> {
        let Shared { data, grip } = self;
        let grip = grip.erase();
        Shared { data, grip }
    }
}

impl<L: Lock, U: ?Sized> Deref for Shared<L, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: as for `Exclusive`; while one permit is held nobody has them all, so that every
        // other view only reads too.
        unsafe { &*self.data }
    }
}

// The bounds of all that follow are those of tokio's types.

// SAFETY: Shared, it gives `&mut T` to one thread after the other.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
// SAFETY: Shared, it gives `&mut T` as a mutex does, and `&T` to several threads at once.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

// SAFETY: It is a `&mut T`, and its permit may be given back on any thread.
unsafe impl<T: ?Sized + Send> Send for MutexGuard<'_, T> {}
// SAFETY: Shared, it gives `&T`, and shows its mutex, which gives `&mut T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for MutexGuard<'_, T> {}
// SAFETY: As for `MutexGuard`; it may also be the last owner, and drop the `T`.
unsafe impl<T: ?Sized + Send> Send for OwnedMutexGuard<T> {}
// SAFETY: As for `MutexGuard`.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedMutexGuard<T> {}
// SAFETY: It is a `&mut T` to a part of what its mutex holds.
unsafe impl<T: ?Sized + Send> Send for MappedMutexGuard<'_, T> {}
// SAFETY: Shared, it gives `&T`, and does not show its mutex.
unsafe impl<T: ?Sized + Sync> Sync for MappedMutexGuard<'_, T> {}
// SAFETY: It is a `&mut U`, and may be the last owner, and drop the `T`.
unsafe impl<T: ?Sized + Send, U: ?Sized + Send> Send for OwnedMappedMutexGuard<T, U> {}
// SAFETY: Shared, it gives `&U`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedMappedMutexGuard<T, U> {}

// SAFETY: It is a `&T`.
unsafe impl<T: ?Sized + Sync> Send for RwLockReadGuard<'_, T> {}
// SAFETY: Shared, it gives `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: It is a `&U`, and an owner of the lock, which is shared and may drop the `T`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync> Send for OwnedRwLockReadGuard<T, U> {}
// SAFETY: Shared, it gives `&U`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedRwLockReadGuard<T, U> {}
// SAFETY: It is a `&mut T`, and may become a `&T` beside those of others.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockWriteGuard<'_, T> {}
// SAFETY: Shared, it gives `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockWriteGuard<'_, T> {}
// SAFETY: As for `RwLockWriteGuard`; it is also an owner of the lock, and may drop the `T`.
unsafe impl<T: ?Sized + Send + Sync> Send for OwnedRwLockWriteGuard<T> {}
// SAFETY: Shared, it gives `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedRwLockWriteGuard<T> {}
// SAFETY: As for `RwLockWriteGuard`, of a part of what its lock holds.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockMappedWriteGuard<'_, T> {}
// SAFETY: Shared, it gives `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockMappedWriteGuard<'_, T> {}
// SAFETY: It is a `&mut U`, and an owner of the lock, which is shared and may drop the `T`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Send
    for OwnedRwLockMappedWriteGuard<T, U>
{
}
// SAFETY: Shared, it gives `&U`.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync
    for OwnedRwLockMappedWriteGuard<T, U>
{
}
