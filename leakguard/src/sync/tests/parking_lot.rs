//! What the twins of parking_lot's locks write into their records.

use super::blocking::until_waited;
use super::{facts, find, lock, next_line};
use crate::fact::kind::{MANY_READERS, Operation, ResourceKind, UPGRADABLE};
use crate::sync::parking_lot::{
    Condvar, MappedMutexGuard, Mutex, MutexGuard, ReentrantMutex, RwLock,
    RwLockUpgradableReadGuard as Upgradable, RwLockWriteGuard as Writer,
};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

/// The permits of all holders, in ascending order.
fn held(created: (&str, u32)) -> Vec<usize> {
    let mut all: Vec<_> = lock(created).holds.iter().map(|h| h.permits).collect();
    all.sort_unstable();
    all
}

#[test]
fn mutex_has_one_holder_until_its_guard_is_dropped() {
    let created = next_line();
    let mutex = Mutex::new((0, 1));
    assert!(find(created).is_none(), "it is unused");
    let at = next_line();
    let guard = mutex.lock();
    assert_eq!(facts(created).kind, ResourceKind::ParkingMutex);
    assert_eq!(lock(created).holds[0].at.unwrap().line(), at.1);
    assert!(mutex.try_lock().is_none());
    let mapped = MutexGuard::map(guard, |pair| &mut pair.1);
    let same = MappedMutexGuard::try_map(mapped, |_| None::<&mut ()>);
    assert_eq!(held(created), [1]);
    MappedMutexGuard::unlock_fair(same.unwrap_err());
    assert_eq!(held(created), []);
    MutexGuard::leak(mutex.lock());
    assert_eq!(held(created), [1]);
    drop(mutex);
    assert!(find(created).is_none());
}

#[test]
fn unlocked_guard_holds_nothing_meanwhile() {
    let created = next_line();
    let mutex = Mutex::new(0);
    let mut guard = mutex.lock();
    let at = next_line();
    MutexGuard::unlocked(&mut guard, || assert_eq!(held(created), []));
    assert_eq!(lock(created).holds[0].at.unwrap().line(), at.1);
    assert_eq!(facts(created).waits, []);
    let panics = AssertUnwindSafe(|| {
        MutexGuard::unlocked_fair(&mut guard, || resume_unwind(Box::new(())));
    });
    assert!(catch_unwind(panics).is_err());
    assert_eq!(held(created), [1], "acquired again after the panic");
    MutexGuard::bump(&mut guard);
    assert_eq!((held(created), facts(created).waits), (vec![1], vec![]));
    drop(guard);
    assert_eq!(held(created), []);
}

#[test]
fn waiting_thread_is_queued_until_it_acquires_the_lock() {
    let created = next_line();
    let mutex = Mutex::new(0);
    let guard = mutex.lock();
    std::thread::scope(|s| {
        s.spawn(|| *mutex.lock() += 1);
        until_waited(created);
        let wait = &facts(created).waits[0];
        assert_eq!((wait.operation, wait.permits), (Operation::Lock, 1));
        drop(guard);
    });
    let guard = mutex.lock();
    std::thread::scope(|s| {
        let in_time = || mutex.try_lock_for(Duration::from_secs(3600)).is_some();
        let waiter = s.spawn(in_time);
        until_waited(created);
        let wait = &facts(created).waits[0];
        assert!(wait.thread.is_some() && wait.task.is_none());
        drop(guard);
        assert!(waiter.join().unwrap());
    });
    assert_eq!((facts(created).waits, held(created)), (vec![], vec![]));
}

#[test]
fn thread_may_hold_a_reentrant_lock_several_times() {
    let created = next_line();
    let mutex = ReentrantMutex::new(0);
    let guards = (mutex.lock(), mutex.lock(), mutex.try_lock());
    assert_eq!((held(created), lock(created).unheld()), (vec![1; 3], 0));
    drop(guards);
    assert_eq!(held(created), []);
}

#[test]
fn readers_writers_and_upgradable_readers_are_distinguished() {
    let created = next_line();
    let shared = RwLock::new(1);
    let reader = shared.read();
    let upgradable = shared.upgradable_read();
    assert_eq!(held(created), [1, UPGRADABLE]);
    assert!(lock(created).unheld() < UPGRADABLE, "there is one at a time");
    assert!(lock(created).unheld() > 0, "others may read");
    let upgradable = Upgradable::try_upgrade(upgradable).unwrap_err();
    drop(reader);
    let writer = Upgradable::upgrade(upgradable);
    assert_eq!(held(created), [MANY_READERS]);
    assert!(lock(created).holds[0].exclusive);
    let mut upgradable = Writer::downgrade_to_upgradable(writer);
    assert_eq!(held(created), [UPGRADABLE]);
    upgradable.with_upgraded(|_| assert_eq!(held(created), [MANY_READERS]));
    assert_eq!((held(created), facts(created).waits), (vec![UPGRADABLE], vec![]));
    let reader = Upgradable::downgrade(upgradable);
    assert_eq!(held(created), [1]);
    drop(reader);
    let reader = Writer::downgrade(shared.write());
    assert_eq!(held(created), [1]);
    drop(reader);
    assert_eq!(held(created), []);
}

#[test]
fn waiting_upgrade_excludes_readers_until_it_gives_up() {
    let created = next_line();
    let shared = RwLock::new(1);
    let reader = shared.read();
    std::thread::scope(|s| {
        s.spawn(|| *Upgradable::upgrade(shared.upgradable_read()) += 1);
        until_waited(created);
        assert_eq!(facts(created).waits[0].operation, Operation::Upgrade);
        assert_eq!(held(created), [1, MANY_READERS]);
        // It is queued just before it blocks readers.
        while shared.try_read().is_some() {
            std::thread::yield_now();
        }
        drop(reader);
    });
    let (reader, mut upgradable) = (shared.read(), shared.upgradable_read());
    let none = Duration::ZERO;
    assert!(upgradable.try_with_upgraded(|_| ()).is_none());
    assert!(upgradable.try_with_upgraded_for(none, |_| ()).is_none());
    assert_eq!(held(created), [1, UPGRADABLE]);
    let upgradable = Upgradable::try_upgrade_for(upgradable, none).unwrap_err();
    assert_eq!(held(created), [1, UPGRADABLE]);
    drop((reader, upgradable));
    assert_eq!((held(created), *shared.read()), (vec![], 2));
}

#[test]
fn condvar_wait_releases_its_mutex() {
    let mutex_created = next_line();
    let flag = Mutex::new(false);
    let created = next_line();
    let condvar = Condvar::new();
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut ready = flag.lock();
            condvar.wait_while(&mut ready, |ready| !*ready);
            assert_eq!(held(mutex_created), [1]);
        });
        until_waited(created);
        let mut ready = flag.lock();
        assert_eq!(facts(created).waits[0].operation, Operation::Notified);
        assert_eq!(held(mutex_created), [1], "by this thread alone");
        *ready = true;
        drop(ready);
        assert_eq!(condvar.notify_all(), 1);
    });
    assert_eq!((facts(created).waits, held(mutex_created)), (vec![], vec![]));
    condvar.wait_for(&mut flag.lock(), Duration::ZERO);
    assert_eq!(held(mutex_created), []);
}
