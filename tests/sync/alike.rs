//! The same random operations on tokio's types and on their twins have the same results, debug output and wakeups.
//!
//! Each machine is written once for the library that `$sync` names and returns a log of strings.

use crate::drive::Driven;
use proptest::collection::vec;
use proptest::prelude::*;

/// One step: an operation and its argument.
type Step = (u8, u8);

macro_rules! machines {
    ($name:ident, $sync:path) => {
        pub mod $name {
            use super::*;
            use futures::FutureExt;
            use std::sync::Arc;
            use $sync as sync;

            /// Number of wakeups of each pending future.
            fn wakes<T>(pending: &[Driven<'_, T>]) -> Vec<usize> {
                pending.iter().map(Driven::woken).collect()
            }

            macro_rules! record {
                ($log:ident, $what:expr) => {
                    $log.push(format!("{}: {:?}", stringify!($what), $what))
                };
            }

            /// Polls one of the futures, or drops it.
            macro_rules! poll_or_drop {
                ($log:ident, $pending:ident, $n:expr, $drop:expr) => {
                    if !$pending.is_empty() {
                        let index = usize::from($n) % $pending.len();
                        if $drop {
                            drop($pending.remove(index));
                        } else {
                            $log.push(format!("poll {index}: {:?}", $pending[index].poll()));
                        }
                    }
                };
            }

            pub fn mpsc(steps: &[Step]) -> Vec<String> {
                use sync::mpsc;
                let mut log = Vec::new();
                let (tx, rx) = mpsc::channel::<u8>(3);
                let rx = std::cell::RefCell::new(rx);
                let senders = std::cell::RefCell::new(vec![tx]);
                let mut weak = Vec::new();
                let mut owned = Vec::new();
                let mut pending: Vec<Driven<'_, String>> = Vec::new();
                for &(operation, n) in steps {
                    let some = senders.borrow().first().map(|s| s.clone());
                    match (operation % 20, some) {
                        (0, Some(tx)) => pending
                            .push(Driven::new(async move { format!("{:?}", tx.send(n).await) })),
                        (1, Some(tx)) => record!(log, tx.try_send(n)),
                        (2, Some(tx)) => record!(log, tx.try_reserve().map(|p| p.send(n))),
                        (3, Some(tx)) => {
                            let n = usize::from(n % 5);
                            record!(
                                log,
                                tx.try_reserve_many(n).map(|all| all
                                    .enumerate()
                                    .map(|(i, p)| if i % 2 == 0 {
                                        p.send(i as u8)
                                    })
                                    .count())
                            );
                        }
                        (4, Some(tx)) => match tx.try_reserve_owned() {
                            Ok(permit) => owned.push(permit),
                            Err(error) => log.push(format!("no permit: {error}")),
                        },
                        (5, _) => {
                            if let Some(permit) = owned.pop() {
                                let tx = if n % 2 == 0 { permit.send(n) } else { permit.release() };
                                record!(log, tx.capacity());
                            }
                        }
                        (6, Some(tx)) => pending.push(Driven::new(async move {
                            tx.closed().await;
                            String::from("closed")
                        })),
                        (7, Some(tx)) => weak.push(tx.downgrade()),
                        (8, _) => {
                            if let Some(up) = weak.pop().and_then(|w| w.upgrade()) {
                                senders.borrow_mut().push(up);
                            }
                        }
                        (9, Some(tx)) => {
                            let facts = (tx.is_closed(), tx.capacity(), tx.max_capacity());
                            record!(log, facts);
                            record!(log, (tx.strong_count(), tx.weak_count()));
                        }
                        (10, _) => drop(senders.borrow_mut().pop()),
                        (11, _) => record!(log, rx.borrow_mut().try_recv()),
                        (12, _) => record!(log, rx.borrow_mut().recv().now_or_never()),
                        (13, _) => {
                            let mut buffer = Vec::new();
                            let limit = usize::from(n % 4);
                            let got = rx.borrow_mut().recv_many(&mut buffer, limit).now_or_never();
                            record!(log, (got, buffer));
                        }
                        (14, _) if n % 8 == 0 => rx.borrow_mut().close(),
                        (15, _) => {
                            let rx = rx.borrow();
                            record!(log, (rx.is_closed(), rx.is_empty(), rx.len(), rx.capacity()));
                            record!(log, (rx.sender_strong_count(), rx.sender_weak_count()));
                        }
                        (16, Some(tx)) => pending.push(Driven::new(async move {
                            format!("{:?}", tx.reserve().await.map(|p| p.send(n)))
                        })),
                        (17, Some(tx)) => pending.push(Driven::new(async move {
                            format!("{:?}", tx.reserve_owned().await.map(|p| p.send(n).capacity()))
                        })),
                        (18, _) => poll_or_drop!(log, pending, n, false),
                        (19, _) => poll_or_drop!(log, pending, n, true),
                        _ => {}
                    }
                    record!(log, wakes(&pending));
                }
                // A receiver waits, and then all senders are dropped.
                let mut last = rx.borrow_mut();
                let mut recv = Driven::new(last.recv());
                record!(log, recv.poll());
                drop((senders, owned, pending));
                record!(log, recv.woken());
                record!(log, recv.poll());
                log
            }

            pub fn unbounded(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (tx, mut rx) = sync::mpsc::unbounded_channel::<u8>();
                let mut senders = vec![tx];
                let mut weak = Vec::new();
                let mut pending: Vec<Driven<'_, ()>> = Vec::new();
                for &(operation, n) in steps {
                    let some = senders.first().cloned();
                    match (operation % 10, some) {
                        (0 | 1, Some(tx)) => record!(log, tx.send(n)),
                        (2, Some(tx)) => {
                            pending.push(Driven::new(async move { tx.closed().await }))
                        }
                        (3, Some(tx)) => weak.push(tx.downgrade()),
                        (4, _) => senders.extend(weak.pop().and_then(|w| w.upgrade())),
                        (5, _) => drop(senders.pop()),
                        (6, _) => record!(log, rx.try_recv()),
                        (7, _) => record!(log, rx.recv().now_or_never()),
                        (8, _) if n % 8 == 0 => rx.close(),
                        (9, _) => poll_or_drop!(log, pending, n, n % 2 == 0),
                        _ => record!(log, (rx.len(), rx.is_empty(), rx.is_closed())),
                    }
                    record!(log, wakes(&pending));
                }
                log
            }

            pub fn oneshot(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (tx, rx) = sync::oneshot::channel::<u8>();
                let (mut tx, mut rx) = (Some(tx), Some(rx));
                for &(operation, n) in steps {
                    match (operation % 8, &mut tx, &mut rx) {
                        (0, Some(_), _) => record!(log, tx.take().unwrap().send(n)),
                        (1, Some(tx), _) => {
                            record!(log, (tx.is_closed(), tx.closed().now_or_never()))
                        }
                        (2, _, _) if n % 4 == 0 => tx = None,
                        (3, _, Some(rx)) => record!(log, rx.try_recv()),
                        (4, _, Some(rx)) if n % 3 == 0 => rx.close(),
                        (5, _, Some(rx)) => {
                            let facts = (rx.is_empty(), rx.is_terminated());
                            record!(log, facts);
                        }
                        (6, _, Some(waits)) if !waits.is_terminated() => {
                            let mut driven = Driven::new(waits);
                            record!(log, driven.poll());
                            if n % 2 == 0 {
                                drop(tx.take());
                            }
                            record!(log, driven.woken());
                        }
                        (7, _, _) if n % 4 == 0 => rx = None,
                        _ => {}
                    }
                }
                record!(log, (&tx.is_some(), &rx.is_some()));
                log
            }

            pub fn semaphore(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let semaphore = Arc::new(sync::Semaphore::new(3));
                let mut held = Vec::new();
                let mut pending: Vec<Driven<'_, Option<sync::OwnedSemaphorePermit>>> = Vec::new();
                for &(operation, n) in steps {
                    let many = u32::from(n % 4);
                    match operation % 13 {
                        0 => held.extend(semaphore.clone().try_acquire_owned().ok()),
                        1 => held.extend(semaphore.clone().try_acquire_many_owned(many).ok()),
                        2 => record!(log, semaphore.try_acquire().map(|p| p.num_permits())),
                        3 => {
                            record!(log, semaphore.try_acquire_many(many).map(|p| p.num_permits()))
                        }
                        4 => pending.push(Driven::new(
                            semaphore.clone().acquire_many_owned(many).map(Result::ok),
                        )),
                        5 => pending
                            .push(Driven::new(semaphore.clone().acquire_owned().map(Result::ok))),
                        6 => drop(held.pop()),
                        7 => {
                            if let (Some(mut a), Some(b)) = (held.pop(), held.pop()) {
                                a.merge(b);
                                let part = a.split(usize::from(n % 3));
                                record!(
                                    log,
                                    (a.num_permits(), part.as_ref().map(|p| p.num_permits()))
                                );
                                held.push(a);
                                held.extend(part);
                            }
                        }
                        8 => semaphore.add_permits(usize::from(n % 2)),
                        9 => record!(log, semaphore.forget_permits(usize::from(n % 2))),
                        10 if n % 32 == 0 => semaphore.close(),
                        11 => {
                            let index = usize::from(n) % pending.len().max(1);
                            if let Some(one) = pending.get_mut(index) {
                                let got = one.poll();
                                log.push(format!(
                                    "{:?}",
                                    got.as_ref().map(|g| g.as_ref().map(|p| p.num_permits()))
                                ));
                                held.extend(got.flatten());
                            }
                        }
                        12 if n % 3 == 0 => drop(pending.pop()),
                        12 => {
                            if let Some(permit) = held.pop() {
                                permit.forget();
                            }
                        }
                        _ => {}
                    }
                    record!(log, (semaphore.available_permits(), semaphore.is_closed()));
                    record!(log, wakes(&pending));
                }
                log
            }

            pub fn mutex(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let mutex = Arc::new(sync::Mutex::new((0u8, 0u8)));
                let mut held = Vec::new();
                let mut pending = Vec::new();
                for &(operation, n) in steps {
                    match operation % 7 {
                        0 => held.extend(mutex.clone().try_lock_owned().ok()),
                        1 => record!(
                            log,
                            mutex.try_lock().map(|mut g| {
                                g.0 = n;
                                *g
                            })
                        ),
                        2 => pending.push(Driven::new(mutex.clone().lock_owned())),
                        3 => drop(held.pop()),
                        4 => {
                            let index = usize::from(n) % pending.len().max(1);
                            if let Some(one) = pending.get_mut(index) {
                                let got = one.poll();
                                log.push(format!("poll {index}: {got:?}"));
                                held.extend(got);
                            }
                        }
                        5 => {
                            if let Ok(guard) = mutex.try_lock() {
                                let part = sync::MutexGuard::try_map(guard, |pair| {
                                    (n % 2 == 0).then_some(&mut pair.1)
                                });
                                log.push(match part {
                                    Ok(mut part) => {
                                        *part += 1;
                                        format!("{part}")
                                    }
                                    Err(guard) => format!("{guard:?}"),
                                });
                            }
                        }
                        _ if n % 2 == 0 => drop(pending.pop()),
                        _ => {}
                    }
                    record!(log, mutex);
                    record!(log, wakes(&pending));
                }
                log
            }

            pub fn rwlock(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let lock = Arc::new(sync::RwLock::with_max_readers(0u8, 3));
                let (mut readers, mut writer) = (Vec::new(), None);
                let (mut reads, mut writes) = (Vec::new(), Vec::new());
                for &(operation, n) in steps {
                    match operation % 10 {
                        0 => readers.extend(lock.clone().try_read_owned().ok()),
                        1 => {
                            if let Ok(mut guard) = lock.clone().try_write_owned() {
                                *guard = n;
                                writer = Some(guard);
                            }
                        }
                        2 => reads.push(Driven::new(lock.clone().read_owned())),
                        3 => writes.push(Driven::new(lock.clone().write_owned())),
                        4 => drop(readers.pop()),
                        5 => writer = None,
                        6 => readers.extend(writer.take().map(|w| w.downgrade())),
                        7 => {
                            let index = usize::from(n) % reads.len().max(1);
                            readers.extend(reads.get_mut(index).and_then(|r| r.poll()));
                        }
                        8 => {
                            let index = usize::from(n) % writes.len().max(1);
                            let got = writes.get_mut(index).and_then(|w| w.poll());
                            writer = got.or(writer);
                        }
                        _ if n % 2 == 0 => drop(reads.pop()),
                        _ => drop(writes.pop()),
                    }
                    record!(log, (&readers, &writer));
                    record!(log, lock);
                    record!(log, (wakes(&reads), wakes(&writes)));
                }
                log
            }

            pub fn notify(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let notify = Arc::new(sync::Notify::new());
                let mut pending = Vec::new();
                for &(operation, n) in steps {
                    match operation % 7 {
                        0 => pending.push(Driven::new(notify.clone().notified_owned())),
                        1 => notify.notify_one(),
                        2 => notify.notify_last(),
                        3 => notify.notify_waiters(),
                        4 => {
                            let mut one = std::pin::pin!(notify.notified());
                            record!(log, one.as_mut().enable());
                            record!(log, one.now_or_never());
                        }
                        5 => poll_or_drop!(log, pending, n, false),
                        _ => poll_or_drop!(log, pending, n, true),
                    }
                    record!(log, wakes(&pending));
                }
                log
            }

            pub fn barrier(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let barrier = sync::Barrier::new(3);
                let mut pending = Vec::new();
                for &(operation, n) in steps {
                    match operation % 3 {
                        0 => pending.push(Driven::new(barrier.wait().map(|r| r.is_leader()))),
                        _ => poll_or_drop!(log, pending, n, operation % 12 == 2),
                    }
                    record!(log, wakes(&pending));
                }
                log
            }

            pub fn broadcast(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (tx, rx) = sync::broadcast::channel::<u8>(2);
                let mut weak = vec![tx.downgrade()];
                let (mut senders, mut receivers) = (vec![tx], vec![rx]);
                for &(operation, n) in steps {
                    let index = usize::from(n) % receivers.len().max(1);
                    match operation % 10 {
                        0 | 1 => {
                            record!(log, senders.first().map(|tx| tx.send(n).map_err(|e| e.0)))
                        }
                        2 => receivers.extend(senders.first().map(|tx| tx.subscribe())),
                        3 => receivers.extend(
                            receivers
                                .get(index)
                                .map(|rx| rx.resubscribe())
                                .into_iter()
                                .collect::<Vec<_>>(),
                        ),
                        4 | 5 => record!(log, receivers.get_mut(index).map(|rx| rx.try_recv())),
                        6 => {
                            if let Some(rx) = receivers.get_mut(index) {
                                let mut recv = Driven::new(rx.recv());
                                record!(log, recv.poll());
                                let sent = senders.first().map(|tx| tx.send(n).is_ok());
                                record!(log, (sent, recv.woken()));
                            }
                        }
                        7 => drop(receivers.pop()),
                        8 if n % 4 == 0 => drop(senders.pop()),
                        8 => senders.extend(weak[0].upgrade()),
                        _ => weak.extend(senders.first().map(|tx| tx.downgrade())),
                    }
                    let seen: Vec<_> = receivers
                        .iter()
                        .map(|rx| (rx.len(), rx.is_empty(), rx.is_closed()))
                        .collect();
                    record!(log, seen);
                    record!(
                        log,
                        senders.first().map(|tx| (
                            tx.len(),
                            tx.receiver_count(),
                            tx.strong_count(),
                            tx.weak_count(),
                            tx.closed().now_or_never()
                        ))
                    );
                }
                log
            }

            pub fn watch(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let (tx, rx) = sync::watch::channel(0u8);
                let (mut senders, mut receivers) = (vec![tx], vec![rx]);
                for &(operation, n) in steps {
                    let index = usize::from(n) % receivers.len().max(1);
                    match (operation % 14, senders.first(), receivers.get_mut(index)) {
                        (0, Some(tx), _) => record!(log, tx.send(n)),
                        (1, Some(tx), _) => tx.send_modify(|v| *v = v.wrapping_add(1)),
                        (2, Some(tx), _) => record!(
                            log,
                            tx.send_if_modified(|v| {
                                *v = n;
                                n % 2 == 0
                            })
                        ),
                        (3, Some(tx), _) => record!(log, tx.send_replace(n)),
                        (4, Some(tx), _) => receivers.push(tx.subscribe()),
                        (5, Some(tx), _) => {
                            let more = tx.clone();
                            senders.push(more);
                        }
                        (6, _, Some(rx)) => {
                            let more = rx.clone();
                            receivers.push(more);
                        }
                        (7, _, Some(rx)) => record!(log, *rx.borrow()),
                        (8, _, Some(rx)) => record!(log, *rx.borrow_and_update()),
                        (9, _, Some(rx)) => {
                            if n % 2 == 0 {
                                rx.mark_changed()
                            } else {
                                rx.mark_unchanged()
                            }
                        }
                        (10, _, Some(rx)) => {
                            let mut changed = Driven::new(rx.changed());
                            record!(log, changed.poll());
                            if n % 2 == 0 {
                                senders.first().map(|tx| tx.send_replace(n));
                            } else {
                                senders.pop();
                            }
                            record!(log, changed.woken());
                        }
                        (11, _, Some(rx)) => record!(
                            log,
                            rx.wait_for(|v| *v % 2 == 0).now_or_never().map(|r| r.map(|v| *v))
                        ),
                        (12, ..) if n % 3 == 0 => drop(receivers.pop()),
                        (13, ..) if n % 8 == 0 => drop(senders.pop()),
                        _ => {}
                    }
                    let seen: Vec<_> =
                        receivers.iter().map(|rx| (rx.has_changed(), rx.is_closed())).collect();
                    record!(log, seen);
                    record!(
                        log,
                        senders.first().map(|tx| (
                            tx.receiver_count(),
                            tx.sender_count(),
                            tx.is_closed(),
                            tx.closed().now_or_never()
                        ))
                    );
                }
                log
            }

            pub fn once(steps: &[Step]) -> Vec<String> {
                let mut log = Vec::new();
                let cell = sync::OnceCell::new();
                let once = sync::SetOnce::new();
                let mut pending: Vec<Driven<'_, String>> = Vec::new();
                for &(operation, n) in steps {
                    match operation % 8 {
                        0 if n % 4 == 0 => record!(log, cell.set(n)),
                        1 => pending.push(Driven::new({
                            let cell = &cell;
                            async move {
                                format!("{}", cell.get_or_init(|| futures::future::pending()).await)
                            }
                        })),
                        2 => pending.push(Driven::new({
                            let cell = &cell;
                            async move {
                                let init = || async { if n % 2 == 0 { Err(n) } else { Ok(n) } };
                                format!("{:?}", cell.get_or_try_init(init).await)
                            }
                        })),
                        3 => pending.push(Driven::new({
                            let once = &once;
                            async move { format!("{}", once.wait().await) }
                        })),
                        4 if n % 4 == 0 => record!(log, once.set(n)),
                        5 | 6 => poll_or_drop!(log, pending, n, false),
                        _ => poll_or_drop!(log, pending, n, true),
                    }
                    record!(log, (&cell, cell.initialized(), &once, once.initialized()));
                    record!(log, wakes(&pending));
                }
                log
            }
        }
    };
}

machines!(original, tokio::sync);
machines!(twin, leakguard::sync);

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

alike!(mpsc unbounded oneshot semaphore mutex rwlock notify barrier broadcast watch once);
