//! The log reports a finding once. Those that are like it are counted, and their number is told ever more rarely.
//!
//! Calls whose tasks are like ones that were just reported are not probed.

use crate::clock::{self, Instant};
use crate::fact::finding::Finding;
use crate::fact::id::{Role, TaskKind};
use crate::judge::fold::FoldKey;
use crate::lock::Lock;
use crate::record::live::Live;
use crate::record::resource::pause::LogPause;
use crate::record::scope::ScopeRecord;
use crate::report::repeated::{Repeated, Reported};
use crate::report::{Report, emit};
use crate::site::CallSite;
use crate::vocabulary::Action;
use crate::{at_exit, journal};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::iter::successors;
use std::panic::catch_unwind;
use std::ptr;
use std::sync::Once;
use std::time::Duration;

/// Maximum number of findings that are kept. Only programs with very many places that leak have more.
const KEPT: usize = 1024;
/// How long a call waits for the check of one like it.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// What is known of a task before it is probed. Tasks that have this in common wait for the same, as a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TaskLikeness {
    /// The addresses of their sites.
    scope: usize,
    task: usize,
    wait: Option<CallSite>,
    kind: TaskKind,
}

impl TaskLikeness {
    /// `None` for a task whose wait is not known, because it is inside a poll or was never polled.
    pub(super) fn of(scope: &ScopeRecord, task: &Live) -> Option<Self> {
        let waits = task.kind().is_polled() && !task.is_polling() && task.polls() > 0;
        waits.then(|| TaskLikeness {
            scope: ptr::from_ref(scope.site()).addr(),
            task: ptr::from_ref(task.site).addr(),
            wait: task.wait.get(),
            kind: task.kind(),
        })
    }
}

/// A finding that was reported, and those that are like it.
struct Entry {
    reported: Reported,
    pause: LogPause,
    /// When their number was told last.
    told: Instant,
    more: usize,
    total: usize,
}

impl Entry {
    fn tell(&mut self, now: Instant) -> Repeated {
        let told = std::mem::replace(&mut self.told, now);
        self.pause.extend(now);
        let more = std::mem::take(&mut self.more);
        self.reported.again(more, now.since(told), self.total)
    }
}

#[derive(Default)]
struct Book {
    entries: BTreeMap<FoldKey, Entry>,
    /// Which finding such tasks are.
    likes: HashMap<TaskLikeness, FoldKey>,
    /// What is being probed, and by how many checks.
    open: HashMap<TaskLikeness, usize>,
}

static BOOK: Lock<Option<Book>> = Lock::new(None);

fn with_book<R>(change: impl FnOnce(&mut Book) -> R) -> R {
    change(BOOK.lock().get_or_insert_default())
}

/// Logs what was not reported before, and counts the rest.
pub(super) fn log(report: &Report) {
    let now = clock::now();
    let new = with_book(|book| report.iter().filter(|f| book.is_new(f, now)).cloned().collect());
    let new: Vec<Finding> = new;
    if !new.is_empty() {
        emit::log(&Report::new(new, 0));
        write_at_exit();
    }
    // The first of the repetitions after a pause is due at once.
    tell(now);
}

/// Tells the numbers that are due. Returns when more is due.
pub(crate) fn tell_due() -> Instant {
    tell(clock::now())
}

/// Tells all numbers, because the process ends.
pub(crate) fn tell_all() {
    tell(Instant::FAR.minus(PATIENCE));
}

fn tell(now: Instant) -> Instant {
    let (due, next) = take_due(now);
    // Outside of the lock.
    due.into_iter().for_each(emit::repeat);
    next.unwrap_or(Instant::FAR)
}

/// What is to be told by `now`, and when more is due.
fn take_due(now: Instant) -> (Vec<Repeated>, Option<Instant>) {
    with_book(|book| {
        let counted = book.entries.values_mut().filter(|entry| entry.more > 0);
        let (due, later): (Vec<_>, Vec<_>) = counted.partition(|entry| entry.pause.until <= now);
        let now = now.min(clock::now());
        let due: Vec<_> = due.into_iter().map(|entry| entry.tell(now)).collect();
        (due, later.iter().map(|entry| entry.pause.until).min())
    })
}

/// Writes the numbers that were not told so far to the file of JSON lines, when the process ends.
fn write_at_exit() {
    static ONCE: Once = Once::new();
    if journal::is_open() {
        ONCE.call_once(|| at_exit::call(write_all));
    }
}

extern "C" fn write_all() {
    // The process ends anyhow, and a panic would abort it.
    let _ = catch_unwind(|| {
        let (due, _) = take_due(Instant::FAR.minus(PATIENCE));
        due.iter().for_each(emit::write_repeat);
    });
}

impl Book {
    /// Whether `finding` is to be reported. Otherwise it is counted.
    fn is_new(&mut self, finding: &Finding, now: Instant) -> bool {
        let key = FoldKey::of(finding);
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.more += finding.count();
            entry.total += finding.count();
            return false;
        }
        if self.entries.len() == KEPT {
            self.forget();
        }
        let mut pause = LogPause::new();
        pause.extend(now);
        let reported = Reported::new(finding);
        let entry = Entry { reported, pause, told: now, more: 0, total: finding.count() };
        self.entries.insert(key, entry);
        true
    }

    /// Makes room for another finding.
    fn forget(&mut self) {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| (entry.more, entry.told));
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.likes.retain(|_, like| *like != key);
            self.entries.remove(&key);
        }
    }
}

/// Whether what is found in `scope` is only logged, and nothing but its own attribute allows or ignores anything.
fn is_logged(scope: &ScopeRecord) -> bool {
    let mut around = successors(scope.parent.as_deref(), |scope| scope.parent.as_deref());
    matches!(scope.role, Role::Call | Role::Owner)
        && scope.rule.on_leak == Action::Log
        && scope.collector.as_ref().is_none_or(|collector| !collector.is_open())
        && around.all(|s| s.rule.allow.is_none() && s.rule.on_leak != Action::Ignore)
}

/// The check of a scope whose findings are logged. Like scopes wait for it.
pub(super) struct OpenLikeness(HashSet<TaskLikeness>);

impl OpenLikeness {
    pub(super) fn new(scope: &ScopeRecord, tasks: &[Live]) -> Self {
        let logged = if is_logged(scope) { tasks } else { &[] };
        let all = logged.iter().filter_map(|task| TaskLikeness::of(scope, task));
        let all: HashSet<_> = all.collect();
        with_book(|book| all.iter().for_each(|like| *book.open.entry(*like).or_default() += 1));
        OpenLikeness(all)
    }

    /// Tasks with this likeness are counted as `finding` from now on.
    pub(super) fn learn(&self, like: Option<TaskLikeness>, finding: &Finding) {
        if let Some(like) = like.filter(|like| self.0.contains(like)) {
            with_book(|book| book.likes.insert(like, FoldKey::of(finding)));
        }
    }
}

impl Drop for OpenLikeness {
    fn drop(&mut self) {
        with_book(|book| {
            for like in &self.0 {
                if let Some(count) = book.open.get_mut(like) {
                    *count -= 1;
                }
            }
            book.open.retain(|_, count| *count > 0);
        });
    }
}

/// Counts the tasks of `scope` if each is like one that was reported, or postpones its check if one like it is being
/// probed. Returns whether it did.
pub(super) fn is_told(scope: &ScopeRecord, tasks: &[Live]) -> bool {
    if !is_logged(scope) {
        return false;
    }
    let spawned = || tasks.iter().filter(|task| !task.kind().is_call());
    let likes: Option<Vec<_>> = spawned().map(|task| TaskLikeness::of(scope, task)).collect();
    let Some(likes) = likes.filter(|likes| !likes.is_empty()) else {
        return false;
    };
    let now = clock::now();
    let is_late = scope.limit().is_none_or(|limit| now > limit.plus(PATIENCE));
    let is_known = with_book(|book| {
        let is_quiet = |like| {
            let entry = book.likes.get(like).and_then(|key| book.entries.get(key));
            entry.is_some_and(|entry| now < entry.pause.until)
        };
        let is_open = |like| !is_late && book.open.contains_key(like);
        let is_known = likes.iter().all(is_quiet);
        (is_known || likes.iter().all(|like| is_quiet(like) || is_open(like))).then_some(is_known)
    });
    match is_known {
        None => return false,
        Some(false) => scope.progress.postpone_freely(now.plus(PAUSE)),
        Some(true) => {
            for (task, like) in spawned().zip(likes).filter(|(task, _)| task.report_once()) {
                with_book(|book| book.count(&like));
                task.site.count_leak();
            }
            scope.progress.set_judged(Vec::new());
        }
    }
    true
}

impl Book {
    fn count(&mut self, like: &TaskLikeness) {
        let entry = self.likes.get(like).and_then(|key| self.entries.get_mut(key));
        if let Some(entry) = entry {
            entry.more += 1;
            entry.total += 1;
        }
    }
}
