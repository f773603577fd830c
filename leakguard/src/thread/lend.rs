//! The twin of `std::thread::scope`, and the place where its scope lives, which its own threads borrow.
#![expect(
    unsafe_code,
    reason = "std's scope lends itself for a lifetime that no value of ours can have"
)]

use super::scope::Scope;
use crate::sync::joining::ThreadGroup;
use std::cell::Cell;
use std::panic::Location;
use std::ptr;
use std::thread as std_thread;

/// Same as [`std::thread::scope`].
///
/// # Panics
///
/// If a thread panics and is not joined.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let at = Location::caller();
    let threads = ThreadGroup::new(at);
    // std's scope waits for all threads at its end, so the wait starts inside of it and ends out here.
    let mut wait = None;
    lend(
        |inner| Scope { inner, threads },
        |scope| {
            let result = f(scope);
            wait = Some(scope.threads.wait(at));
            result
        },
    )
}

/// Runs `body` in a scope of std's, around which `create` puts a scope of ours.
fn lend<'env, T>(
    create: impl for<'scope> FnOnce(&'scope std_thread::Scope<'scope, 'env>) -> Scope<'scope, 'env>,
    body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
) -> T {
    let place = ScopePlace(Cell::new(ptr::null_mut()));
    std_thread::scope(|inner| body(place.keep(create(inner))))
}

/// The place of one scope, which is freed when this is dropped.
struct ScopePlace(Cell<*mut ()>);

impl ScopePlace {
    /// Called once, inside of a `std::thread::scope` that ends before `self` is dropped.
    fn keep<'scope, 'env>(&self, scope: Scope<'scope, 'env>) -> &'scope Scope<'scope, 'env> {
        let kept = Box::into_raw(Box::new(scope));
        self.0.set(kept.cast());
        // SAFETY: the box is freed when `self` is dropped. A `Scope` has a reference that only
        // `std::thread::scope` creates, for `'scope`, which is over when that function returns or
        // unwinds. Each of its threads has then ended. `lend`, the one caller, drops `self` after that.
        unsafe { &*kept }
    }
}

impl Drop for ScopePlace {
    fn drop(&mut self) {
        let kept: *mut Scope<'static, 'static> = self.0.get().cast();
        if !kept.is_null() {
            // SAFETY: the pointer came from `Box::into_raw` in `keep`, whose `'scope` is over. Lifetimes do
            // not change the layout of a type, and the destructor does not read what it borrows.
            drop(unsafe { Box::from_raw(kept) });
        }
    }
}
