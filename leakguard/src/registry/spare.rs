//! Records that are over, kept for the next ones of their thread.
//!
//! Most tasks and calls end soon, on the thread that started them. To allocate a record, count who has it and free it
//! takes as long as all else that is done for one.
#![expect(
    unsafe_code,
    reason = "`Arc::get_mut` asks for a single `Arc`, where these are two"
)]

use crate::record::live::SpawnedTask;
use crate::record::scope::ScopeRecord;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{Ordering::Acquire, fence};
use std::thread::LocalKey;

/// A record that nobody has but the two that the registry and its task or call had.
#[derive(Debug)]
pub(super) struct Pair<T>(Arc<T>, Arc<T>);

impl<T> Pair<T> {
    #[cold]
    #[inline(never)]
    fn blank() -> Self
    where
        T: Spare,
    {
        let record = Arc::new(T::blank());
        Pair(record.clone(), record)
    }

    /// `None` if somebody else has the record too.
    #[inline]
    fn of(one: Arc<T>, other: Arc<T>) -> Option<Self> {
        let is_all = Arc::ptr_eq(&one, &other) && Arc::strong_count(&one) == 2;
        debug_assert_eq!(Arc::weak_count(&one), 0);
        // What others wrote before they let go of it is seen by who writes from now on.
        fence(Acquire);
        is_all.then_some(Pair(one, other))
    }

    #[inline]
    fn get_mut(&mut self) -> &mut T {
        // SAFETY: Both are of one record, nobody else has it, nobody makes a `Weak`, and this pair, which lends it, has
        // not been taken apart since.
        unsafe { &mut *Arc::as_ptr(&self.0).cast_mut() }
    }
}

/// What a record may be kept as: it must not hold anything that others would miss.
pub(super) trait Spare: Sized + 'static {
    /// So many are kept by a thread.
    const KEPT: usize;
    fn pairs() -> &'static LocalKey<RefCell<Vec<Pair<Self>>>>;
    fn blank() -> Self;
    /// Lets go of all that it holds.
    fn clear(&mut self);
}

/// About 30 kB at the most, after a burst.
impl Spare for SpawnedTask {
    const KEPT: usize = 256;

    fn pairs() -> &'static LocalKey<RefCell<Vec<Pair<Self>>>> {
        thread_local!(static PAIRS: RefCell<Vec<Pair<SpawnedTask>>> = const { RefCell::new(Vec::new()) });
        &PAIRS
    }

    fn blank() -> Self {
        SpawnedTask::blank()
    }

    fn clear(&mut self) {
        SpawnedTask::clear(self);
    }
}

/// About 10 kB at the most, where calls nest as deep as that.
impl Spare for ScopeRecord {
    const KEPT: usize = 32;

    fn pairs() -> &'static LocalKey<RefCell<Vec<Pair<Self>>>> {
        thread_local!(static PAIRS: RefCell<Vec<Pair<ScopeRecord>>> = const { RefCell::new(Vec::new()) });
        &PAIRS
    }

    fn blank() -> Self {
        ScopeRecord::blank()
    }

    fn clear(&mut self) {
        ScopeRecord::clear(self);
    }
}

/// A record for two, who lists it and who it speaks of: one that is blank or was cleared, as `fill` leaves it.
#[inline]
pub(super) fn for_two<T: Spare>(fill: impl FnOnce(&mut T)) -> (Arc<T>, Arc<T>) {
    // None in a thread that is being torn down.
    let spare = T::pairs().try_with(|pairs| pairs.borrow_mut().pop());
    let mut pair = spare.ok().flatten().unwrap_or_else(Pair::blank);
    fill(pair.get_mut());
    (pair.0, pair.1)
}

/// Both let go of their record.
#[inline]
pub(super) fn keep<T: Spare>(one: Arc<T>, other: Arc<T>) {
    let Some(mut pair) = Pair::of(one, other) else {
        return;
    };
    pair.get_mut().clear();
    let _ = T::pairs().try_with(|pairs| {
        let mut pairs = pairs.borrow_mut();
        if pairs.len() < T::KEPT {
            pairs.push(pair);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[derive(Debug, PartialEq)]
    struct Word(Cell<&'static str>);

    impl Spare for Word {
        const KEPT: usize = 2;

        fn pairs() -> &'static LocalKey<RefCell<Vec<Pair<Self>>>> {
            thread_local!(static PAIRS: RefCell<Vec<Pair<Word>>> = const { RefCell::new(Vec::new()) });
            &PAIRS
        }

        fn blank() -> Self {
            Word(Cell::new(""))
        }

        fn clear(&mut self) {
            self.0.set("");
        }
    }

    fn two(word: &'static str) -> (Arc<Word>, Arc<Word>) {
        for_two(|it: &mut Word| it.0.set(word))
    }

    #[test]
    fn one_that_is_over_is_the_next() {
        let (one, other) = two("first");
        let place = Arc::as_ptr(&one);
        keep(one, other);
        let (one, other) = two("second");
        assert_eq!((Arc::as_ptr(&one), one.0.get()), (place, "second"));
        assert!(Arc::ptr_eq(&one, &other) && Arc::strong_count(&one) == 2);
    }

    #[test]
    fn one_that_somebody_reads_is_not_kept() {
        let (one, other) = two("first");
        let reader = one.clone();
        keep(one, other);
        assert_eq!(reader.0.get(), "first");
        assert!(!Arc::ptr_eq(&reader, &two("second").0));
        let (stranger, _) = two("third");
        keep(reader, stranger);
        Word::pairs().with_borrow(|pairs| assert!(pairs.is_empty()));
    }

    #[test]
    fn no_more_are_kept_than_said() {
        let created: Vec<_> = (0..5).map(|_| two("")).collect();
        for (one, other) in created {
            keep(one, other);
        }
        Word::pairs().with_borrow(|pairs| assert_eq!(pairs.len(), Word::KEPT));
    }
}
