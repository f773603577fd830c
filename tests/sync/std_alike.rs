//! The same random operations on std's types and on their twins have the same results and debug output.
//!
//! Each machine is written once for the library that `$sync` names and returns a log of strings. No step waits, so one
//! thread performs all of them.

use proptest::collection::vec;
use proptest::prelude::*;

/// One step: an operation and its argument.
type Step = (u8, u8);

macro_rules! machines {
    ($name:ident, $sync:path, $thread:path) => {
        pub mod $name {
            use super::*;
            use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
            use std::time::Duration;
            use $sync as sync;
            use $thread as thread;

            macro_rules! record {
                ($log:ident, $what:expr) => {
                    $log.push(format!("{}: {:?}", stringify!($what), $what))
                };
            }

            pub fn mutex(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let mut mutex = sync::Mutex::new(0u8);
                for &(operation, n) in steps {
                    match operation % 7 {
                        0 => record!(log, mutex.lock().map(|mut g| std::mem::replace(&mut *g, n))),
                        1 => record!(log, mutex.try_lock().map(|g| *g)),
                        2 => {
                            let guard = mutex.lock();
                            record!(log, (&guard, mutex.try_lock(), &mutex));
                        }
                        3 => {
                            let _ = catch_unwind(AssertUnwindSafe(|| {
                                let _guard = mutex.lock();
                                resume_unwind(Box::new(()));
                            }));
                        }
                        4 => mutex.clear_poison(),
                        5 => record!(log, mutex.get_mut()),
                        _ => record!(log, (mutex.is_poisoned(), &mutex)),
                    }
                }
                record!(log, mutex.into_inner());
                log
            }

            pub fn rwlock(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let mut lock = sync::RwLock::new(0u8);
                for &(operation, n) in steps {
                    match operation % 8 {
                        0 => record!(log, lock.write().map(|mut g| std::mem::replace(&mut *g, n))),
                        1 => record!(log, lock.read().map(|g| *g)),
                        2 => {
                            let guard = lock.read();
                            record!(log, (&guard, lock.try_read(), lock.try_write(), &lock));
                        }
                        3 => {
                            let guard = lock.write();
                            record!(log, (&guard, lock.try_read(), lock.try_write(), &lock));
                        }
                        4 => {
                            let _ = catch_unwind(AssertUnwindSafe(|| {
                                let _write = (n % 2 == 0).then(|| lock.write());
                                let _read = (n % 2 == 1).then(|| lock.read());
                                resume_unwind(Box::new(()));
                            }));
                        }
                        5 => lock.clear_poison(),
                        6 => record!(log, lock.get_mut()),
                        _ => record!(log, (lock.is_poisoned(), &lock)),
                    }
                }
                record!(log, lock.into_inner());
                log
            }

            pub fn condvar(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (mutex, condvar) = (sync::Mutex::new(0u8), sync::Condvar::new());
                for &(operation, n) in steps {
                    let Ok(guard) = mutex.lock() else { break };
                    let none = Duration::ZERO;
                    match operation % 5 {
                        0 => condvar.notify_one(),
                        1 => condvar.notify_all(),
                        2 => record!(log, condvar.wait_timeout(guard, none).is_ok()),
                        3 => record!(
                            log,
                            condvar.wait_timeout_while(guard, none, |value| {
                                *value = value.wrapping_add(n);
                                *value % 2 == 0
                            })
                        ),
                        _ => record!(
                            log,
                            condvar.wait_while(guard, |value| {
                                *value = n;
                                false
                            })
                        ),
                    }
                }
                record!(log, (mutex, condvar));
                log
            }

            pub fn channel(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (tx, rx) = sync::mpsc::channel::<u8>();
                let (mut senders, mut rx) = (vec![tx], Some(rx));
                for &(operation, n) in steps {
                    match (operation % 9, senders.first(), &rx) {
                        (0 | 1, Some(tx), _) => record!(log, tx.send(n)),
                        (2, Some(tx), _) => {
                            let more = tx.clone();
                            senders.push(more);
                        }
                        (3, ..) => drop(senders.pop()),
                        (4, _, Some(rx)) => record!(log, rx.try_recv()),
                        (5, _, Some(rx)) => record!(log, rx.recv_timeout(Duration::ZERO)),
                        (6, _, Some(rx)) => record!(log, rx.try_iter().collect::<Vec<_>>()),
                        (7, None, Some(rx)) => record!(log, (rx.recv(), rx.iter().next())),
                        (8, ..) if n % 16 == 0 => rx = None,
                        _ => record!(log, (&senders, &rx)),
                    }
                }
                drop(senders);
                record!(log, rx.map(|rx| rx.into_iter().collect::<Vec<_>>()));
                log
            }

            pub fn sync_channel(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let bound = steps.len() % 4;
                let (tx, rx) = sync::mpsc::sync_channel::<u8>(bound);
                let (mut senders, mut rx, mut queued) = (vec![tx], Some(rx), 0);
                for &(operation, n) in steps {
                    match (operation % 8, senders.first(), &rx) {
                        (0, Some(tx), Some(_)) if queued < bound => {
                            queued += 1;
                            record!(log, tx.send(n));
                        }
                        (0, Some(tx), None) => record!(log, tx.send(n)),
                        (1, Some(tx), _) => {
                            let sent = tx.try_send(n);
                            queued += usize::from(sent.is_ok());
                            record!(log, sent);
                        }
                        (2, Some(tx), _) => {
                            let more = tx.clone();
                            senders.push(more);
                        }
                        (3, ..) if n % 4 == 0 => drop(senders.pop()),
                        (4, _, Some(rx)) => {
                            let got = rx.try_recv();
                            queued -= usize::from(got.is_ok());
                            record!(log, got);
                        }
                        (5, _, Some(rx)) => {
                            let got = rx.recv_timeout(Duration::ZERO);
                            queued -= usize::from(got.is_ok());
                            record!(log, got);
                        }
                        (6, _, Some(rx)) if n % 16 != 0 => {
                            let all: Vec<_> = rx.try_iter().collect();
                            queued -= all.len();
                            record!(log, all);
                        }
                        (7, ..) if n % 16 == 0 => rx = None,
                        _ => record!(log, (&senders, &rx)),
                    }
                }
                log
            }

            pub fn threads(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let body = |n: u8| match n % 3 {
                    0 => resume_unwind(Box::new(n)),
                    _ => n,
                };
                let shown = |ended: thread::Result<u8>| ended.map_err(|e| e.downcast::<u8>());
                for &(operation, n) in steps.iter().take(8) {
                    match operation % 4 {
                        0 => record!(log, shown(thread::spawn(move || body(n)).join())),
                        1 => {
                            let builder = thread::Builder::new().name(format!("n{n}"));
                            let handle = builder.spawn(move || body(n)).unwrap();
                            record!(log, handle.thread().name());
                            record!(log, shown(handle.join()));
                        }
                        2 => record!(log, thread::scope(|s| shown(s.spawn(|| body(n)).join()))),
                        _ => {
                            let all = catch_unwind(|| {
                                thread::scope(|s| {
                                    let again = s.spawn(move || s.spawn(move || body(n)).join());
                                    s.spawn(move || body(n));
                                    again.join().map(shown).ok()
                                })
                            });
                            record!(log, all.map_err(|e| e.downcast::<&str>()));
                        }
                    }
                }
                log
            }
        }
    };
}

machines!(original, std::sync, std::thread);
machines!(twin, leakguard::sync::blocking, leakguard::thread);

macro_rules! alike {
    ($($machine:ident)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
            $(
                #[test]
                fn $machine(steps in vec(any::<Step>(), 0..80)) {
                    prop_assert_eq!(twin::$machine(&steps), original::$machine(&steps));
                }
            )*
        }
    };
}

alike!(mutex rwlock condvar channel sync_channel threads);

/// Compiles only if the twins work in statics and have std's auto traits.
#[test]
fn types_have_the_auto_traits_of_std() {
    use leakguard::sync::blocking::{Barrier, Condvar, Mutex, MutexGuard, RwLock, mpsc};
    use std::cell::Cell;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    static LOCKS: (Mutex<u8>, RwLock<u8>) = (Mutex::new(0), RwLock::new(0));
    static CALLS: (Condvar, Barrier) = (Condvar::new(), Barrier::new(1));
    fn threads<T: Send + Sync>() {}
    fn sends<T: Send>() {}
    fn shares<T: Sync>() {}
    fn unwinds<T: UnwindSafe + RefUnwindSafe>() {}
    threads::<(Mutex<Cell<u8>>, mpsc::Sender<Cell<u8>>, mpsc::SyncSender<Cell<u8>>)>();
    threads::<leakguard::thread::JoinHandle<Cell<u8>>>();
    sends::<(RwLock<Cell<u8>>, mpsc::Receiver<Cell<u8>>)>();
    shares::<MutexGuard<'static, u8>>();
    unwinds::<(Mutex<Cell<u8>>, RwLock<Cell<u8>>, Condvar, Barrier)>();
    unwinds::<(mpsc::Sender<Cell<u8>>, mpsc::SyncSender<Cell<u8>>, mpsc::Receiver<Cell<u8>>)>();
    *LOCKS.0.lock().unwrap() += *LOCKS.1.read().unwrap();
    assert!(CALLS.1.wait().is_leader());
    CALLS.0.notify_all();
    let unsized_lock: Box<Mutex<[u8]>> = Box::new(Mutex::new([1, 2]));
    assert_eq!(unsized_lock.lock().unwrap().len(), 2);
}
