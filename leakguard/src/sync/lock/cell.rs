//! The value of a lock, and views of it that live as long as their permits are held.
#![expect(unsafe_code, reason = "a lock hands out references through a shared cell")]

use super::core::{HasCore, HeldPermits, LockCore};
use crate::sync::handover::Recipient;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// A value that is accessed through a lock only.
pub(super) struct LockedValue<T: ?Sized>(UnsafeCell<T>);

impl<T> LockedValue<T> {
    pub(super) const fn new(value: T) -> Self {
        LockedValue(UnsafeCell::new(value))
    }

    pub(super) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> LockedValue<T> {
    pub(super) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

/// A lock around a value. The value stays alive and in place as long as the implementor lives.
pub(super) trait HasValue<T: ?Sized>: HasCore {
    fn value(&self) -> &LockedValue<T>;
}

/// The only view of the value, or of a part of it, while the permits are held.
pub(super) struct Exclusive<L: HasCore, U: ?Sized> {
    data: *mut U,
    held: HeldPermits<L>,
}

impl<L: HasValue<U>, U: ?Sized> Exclusive<L, U> {
    pub(super) fn new(held: HeldPermits<L>) -> Self {
        assert!(held.is_exclusive());
        Exclusive { data: held.lock().value().0.get(), held }
    }
}

impl<L: HasCore, U: ?Sized> Exclusive<L, U> {
    pub(super) fn lock(&self) -> &L {
        self.held.lock()
    }

    pub(super) fn hand_over(&self, to: Recipient) {
        self.held.hand_over(to);
    }

    pub(super) fn map<V: ?Sized>(mut self, part: impl FnOnce(&mut U) -> &mut V) -> Exclusive<L, V> {
        let data: *mut V = part(&mut *self);
        let held = self.held;
        Exclusive { data, held }
    }

    pub(super) fn try_map<V: ?Sized>(
        mut self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<Exclusive<L, V>, Self> {
        let Some(data) = part(&mut *self) else {
            return Err(self);
        };
        let data: *mut V = data;
        let held = self.held;
        Ok(Exclusive { data, held })
    }

    /// Calls `part` while all permits are still held.
    pub(super) fn downgrade_map<V: ?Sized>(
        self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<Shared<L, V>, Self> {
        let Some(data) = part(&*self) else {
            return Err(self);
        };
        let data: *const V = data;
        let mut held = self.held;
        held.downgrade();
        Ok(Shared { data, held })
    }

    pub(super) fn downgrade(self) -> Shared<L, U> {
        let Exclusive { data, mut held } = self;
        held.downgrade();
        Shared { data, held }
    }
}

impl<'a, L: HasCore + Copy + Into<&'a LockCore>, U: ?Sized> Exclusive<L, U> {
    pub(super) fn erase(self) -> Exclusive<&'a LockCore, U> {
        let Exclusive { data, held } = self;
        let held = held.erase();
        Exclusive { data, held }
    }
}

impl<L: HasCore, U: ?Sized> Deref for Exclusive<L, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: `data` came from the value of the lock in `held`, which keeps it in place and
        // alive, or from a borrow of all of `self`, which `map` consumed. All permits are held, so
        // that there is no other view, and `&self` excludes `deref_mut`.
        unsafe { &*self.data }
    }
}

impl<L: HasCore, U: ?Sized> DerefMut for Exclusive<L, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and `&mut self` excludes every other use of this view.
        unsafe { &mut *self.data }
    }
}

/// One of several views that can only read.
pub(super) struct Shared<L: HasCore, U: ?Sized> {
    data: *const U,
    held: HeldPermits<L>,
}

impl<L: HasValue<U>, U: ?Sized> Shared<L, U> {
    pub(super) fn new(held: HeldPermits<L>) -> Self {
        Shared { data: held.lock().value().0.get(), held }
    }
}

impl<L: HasCore, U: ?Sized> Shared<L, U> {
    pub(super) fn lock(&self) -> &L {
        self.held.lock()
    }

    pub(super) fn hand_over(&self, to: Recipient) {
        self.held.hand_over(to);
    }

    pub(super) fn try_map<V: ?Sized>(
        self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<Shared<L, V>, Self> {
        let Some(data) = part(&*self) else {
            return Err(self);
        };
        let data: *const V = data;
        let held = self.held;
        Ok(Shared { data, held })
    }
}

impl<'a, L: HasCore + Copy + Into<&'a LockCore>, U: ?Sized> Shared<L, U> {
    pub(super) fn erase(self) -> Shared<&'a LockCore, U> {
        let Shared { data, held } = self;
        let held = held.erase();
        Shared { data, held }
    }
}

impl<L: HasCore, U: ?Sized> Deref for Shared<L, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: as for `Exclusive`. While one permit is held, no other view holds all of them, so
        // that every other view only reads too.
        unsafe { &*self.data }
    }
}
