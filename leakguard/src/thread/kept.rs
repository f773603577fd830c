//! Where a scope lives that its own threads borrow; `unsafe` for this alone.
#![expect(
    unsafe_code,
    reason = "std's scope lends itself for a lifetime that no value of ours can have"
)]

use super::scope::Scope;
use std::cell::Cell;
use std::ptr;
use std::thread as std_thread;

/// Runs `body` in a scope of std's, with the scope of ours that `make` puts around it.
pub(super) fn lend<'env, T>(
    make: impl for<'scope> FnOnce(&'scope std_thread::Scope<'scope, 'env>) -> Scope<'scope, 'env>,
    body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
) -> T {
    let kept = Kept(Cell::new(ptr::null_mut()));
    std_thread::scope(|inner| body(kept.keep(make(inner))))
}

/// Keeps one scope, and frees it when this is dropped.
struct Kept(Cell<*mut ()>);

impl Kept {
    /// Called once, inside of a `std::thread::scope` that ends before `self` is dropped.
    fn keep<'scope, 'env>(&self, scope: Scope<'scope, 'env>) -> &'scope Scope<'scope, 'env> {
        let kept = Box::into_raw(Box::new(scope));
        self.0.set(kept.cast());
        // SAFETY: the box is freed when `self` is dropped. A `Scope` has a reference that only
        // `std::thread::scope` gives out, for `'scope`, which is over when that function returns or
        // unwinds: each of its threads has then ended. `lend`, the one caller, drops `self` after that.
        unsafe { &*kept }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let kept: *mut Scope<'static, 'static> = self.0.get().cast();
        if !kept.is_null() {
            // SAFETY: it came out of `Box::into_raw` in `keep`, whose `'scope` is over. The
            // lifetimes of a type change nothing of its layout, and its destructor does not look at
            // what it borrows.
            drop(unsafe { Box::from_raw(kept) });
        }
    }
}
