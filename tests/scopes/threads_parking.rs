//! Threads that wait for parking_lot's locks and for each other. Each test plants a fault and expects a finding, then
//! mends it and expects none.
//!
//! Deadlocked threads stay until the process ends. They hold nothing that other tests need.

use crate::support::{codes, found, line, names};
use leakguard::sync::blocking::{Arc, Barrier};
use leakguard::sync::parking_lot::{
    Condvar, FairMutex, Mutex, MutexGuard, ReentrantMutex, RwLock, RwLockUpgradableReadGuard,
};
use leakguard::{Cause, Code, Report, thread};
use std::time::Duration;

/// A time limit that no test reaches.
const LONG: Duration = Duration::from_secs(3600);

async fn report(body: impl FnOnce()) -> Report {
    leakguard::find(async { body() }).await.unwrap_err()
}

async fn codes_of(body: impl FnOnce()) -> Vec<Code> {
    found(async { body() }).await
}

fn assert_names(text: &str, marks: &[&str]) {
    let source = include_str!("threads_parking.rs");
    for mark in marks {
        let line = line(source, mark);
        let is_named = names(text, "tests/scopes/threads_parking.rs", line);
        assert!(is_named, "no {mark}, line {line} in\n{text}");
    }
}

/// Each philosopher acquires one fork and then the other.
fn dine(in_order: bool) {
    let (left, right) = (Arc::new(Mutex::new(())), Arc::new(FairMutex::new(())));
    let both = Arc::new(Barrier::new(2));
    let (first, second, here) = (left.clone(), right.clone(), both.clone());
    thread::spawn(move || {
        let _left = first.lock(); // here: left first
        if !in_order {
            here.wait();
        }
        let _right = second.lock(); // here: right second
    });
    thread::spawn(move || {
        if in_order {
            let _left = left.lock();
            let _right = right.lock();
        } else {
            let _right = right.lock(); // here: right first
            both.wait();
            let _left = left.lock(); // here: left second
        }
    });
}

#[tokio::test]
async fn lg009_two_philosophers_on_threads() {
    let report = report(|| dine(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::Cycle));
    let marks = ["left first", "right second", "right first", "left second"];
    let text = report.to_string();
    assert_names(&text, &marks);
    assert!(text.contains("parking_lot mutex"), "{text}");
    assert_names(&leakguard::dump().to_string(), &marks);
    assert_eq!(codes_of(|| dine(true)).await, []);
}

/// A reader acquires its lock again, and a writer may have queued in between.
fn reads_again(recursive: bool) {
    let lock = Arc::new(RwLock::new(0));
    let (other, held) = (lock.clone(), Arc::new(Barrier::new(2)));
    let here = held.clone();
    thread::spawn(move || {
        let _first = lock.read(); // here: read
        here.wait();
        while lock.try_read().is_some() {
            thread::yield_now();
        }
        match recursive {
            true => drop(lock.read_recursive()),
            false => drop(lock.read()), // here: read again
        }
    });
    thread::spawn(move || {
        held.wait();
        *other.write() += 1; // here: write
    });
}

#[tokio::test]
async fn lg009_reader_waits_behind_a_writer_that_waits_for_it() {
    let report = report(|| reads_again(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    assert_names(&text, &["read", "read again", "write"]);
    assert!(text.contains("waits first"), "{text}");
    assert!(!text.contains("in the same order"), "{text}");
    assert_eq!(codes_of(|| reads_again(true)).await, []);
}

#[tokio::test]
async fn reader_behind_a_writer_with_a_time_limit_is_not_deadlocked() {
    let (lock, held) = (Arc::new(RwLock::new(0)), Arc::new(Barrier::new(2)));
    let (other, here) = (lock.clone(), held.clone());
    let report = report(|| {
        thread::spawn(move || {
            let _first = lock.read();
            here.wait();
            while lock.try_read().is_some() {
                thread::yield_now();
            }
            drop(lock.read()); // here: read behind it
        });
        thread::spawn(move || {
            held.wait();
            drop(other.try_write_for(LONG)); // here: in time
        });
    });
    let report = report.await;
    assert_eq!(codes(&report), [Code::LeakedThread; 2], "{report}");
    let text = report.to_string();
    assert_names(&text, &["read behind it", "in time"]);
    assert_names(&leakguard::dump().to_string(), &["in time"]);
}

#[tokio::test]
async fn lg009_upgrade_while_the_thread_holds_a_read_guard() {
    let upgrade = |releases: bool| {
        move || {
            let number = RwLock::new(1);
            let read = number.read(); // here: own read
            let upgradable = number.upgradable_read();
            if releases {
                drop(read);
            }
            *RwLockUpgradableReadGuard::upgrade(upgradable) += 1; // here: upgrade
        }
    };
    let report = report(|| drop(thread::spawn(upgrade(false)))).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    assert_names(&text, &["own read", "upgrade"]);
    assert!(text.contains("waits for what it holds itself"), "{text}");
    assert_eq!(codes_of(|| drop(thread::spawn(upgrade(true)))).await, []);
}

/// One thread reads and then asks for an upgradable read. The other one holds that and upgrades.
fn upgrades(in_order: bool) {
    let lock = Arc::new(RwLock::new(0));
    let (other, both) = (lock.clone(), Arc::new(Barrier::new(2)));
    let here = both.clone();
    thread::spawn(move || {
        let read = lock.read(); // here: plain read
        here.wait();
        let _read = (!in_order).then_some(read);
        drop(lock.upgradable_read()); // here: upgradable read
    });
    thread::spawn(move || {
        let mut upgradable = other.upgradable_read(); // here: upgradable
        both.wait();
        upgradable.with_upgraded(|number| *number += 1); // here: with upgraded
    });
}

#[tokio::test]
async fn lg009_reader_waits_for_an_upgrade_that_waits_for_it() {
    let report = report(|| upgrades(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let marks = ["plain read", "upgradable read", "upgradable"];
    assert_names(&report.to_string(), &marks);
    assert_names(&report.to_string(), &["with upgraded"]);
    assert_eq!(codes_of(|| upgrades(true)).await, []);
}

#[tokio::test]
async fn lg009_unlocked_guard_cannot_reacquire_its_lock() {
    let unlock = |releases: bool| {
        move || {
            let locks = Arc::new((Mutex::new(()), ReentrantMutex::new(())));
            let (other, both) = (locks.clone(), Arc::new(Barrier::new(2)));
            let here = both.clone();
            let mut guard = locks.0.lock();
            thread::spawn(move || {
                let _first = other.0.lock(); // here: while it was unlocked
                here.wait();
                drop(other.1.lock()); // here: reentrant
            });
            let held = locks.1.lock(); // here: held meanwhile
            let mut held = Some((held, locks.1.lock()));
            // here: unlocked
            MutexGuard::unlocked(&mut guard, || {
                held.take_if(|_| releases);
                both.wait();
            });
        }
    };
    let report = report(|| drop(thread::spawn(unlock(false)))).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    let text = report.to_string();
    assert_names(&text, &["while it was unlocked", "reentrant", "held meanwhile"]);
    let source = include_str!("threads_parking.rs");
    let line = line(source, "unlocked") + 1;
    assert!(names(&text, "threads_parking.rs", line), "{text}");
    assert_eq!(codes_of(|| drop(thread::spawn(unlock(true)))).await, []);
}

#[tokio::test]
async fn lg013_condvar_that_is_never_notified() {
    type Flag = Arc<(Mutex<bool>, Condvar)>;
    let waits = |flag: &Flag| {
        let flag = flag.clone();
        move || {
            let mut ready = flag.0.lock();
            flag.1.wait_while(&mut ready, |ready| !*ready); // here: condvar
        }
    };
    let signal = |flag: &Flag| {
        *flag.0.lock() = true;
        flag.1.notify_one(); // here: notification
    };
    let flag = Flag::default();
    let report = report(|| drop(thread::spawn(waits(&flag)))).await;
    assert_eq!(codes(&report), [Code::LeakedThread], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::NeverSignalled));
    assert_names(&report.to_string(), &["condvar"]);
    signal(&flag);

    // The notification came before the wait and before the flag was set.
    let flag = Flag::default();
    assert!(!flag.1.notify_one());
    let early = leakguard::find(async { drop(thread::spawn(waits(&flag))) }).await;
    let early = early.unwrap_err();
    assert_eq!(early.findings()[0].cause(), Some(Cause::NotifiedTooEarly));
    signal(&flag);

    let mended = || {
        let flag = Flag::default();
        thread::spawn(waits(&flag));
        signal(&flag);
    };
    assert_eq!(codes_of(mended).await, []);
}

#[tokio::test]
async fn waiting_on_a_condvar_releases_the_lock() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let (waiter, holder) = (pair.clone(), pair.clone());
    let report = report(|| {
        thread::spawn(move || waiter.1.wait_while(&mut waiter.0.lock(), |ready| !*ready));
    });
    assert_eq!(codes(&report.await), [Code::LeakedThread]);
    // The mutex is free.
    assert!(holder.0.try_lock().is_some_and(|ready| !*ready));
    *pair.0.lock() = true;
    assert_eq!(pair.1.notify_all(), 1);
}
