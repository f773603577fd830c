//! What a lock hands out to its readers.

use super::cell::Shared;
use super::core::Core;
use super::mutex_guard::view;
use super::rwlock::RwLock;
use crate::sync::given::{Given, To};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// As [`tokio::sync::RwLockReadGuard`].
#[clippy::has_significant_drop]
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized>(Shared<&'a Core, T>, PhantomData<&'a T>);

/// As [`tokio::sync::OwnedRwLockReadGuard`].
#[clippy::has_significant_drop]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T>(Shared<Arc<RwLock<T>>, U>);

view!(RwLockReadGuard ['a, T] T);
view!(OwnedRwLockReadGuard [T, U] U T);

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    pub(super) fn new(view: Shared<&'a Core, T>) -> Self {
        RwLockReadGuard(view, PhantomData)
    }

    /// As [`tokio::sync::RwLockReadGuard::map`].
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        match RwLockReadGuard::try_map(this, |value| Some(f(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("the closure gives something"),
        }
    }

    /// As [`tokio::sync::RwLockReadGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` gives nothing.
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

    /// As [`tokio::sync::OwnedRwLockReadGuard::map`].
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        match OwnedRwLockReadGuard::try_map(this, |value| Some(f(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("the closure gives something"),
        }
    }

    /// As [`tokio::sync::OwnedRwLockReadGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` gives nothing.
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        let mapped = this.0.try_map(f).map_err(OwnedRwLockReadGuard)?;
        Ok(OwnedRwLockReadGuard(mapped))
    }

    /// As [`tokio::sync::OwnedRwLockReadGuard::rwlock`].
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lock()
    }
}

impl<T: ?Sized, U: ?Sized> Given for OwnedRwLockReadGuard<T, U> {
    fn leakguard_hand(&self, to: To) {
        self.0.hand(to);
    }
}
