//! The record of one thing that was started and is expected to end.

use crate::clock::{self, Moment};
use crate::record::ask::{Ask, Reply};
use crate::record::facts::{State, TaskFacts};
use crate::record::id::{TaskId, TaskKind};
use crate::record::name;
use crate::record::place::Place;
use crate::record::scope::Scope;
use crate::site::Site;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

const ASKED: u8 = 1;
const BACKGROUND: u8 = 1 << 1;
const DETACHED: u8 = 1 << 2;
const REPORTED: u8 = 1 << 3;
const PANICKED: u8 = 1 << 4;
/// Another record, made earlier for the same future, speaks for this one.
const COVERED: u8 = 1 << 5;
const ENDED: u8 = 1 << 6;

/// What a new record is made from.
pub(crate) struct Birth {
    pub(crate) kind: TaskKind,
    pub(crate) site: &'static Site,
    pub(crate) name: fn() -> &'static str,
    pub(crate) parent: Option<TaskId>,
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) background: bool,
    pub(crate) detached: bool,
}

/// What is rarely touched: by a new waker, by a question, at the end.
#[derive(Debug, Default)]
struct Rare {
    waker: Option<Waker>,
    asks: Vec<Arc<Ask>>,
}

/// One live task. Its owner writes with relaxed stores; everybody may read.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) kind: TaskKind,
    pub(crate) site: &'static Site,
    pub(crate) parent: Option<TaskId>,
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) began: Moment,
    /// Where the registry keeps it.
    pub(crate) key: AtomicUsize,
    /// Where the innermost annotated await of its last poll waits.
    pub(crate) wait: Place,
    name: fn() -> &'static str,
    flags: AtomicU8,
    polls: AtomicU64,
    /// Twice the moment at which its last poll began (then odd) or ended (then even).
    stamp: AtomicU64,
    /// The identity of the waker in `rare`, so that an unchanged one costs a compare.
    waker_data: AtomicUsize,
    /// The other record of the same future, if a helper wrapped it again.
    twin: AtomicU64,
    rare: Mutex<Rare>,
}

impl Task {
    pub(crate) fn new(birth: Birth) -> Self {
        birth.site.count_start();
        let flag = |on, bit| if on { bit } else { 0 };
        let began = clock::now();
        Task {
            id: TaskId::next(),
            kind: birth.kind,
            site: birth.site,
            parent: birth.parent,
            scope: birth.scope,
            began,
            key: AtomicUsize::new(usize::MAX),
            wait: Place::default(),
            name: birth.name,
            flags: AtomicU8::new(
                flag(birth.background, BACKGROUND) | flag(birth.detached, DETACHED),
            ),
            polls: AtomicU64::new(0),
            stamp: AtomicU64::new(began.nanos() << 1),
            waker_data: AtomicUsize::new(usize::MAX),
            twin: AtomicU64::new(0),
            rare: Mutex::default(),
        }
    }

    fn rare(&self) -> MutexGuard<'_, Rare> {
        self.rare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    fn set(&self, flag: u8) -> bool {
        self.flags.fetch_or(flag, Relaxed) & flag == 0
    }

    /// A poll begins. Only the poller calls this.
    pub(crate) fn begin(&self, now: Moment) {
        self.polls.store(self.polls.load(Relaxed) + 1, Relaxed);
        self.wait.set(None);
        self.stamp.store((now.nanos() << 1) | 1, Relaxed);
    }

    /// A poll ends. Only the poller calls this.
    pub(crate) fn pause(&self, now: Moment) {
        self.stamp.store(now.nanos() << 1, Relaxed);
    }

    /// A poll that leakguard caused and that changed nothing did not happen.
    pub(crate) fn undo_poll(&self, idle_since: Moment) {
        self.polls.store(self.polls.load(Relaxed) - 1, Relaxed);
        self.pause(idle_since);
    }

    pub(crate) fn polls(&self) -> u64 {
        self.polls.load(Relaxed)
    }

    /// Whether somebody is inside it now.
    pub(crate) fn is_polling(&self) -> bool {
        self.stamp.load(Relaxed) & 1 == 1
    }

    /// When its last poll began or ended, or when it was started.
    pub(crate) fn since(&self) -> Moment {
        Moment::from_nanos(self.stamp.load(Relaxed) >> 1)
    }

    /// Keeps the waker by which a question can reach the task. Nearly always it is the one kept.
    pub(crate) fn keep_waker(&self, waker: &Waker) {
        let data = waker.data().addr();
        if self.waker_data.load(Relaxed) == data {
            return;
        }
        self.waker_data.store(data, Relaxed);
        let new = waker.clone();
        let old = self.rare().waker.replace(new);
        drop(old);
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.has(ASKED)
    }

    /// Puts a question; the next poll answers it. `false` if the task can no longer answer.
    pub(crate) fn ask(&self, ask: &Arc<Ask>) -> bool {
        let waker = {
            let mut rare = self.rare();
            if self.has(ENDED) {
                return false;
            }
            rare.asks.push(ask.clone());
            self.set(ASKED);
            rare.waker.take()
        };
        // The waker is the user's code: it runs with no lock held.
        if let Some(waker) = waker {
            // One that panics must not take the asker with it.
            let wake = std::panic::AssertUnwindSafe(|| waker.wake_by_ref());
            let _ = std::panic::catch_unwind(wake);
            self.put_back(waker);
        }
        true
    }

    fn put_back(&self, waker: Waker) {
        let mut rare = self.rare();
        // Another asker found no waker meanwhile, and relies on this wake.
        let again = (rare.asks.len() > 1).then(|| waker.clone());
        let unused = if !self.has(ENDED) && rare.waker.is_none() {
            rare.waker = Some(waker);
            None
        } else {
            Some(waker)
        };
        drop(rare);
        drop(unused);
        if let Some(again) = again {
            let wake = std::panic::AssertUnwindSafe(|| again.wake());
            let _ = std::panic::catch_unwind(wake);
        }
    }

    /// Takes the questions that are open; the poll that does so answers them.
    pub(crate) fn take_asks(&self) -> Vec<Arc<Ask>> {
        let mut rare = self.rare();
        self.flags.fetch_and(!ASKED, Relaxed);
        std::mem::take(&mut rare.asks)
    }

    /// The last thing that happens to a record.
    pub(crate) fn end(&self) {
        let (asks, waker) = {
            let mut rare = self.rare();
            self.set(ENDED);
            (std::mem::take(&mut rare.asks), rare.waker.take())
        };
        drop(waker);
        for ask in asks {
            ask.reply(Reply {
                task: self.id,
                poll: None,
            });
        }
        self.site.count_end();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has(ENDED)
    }

    pub(crate) fn mark_panicked(&self) {
        self.set(PANICKED);
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.has(PANICKED)
    }

    pub(crate) fn is_detached(&self) -> bool {
        self.has(DETACHED)
    }

    /// `true` the first time, so that nested scopes do not both report it.
    pub(crate) fn report_once(&self) -> bool {
        self.set(REPORTED)
    }

    pub(crate) fn is_background(&self) -> bool {
        self.has(BACKGROUND)
    }

    /// `true` if it was not so before.
    pub(crate) fn mark_background(&self) -> bool {
        self.set(BACKGROUND)
    }

    pub(crate) fn is_covered(&self) -> bool {
        self.has(COVERED)
    }

    /// `inner` is the same future, wrapped before by whoever called this task's helper.
    pub(crate) fn cover(&self, inner: &Task) {
        if self.twin.load(Relaxed) == 0 && inner.twin.load(Relaxed) == 0 {
            self.twin.store(inner.id.0, Relaxed);
            inner.twin.store(self.id.0, Relaxed);
            self.set(COVERED);
        }
    }

    pub(crate) fn facts(&self) -> TaskFacts {
        let stamp = self.stamp.load(Relaxed);
        let polls = self.polls();
        let since = Moment::from_nanos(stamp >> 1);
        TaskFacts {
            id: self.id,
            kind: self.kind,
            name: name::of_type((self.name)()).to_owned(),
            site: self.site,
            twin: Some(TaskId(self.twin.load(Relaxed))).filter(|t| t.0 != 0),
            through: None,
            parent: self.parent,
            scope: self.scope.as_ref().map(|s| s.id),
            began: self.began,
            polls,
            state: match (stamp & 1, polls) {
                (1, _) => State::Polling { since },
                (_, 0) if self.kind.is_polled() => State::NeverPolled,
                (_, 0) => State::NotBegun,
                _ => State::Idle { since },
            },
            wait_at: self.wait.get(),
            background: self.is_background(),
            detached: self.is_detached(),
            thread: None,
            answer: crate::record::facts::Answer::NotAsked,
        }
    }
}
