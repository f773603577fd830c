//! A task that waits on twins and is asked has as many wakers registered as open waits: judges take its waits for all
//! that could wake it.

use super::{Task, me};
use crate::clock;
use crate::fact::id::TaskId;
use crate::ledger;
use crate::record::probe::Probe;
use crate::registry;
use crate::sync::{
    Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce, broadcast, mpsc, oneshot, watch,
};
use std::cell::Cell;
use std::future::{Future, pending};
use std::sync::Arc;

/// Asks a task that waits for `future`: how many wakers that poll registered, and how many waits it saw.
fn asked<F: Future>(future: F) -> (usize, usize) {
    let id = Cell::new(None);
    let mut task = Task::new(async {
        id.set(Some(me()));
        future.await
    });
    assert!(task.poll().is_pending());
    let id = id.get().expect("it was polled");
    let live = registry::global().tasks().into_iter().find(|t| t.id == id);
    let ask = Arc::new(Probe::new(clock::now(), true, 1, || {}));
    assert!(live.expect("it lives").ask(&ask));
    assert!(task.poll().is_pending());
    let replies = ask.take();
    let [reply] = &replies[..] else {
        panic!("one reply, not {replies:?}");
    };
    let poll = reply.poll.as_ref().expect("it was polled");
    (poll.capture.clones, waits_of(id, poll.began))
}

fn waits_of(task: TaskId, polled: clock::Instant) -> usize {
    let resources = ledger::global().resources();
    let waits = resources.iter().flat_map(|r| r.facts().waits);
    waits
        .filter(|w| w.task == Some(task) && w.polled == polled)
        .count()
}

macro_rules! each_has {
    ($count:literal: $($future:expr;)*) => {
        $(assert_eq!(asked($future), ($count, $count), "{}", stringify!($future));)*
    };
}

#[test]
fn of_a_channel() {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    let mut got = Vec::new();
    each_has! { 1: rx.recv(); rx.recv_many(&mut got, 2); tx.closed(); }
    tx.try_send(1).unwrap();
    each_has! { 1: tx.send(2); tx.reserve(); tx.reserve_many(1); tx.clone().reserve_owned(); }
    let (unbounded, mut receiver) = mpsc::unbounded_channel::<u8>();
    each_has! { 1: receiver.recv(); receiver.recv_many(&mut got, 2); unbounded.closed(); }

    let (mut sender, mut receiver) = oneshot::channel::<u8>();
    each_has! { 1: &mut receiver; sender.closed(); }
    // One of the two has taken it out of the list meanwhile.
    each_has! { 2: async { tokio::join!(&mut receiver, sender.closed()) }; }
    let (_sender, mut receiver) = broadcast::channel::<u8>(1);
    each_has! { 1: receiver.recv(); }
    let (sender, mut receiver) = watch::channel(0);
    each_has! { 1: receiver.changed(); receiver.wait_for(|n| *n > 0); sender.closed(); }
}

#[test]
fn of_a_lock() {
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
fn of_a_signal() {
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
fn of_several_at_once() {
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
fn and_a_wait_on_something_else_makes_them_differ() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let (_other, mut plain) = tokio::sync::mpsc::channel::<u8>(1);
    let (registered, waits) = asked(async { tokio::join!(rx.recv(), plain.recv()) });
    assert_eq!((registered, waits), (2, 1));
}
