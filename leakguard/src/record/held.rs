//! The record that a user's future keeps, and why that future is `Send`; `unsafe` for this alone.
#![expect(unsafe_code, reason = "rustc must not look into the record each time")]

use crate::record::live::Started;
use crate::record::scope::Scope;
use std::ops::Deref;
use std::sync::Arc;

/// An `Arc` that says by itself that it may go to other threads.
///
/// Whether a future is `Send` rustc finds out field by field, and gives up at a depth of 128. A
/// record is 30 types deep, which would take a user's own calls that much of the depth.
#[derive(Debug)]
pub struct Held<T>(pub(crate) Arc<T>);

/// Fails to build if the two `Arc`s below could not go to other threads.
const fn may_go_anywhere<T: Send + Sync>() {}
const _: () = may_go_anywhere::<Arc<Started>>();
const _: () = may_go_anywhere::<Arc<Scope>>();

// SAFETY: `Arc<Started>`, which is all that it holds, is `Send` and `Sync`: checked above.
unsafe impl Send for Held<Started> {}
// SAFETY: As above.
unsafe impl Sync for Held<Started> {}
// SAFETY: `Arc<Scope>`, which is all that it holds, is `Send` and `Sync`: checked above.
unsafe impl Send for Held<Scope> {}
// SAFETY: As above.
unsafe impl Sync for Held<Scope> {}

impl<T> Deref for Held<T> {
    type Target = Arc<T>;

    fn deref(&self) -> &Arc<T> {
        &self.0
    }
}
