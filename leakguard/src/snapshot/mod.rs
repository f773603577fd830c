//! Dumps of the whole process: at once, with stacks, or when something takes too long.

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod on_signal;

use crate::call;
use crate::check::inquiry::{self, Inquiry};
use crate::clock;
use crate::deadline::{self, Alarm};
use crate::dump::Dump;
use crate::fact::id::TaskId;
use crate::fact::resource::HandlesFacts;
use crate::fact::task::TaskFacts;
use crate::ledger;
use crate::lock::Lock;
use crate::record::live::Live;
use crate::registry;
use crate::report::emit;
use crate::site;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::time::Duration;

fn compose(mut tasks: Vec<TaskFacts>, unseen: usize) -> Dump {
    tasks.retain(|task| !task.site.is_internal());
    Dump {
        tasks,
        scopes: registry::global()
            .scopes()
            .iter()
            .map(|s| s.facts())
            .collect(),
        resources: ledger::global()
            .resources()
            .iter()
            .map(|r| r.facts())
            .collect(),
        observed: ledger::global().observed(),
        handles: handles(),
        sites: site::sites()
            .into_iter()
            .filter(|s| s.alive() > 0)
            .collect(),
        unseen,
        now: clock::now(),
    }
}

/// Where tasks were started that have ended, and whose handles somebody keeps.
fn handles() -> Vec<HandlesFacts> {
    let kept = site::spawns().into_iter().map(|site| HandlesFacts {
        started: site.location(),
        untaken: site.unreaped(),
        most: site.max_unreaped(),
    });
    kept.filter(|handles| handles.untaken > 0).collect()
}

/// Every live task, as far as it is known without polling: its state, where it was started, and
/// the annotated await where it waits. May be called from anywhere, a destructor included.
pub fn dump() -> Dump {
    compose(
        inquiry::facts_of(&registry::global().tasks()),
        call::unseen(),
    )
}

/// As [`dump`], with the stacks of those of `asked` that answer in time, for whom the thread waits.
pub(crate) fn dump_with_stacks_of(asked: Vec<Live>) -> Dump {
    let answered: HashMap<TaskId, TaskFacts> = ask(asked)
        .into_iter()
        .map(|facts| (facts.id, facts))
        .collect();
    let mut dump = dump();
    for facts in &mut dump.tasks {
        if let Some(answered) = answered.get(&facts.id) {
            *facts = answered.clone();
        }
    }
    dump
}

/// A dump of `asked` alone, with the stacks of those that answer in time, for whom the thread waits.
pub(crate) fn dump_only_with_stacks(asked: Vec<Live>) -> Dump {
    only(ask(asked))
}

/// A dump of `tasks` alone, without asking them.
pub(crate) fn dump_only(tasks: &[Live]) -> Dump {
    only(inquiry::facts_of(tasks))
}

fn only(tasks: Vec<TaskFacts>) -> Dump {
    Dump {
        resources: Vec::new(),
        handles: Vec::new(),
        sites: Vec::new(),
        ..compose(tasks, 0)
    }
}

fn ask(tasks: Vec<Live>) -> Vec<TaskFacts> {
    let (ring, bell) = mpsc::channel();
    let inquiry = Inquiry::begin(tasks, false, move || _ = ring.send(()));
    while !inquiry.is_over(clock::now()) {
        let _ = bell.recv_timeout(inquiry.until().since(clock::now()));
    }
    inquiry.facts()
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
    let slot = Arc::new(Lock::new(Slot::default()));
    let filled = slot.clone();
    deadline::probe(registry::global().tasks(), move |facts| {
        let mut slot = filled.lock();
        slot.facts = Some(facts);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    let facts = poll_fn(|cx| {
        let waker = cx.waker().clone();
        let mut slot = slot.lock();
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

/// From now on the process dumps every live task to stderr, with stacks, when it gets SIGQUIT, and goes on; at SIGTERM it
/// dumps too, and then ends. [`main`](macro@crate::main) calls this.
///
/// Test runners send SIGTERM on a timeout, and `kill -QUIT` or Ctrl-\\ ask a program that hangs. A signal for which the
/// program has code of its own already is left to that (SIGTERM also if it is ignored); code that is put in place later takes the signal over, and
/// gets a dump as well if it passes the signal on to whoever had it before, as `tokio::signal` does. On systems other
/// than Linux and macOS nothing happens.
///
/// ```
/// leakguard::dump_on_signal();
/// ```
pub fn dump_on_signal() {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    on_signal::begin();
}

/// A guard returned by [`dump_after`].
#[derive(Debug)]
#[must_use = "dropped at once, it never dumps"]
pub struct StackTraceGuard {
    _alarm: Alarm,
}

/// Writes a dump with stacks to stderr if the guard lives longer than `limit`.
///
/// ```
/// # use std::time::Duration;
/// let _guard = leakguard::dump_after(Duration::from_secs(5));
/// // Code that may hang.
/// ```
pub fn dump_after(limit: Duration) -> StackTraceGuard {
    let at = clock::now().plus(limit);
    let say = move |facts| {
        let dump = compose(facts, 0);
        emit::line(&format!("leakguard: still here after {limit:?}\n{dump}"));
    };
    let work = move || deadline::probe(registry::global().tasks(), say);
    StackTraceGuard {
        _alarm: Alarm::set(at, work),
    }
}

/// As [`dump_after`], under the name that it has elsewhere.
pub fn timeout_stack_trace(limit: Duration) -> StackTraceGuard {
    dump_after(limit)
}
