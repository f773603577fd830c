//! Tasks that leakguard did not see start: how many there are, and what is said of them when a test, a scope or `main`
//! ends.

use crate::deadline::Alarm;
use crate::fact::id::TaskKind;
use crate::fact::options::{Options, Rule};
use crate::journal;
use crate::lock::Lock;
use crate::older::{RuntimeId, alive_tasks, runtime_id};
use crate::record::live::SpawnedTask;
use crate::report::{Report, emit};
use crate::site::Site;
use crate::{clock, config, registry};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Handle;

/// How often they are counted while they may still end.
const STEP: Duration = Duration::from_millis(2);

/// The runtimes on which a test, a scope by hand or `main` runs.
static RUNTIMES: Lock<Vec<Handle>> = Lock::new(Vec::new());

/// Keeps a runtime in the list.
#[derive(Debug)]
pub(crate) struct KnownRuntime(Option<RuntimeId>);

impl KnownRuntime {
    /// Lists the runtime of this thread, if it has one.
    pub(crate) fn here() -> Self {
        let handle = Handle::try_current().ok();
        let id = handle.as_ref().and_then(runtime_id);
        RUNTIMES.lock().extend(handle.filter(|_| id.is_some()));
        KnownRuntime(id)
    }
}

impl Drop for KnownRuntime {
    fn drop(&mut self) {
        let mut runtimes = RUNTIMES.lock();
        let index = runtimes.iter().position(|handle| runtime_id(handle) == self.0);
        let removed = index.map(|index| runtimes.swap_remove(index));
        drop(runtimes);
        drop(removed);
    }
}

/// Number of tasks alive on the current runtime that leakguard did not see start. Of the tasks that it did see, it knows
/// only of those of other tests that they are elsewhere, so that the number is never too high.
pub(crate) fn count() -> usize {
    let Ok(handle) = Handle::try_current() else {
        return 0;
    };
    let runtime = runtime_id(&handle);
    let is_elsewhere = |task: &SpawnedTask| {
        let collector = task.scope.as_ref().and_then(|scope| scope.collector.as_ref());
        collector.and_then(|collector| collector.runtime).is_some_and(|own| Some(own) != runtime)
    };
    let seen = registry::global().count(|task| is_real(task) && !is_elsewhere(task));
    alive_tasks(&handle).unwrap_or(0).saturating_sub(seen)
}

/// The same for all known runtimes together, from any thread.
pub(crate) fn count_everywhere() -> usize {
    let mut runtimes = RUNTIMES.lock().clone();
    let mut known = Vec::new();
    runtimes.retain(|handle| {
        let is_new = !known.contains(&runtime_id(handle));
        known.push(runtime_id(handle));
        is_new
    });
    let alive: usize = runtimes.iter().filter_map(alive_tasks).sum();
    alive.saturating_sub(registry::global().count(is_real))
}

/// A task that several helpers wrapped has a record for each.
fn is_real(task: &SpawnedTask) -> bool {
    task.task.kind() == TaskKind::Async && !task.task.is_covered()
}

/// What is said of unseen tasks when a test, a scope by hand or `main` ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnseenCheck {
    name: &'static str,
    is_strict: bool,
    /// How long they may live on.
    grace: Duration,
    /// How many tasks of any kind were alive when it began.
    before: usize,
}

/// Whether the note was printed.
static NOTED: AtomicBool = AtomicBool::new(false);

impl UnseenCheck {
    /// Begins where a scope with this rule opens.
    pub(crate) fn begin(site: &Site, options: &Options, rule: &Rule) -> Self {
        UnseenCheck {
            name: options.name.unwrap_or(site.function()),
            is_strict: options.strict || config::is_strict(),
            grace: rule.grace,
            before: alive(),
        }
    }

    /// The report on unseen tasks that do not end within the grace, if it is strict. Otherwise a note is printed once in a
    /// process.
    pub(crate) async fn report(self) -> Option<Report> {
        if config::is_off() || !self.is_strict && NOTED.load(Relaxed) {
            return None;
        }
        let count = self.settle().await;
        journal::see_unseen(count);
        if count == 0 {
            return None;
        }
        if self.is_strict {
            return Some(Report::on_unseen(self.name, count));
        }
        if !NOTED.swap(true, Relaxed) {
            emit::unseen(self.name, count);
        }
        None
    }

    /// Waits until they have ended or the grace is over. Returns how many are left.
    async fn settle(self) -> usize {
        let until = clock::now().plus(self.grace);
        let mut alarm = None;
        poll_fn(move |cx| {
            let (left, now) = (self.left(), clock::now());
            if left == 0 || now >= until {
                return Poll::Ready(left);
            }
            let waker = cx.waker().clone();
            let next = Alarm::set(now.plus(STEP).min(until), move || waker.wake());
            drop(alarm.replace(next));
            Poll::Pending
        })
        .await
    }

    /// How many unseen tasks there are now, and at most as many as there are more tasks than at the begin.
    fn left(&self) -> usize {
        match alive().saturating_sub(self.before) {
            0 => 0,
            more => count().min(more),
        }
    }
}

fn alive() -> usize {
    Handle::try_current().ok().as_ref().and_then(alive_tasks).unwrap_or(0)
}
