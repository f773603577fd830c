//! The waits on a channel or lock, the oldest first.

use crate::clock::{self, Instant};
use crate::fact::id::{OutsideThread, TaskId, WakerMark};
use crate::fact::kind::Operation;
use crate::fact::resource::WaitFacts;
use crate::lock::Lock;
use crate::record::resource::entries::Entries;
use crate::record::resource::mark::Poller;
use crate::record::resource::number::number;
use crate::site::CallSite;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// A wait as its caller describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intent {
    pub(crate) operation: Operation,
    pub(crate) at: CallSite,
    pub(crate) permits: usize,
    /// For a `Notified`: how often `notify_waiters` had been called when it was created. For a condvar: how often it had
    /// been notified in any form.
    pub(crate) seen: u64,
    /// The wait blocks the thread.
    pub(crate) blocking: bool,
}

impl Intent {
    pub(crate) fn new(operation: Operation, at: CallSite) -> Self {
        Intent { operation, at, permits: 1, seen: 0, blocking: false }
    }

    /// The wait ends with this number of slots or permits at once.
    pub(crate) fn permits(self, permits: usize) -> Self {
        Intent { permits, ..self }
    }
}

/// One wait. The thread that polls it writes with relaxed stores.
#[derive(Debug)]
pub(crate) struct WaitRecord {
    number: u64,
    /// In the queue.
    place: u64,
    intent: Intent,
    since: Instant,
    task: AtomicU64,
    polls: AtomicU32,
    polled: AtomicU64,
    waker: AtomicU32,
    thread: Option<std::thread::Thread>,
    /// The number of that thread if it waits outside of every task, else 0.
    thread_number: AtomicU64,
}

impl WaitRecord {
    fn new(place: u64, intent: Intent, polling: Poller) -> Self {
        let wait = WaitRecord {
            number: number(1),
            place,
            intent,
            since: polling.here.now,
            task: AtomicU64::new(0),
            polls: AtomicU32::new(0),
            polled: AtomicU64::new(0),
            waker: AtomicU32::new(0),
            thread: intent.blocking.then(std::thread::current),
            thread_number: AtomicU64::new(0),
        };
        wait.polled(polling);
        wait
    }

    /// The wait was polled and is still pending.
    pub(crate) fn polled(&self, polling: Poller) {
        self.task.store(TaskId::to_word(polling.here.task), Relaxed);
        self.polls.store(polling.polls, Relaxed);
        self.polled.store(polling.began.nanos(), Relaxed);
        if polling.waker != WakerMark::UNKNOWN {
            self.waker.store(polling.waker.0, Relaxed);
        }
    }

    /// The thread waits outside of every task, until what it waits for happens.
    pub(crate) fn set_thread(&self, thread: OutsideThread) {
        self.thread_number.store(thread.0.get(), Relaxed);
    }

    fn facts(&self) -> WaitFacts {
        WaitFacts {
            number: self.number,
            task: TaskId::new(self.task.load(Relaxed)),
            thread: self.thread.as_ref().map(|t| t.name().unwrap_or("unnamed").to_owned()),
            thread_number: NonZeroU64::new(self.thread_number.load(Relaxed)).map(OutsideThread),
            operation: self.intent.operation,
            at: self.intent.at,
            permits: self.intent.permits,
            seen: self.intent.seen,
            since: clock::settled(self.since),
            polls: self.polls.load(Relaxed),
            polled: Instant::from_nanos(self.polled.load(Relaxed)),
            waker: WakerMark(self.waker.load(Relaxed)),
        }
    }
}

/// The waits on one resource, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct WaitQueue(Lock<Entries<Arc<WaitRecord>>>);

impl WaitQueue {
    pub(crate) fn enter(&self, intent: Intent, polling: Poller) -> Arc<WaitRecord> {
        let mut all = self.0.lock();
        let wait = Arc::new(WaitRecord::new(all.next(), intent, polling));
        all.push(wait.clone());
        wait
    }

    pub(crate) fn is_empty(&mut self) -> bool {
        let all = self.0.get_mut();
        all.is_empty()
    }

    pub(crate) fn leave(&self, wait: &Arc<WaitRecord>) {
        let mut all = self.0.lock();
        all.remove(wait.place);
    }

    pub(crate) fn facts(&self) -> Vec<WaitFacts> {
        let all = self.0.lock();
        all.iter().map(|wait| wait.facts()).collect()
    }
}
