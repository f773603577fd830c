//! Allocations of records that have ended, kept for the next records of their thread.
//!
//! Most tasks, calls and oneshots end soon, on the thread that created them. To allocate a record, count its owners and
//! free it takes as long as everything else that leakguard does for one.
#![expect(
    unsafe_code,
    reason = "`Arc::get_mut` fails for two owners, and for one it spends a tenth of a oneshot's cost on excluding a `Weak`"
)]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{Ordering::Acquire, fence};
use std::thread::LocalKey;

/// All handles of one record. Nothing else has it.
#[derive(Debug)]
pub(crate) struct Unshared<T, const OWNERS: usize>([Arc<T>; OWNERS]);

impl<T, const OWNERS: usize> Unshared<T, OWNERS> {
    /// `None` if something else has the record too.
    #[inline]
    pub(crate) fn of(owners: [Arc<T>; OWNERS]) -> Option<Self> {
        let is_same = owners.iter().all(|owner| Arc::ptr_eq(owner, &owners[0]));
        let is_all = is_same && Arc::strong_count(&owners[0]) == OWNERS;
        debug_assert_eq!(Arc::weak_count(&owners[0]), 0);
        // What other owners wrote before they dropped their handles happens before what this one writes.
        fence(Acquire);
        is_all.then_some(Unshared(owners))
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        // SAFETY: `of` has seen that these are all handles of the record. No code creates a `Weak`, and the handles,
        // which this borrows, have not been given out since.
        unsafe { &mut *Arc::as_ptr(&self.0[0]).cast_mut() }
    }

    #[inline]
    pub(crate) fn into_owners(self) -> [Arc<T>; OWNERS] {
        self.0
    }
}

/// The records that one thread keeps.
#[derive(Debug)]
pub(crate) struct Pool<T, const OWNERS: usize> {
    records: RefCell<Vec<Unshared<T, OWNERS>>>,
    /// Maximum number of records kept.
    most: usize,
}

impl<T, const OWNERS: usize> Pool<T, OWNERS> {
    pub(crate) const fn new(most: usize) -> Self {
        Pool { records: RefCell::new(Vec::new()), most }
    }

    /// `None` if the thread keeps none, or is being torn down.
    #[inline]
    pub(crate) fn take(pool: &'static LocalKey<Self>) -> Option<Unshared<T, OWNERS>> {
        let kept = pool.try_with(|pool| pool.records.borrow_mut().pop());
        kept.ok().flatten()
    }

    #[inline]
    pub(crate) fn keep(pool: &'static LocalKey<Self>, record: Unshared<T, OWNERS>) {
        let _ = pool.try_with(|pool| {
            let mut records = pool.records.borrow_mut();
            if records.len() < pool.most {
                records.push(record);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

    type Word = AtomicU8;

    thread_local!(static WORDS: Pool<Word, 2> = const { Pool::new(2) });

    fn two(word: u8) -> [Arc<Word>; 2] {
        let mut record = Pool::take(&WORDS).unwrap_or_else(|| {
            let record = Arc::new(Word::default());
            Unshared::of([record.clone(), record]).unwrap()
        });
        *record.get_mut() = Word::new(word);
        record.into_owners()
    }

    fn keep(owners: [Arc<Word>; 2]) {
        if let Some(record) = Unshared::of(owners) {
            Pool::keep(&WORDS, record);
        }
    }

    fn kept() -> usize {
        WORDS.with(|pool| pool.records.borrow().len())
    }

    #[test]
    fn ended_record_is_reused() {
        let [one, other] = two(1);
        let place = Arc::as_ptr(&one);
        keep([one, other]);
        let [one, other] = two(2);
        assert_eq!((Arc::as_ptr(&one), one.load(Relaxed)), (place, 2));
        assert!(Arc::ptr_eq(&one, &other) && Arc::strong_count(&one) == 2);
    }

    #[test]
    fn record_with_another_owner_is_not_kept() {
        let [one, other] = two(1);
        let reader = one.clone();
        keep([one, other]);
        assert_eq!(reader.load(Relaxed), 1);
        assert!(!Arc::ptr_eq(&reader, &two(2)[0]));
        let [stranger, _] = two(3);
        keep([reader, stranger]);
        assert_eq!(kept(), 0);
    }

    #[test]
    fn pool_keeps_no_more_than_its_maximum() {
        let created: Vec<_> = (0..5).map(|_| two(0)).collect();
        created.into_iter().for_each(keep);
        assert_eq!(kept(), 2);
    }
}
