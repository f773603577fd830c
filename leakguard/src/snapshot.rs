//! Dumps of the whole process: at once, with stacks, or when something takes too long.

use crate::call;
use crate::check::inquiry;
use crate::clock;
use crate::deadline::{self, Alarm};
use crate::dump::Dump;
use crate::record::facts::TaskFacts;
use crate::registry;
use crate::report::emit;
use crate::site;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

fn compose(tasks: Vec<TaskFacts>, unseen: usize) -> Dump {
    Dump {
        tasks,
        scopes: registry::global()
            .scopes()
            .iter()
            .map(|s| s.facts())
            .collect(),
        sites: site::sites()
            .into_iter()
            .filter(|s| s.alive() > 0)
            .collect(),
        unseen,
        now: clock::now(),
    }
}

/// Every live task, as far as it is known without polling: its state, where it was started, and
/// the annotated await where it waits. May be called from anywhere, a destructor included.
pub fn dump() -> Dump {
    compose(
        inquiry::facts_of(&registry::global().tasks()),
        call::unseen(),
    )
}

/// As [`dump`], with the stack of each task that answers within 250 ms.
///
/// Each task is polled once more for this; a task that does not answer is inside a poll, or its
/// executor is busy, and the dump says so.
pub async fn dump_with_stacks() -> Dump {
    #[derive(Default)]
    struct Slot {
        facts: Option<Vec<TaskFacts>>,
        waker: Option<Waker>,
    }
    let slot = Arc::new(Mutex::new(Slot::default()));
    let filled = slot.clone();
    deadline::inquire(registry::global().tasks(), move |facts| {
        let mut slot = filled.lock().unwrap_or_else(PoisonError::into_inner);
        slot.facts = Some(facts);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    let facts = poll_fn(|cx| {
        let waker = cx.waker().clone();
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.facts.take() {
            Some(facts) => Poll::Ready(facts),
            None => {
                let old = slot.waker.replace(waker);
                drop(slot);
                drop(old);
                Poll::Pending
            }
        }
    })
    .await;
    compose(facts, call::unseen())
}

/// A guard made by [`timeout_stack_trace`].
#[derive(Debug)]
#[must_use = "dropped at once, it never dumps"]
pub struct StackTraceGuard {
    _alarm: Alarm,
}

/// If the guard lives longer than `limit`, a dump with stacks goes to stderr.
///
/// ```
/// # use std::time::Duration;
/// let _guard = leakguard::timeout_stack_trace(Duration::from_secs(5));
/// // What may hang.
/// ```
pub fn timeout_stack_trace(limit: Duration) -> StackTraceGuard {
    let at = clock::now().plus(limit);
    let say = move |facts| {
        let dump = compose(facts, 0);
        emit::line(&format!("leakguard: still here after {limit:?}\n{dump}"));
    };
    let work = move || deadline::inquire(registry::global().tasks(), say);
    StackTraceGuard {
        _alarm: Alarm::set(at, work),
    }
}
