//! One part of the registry with its lock.

use crate::fact::id::TaskId;
use crate::record::live::SpawnedTask;
use crate::record::scope::ScopeRecord;
use crate::registry::table::Table;
use crate::stripe::STRIPES;
use spin::RelaxStrategy;
use spin::mutex::{SpinMutex, SpinMutexGuard};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Number of ids that a shard reserves at once, so that threads rarely contend for the counter.
const BLOCK: u64 = 64;

/// Spins briefly, then sleeps, so that a thread of higher priority lets the holder of the lock continue.
#[derive(Debug)]
pub(super) struct SpinThenSleep;

impl RelaxStrategy for SpinThenSleep {
    fn relax() {
        const SPINS: u32 = 64;
        const SLEEP: Duration = Duration::from_micros(50);
        thread_local!(static SPUN: Cell<u32> = const { Cell::new(0) });
        SPUN.set(SPUN.get().wrapping_add(1));
        if SPUN.get().is_multiple_of(SPINS) {
            std::thread::sleep(SLEEP);
        } else {
            std::hint::spin_loop();
        }
    }
}

/// Aligned so that two shards share neither a cache line nor the pair of lines that is fetched together.
#[repr(align(128))]
pub(super) struct Shard(SpinMutex<Records, SpinThenSleep>);

impl Shard {
    pub(super) const fn new() -> Self {
        Shard(SpinMutex::new(Records::new()))
    }

    /// Held for some nanoseconds, or for microseconds by a reader of all records. Unlike that of std's `Mutex`, a release
    /// takes no atomic read-modify-write. Those were a third of the cost of a task.
    #[inline]
    pub(super) fn lock(&self) -> SpinMutexGuard<'_, Records, SpinThenSleep> {
        self.0.lock()
    }
}

pub(super) struct Records {
    pub(super) tasks: Table<Arc<SpawnedTask>>,
    pub(super) scopes: Table<Arc<ScopeRecord>>,
    /// The ids that this shard has reserved and not used.
    ids: std::ops::Range<u64>,
}

impl Records {
    const fn new() -> Self {
        Records { tasks: Table::new(), scopes: Table::new(), ids: 0..0 }
    }

    #[inline]
    pub(super) fn next_id(&mut self) -> TaskId {
        static LAST: AtomicU64 = AtomicU64::new(1);
        let id = self.ids.next().unwrap_or_else(|| {
            let first = LAST.fetch_add(BLOCK, Relaxed);
            self.ids = first + 1..first + BLOCK;
            first
        });
        TaskId::new(id).expect("ids begin at 1")
    }
}

/// A shard and a place in one of its tables, as one number.
#[inline]
pub(super) fn key(place: usize, shard: usize) -> u32 {
    u32::try_from(place * STRIPES + shard).expect("fewer than 268 million tasks live in one shard")
}

/// The shard and the place of a [`key`].
#[inline]
pub(super) fn address(key: u32) -> (usize, usize) {
    (key as usize % STRIPES, key as usize / STRIPES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_increase_within_a_shard() {
        let mut shards = [Records::new(), Records::new()];
        let mut all: Vec<u64> = (0..300).map(|n| shards[n % 2].next_id().get()).collect();
        assert!(all.chunks(2).map(|pair| pair[0]).is_sorted());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 300);
        assert!(!all.contains(&0));
    }
}
