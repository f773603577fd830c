//! Writes reports on a thread of its own: a standard error that is not read, or a slow subscriber, delays only the text.

use crate::journal::{Loss, count_loss};
use crate::lock::Lock;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Maximum number of texts that wait. What comes then is left out, because memory must not grow.
const WAITING: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

struct Queue {
    jobs: VecDeque<Job>,
    /// How many were sent, and how many of these are done.
    sent: u64,
    done: u64,
    left_out: usize,
    /// A caller has waited in vain, so that the next one need not.
    is_stuck: bool,
}

static QUEUE: Lock<Queue> =
    Lock::new(Queue { jobs: VecDeque::new(), sent: 0, done: 0, left_out: 0, is_stuck: false });
static CHANGED: Condvar = Condvar::new();

/// Has the thread run `job` after those that were sent before. Runs it at once if no thread can be started.
pub(super) fn send(job: impl FnOnce() + Send + 'static) {
    if !is_started() {
        return job();
    }
    let mut queue = QUEUE.lock();
    if queue.jobs.len() == WAITING {
        queue.left_out += 1;
        count_loss(Loss::Text, 1);
        return;
    }
    queue.sent += 1;
    queue.jobs.push_back(Box::new(job));
    drop(queue);
    CHANGED.notify_all();
}

fn is_started() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let named = std::thread::Builder::new().name("leakguard-text".to_owned());
        named.spawn(run).is_ok()
    })
}

/// Returns when all that was sent so far is done, or when nothing was done for as long as `patience`.
pub(super) fn wait(patience: Duration) {
    let mut queue = QUEUE.lock();
    let (until, mut done) = (queue.sent, queue.done);
    let mut since = Instant::now();
    while queue.done < until && !queue.is_stuck {
        let left = patience.saturating_sub(since.elapsed());
        if left.is_zero() {
            queue.is_stuck = true;
            return;
        }
        queue = CHANGED.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        if queue.done != done {
            (done, since) = (queue.done, Instant::now());
        }
    }
}

/// How many texts were left out since the last call.
pub(super) fn take_left_out() -> usize {
    std::mem::take(&mut QUEUE.lock().left_out)
}

fn run() {
    loop {
        let job = next();
        // A job calls the user's subscriber.
        let _ = catch_unwind(AssertUnwindSafe(job));
        let mut queue = QUEUE.lock();
        queue.done += 1;
        queue.is_stuck = false;
        drop(queue);
        CHANGED.notify_all();
    }
}

fn next() -> Job {
    let mut queue = QUEUE.lock();
    loop {
        match queue.jobs.pop_front() {
            Some(job) => return job,
            None => queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner),
        }
    }
}
