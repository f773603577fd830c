//! The record of one thing that was started or called and is expected to end.

use crate::clock::{self, Moment};
use crate::record::ask::{Ask, Reply};
use crate::record::facts::{Answer, Native, State, TaskFacts};
use crate::record::id::{ScopeId, TaskId, TaskKind};
use crate::record::name;
use crate::record::place::Place;
use crate::site::Site;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{
    AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

const ASKED: u8 = 1;
const BACKGROUND: u8 = 1 << 2;
const DETACHED: u8 = 1 << 1;
const REPORTED: u8 = 1 << 3;
const PANICKED: u8 = 1 << 4;
/// Another record, made earlier for the same future, speaks for this one.
const COVERED: u8 = 1 << 5;
const ENDED: u8 = 1 << 6;
/// It has, or is, another record of the same future.
const TWINNED: u8 = 1 << 7;

/// What a task is for those inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape(u8);

impl Shape {
    pub(crate) const EMPTY: Shape = Shape(0);
    const CALL: u8 = 1;
    const SCOPED: u8 = 1 << 1;

    /// Whether the registry keeps it among the scopes.
    pub(crate) fn is_call(self) -> bool {
        self.0 & Self::CALL != 0
    }

    /// Whether a scope owns what it starts.
    pub(crate) fn is_scoped(self) -> bool {
        self.0 & Self::SCOPED != 0
    }

    /// Whether what it starts may go on.
    pub(crate) fn is_background(self) -> bool {
        self.0 & BACKGROUND != 0
    }
}

/// What is known of all tasks of one type; a constant of the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    pub(crate) kind: TaskKind,
    /// The name of the future's type.
    pub(crate) type_name: fn() -> &'static str,
}

/// What a new record is made from.
pub(crate) struct Birth {
    pub(crate) nature: &'static Nature,
    pub(crate) site: &'static Site,
    pub(crate) parent: Option<TaskId>,
    pub(crate) background: bool,
    pub(crate) detached: bool,
}

/// By what a task is reached.
#[derive(Debug)]
enum Reach {
    Waker(Waker),
    Rest(Option<Box<Rare>>),
}

/// What a task needs in rare moments, as when it is asked.
#[derive(Debug, Default)]
struct Rare {
    waker: Option<Waker>,
    asks: Vec<Arc<Ask>>,
    /// The other record of the same future, if a helper wrapped it again; 0 is none.
    twin: u64,
}

impl Reach {
    fn rare(&mut self) -> &mut Rare {
        if let Reach::Waker(_) = self {
            let Reach::Waker(waker) = std::mem::replace(self, Reach::Rest(None)) else {
                unreachable!("looked at in the line above");
            };
            *self = Reach::Rest(Some(Box::new(Rare {
                waker: Some(waker),
                ..Rare::default()
            })));
        }
        match self {
            Reach::Rest(rare) => rare.get_or_insert_default(),
            Reach::Waker(_) => unreachable!("replaced above"),
        }
    }

    /// Gives up the box when nothing but a waker is in it.
    fn shrink(&mut self) {
        if let Reach::Rest(Some(rare)) = self {
            if rare.asks.is_empty() && rare.twin == 0 {
                *self = match rare.waker.take() {
                    Some(waker) => Reach::Waker(waker),
                    None => Reach::Rest(None),
                };
            }
        }
    }
}

/// One task, closure, thread or call. Its owner writes with relaxed stores; everybody may read.
///
/// A hundred thousand of them may idle: what is not needed all the time is kept small or elsewhere.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) site: &'static Site,
    nature: &'static Nature,
    reach: Mutex<Reach>,
    /// When it was started, in units of 2^22 ns, which are 4.2 ms; lasts for 208 days.
    began: u32,
    /// How far its parent's number lies below its own; 0 is nobody, or somebody too far away.
    parent: i32,
    pub(crate) id: TaskId,
    /// Where the innermost annotated await of its last poll waits.
    pub(crate) wait: Place,
    /// Twice the moment at which its last poll began (then odd) or ended (then even).
    stamp: AtomicU64,
    /// Where the registry keeps it.
    pub(crate) key: u32,
    /// How often it was polled; stops at the last number.
    polls: AtomicU32,
    /// Stands for the waker in `reach`, so that an unchanged one costs a compare; 0 is none.
    waker_mark: AtomicU32,
    flags: AtomicU8,
    shape: Shape,
    /// The number of the thread that was last inside it.
    thread: AtomicU16,
}

// A task that idles is to cost less than 128 bytes, with its pointers, counts and scope. On macOS a lock is larger.
#[cfg(not(target_os = "macos"))]
const _: () = assert!(size_of::<Task>() <= 88);

const BEGAN_UNIT: u32 = 22;

/// Two thousand million numbers at the most.
fn distance(child: TaskId, parent: TaskId) -> i32 {
    i32::try_from(child.0.wrapping_sub(parent.0) as i64).unwrap_or(0)
}

impl Task {
    pub(crate) fn new(id: TaskId, key: u32, birth: &Birth, scoped: bool) -> Self {
        let flag = |on, bit| if on { bit } else { 0 };
        let now = clock::coarse();
        Task {
            id,
            site: birth.site,
            nature: birth.nature,
            parent: birth.parent.map_or(0, |p| distance(id, p)),
            wait: Place::default(),
            stamp: AtomicU64::new(now.nanos() << 1),
            began: (now.nanos() >> BEGAN_UNIT) as u32,
            key,
            polls: AtomicU32::new(0),
            waker_mark: AtomicU32::new(0),
            flags: AtomicU8::new(
                flag(birth.background, BACKGROUND) | flag(birth.detached, DETACHED),
            ),
            shape: Shape(
                flag(birth.nature.kind.is_call(), Shape::CALL) | flag(scoped, Shape::SCOPED),
            ),
            thread: AtomicU16::new(0),
            reach: Mutex::new(Reach::Rest(None)),
        }
    }

    pub(crate) fn kind(&self) -> TaskKind {
        self.nature.kind
    }

    fn reach(&self) -> MutexGuard<'_, Reach> {
        self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn has(&self, flag: u8) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    fn set(&self, flag: u8) -> bool {
        self.flags.fetch_or(flag, SeqCst) & flag == 0
    }

    /// A poll begins. Only the poller calls this.
    #[inline]
    pub(crate) fn begin(&self, now: Moment, thread: u16) {
        // What is stored has to leave before the executor's next locked instruction: so store less.
        if self.thread.load(Relaxed) != thread {
            self.thread.store(thread, Relaxed);
        }
        self.polls
            .store(self.polls.load(Relaxed).saturating_add(1), Relaxed);
        self.wait.set(None);
        self.stamp.store((now.nanos() << 1) | 1, Relaxed);
    }

    /// A poll ends, and waits at `wait`. Only the poller calls this.
    #[inline]
    pub(crate) fn pause(&self, now: Moment, wait: Option<&'static Location<'static>>) {
        self.wait.set(wait);
        self.stamp.store(now.nanos() << 1, Relaxed);
    }

    /// A poll that leakguard caused and that changed nothing did not happen.
    pub(crate) fn undo_poll(&self, idle_since: Moment) {
        self.polls.store(self.polls() - 1, Relaxed);
        self.stamp.store(idle_since.nanos() << 1, Relaxed);
    }

    #[inline]
    pub(crate) fn polls(&self) -> u32 {
        self.polls.load(Relaxed)
    }

    /// Whether somebody is inside it now.
    pub(crate) fn is_polling(&self) -> bool {
        self.stamp.load(Relaxed) & 1 == 1
    }

    /// What tells the poll or call that goes on now from every other one, and the number of its thread.
    pub(crate) fn visit(&self) -> Option<(u32, Moment, u16)> {
        let visit = (self.polls(), self.stamped(), self.thread());
        self.is_polling().then_some(visit)
    }

    /// The coarse time at which its last poll began or ended, or at which it was started.
    pub(crate) fn stamped(&self) -> Moment {
        Moment::from_nanos(self.stamp.load(Relaxed) >> 1)
    }

    /// That moment, for who judges.
    pub(crate) fn since(&self) -> Moment {
        clock::settled(self.stamped())
    }

    /// Whether `waker` is the one that is kept, as nearly always.
    #[inline]
    pub(crate) fn has_kept(&self, waker: &Waker) -> bool {
        self.waker_mark.load(Relaxed) == mark(waker)
    }

    /// Keeps the waker by which a question can reach the task.
    pub(crate) fn keep_waker(&self, waker: &Waker) {
        self.waker_mark.store(mark(waker), Relaxed);
        let new = waker.clone();
        let mut reach = self.reach();
        let (old, asked) = match &mut *reach {
            Reach::Rest(Some(rare)) => (rare.waker.replace(new), !rare.asks.is_empty()),
            other => match std::mem::replace(other, Reach::Waker(new)) {
                Reach::Waker(old) => (Some(old), false),
                Reach::Rest(_) => (None, false),
            },
        };
        drop(reach);
        drop(old);
        if asked {
            // The question came while there was no waker, or one that reaches nobody any more.
            wake(waker);
        }
    }

    #[inline]
    pub(crate) fn is_asked(&self) -> bool {
        self.has(ASKED)
    }

    /// Puts a question; the next poll answers it. `false` if the task can no longer answer.
    pub(crate) fn ask(&self, ask: &Arc<Ask>) -> bool {
        let waker = {
            let mut reach = self.reach();
            if self.has(ENDED) {
                return false;
            }
            let rare = reach.rare();
            rare.asks.push(ask.clone());
            if self.flags.fetch_or(ASKED, SeqCst) & ENDED != 0 {
                // It ended meanwhile, and may not have looked for questions.
                rare.asks.pop();
                return false;
            }
            rare.waker.take()
        };
        // The waker is the user's code: it runs with no lock held.
        if let Some(waker) = waker {
            wake(&waker);
            self.put_back(waker);
        }
        true
    }

    fn put_back(&self, waker: Waker) {
        let mut reach = self.reach();
        let rare = reach.rare();
        // Another asker found no waker meanwhile, and relies on this wake.
        let again = (rare.asks.len() > 1).then(|| waker.clone());
        let unused = if !self.has(ENDED) && rare.waker.is_none() {
            rare.waker = Some(waker);
            None
        } else {
            Some(waker)
        };
        reach.shrink();
        drop(reach);
        drop(unused);
        if let Some(again) = again {
            wake(&again);
        }
    }

    /// Takes the questions that are open; the poll that does so answers them.
    pub(crate) fn take_asks(&self) -> Vec<Arc<Ask>> {
        let mut reach = self.reach();
        self.flags.fetch_and(!ASKED, SeqCst);
        let asks = std::mem::take(&mut reach.rare().asks);
        reach.shrink();
        asks
    }

    /// The last thing that happens to a record.
    pub(crate) fn end(&self) {
        let asked = self.flags.fetch_or(ENDED, SeqCst) & ASKED != 0;
        if asked || self.waker_mark.load(Relaxed) != 0 {
            self.let_go();
        }
    }

    /// Drops the waker, and tells who asks that nothing will come.
    fn let_go(&self) {
        let mut reach = self.reach();
        let (waker, asks) = match &mut *reach {
            Reach::Rest(None) => return,
            Reach::Rest(Some(rare)) => (rare.waker.take(), std::mem::take(&mut rare.asks)),
            waker => match std::mem::replace(waker, Reach::Rest(None)) {
                Reach::Waker(waker) => (Some(waker), Vec::new()),
                Reach::Rest(_) => return,
            },
        };
        drop(reach);
        drop(waker);
        for ask in asks {
            ask.reply(Reply {
                task: self.id,
                poll: None,
            });
        }
    }

    #[inline]
    pub(crate) fn shape(&self) -> Shape {
        Shape(self.shape.0 | (self.flags.load(Relaxed) & BACKGROUND))
    }

    pub(crate) fn thread(&self) -> u16 {
        self.thread.load(Relaxed)
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
        if !self.has(TWINNED) && !inner.has(TWINNED) {
            self.set_twin(inner.id);
            inner.set_twin(self.id);
            self.set(COVERED);
        }
    }

    /// Whether it has, or is, another record of the same future.
    pub(crate) fn is_twinned(&self) -> bool {
        self.has(TWINNED)
    }

    fn set_twin(&self, other: TaskId) {
        self.reach().rare().twin = other.0;
        self.set(TWINNED);
    }

    fn twin(&self) -> Option<TaskId> {
        self.has(TWINNED).then(|| TaskId(self.reach().rare().twin))
    }

    pub(crate) fn parent(&self) -> Option<TaskId> {
        let parent = self.id.0.wrapping_add_signed(-i64::from(self.parent));
        (self.parent != 0).then_some(TaskId(parent))
    }

    pub(crate) fn began(&self) -> Moment {
        Moment::from_nanos(u64::from(self.began) << BEGAN_UNIT)
    }

    /// What is known of it, as one of `scope`.
    pub(crate) fn facts(&self, scope: Option<ScopeId>) -> TaskFacts {
        let is_polling = self.is_polling();
        let (polls, since) = (self.polls(), self.since());
        TaskFacts {
            id: self.id,
            kind: self.kind(),
            name: name::of_type((self.nature.type_name)()),
            site: self.site,
            twin: self.twin(),
            through: None,
            parent: self.parent(),
            scope,
            began: self.began(),
            polls: polls.into(),
            state: match (is_polling, polls) {
                (true, _) => State::Polling { since },
                (_, 0) if self.kind().is_polled() => State::NeverPolled,
                (_, 0) => State::NotBegun,
                _ => State::Idle { since },
            },
            wait_at: self.wait.get(),
            background: self.is_background(),
            detached: self.is_detached(),
            thread: None,
            native: Native::NotAsked,
            answer: Answer::NotAsked,
        }
    }
}

/// Stands for a waker; never 0. As long as a waker is kept, no other one has its address; that two
/// live ones differ in none of these bits does not happen.
#[inline]
fn mark(waker: &Waker) -> u32 {
    let address = waker.data().addr() as u64;
    ((address >> 3) ^ (address >> 35)) as u32 | 1
}

/// One that panics must not take the asker with it.
fn wake(waker: &Waker) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake_by_ref()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SiteKind;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    static SITE: Site = Site::new(SiteKind::Spawn, "test", "spawn", "");
    const NATURE: Nature = Nature {
        kind: TaskKind::Async,
        type_name: || "",
    };

    fn task(id: u64, parent: Option<u64>) -> Task {
        let birth = Birth {
            nature: &NATURE,
            site: &SITE,
            parent: parent.map(TaskId),
            background: false,
            detached: false,
        };
        Task::new(TaskId(id), 0, &birth, false)
    }

    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn ask() -> (Arc<Ask>, Arc<AtomicUsize>) {
        let rung = Arc::new(AtomicUsize::new(0));
        let bell = rung.clone();
        let ring = move || _ = bell.fetch_add(1, SeqCst);
        (Arc::new(Ask::new(clock::now(), false, 1, ring)), rung)
    }

    #[test]
    fn a_parent_is_found_in_both_directions() {
        for (id, parent) in [
            (7, Some(3)),
            (64, Some(129)),
            (9, None),
            (1 << 40, Some((1 << 40) - 5)),
        ] {
            assert_eq!(task(id, parent).parent(), parent.map(TaskId));
        }
        // Too far to be told.
        assert_eq!(task(1 << 40, Some(1)).parent(), None);
    }

    #[test]
    fn a_question_that_comes_before_the_waker_wakes_it() {
        let (bell, (question, rung)) = (Arc::new(Bell::default()), ask());
        let waker = Waker::from(bell.clone());
        let task = task(1, None);
        assert!(task.ask(&question) && task.is_asked());
        assert_eq!(bell.0.load(SeqCst), 0);
        task.keep_waker(&waker);
        assert_eq!(bell.0.load(SeqCst), 1);
        assert!(task.has_kept(&waker));
        assert_eq!(task.take_asks().len(), 1);
        assert!(!task.is_asked());
        // The end lets the waker go; nobody asks any more, so nobody is told.
        task.end();
        drop(waker);
        assert_eq!((Arc::strong_count(&bell), rung.load(SeqCst)), (1, 0));
    }

    #[test]
    fn an_end_answers_who_asks_and_no_question_comes_after_it() {
        let (bell, (question, rung)) = (Arc::new(Bell::default()), ask());
        let task = task(1, None);
        task.keep_waker(&Waker::from(bell.clone()));
        assert!(task.ask(&question));
        assert_eq!(bell.0.load(SeqCst), 1);
        task.end();
        assert_eq!((Arc::strong_count(&bell), rung.load(SeqCst)), (1, 1));
        assert!(!task.ask(&question));
        assert_eq!(rung.load(SeqCst), 1);
    }
}
