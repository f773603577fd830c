//! Twins of `tokio::sync::Mutex` and `tokio::sync::RwLock`.
//!
//! Like tokio's, each is built from tokio's semaphore and a cell. A wrapper is not possible: tokio's owned
//! guards need an `Arc` of tokio's lock, and the user has an `Arc` of the twin.

mod cell;
mod core;
mod mutex;
mod mutex_guard;
mod read_guard;
mod rwlock;
mod send;
mod write_guard;

pub use mutex::Mutex;
pub use mutex_guard::{MappedMutexGuard, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use read_guard::{OwnedRwLockReadGuard, RwLockReadGuard};
pub use rwlock::RwLock;
pub use write_guard::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLockMappedWriteGuard, RwLockWriteGuard,
};
