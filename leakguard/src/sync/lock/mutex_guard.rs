//! The guards of a mutex.

use super::cell::Exclusive;
use super::core::LockCore;
use super::mutex::Mutex;
use crate::sync::handover::{HandOver, Recipient};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Instrumented drop-in for [`tokio::sync::MutexGuard`].
#[clippy::has_significant_drop]
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized>(pub(super) Exclusive<&'a Mutex<T>, T>);

/// Instrumented drop-in for [`tokio::sync::OwnedMutexGuard`].
#[clippy::has_significant_drop]
pub struct OwnedMutexGuard<T: ?Sized>(pub(super) Exclusive<Arc<Mutex<T>>, T>);

/// Instrumented drop-in for [`tokio::sync::MappedMutexGuard`].
#[clippy::has_significant_drop]
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MappedMutexGuard<'a, T: ?Sized>(Exclusive<&'a LockCore, T>, PhantomData<&'a mut T>);

/// Instrumented drop-in for [`tokio::sync::OwnedMappedMutexGuard`].
#[clippy::has_significant_drop]
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T>(Exclusive<Arc<Mutex<T>>, U>);

/// Derefs to the value and formats like it.
macro_rules! view {
    ($name:ident [$($generic:tt)*] $target:ident $($bound:ident)?) => {
        impl<$($generic)*> Deref for $name<$($generic)*>
        where
            $($bound: ?Sized,)?
            $target: ?Sized,
        {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl<$($generic)*> fmt::Debug for $name<$($generic)*>
        where
            $($bound: ?Sized,)?
            $target: ?Sized + fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, f)
            }
        }

        impl<$($generic)*> fmt::Display for $name<$($generic)*>
        where
            $($bound: ?Sized,)?
            $target: ?Sized + fmt::Display,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&**self, f)
            }
        }
    };
}

/// As `view!`, for a guard that may write.
macro_rules! view_mut {
    ($name:ident [$($generic:tt)*] $target:ident $($bound:ident)?) => {
        super::mutex_guard::view!($name [$($generic)*] $target $($bound)?);

        impl<$($generic)*> DerefMut for $name<$($generic)*>
        where
            $($bound: ?Sized,)?
            $target: ?Sized,
        {
            fn deref_mut(&mut self) -> &mut $target {
                &mut self.0
            }
        }
    };
}

pub(super) use view;
pub(super) use view_mut;

view_mut!(MutexGuard ['a, T] T);
view_mut!(OwnedMutexGuard [T] T);
view_mut!(MappedMutexGuard ['a, T] T);
view_mut!(OwnedMappedMutexGuard [T, U] U T);

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Same as [`tokio::sync::MutexGuard::map`].
    pub fn map<U, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        MappedMutexGuard(this.0.map(f).erase(), PhantomData)
    }

    /// Same as [`tokio::sync::MutexGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<U, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mapped = this.0.try_map(f).map_err(MutexGuard)?;
        Ok(MappedMutexGuard(mapped.erase(), PhantomData))
    }

    /// Same as [`tokio::sync::MutexGuard::mutex`].
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.0.lock()
    }
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// Same as [`tokio::sync::OwnedMutexGuard::map`].
    pub fn map<U, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        OwnedMappedMutexGuard(this.0.map(f))
    }

    /// Same as [`tokio::sync::OwnedMutexGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<U, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mapped = this.0.try_map(f).map_err(OwnedMutexGuard)?;
        Ok(OwnedMappedMutexGuard(mapped))
    }

    /// Same as [`tokio::sync::OwnedMutexGuard::mutex`].
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        this.0.lock()
    }
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// Same as [`tokio::sync::MappedMutexGuard::map`].
    pub fn map<U, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        MappedMutexGuard(this.0.map(f), PhantomData)
    }

    /// Same as [`tokio::sync::MappedMutexGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<U, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match this.0.try_map(f) {
            Ok(mapped) => Ok(MappedMutexGuard(mapped, PhantomData)),
            Err(same) => Err(MappedMutexGuard(same, PhantomData)),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// Same as [`tokio::sync::OwnedMappedMutexGuard::map`].
    pub fn map<S, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        S: ?Sized,
        F: FnOnce(&mut U) -> &mut S,
    {
        OwnedMappedMutexGuard(this.0.map(f))
    }

    /// Same as [`tokio::sync::OwnedMappedMutexGuard::try_map`].
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`.
    pub fn try_map<S, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        S: ?Sized,
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        let mapped = this.0.try_map(f).map_err(OwnedMappedMutexGuard)?;
        Ok(OwnedMappedMutexGuard(mapped))
    }
}

impl<T: ?Sized> HandOver for OwnedMutexGuard<T> {
    fn leakguard_hand_over(&self, to: Recipient) {
        self.0.hand_over(to);
    }
}
