//! The record that a user's future keeps, and why that future is `Send`. Its own file because it needs `unsafe`.
#![expect(unsafe_code, reason = "rustc must not look into the record each time")]

use crate::record::live::SpawnedTask;
use crate::record::scope::ScopeRecord;
use std::ops::Deref;
use std::sync::Arc;

/// An `Arc` that states by itself that it is `Send` and `Sync`.
///
/// rustc decides field by field whether a future is `Send`, and gives up at a depth of 128. A record is 30 types deep,
/// which would shorten the depth left to a user's own calls.
#[derive(Debug)]
pub struct RecordArc<T>(pub(crate) Arc<T>);

/// Fails to build if the two `Arc`s below were not `Send` and `Sync`.
const fn may_go_anywhere<T: Send + Sync>() {}
const _: () = may_go_anywhere::<Arc<SpawnedTask>>();
const _: () = may_go_anywhere::<Arc<ScopeRecord>>();

// SAFETY: `Arc<SpawnedTask>`, which is all that it holds, is `Send` and `Sync`: checked above.
unsafe impl Send for RecordArc<SpawnedTask> {}
// SAFETY: As above.
unsafe impl Sync for RecordArc<SpawnedTask> {}
// SAFETY: `Arc<ScopeRecord>`, which is all that it holds, is `Send` and `Sync`: checked above.
unsafe impl Send for RecordArc<ScopeRecord> {}
// SAFETY: As above.
unsafe impl Sync for RecordArc<ScopeRecord> {}

impl<T> Deref for RecordArc<T> {
    type Target = Arc<T>;

    fn deref(&self) -> &Arc<T> {
        &self.0
    }
}
