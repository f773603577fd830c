//! Dumps of the whole process: at once, with stacks, or when something takes too long.

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod on_signal;

use crate::call::unseen::{self, KnownRuntime};
use crate::check::inquiry::{self, Inquiry};
use crate::deadline::{self, Alarm};
use crate::dump::Dump;
use crate::fact::id::TaskId;
use crate::fact::resource::HandlesFacts;
use crate::fact::task::TaskFacts;
use crate::lock::Lock;
use crate::record::live::Live;
use crate::report::emit;
use crate::{clock, ledger, registry, site};
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::time::Duration;

fn compose(mut tasks: Vec<TaskFacts>, unseen: usize) -> Dump {
    tasks.retain(|task| !task.site.is_internal());
    Dump {
        tasks,
        scopes: registry::global().scopes().iter().map(|s| s.facts()).collect(),
        resources: ledger::global().resources().iter().map(|r| r.facts()).collect(),
        observed: ledger::global().observed(),
        handles: handles(),
        sites: site::sites().into_iter().filter(|s| s.alive() > 0).collect(),
        unseen,
        now: clock::now(),
    }
}

/// Where tasks were spawned that have ended while their handles are kept.
fn handles() -> Vec<HandlesFacts> {
    let kept = site::spawns().into_iter().map(|site| HandlesFacts {
        started: site.location(),
        unjoined: site.unreaped(),
        most: site.max_unreaped(),
    });
    kept.filter(|handles| handles.unjoined > 0).collect()
}

/// Every live task, as far as it is known without polling: its state, where it was spawned, and the annotated await where
/// it waits. It may be called from anywhere, including destructors.
pub fn dump() -> Dump {
    compose(inquiry::facts_of(&registry::global().tasks()), unseen::count())
}

/// As [`dump`], with the stacks of the tasks in `probed` that respond in time. The thread waits for them.
pub(crate) fn dump_with_stacks_of(probed: Vec<Live>) -> Dump {
    let responses: HashMap<TaskId, TaskFacts> =
        probe(probed).into_iter().map(|facts| (facts.id, facts)).collect();
    let mut dump = dump();
    for facts in &mut dump.tasks {
        if let Some(response) = responses.get(&facts.id) {
            *facts = response.clone();
        }
    }
    dump
}

/// A dump of `probed` alone, with the stacks of the tasks that respond in time. The thread waits for them.
pub(crate) fn dump_only_with_stacks(probed: Vec<Live>) -> Dump {
    only(probe(probed))
}

/// A dump of `tasks` alone, without probing them.
pub(crate) fn dump_only(tasks: &[Live]) -> Dump {
    only(inquiry::facts_of(tasks))
}

fn only(tasks: Vec<TaskFacts>) -> Dump {
    Dump { resources: Vec::new(), handles: Vec::new(), sites: Vec::new(), ..compose(tasks, 0) }
}

fn probe(tasks: Vec<Live>) -> Vec<TaskFacts> {
    let (done, is_done) = mpsc::channel();
    let inquiry = Inquiry::begin(tasks, false, move || _ = done.send(()));
    while !inquiry.is_over(clock::now()) {
        let _ = is_done.recv_timeout(inquiry.until().since(clock::now()));
    }
    inquiry.facts()
}

/// As [`dump`], with the stack of each task that responds within 250 ms.
///
/// Each task is polled once more for this. The dump marks tasks that do not respond, because they are inside a poll or
/// their executor is busy.
pub async fn dump_with_stacks() -> Dump {
    #[derive(Default)]
    struct Responses {
        facts: Option<Vec<TaskFacts>>,
        waker: Option<Waker>,
    }
    let responses = Arc::new(Lock::new(Responses::default()));
    let filled = responses.clone();
    deadline::probe(registry::global().tasks(), move |facts| {
        let mut responses = filled.lock();
        responses.facts = Some(facts);
        let waker = responses.waker.take();
        drop(responses);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    let facts = poll_fn(|cx| {
        let waker = cx.waker().clone();
        let mut responses = responses.lock();
        match responses.facts.take() {
            Some(facts) => Poll::Ready(facts),
            None => {
                let old = responses.waker.replace(waker);
                drop(responses);
                drop(old);
                Poll::Pending
            }
        }
    })
    .await;
    compose(facts, unseen::count())
}

/// Dumps every live task to stderr, with stacks, when the process gets a signal. After SIGQUIT it continues, after SIGTERM
/// it ends. [`main`](macro@crate::main) calls this.
///
/// Test runners send SIGTERM on a timeout, and `kill -QUIT` or Ctrl-\\ probes a program that hangs. A signal that the
/// program already handles is left to its handler, as is SIGTERM if it is ignored. A handler that is installed later
/// replaces leakguard's. Its signals cause a dump as well if it passes them on to the previous handler, as `tokio::signal`
/// does. On systems other than Linux and macOS this has no effect.
///
/// ```
/// leakguard::dump_on_signal();
/// ```
pub fn dump_on_signal() {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    on_signal::begin();
}

/// The guard of [`dump_after`]. Nothing is dumped after it is dropped.
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
    let known = KnownRuntime::here();
    let report = move |facts| {
        let dump = compose(facts, unseen::count_everywhere());
        drop(known);
        emit::line(&format!("leakguard: still here after {limit:?}\n{dump}"));
    };
    let work = move || deadline::probe(registry::global().tasks(), report);
    StackTraceGuard { _alarm: Alarm::set(at, work) }
}

/// As [`dump_after`], under the name that it has elsewhere.
pub fn timeout_stack_trace(limit: Duration) -> StackTraceGuard {
    dump_after(limit)
}
