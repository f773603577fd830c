//! The guards of a writer.

use super::cell::Exclusive;
use super::core::LockCore;
use super::mutex_guard::view_mut;
use super::read_guard::{OwnedRwLockReadGuard, RwLockReadGuard};
use super::rwlock::RwLock;
use crate::sync::handover::{HandOver, Recipient};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Instrumented drop-in for [`tokio::sync::RwLockWriteGuard`].
#[clippy::has_significant_drop]
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized>(Exclusive<&'a LockCore, T>, PhantomData<&'a mut T>);

/// Instrumented drop-in for [`tokio::sync::OwnedRwLockWriteGuard`].
#[clippy::has_significant_drop]
pub struct OwnedRwLockWriteGuard<T: ?Sized>(Exclusive<Arc<RwLock<T>>, T>);

/// Instrumented drop-in for [`tokio::sync::RwLockMappedWriteGuard`].
#[clippy::has_significant_drop]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized>(
    Exclusive<&'a LockCore, T>,
    PhantomData<&'a mut T>,
);

/// Instrumented drop-in for [`tokio::sync::OwnedRwLockMappedWriteGuard`].
#[clippy::has_significant_drop]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T>(Exclusive<Arc<RwLock<T>>, U>);

view_mut!(RwLockWriteGuard ['a, T] T);
view_mut!(OwnedRwLockWriteGuard [T] T);
view_mut!(RwLockMappedWriteGuard ['a, T] T);
view_mut!(OwnedRwLockMappedWriteGuard [T, U] U T);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    pub(super) fn new(view: Exclusive<&'a LockCore, T>) -> Self {
        RwLockWriteGuard(view, PhantomData)
    }

    /// Same as [`tokio::sync::RwLockWriteGuard::map`].
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        RwLockMappedWriteGuard(this.0.map(f), PhantomData)
    }

    /// Same as [`tokio::sync::RwLockWriteGuard::downgrade_map`].
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        match RwLockWriteGuard::try_downgrade_map(this, |value| Some(f(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("the closure returns `Some`"),
        }
    }

    /// Same as [`tokio::sync::RwLockWriteGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mapped = this.0.try_map(f).map_err(RwLockWriteGuard::new)?;
        Ok(RwLockMappedWriteGuard(mapped, PhantomData))
    }

    /// Same as [`tokio::sync::RwLockWriteGuard::try_downgrade_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mapped = this.0.downgrade_map(f).map_err(RwLockWriteGuard::new)?;
        Ok(RwLockReadGuard::new(mapped))
    }

    /// Same as [`tokio::sync::RwLockWriteGuard::into_mapped`].
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard(this.0, PhantomData)
    }

    /// Same as [`tokio::sync::RwLockWriteGuard::downgrade`].
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::new(self.0.downgrade())
    }
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    pub(super) fn new(view: Exclusive<Arc<RwLock<T>>, T>) -> Self {
        OwnedRwLockWriteGuard(view)
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::map`].
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        OwnedRwLockMappedWriteGuard(this.0.map(f))
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::downgrade_map`].
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        match OwnedRwLockWriteGuard::try_downgrade_map(this, |value| Some(f(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("the closure returns `Some`"),
        }
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mapped = this.0.try_map(f).map_err(OwnedRwLockWriteGuard)?;
        Ok(OwnedRwLockMappedWriteGuard(mapped))
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::try_downgrade_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mapped = this.0.downgrade_map(f).map_err(OwnedRwLockWriteGuard)?;
        Ok(OwnedRwLockReadGuard::new(mapped))
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::into_mapped`].
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard(this.0)
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::downgrade`].
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::new(self.0.downgrade())
    }

    /// Same as [`tokio::sync::OwnedRwLockWriteGuard::rwlock`].
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lock()
    }
}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// Same as [`tokio::sync::RwLockMappedWriteGuard::map`].
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        RwLockMappedWriteGuard(this.0.map(f), PhantomData)
    }

    /// Same as [`tokio::sync::RwLockMappedWriteGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.0.try_map(f) {
            Ok(mapped) => Ok(RwLockMappedWriteGuard(mapped, PhantomData)),
            Err(same) => Err(RwLockMappedWriteGuard(same, PhantomData)),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// Same as [`tokio::sync::OwnedRwLockMappedWriteGuard::map`].
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        OwnedRwLockMappedWriteGuard(this.0.map(f))
    }

    /// Same as [`tokio::sync::OwnedRwLockMappedWriteGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<F, V: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        let mapped = this.0.try_map(f).map_err(OwnedRwLockMappedWriteGuard)?;
        Ok(OwnedRwLockMappedWriteGuard(mapped))
    }

    /// Same as [`tokio::sync::OwnedRwLockMappedWriteGuard::rwlock`].
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lock()
    }
}

impl<T: ?Sized> HandOver for OwnedRwLockWriteGuard<T> {
    fn leakguard_hand_over(&self, to: Recipient) {
        self.0.hand_over(to);
    }
}
