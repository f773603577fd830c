//! A probed task that waits on twins has as many registered wakers as open waits. The judge relies on this: only these
//! waits can wake the task.

use super::{Task, current_id};
use crate::fact::id::TaskId;
use crate::record::probe::Probe;
use crate::sync::{
    Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce, broadcast, mpsc, oneshot, watch,
};
use crate::{clock, ledger, registry};
use std::cell::Cell;
use std::future::{Future, pending};
use std::sync::Arc;

/// Probes a task that waits for `future`. Returns how many wakers its poll registered and how many waits it recorded.
fn probe<F: Future>(future: F) -> (usize, usize) {
    let id = Cell::new(None);
    let mut task = Task::new(async {
        id.set(Some(current_id()));
        future.await
    });
    assert!(task.poll().is_pending());
    let id = id.get().expect("it was polled");
    let live = registry::global().tasks().into_iter().find(|t| t.id == id);
    let probe = Arc::new(Probe::new(clock::now(), true, 1, || {}));
    assert!(live.expect("it lives").probe(&probe));
    assert!(task.poll().is_pending());
    let replies = probe.take();
    let [reply] = &replies[..] else {
        panic!("one reply, not {replies:?}");
    };
    let poll = reply.poll.as_ref().expect("it was polled");
    (poll.capture.clones, waits_of(id, poll.began))
}

fn waits_of(task: TaskId, polled: clock::Instant) -> usize {
    let resources = ledger::global().resources();
    let waits = resources.iter().flat_map(|r| r.facts().waits);
    waits.filter(|w| w.task == Some(task) && w.polled == polled).count()
}

macro_rules! each_has {
    ($count:literal: $($future:expr;)*) => {
        $(assert_eq!(probe($future), ($count, $count), "{}", stringify!($future));)*
    };
}

#[test]
fn waits_on_channels_match_their_wakers() {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    let mut got = Vec::new();
    each_has! { 1: rx.recv(); rx.recv_many(&mut got, 2); tx.closed(); }
    tx.try_send(1).unwrap();
    each_has! { 1: tx.send(2); tx.reserve(); tx.reserve_many(1); tx.clone().reserve_owned(); }
    let (unbounded, mut receiver) = mpsc::unbounded_channel::<u8>();
    each_has! { 1: receiver.recv(); receiver.recv_many(&mut got, 2); unbounded.closed(); }

    let (mut sender, mut receiver) = oneshot::channel::<u8>();
    each_has! { 1: &mut receiver; sender.closed(); }
    // One of the two waits has meanwhile removed the channel from the list.
    each_has! { 2: async { tokio::join!(&mut receiver, sender.closed()) }; }
    let (_sender, mut receiver) = broadcast::channel::<u8>(1);
    each_has! { 1: receiver.recv(); }
    let (sender, mut receiver) = watch::channel(0);
    each_has! { 1: receiver.changed(); receiver.wait_for(|n| *n > 0); sender.closed(); }
}

#[test]
fn waits_on_locks_match_their_wakers() {
    let mutex = Arc::new(Mutex::new(0));
    let _held = mutex.try_lock().unwrap();
    each_has! { 1: mutex.lock(); mutex.clone().lock_owned(); }
    let lock = Arc::new(RwLock::new(0));
    let read = lock.try_read().unwrap();
    each_has! { 1: lock.write(); lock.clone().write_owned(); }
    drop(read);
    let _written = lock.try_write().unwrap();
    each_has! { 1: lock.read(); lock.clone().read_owned(); }
    let semaphore = Arc::new(Semaphore::new(1));
    each_has! { 1: semaphore.acquire_many(2); semaphore.clone().acquire_many_owned(2); }
    let _all = semaphore.try_acquire().unwrap();
    each_has! { 1: semaphore.acquire(); semaphore.clone().acquire_owned(); }
}

#[test]
fn waits_on_signals_match_their_wakers() {
    let notify = Arc::new(Notify::new());
    each_has! { 1: notify.notified(); notify.clone().notified_owned(); }
    let barrier = Barrier::new(3);
    each_has! { 1: barrier.wait(); }
    let once = SetOnce::<u8>::new();
    each_has! { 1: once.wait(); }
    let cell = OnceCell::<u8>::new();
    let mut first = Task::new(cell.get_or_init(pending));
    assert!(first.poll().is_pending());
    each_has! { 1: cell.get_or_init(async || 1); }
}

#[test]
fn several_waits_match_their_wakers() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let notify = Notify::new();
    let mutex = Mutex::new(0);
    let _held = mutex.try_lock().unwrap();
    each_has! { 3: async {
        tokio::select! {
            _ = rx.recv() => (),
            _ = async { tokio::join!(mutex.lock(), notify.notified()) } => (),
        }
    }; }
}

#[test]
fn foreign_wait_registers_a_waker_without_a_wait() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let (_other, mut plain) = tokio::sync::mpsc::channel::<u8>(1);
    let (registered, waits) = probe(async { tokio::join!(rx.recv(), plain.recv()) });
    assert_eq!((registered, waits), (2, 1));
}
