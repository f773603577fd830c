//! Twins of `tokio::sync::Mutex` and `tokio::sync::RwLock`.
//!
//! Each is built as tokio's is, from tokio's semaphore and a cell. A wrapper would not do: an owned
//! guard of tokio's wants an `Arc` of tokio's lock, and what the user has is an `Arc` of the twin.

mod cell;
mod core;
mod mutex;
mod mutex_guard;
mod read_guard;
mod rwlock;
mod write_guard;

pub use mutex::Mutex;
pub use mutex_guard::{MappedMutexGuard, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use read_guard::{OwnedRwLockReadGuard, RwLockReadGuard};
pub use rwlock::RwLock;
pub use write_guard::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLockMappedWriteGuard, RwLockWriteGuard,
};
