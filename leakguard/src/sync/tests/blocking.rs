//! What the twins of std's types write into their records.

use super::{channel, facts, find, lock, next_line};
use crate::fact::kind::{MANY_READERS, Operation, ResourceKind};
use crate::fact::resource::{Detail, NotifyFacts};
use crate::sync::blocking::{Barrier, Condvar, Mutex, RwLock, mpsc};
use std::thread::yield_now;

/// Yields until a thread waits on what was created there.
pub(crate) fn until_waited(created: (&str, u32)) {
    while find(created).is_none_or(|facts| facts.waits.is_empty()) {
        yield_now();
    }
}

fn notifications(created: (&str, u32)) -> NotifyFacts {
    match facts(created).detail {
        Detail::Notify(facts) => facts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn mutex_shows_its_holder_and_the_waiting_thread() {
    let created = next_line();
    let mutex = Mutex::new(0);
    assert!(find(created).is_none(), "it is unused");
    let at = next_line();
    let guard = mutex.lock().unwrap();
    let held = lock(created);
    assert_eq!((held.holds.len(), held.unheld()), (1, 0));
    assert_eq!(held.holds[0].at.unwrap().line(), at.1);
    assert!(mutex.try_lock().is_err());
    assert_eq!(facts(created).waits, []);
    std::thread::scope(|s| {
        let waiter = std::thread::Builder::new().name("waiter".to_owned());
        let waiter = waiter.spawn_scoped(s, || drop(mutex.lock())).unwrap();
        until_waited(created);
        let wait = &facts(created).waits[0];
        assert_eq!(wait.operation, Operation::Lock);
        assert_eq!(wait.thread.as_deref(), Some("waiter"));
        drop(guard);
        waiter.join().unwrap();
    });
    assert_eq!((facts(created).waits, lock(created).holds), (vec![], vec![]));
    drop(mutex);
    assert!(find(created).is_none());
}

#[test]
fn poisoned_lock_is_held_like_any_other() {
    let created = next_line();
    let mutex = Mutex::new(0);
    let panics = std::thread::scope(|s| {
        let holds = || {
            let _guard = mutex.lock().unwrap();
            panic!("while it is held");
        };
        s.spawn(holds).join().is_err()
    });
    assert!(panics && mutex.is_poisoned());
    assert_eq!(lock(created).holds, []);
    let guard = mutex.lock().unwrap_err();
    assert_eq!(lock(created).holds.len(), 1);
    drop(guard);
    assert!(matches!(mutex.try_lock(), Err(std::sync::TryLockError::Poisoned(_))));
    assert_eq!(lock(created).holds, []);
}

#[test]
fn readers_and_writers_are_distinguished() {
    let created = next_line();
    let shared = RwLock::new(1);
    let readers = (shared.read().unwrap(), shared.try_read().unwrap());
    let held = lock(created);
    assert_eq!(held.holds.len(), 2);
    assert!(held.holds.iter().all(|h| !h.exclusive));
    std::thread::scope(|s| {
        s.spawn(|| *shared.write().unwrap() += 1);
        until_waited(created);
        let wait = &facts(created).waits[0];
        assert_eq!((wait.operation, wait.permits), (Operation::Write, MANY_READERS));
        drop(readers);
    });
    let writer = shared.write().unwrap();
    assert!(lock(created).holds[0].exclusive);
    drop(writer);
    assert_eq!(lock(created).holds, []);
}

#[test]
fn condvar_wait_releases_its_mutex() {
    let (flag_created, flag) = (next_line(), Mutex::new(false));
    let flag_created = (flag_created.0, flag_created.1 - 1);
    let created = next_line();
    let condvar = Condvar::new();
    std::thread::scope(|s| {
        s.spawn(|| {
            let ready = flag.lock().unwrap();
            let ready = condvar.wait_while(ready, |ready| !*ready).unwrap();
            assert!(*ready);
            assert_eq!(lock(flag_created).holds.len(), 1);
        });
        until_waited(created);
        assert_eq!(facts(created).kind, ResourceKind::Condvar);
        assert!(notifications(created).one.is_none() && notifications(created).waiters.is_none());
        let mut ready = flag.lock().unwrap();
        assert_eq!(facts(created).waits[0].operation, Operation::Notified);
        assert_eq!(lock(flag_created).holds.len(), 1, "by this thread alone");
        *ready = true;
        drop(ready);
        let at = next_line();
        condvar.notify_all();
        let all = notifications(created).waiters.unwrap();
        assert_eq!((all.at.unwrap().line(), all.times), (at.1, 1));
    });
    assert_eq!(facts(created).waits, []);
    assert_eq!(lock(flag_created).holds, []);
}

#[test]
fn messages_are_counted_and_endpoints_are_listed() {
    let created = next_line();
    let (sender, receiver) = mpsc::sync_channel(2);
    let other = sender.clone();
    sender.send(1).unwrap();
    other.try_send(2).unwrap();
    assert!(sender.try_send(3).is_err());
    let seen = channel(created);
    assert_eq!((seen.sent, seen.depth, seen.senders.len()), (2, 2, 2));
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [2]);
    assert_eq!((channel(created).received, channel(created).depth), (2, 0));
    drop(receiver);
    assert!(sender.send(4).is_err());
    assert_eq!((channel(created).lost, channel(created).sent), (1, 2));
    drop((sender, other));
    assert!(find(created).is_none());
}

#[test]
fn channel_lists_its_waiting_threads() {
    let created = next_line();
    let (sender, receiver) = mpsc::sync_channel(0);
    std::thread::scope(|s| {
        s.spawn(move || sender.send(1).unwrap());
        until_waited(created);
        assert_eq!(facts(created).waits[0].operation, Operation::Send);
        assert_eq!(receiver.recv(), Ok(1));
    });
    let created = next_line();
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|s| {
        s.spawn(move || assert_eq!(receiver.iter().sum::<u8>(), 3));
        until_waited(created);
        assert_eq!(facts(created).waits[0].operation, Operation::Receive);
        sender.send(3).unwrap();
        drop(sender);
    });
}

#[test]
fn barrier_lists_its_waiting_threads() {
    let created = next_line();
    let barrier = Barrier::new(2);
    std::thread::scope(|s| {
        s.spawn(|| barrier.wait());
        until_waited(created);
        assert_eq!(facts(created).waits[0].operation, Operation::Barrier);
        barrier.wait();
    });
    assert_eq!(facts(created).waits, []);
}
