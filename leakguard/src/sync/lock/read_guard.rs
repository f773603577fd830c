//! The guards of a reader.

use super::cell::Shared;
use super::core::LockCore;
use super::mutex_guard::view;
use super::rwlock::RwLock;
use crate::sync::handover::{HandOver, Recipient};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// Instrumented drop-in for [`tokio::sync::RwLockReadGuard`].
#[clippy::has_significant_drop]
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized>(Shared<&'a LockCore, T>, PhantomData<&'a T>);

/// Instrumented drop-in for [`tokio::sync::OwnedRwLockReadGuard`].
#[clippy::has_significant_drop]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T>(Shared<Arc<RwLock<T>>, U>);

view!(RwLockReadGuard ['a, T] T);
view!(OwnedRwLockReadGuard [T, U] U T);

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    pub(super) fn new(view: Shared<&'a LockCore, T>) -> Self {
        RwLockReadGuard(view, PhantomData)
    }

    /// Same as [`tokio::sync::RwLockReadGuard::map`].
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        match RwLockReadGuard::try_map(this, |value| Some(f(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("the closure returns `Some`"),
        }
    }

    /// Same as [`tokio::sync::RwLockReadGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mapped = this.0.try_map(f).map_err(RwLockReadGuard::new)?;
        Ok(RwLockReadGuard::new(mapped))
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    pub(super) fn new(view: Shared<Arc<RwLock<T>>, U>) -> Self {
        OwnedRwLockReadGuard(view)
    }

    /// Same as [`tokio::sync::OwnedRwLockReadGuard::map`].
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        match OwnedRwLockReadGuard::try_map(this, |value| Some(f(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("the closure returns `Some`"),
        }
    }

    /// Same as [`tokio::sync::OwnedRwLockReadGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        let mapped = this.0.try_map(f).map_err(OwnedRwLockReadGuard)?;
        Ok(OwnedRwLockReadGuard(mapped))
    }

    /// Same as [`tokio::sync::OwnedRwLockReadGuard::rwlock`].
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lock()
    }
}

impl<T: ?Sized, U: ?Sized> HandOver for OwnedRwLockReadGuard<T, U> {
    fn leakguard_hand_over(&self, to: Recipient) {
        self.0.hand_over(to);
    }
}
