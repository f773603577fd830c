//! Places in the source and how often each was reached; knows nothing of tasks that live.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// What stands at a [`Site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SiteKind {
    /// An annotated function.
    Function,
    /// A call that starts a task, a blocking closure or a thread.
    Spawn,
    /// A call that makes a channel, in a function with `#[bounded_channel]`. It is in no list.
    Channel,
    /// A place of leakguard's own that starts a task, which is in no dump. It is in no list.
    Own,
}

/// One place in the source, with its counts since the program began.
///
/// Each is a `static`; [`sites`] lists them all, those never reached included.
#[derive(Debug)]
pub struct Site {
    kind: SiteKind,
    function: &'static str,
    callee: &'static str,
    module: &'static str,
    location: &'static Location<'static>,
    counts: OnceLock<Box<[Counts; STRIPES]>>,
    leaked: AtomicU64,
    untaken: Untaken,
}

/// How many tasks of a place have ended whose handle is kept by somebody who has not asked for the result. Signed,
/// because of two threads that come together the one that takes may count first.
#[derive(Debug)]
struct Untaken {
    now: AtomicI64,
    most: AtomicI64,
}

/// Threads count in stripes of their own, so that they do not take the line from each other.
pub(crate) const STRIPES: usize = 16;

/// What one stripe has counted.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Counts {
    started: AtomicU64,
    ended: AtomicU64,
    /// Both at once.
    passed: AtomicU64,
}

type Places = BTreeMap<(&'static str, u32, u32, &'static str, &'static str), &'static Site>;

/// Those that no attribute made.
fn places() -> MutexGuard<'static, Places> {
    static KNOWN: Mutex<Places> = Mutex::new(BTreeMap::new());
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Site {
    /// Not public API. Used by generated code, whose span becomes the location.
    #[doc(hidden)]
    #[track_caller]
    pub const fn new(
        kind: SiteKind,
        function: &'static str,
        callee: &'static str,
        module: &'static str,
    ) -> Self {
        Site {
            kind,
            function,
            callee,
            module,
            location: Location::caller(),
            counts: OnceLock::new(),
            leaked: AtomicU64::new(0),
            untaken: Untaken {
                now: AtomicI64::new(0),
                most: AtomicI64::new(0),
            },
        }
    }

    /// The site of a scope that is opened by hand at the caller's place.
    #[track_caller]
    pub(crate) fn by_hand(name: &'static str) -> &'static Site {
        Site::at(SiteKind::Function, name, "", Location::caller())
    }

    /// The same for a task that is started by hand, by what is called `name`.
    #[track_caller]
    pub(crate) fn by_hand_spawn(name: &'static str) -> &'static Site {
        Site::at(SiteKind::Spawn, name, "", Location::caller())
    }

    /// A site that no attribute made; the same each time, so that there are no more of them than
    /// places in the program. It is not in the list of [`sites`].
    pub(crate) fn at(
        kind: SiteKind,
        function: &'static str,
        callee: &'static str,
        location: &'static Location<'static>,
    ) -> &'static Site {
        let (file, line, column) = (location.file(), location.line(), location.column());
        let mut known = places();
        let key = (file, line, column, function, callee);
        known.entry(key).or_insert_with(|| {
            let site = Site::new(kind, function, callee, "");
            Box::leak(Box::new(Site { location, ..site }))
        })
    }

    /// Whether this is a function or a spawn.
    pub fn kind(&self) -> SiteKind {
        self.kind
    }

    /// The name of the function that stands here or encloses the call.
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// What is called here as the source spells it, such as `tokio::spawn`; empty for a function.
    pub fn callee(&self) -> &'static str {
        self.callee
    }

    /// The module path.
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// File, line and column.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// How many calls or tasks began here.
    pub fn started(&self) -> u64 {
        self.sum(|c| &c.started) + self.sum(|c| &c.passed)
    }

    /// How many of them have ended, in whatever way; a call of a `must_terminate` function when all
    /// that it started has.
    pub fn ended(&self) -> u64 {
        self.sum(|c| &c.ended) + self.sum(|c| &c.passed)
    }

    /// How many of them were reported as leaked.
    pub fn leaked(&self) -> u64 {
        self.leaked.load(Relaxed)
    }

    /// How many are alive now.
    pub fn alive(&self) -> u64 {
        // `ended` first: an end that comes between the two loads must not make this negative.
        let ended = self.ended();
        self.started().saturating_sub(ended)
    }

    fn sum(&self, count: fn(&Counts) -> &AtomicU64) -> u64 {
        let stripes = self.counts.get().into_iter().flat_map(|c| c.iter());
        stripes.map(|c| count(c).load(Relaxed)).sum()
    }

    #[inline]
    fn stripe(&self, stripe: usize) -> &Counts {
        let counts = self.counts.get_or_init(Box::default);
        &counts[stripe % STRIPES]
    }

    /// Whoever counts a start or an end in a stripe holds the lock of that stripe: so a load and a
    /// store will do.
    #[inline]
    pub(crate) fn count_start(&self, stripe: usize) {
        let started = &self.stripe(stripe).started;
        started.store(started.load(Relaxed) + 1, Relaxed);
    }

    /// As [`Site::count_start`].
    #[inline]
    pub(crate) fn count_end(&self, stripe: usize) {
        let ended = &self.stripe(stripe).ended;
        ended.store(ended.load(Relaxed) + 1, Relaxed);
    }

    /// A call that only passes by; needs no lock.
    pub(crate) fn count_pass(&self, stripe: usize) {
        self.stripe(stripe).passed.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_leak(&self) {
        self.leaked.fetch_add(1, Relaxed);
    }

    /// A task has ended whose handle is kept.
    pub(crate) fn count_untaken(&self) {
        let before = self.untaken.now.fetch_add(1, Relaxed);
        self.untaken.most.fetch_max(before + 1, Relaxed);
    }

    /// Its result was taken, or its handle was dropped.
    pub(crate) fn count_taken(&self) {
        self.untaken.now.fetch_sub(1, Relaxed);
    }

    /// How many tasks of this place have ended whose handle is kept and was not awaited.
    pub(crate) fn untaken(&self) -> u64 {
        u64::try_from(self.untaken.now.load(Relaxed)).unwrap_or(0)
    }

    /// The most there have been at one time.
    pub(crate) fn most_untaken(&self) -> u64 {
        u64::try_from(self.untaken.most.load(Relaxed)).unwrap_or(0)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in `{}`", self.location, self.function)
    }
}

/// Not public API. Used by generated code to enter the sites of a function into the list.
#[doc(hidden)]
pub struct Entry(pub &'static [Site]);

inventory::collect!(Entry);

/// Every spawn in an annotated function, and every such function that starts something or opens a
/// scope, ordered by file, line and column.
///
/// Generic functions have one site for all their instances.
pub fn sites() -> Vec<&'static Site> {
    let mut all: Vec<_> = inventory::iter::<Entry>
        .into_iter()
        .flat_map(|e| e.0)
        .collect();
    all.sort_by_key(|s| (s.location.file(), s.location.line(), s.location.column()));
    all
}

/// Every place that starts tasks, those that no attribute made included.
pub(crate) fn spawns() -> Vec<&'static Site> {
    let by_hand: Vec<_> = places().values().copied().collect();
    let mut all = sites();
    all.extend(by_hand);
    all.retain(|site| site.kind == SiteKind::Spawn);
    all
}
