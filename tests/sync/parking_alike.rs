//! The same random operations on parking_lot's locks and on their twins have the same results and debug output.
//!
//! Each machine is written once for the library that `$lib` names and returns a log of strings. No step waits, so one
//! thread performs all of them.

use proptest::collection::vec;
use proptest::prelude::*;

/// One step: an operation and its argument.
type Step = (u8, u8);

macro_rules! machines {
    ($name:ident, $lib:path) => {
        pub mod $name {
            use super::*;
            use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
            use std::time::{Duration, Instant};
            use $lib as lib;

            const NONE: Duration = Duration::ZERO;

            macro_rules! record {
                ($log:ident, $what:expr) => {
                    $log.push(format!("{}: {:?}", stringify!($what), $what))
                };
            }

            macro_rules! mutex {
                ($machine:ident $mutex:ident $guard:ident $mapped:ident) => {
                    pub fn $machine(steps: &[Step]) -> Vec<String> {
                        use lib::{$guard as Guard, $mapped as Mapped};
                        let mut log = Vec::new();
                        let mut mutex = lib::$mutex::new([0u8; 2]);
                        for &(operation, n) in steps {
                            let mut guard = mutex.lock();
                            match operation % 9 {
                                0 => record!(log, std::mem::replace(&mut guard[0], n)),
                                1 => record!(log, (&guard, mutex.try_lock(), &mutex)),
                                2 => {
                                    record!(log, mutex.try_lock_for(NONE).is_none());
                                    record!(log, mutex.try_lock_until(Instant::now()).is_none());
                                }
                                3 => {
                                    let mut seen = None;
                                    let ran = AssertUnwindSafe(|| {
                                        Guard::unlocked(&mut guard, || {
                                            seen = Some(mutex.is_locked());
                                            if n % 3 == 0 {
                                                resume_unwind(Box::new(()));
                                            }
                                        });
                                    });
                                    record!(log, (catch_unwind(ran).is_ok(), seen));
                                    record!(log, (mutex.is_locked(), &guard));
                                }
                                4 => {
                                    let run = || mutex.try_lock().is_some();
                                    record!(log, Guard::unlocked_fair(&mut guard, run));
                                    Guard::bump(&mut guard);
                                    Guard::unlock_fair(guard);
                                    record!(log, &mutex);
                                }
                                5 => {
                                    let one = Guard::map(guard, |both| &mut both[1]);
                                    let even = Mapped::try_map(one, |one| (n % 2 == 0).then_some(one));
                                    record!(log, even.as_ref().map(|m| format!("{m} {m:?}")));
                                    let (Ok(mut even) | Err(mut even)) = even;
                                    *even = n;
                                    record!(log, Mapped::try_map_or_err(even, |_| Err::<&mut (), _>(n)));
                                    record!(log, mutex.is_locked());
                                }
                                6 => {
                                    let same = Guard::try_map_or_err(guard, |both| Err::<&mut u8, _>(both[0]));
                                    let same = same.unwrap_err();
                                    record!(log, &same);
                                    let none = Guard::try_map(same.0, |_| None::<&mut u8>);
                                    record!(log, std::ptr::eq(Guard::mutex(&none.unwrap_err()), &mutex));
                                }
                                7 => {
                                    let panics = AssertUnwindSafe(|| {
                                        let _guard = guard;
                                        resume_unwind(Box::new(()));
                                    });
                                    record!(log, catch_unwind(panics).is_err());
                                    record!(log, (mutex.is_locked(), mutex.get_mut()));
                                }
                                _ => {
                                    drop(guard);
                                    let at = mutex.data_ptr().cast_const();
                                    record!(log, std::ptr::eq(at, mutex.get_mut()));
                                    let last = std::mem::take(&mut mutex);
                                    record!(log, Guard::leak(lib::$mutex::from(n).lock()));
                                    record!(log, last.into_inner());
                                }
                            }
                        }
                        log
                    }
                };
            }

            mutex!(mutex Mutex MutexGuard MappedMutexGuard);
            mutex!(fair_mutex FairMutex FairMutexGuard MappedFairMutexGuard);

            pub fn reentrant(steps: &[Step]) -> Vec<String> {
                use lib::{MappedReentrantMutexGuard as Mapped, ReentrantMutexGuard as Guard};
                let mut log = Vec::new();
                let mutex = lib::ReentrantMutex::new((1u8, 2u8));
                let mut guards = Vec::new();
                for &(operation, n) in steps {
                    match operation % 7 {
                        0 | 1 => guards.push(mutex.lock()),
                        2 => guards.extend(mutex.try_lock_for(NONE)),
                        3 => drop(guards.pop()),
                        4 => {
                            if let Some(guard) = guards.last_mut() {
                                let run = || mutex.is_owned_by_current_thread();
                                record!(log, (Guard::unlocked(guard, run), &guard));
                                Guard::bump(guard);
                            }
                        }
                        5 => {
                            if let Some(guard) = guards.pop() {
                                record!(log, std::ptr::eq(Guard::remutex(&guard), &mutex));
                                let one = Guard::map(guard, |both| &both.1);
                                record!(log, Mapped::try_map(one, |one| (n % 2 == 0).then_some(one)));
                            }
                        }
                        _ => guards.pop().into_iter().for_each(Guard::unlock_fair),
                    }
                    record!(log, (mutex.is_locked(), mutex.is_owned_by_current_thread(), &mutex));
                }
                drop(guards);
                record!(log, mutex.into_inner());
                log
            }

            /// Which acquisitions succeed right now without waiting.
            fn free(lock: &lib::RwLock<[u8; 2]>) -> [bool; 9] {
                let now = Instant::now();
                [
                    lock.try_read().is_some(),
                    lock.try_write().is_some(),
                    lock.try_upgradable_read().is_some(),
                    lock.try_read_recursive().is_some(),
                    lock.try_read_for(NONE).is_some(),
                    lock.try_write_until(now).is_some(),
                    lock.try_upgradable_read_until(now).is_some(),
                    lock.try_read_recursive_for(NONE).is_some(),
                    lock.is_locked_exclusive(),
                ]
            }

            pub fn readers(steps: &[Step]) -> Vec<String> {
                use lib::{MappedRwLockReadGuard as Mapped, RwLockReadGuard as Guard};
                let mut log = Vec::new();
                let lock = lib::RwLock::new([1u8, 2]);
                let mut guards = Vec::new();
                for &(operation, n) in steps {
                    match (operation % 8, guards.pop()) {
                        (0 | 1, guard) => {
                            guards.extend(guard);
                            guards.push(lock.read());
                        }
                        (2, guard) => {
                            guards.extend(guard);
                            guards.push(lock.read_recursive());
                        }
                        (3, Some(guard)) => {
                            let one = Guard::map(guard, |both| &both[1]);
                            record!(log, (&one, free(&lock)));
                            record!(log, Mapped::try_map_or_else(one, |_| Err::<&(), _>(n)));
                        }
                        (4, Some(guard)) => {
                            let even = Guard::try_map(guard, |both| (n % 2 == 0).then_some(both));
                            record!(log, (even, free(&lock)));
                        }
                        (5, Some(mut guard)) => {
                            record!(log, Guard::unlocked(&mut guard, || free(&lock)));
                            Guard::bump(&mut guard);
                            record!(log, std::ptr::eq(Guard::rwlock(&guard), &lock));
                            guards.push(guard);
                        }
                        (6, Some(guard)) => Guard::unlock_fair(guard),
                        (_, guard) => record!(log, guard),
                    }
                    record!(log, (free(&lock), &lock));
                }
                log
            }

            pub fn writers(steps: &[Step]) -> Vec<String> {
                use lib::{RwLockUpgradableReadGuard as Upgradable, RwLockWriteGuard as Guard};
                let mut log = Vec::new();
                let mut lock = lib::RwLock::new([1u8, 2]);
                for &(operation, n) in steps {
                    let mut guard = lock.write();
                    record!(log, (free(&lock), lock.is_locked(), &lock));
                    match operation % 7 {
                        0 => record!(log, std::mem::replace(&mut guard[0], n)),
                        1 => {
                            let mut one = Guard::map(guard, |both| &mut both[1]);
                            *one = n;
                            record!(log, (one, free(&lock)));
                        }
                        2 => record!(log, (Guard::downgrade(guard), free(&lock))),
                        3 => {
                            let guard = Guard::downgrade_to_upgradable(guard);
                            record!(log, (&guard, free(&lock)));
                            let reads = (n % 2 == 0).then(|| lock.read());
                            record!(log, Upgradable::try_upgrade(guard).map(|w| (w, free(&lock))));
                            drop(reads);
                        }
                        4 => {
                            let guard = Guard::downgrade_to_upgradable(guard);
                            let reads = (n % 2 == 0).then(|| lock.read());
                            let in_time = Upgradable::try_upgrade_for(guard, NONE);
                            record!(log, (in_time, free(&lock)));
                            drop(reads);
                        }
                        5 => {
                            Guard::unlock_fair(guard);
                            let mut guard = lock.upgradable_read();
                            let reads = (n % 2 == 0).then(|| lock.read());
                            record!(log, guard.try_with_upgraded(|both| both[0] = n));
                            record!(log, guard.try_with_upgraded_for(NONE, |_| free(&lock)));
                            record!(log, (&guard, free(&lock)));
                            drop(reads);
                            let ran = AssertUnwindSafe(|| {
                                guard.with_upgraded(|_| match n % 3 {
                                    0 => resume_unwind(Box::new(())),
                                    _ => free(&lock),
                                })
                            });
                            record!(log, (catch_unwind(ran).ok(), free(&lock)));
                            record!(log, Upgradable::unlocked(&mut guard, || free(&lock)));
                            Upgradable::bump(&mut guard);
                            record!(log, (Upgradable::downgrade(guard), free(&lock)));
                        }
                        _ => {
                            drop(guard);
                            record!(log, lock.get_mut());
                            record!(log, &lock);
                            record!(log, lib::RwLock::from(n).into_inner());
                        }
                    }
                }
                log
            }

            pub fn condvar(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (mutex, condvar) = (lib::Mutex::new(0u8), lib::Condvar::new());
                for &(operation, n) in steps {
                    let mut guard = mutex.lock();
                    let add = |value: &mut u8| {
                        *value = value.wrapping_add(n);
                        *value % 2 == 0
                    };
                    let now = Instant::now();
                    match operation % 7 {
                        0 => record!(log, condvar.notify_one()),
                        1 => record!(log, condvar.notify_all()),
                        2 => record!(log, condvar.wait_for(&mut guard, NONE)),
                        3 => record!(log, condvar.wait_until(&mut guard, now).timed_out()),
                        4 => record!(log, condvar.wait_while_for(&mut guard, add, NONE)),
                        5 => record!(log, condvar.wait_while_until(&mut guard, add, now)),
                        _ => condvar.wait_while(&mut guard, |value| {
                            *value = n;
                            false
                        }),
                    }
                    record!(log, (mutex.is_locked(), guard));
                }
                record!(log, (mutex, condvar));
                log
            }
        }
    };
}

machines!(original, parking_lot);
machines!(twin, leakguard::sync::parking_lot);

macro_rules! alike {
    ($($machine:ident)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
            $(
                #[test]
                fn $machine(steps in vec(any::<Step>(), 0..60)) {
                    prop_assert_eq!(twin::$machine(&steps), original::$machine(&steps));
                }
            )*
        }
    };
}

alike!(mutex fair_mutex reentrant readers writers condvar);

/// In both libraries a wait with a second mutex panics and leaves the lock as it was.
#[test]
fn condvar_accepts_one_mutex_at_a_time() {
    use leakguard::sync::parking_lot::{Condvar, Mutex};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let (looked, second, condvar) = (Mutex::new(0), Mutex::new(()), Condvar::new());
    std::thread::scope(|s| {
        s.spawn(|| {
            condvar.wait_while(&mut looked.lock(), |times| {
                *times += 1;
                *times == 1
            });
        });
        // Once the first look is counted and the lock is free, the thread waits.
        while *looked.lock() == 0 {
            std::thread::yield_now();
        }
        let mut guard = second.lock();
        let wait = AssertUnwindSafe(|| condvar.wait(&mut guard));
        assert!(catch_unwind(wait).is_err());
        assert!(second.is_locked());
        drop(guard);
        assert!(!second.is_locked() && condvar.notify_one());
    });
}

/// Compiles only if the twins work in statics and have parking_lot's auto traits.
#[test]
fn types_have_the_auto_traits_of_parking_lot() {
    use leakguard::sync::parking_lot::{
        Condvar, FairMutex, MappedMutexGuard, Mutex, MutexGuard, Once, ReentrantMutex, RwLock,
        RwLockReadGuard, WaitTimeoutResult, const_mutex, lock_api,
    };
    use std::cell::Cell;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    static LOCKS: (Mutex<u8>, RwLock<u8>) = (const_mutex(0), RwLock::new(0));
    static MORE: (FairMutex<u8>, ReentrantMutex<u8>, Condvar, Once) =
        (FairMutex::new(0), ReentrantMutex::new(1), Condvar::new(), Once::new());
    fn threads<T: Send + Sync>() {}
    fn shares<T: Sync>() {}
    fn unwinds<T: UnwindSafe>() {}
    threads::<(Mutex<Cell<u8>>, FairMutex<Cell<u8>>, ReentrantMutex<Cell<u8>>)>();
    threads::<(RwLock<u8>, Condvar)>();
    shares::<(MutexGuard<'static, u8>, MappedMutexGuard<'static, u8>, RwLockReadGuard<'static, u8>)>(
    );
    unwinds::<(Mutex<u8>, RwLock<u8>, Condvar, WaitTimeoutResult)>();
    fn unwinds_by_reference<T: RefUnwindSafe>() {}
    unwinds_by_reference::<Condvar>();
    let raw = <leakguard::sync::parking_lot::RawMutex as lock_api::RawMutex>::INIT;
    MORE.3.call_once(|| *LOCKS.0.lock() += *MORE.1.lock());
    assert_eq!(*Mutex::from_raw(raw, *LOCKS.0.lock()).lock(), 1);
    let unsized_lock: Box<Mutex<[u8]>> = Box::new(Mutex::new([1, 2]));
    assert_eq!(unsized_lock.lock().len(), 2);
}
