//! Places in the source and how often each was reached; knows no live task.

use crate::lock::Lock;
use crate::stripe::STRIPES;
use crate::vocabulary::SiteKind;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{MutexGuard, OnceLock};

/// The place of a call in the source, as `#[track_caller]` gives it.
pub(crate) type CallSite = &'static Location<'static>;

/// One place in the source, with its counts since the start of the program.
///
/// Each is a `static`. [`sites`] lists them all, including those never reached.
#[derive(Debug)]
pub struct Site {
    kind: SiteKind,
    /// A place of leakguard's own: its tasks are in no dump.
    is_internal: bool,
    /// An await in a task that leakguard did not see start.
    is_visit: bool,
    /// A call of a drop-in, whose caller's name is not known.
    is_drop_in: bool,
    function: &'static str,
    callee: &'static str,
    module: &'static str,
    location: &'static Location<'static>,
    counts: OnceLock<Box<[Counts; STRIPES]>>,
    leaked: AtomicU64,
    unreaped: Unreaped,
}

/// Number of ended tasks whose handle is kept and was not awaited. Signed, because the
/// thread that reaps may count before the one that ends the task.
#[derive(Debug)]
struct Unreaped {
    now: AtomicI64,
    max: AtomicI64,
}

/// The counts of one stripe.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Counts {
    started: AtomicU64,
    ended: AtomicU64,
    /// Started and ended at once.
    passed: AtomicU64,
}

type Unlisted = BTreeMap<(&'static str, u32, u32, &'static str, &'static str), &'static Site>;

/// The sites that no attribute created.
fn unlisted() -> MutexGuard<'static, Unlisted> {
    static KNOWN: Lock<Unlisted> = Lock::new(BTreeMap::new());
    KNOWN.lock()
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
        Site::with(kind, false, function, callee, module)
    }

    /// The site of a task of leakguard's own, which is in no list and in no dump.
    #[track_caller]
    pub(crate) const fn internal(function: &'static str, callee: &'static str) -> Self {
        Site::with(SiteKind::Spawn, true, function, callee, "")
    }

    #[track_caller]
    const fn with(
        kind: SiteKind,
        is_internal: bool,
        function: &'static str,
        callee: &'static str,
        module: &'static str,
    ) -> Self {
        Site {
            kind,
            is_internal,
            is_visit: false,
            is_drop_in: false,
            function,
            callee,
            module,
            location: Location::caller(),
            counts: OnceLock::new(),
            leaked: AtomicU64::new(0),
            unreaped: Unreaped { now: AtomicI64::new(0), max: AtomicI64::new(0) },
        }
    }

    /// The site of a scope that the caller opens by hand.
    #[track_caller]
    pub(crate) fn by_hand(name: &'static str) -> &'static Site {
        Site::at(SiteKind::Function, name, "", Location::caller())
    }

    /// The site of a task that the caller spawns by hand, by the function `name`.
    #[track_caller]
    pub(crate) fn by_hand_spawn(name: &'static str) -> &'static Site {
        Site::at(SiteKind::Spawn, name, "", Location::caller())
    }

    /// A site that no attribute created; the same one for each call with the same arguments, so that their number is
    /// bounded by the source. It is not in the list of [`sites`].
    pub(crate) fn at(
        kind: SiteKind,
        function: &'static str,
        callee: &'static str,
        location: &'static Location<'static>,
    ) -> &'static Site {
        Site::keep(Site { location, ..Site::new(kind, function, callee, "") })
    }

    /// The site of a task that the drop-in `name` spawns at `location`.
    pub(crate) fn of_drop_in(
        name: &'static str,
        location: &'static Location<'static>,
    ) -> &'static Site {
        let site = Site::new(SiteKind::Spawn, name, "", "");
        Site::keep(Site { location, is_drop_in: true, ..site })
    }

    /// The site of what the drop-in `name` runs at `location` on a runtime that has a scope.
    pub(crate) fn of_body(
        name: &'static str,
        location: &'static Location<'static>,
    ) -> &'static Site {
        let site = Site::new(SiteKind::Function, name, "", "");
        Site::keep(Site { location, is_drop_in: true, ..site })
    }

    /// The site of a thread that leakguard did not see start, by its name and where it waits. Only threads that wait while
    /// they hold a lock have one, so there are few.
    pub(crate) fn of_thread(name: &str, at: &'static Location<'static>) -> &'static Site {
        let key = (at.file(), at.line(), at.column());
        let mut known = unlisted();
        let is_it = |site: &Site| site.callee.is_empty() && site.function == name;
        let same = known.range((key.0, key.1, key.2, "", "")..);
        let mut same = same.take_while(|(k, _)| (k.0, k.1, k.2) == key);
        if let Some((_, site)) = same.find(|(_, site)| is_it(site)) {
            return site;
        }
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        let site = Site { location: at, ..Site::new(SiteKind::Function, name, "", "") };
        let site: &'static Site = Box::leak(Box::new(site));
        known.insert((key.0, key.1, key.2, name, ""), site);
        site
    }

    /// As [`Site::at`], for a task of leakguard's own.
    pub(crate) fn internal_at(location: &'static Location<'static>) -> &'static Site {
        Site::keep(Site { location, ..Site::internal("leakguard", "tokio::spawn") })
    }

    /// The site of a task that leakguard did not see start, in which annotated code awaits at `location`.
    pub(crate) fn of_visit(location: &'static Location<'static>) -> &'static Site {
        let site = Site::new(SiteKind::Function, "an unseen task", "", "");
        Site::keep(Site { location, is_visit: true, ..site })
    }

    fn keep(site: Site) -> &'static Site {
        let at = site.location;
        let key = (at.file(), at.line(), at.column(), site.function, site.callee);
        let mut known = unlisted();
        known.entry(key).or_insert_with(|| Box::leak(Box::new(site)))
    }

    /// Whether this is a function or a spawn.
    pub fn kind(&self) -> SiteKind {
        self.kind
    }

    pub(crate) fn is_internal(&self) -> bool {
        self.is_internal
    }

    /// Whether it is an await in a task that leakguard did not see start, and no place that spawns.
    pub(crate) fn is_visit(&self) -> bool {
        self.is_visit
    }

    /// Whether a drop-in spawns here, and not an annotated function.
    pub(crate) fn is_drop_in(&self) -> bool {
        self.is_drop_in
    }

    /// Whether the body of a runtime with a scope begins here. It is the call that the scope is about.
    pub(crate) fn is_body(&self) -> bool {
        self.is_drop_in && self.kind == SiteKind::Function
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

    /// Whether anything has begun here.
    #[inline]
    pub(crate) fn has_started(&self) -> bool {
        self.counts.get().is_some()
    }

    /// Number of calls or tasks that began here.
    pub fn started(&self) -> u64 {
        self.sum(|c| &c.started) + self.sum(|c| &c.passed)
    }

    /// Number of them that have ended, in whatever way. A call of a `must_terminate` function has ended when all
    /// that it started has.
    pub fn ended(&self) -> u64 {
        self.sum(|c| &c.ended) + self.sum(|c| &c.passed)
    }

    /// Number of them that were reported as leaked.
    pub fn leaked(&self) -> u64 {
        self.leaked.load(Relaxed)
    }

    /// Number of them that are alive now.
    pub fn alive(&self) -> u64 {
        // `ended` first: one that ends between the two loads must not make this negative.
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

    /// The caller holds the lock of the stripe, so a load and a store are enough.
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

    /// Counts a call that starts and ends at once; needs no lock.
    pub(crate) fn count_pass(&self, stripe: usize) {
        self.stripe(stripe).passed.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_leak(&self) {
        self.leaked.fetch_add(1, Relaxed);
    }

    /// Counts a task that has ended and whose handle is kept.
    pub(crate) fn count_unreaped(&self) {
        let before = self.unreaped.now.fetch_add(1, Relaxed);
        self.unreaped.max.fetch_max(before + 1, Relaxed);
    }

    /// Counts a task whose handle was awaited, or dropped, after its end.
    pub(crate) fn count_reaped(&self) {
        self.unreaped.now.fetch_sub(1, Relaxed);
    }

    /// Number of ended tasks of this place whose handle is kept and was not awaited.
    pub(crate) fn unreaped(&self) -> u64 {
        u64::try_from(self.unreaped.now.load(Relaxed)).unwrap_or(0)
    }

    /// Maximum number of such tasks at one time.
    pub(crate) fn max_unreaped(&self) -> u64 {
        u64::try_from(self.unreaped.max.load(Relaxed)).unwrap_or(0)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in `{}`", self.location, self.function)
    }
}

/// Not public API. Used by generated code to enter the sites of a function into the list.
#[doc(hidden)]
pub struct SiteTable(pub &'static [Site]);

inventory::collect!(SiteTable);

/// Every spawn in an annotated function, and every such function that spawns something or opens a
/// scope, ordered by file, line and column.
///
/// Generic functions have one site for all their instances.
pub fn sites() -> Vec<&'static Site> {
    let mut all: Vec<_> = inventory::iter::<SiteTable>.into_iter().flat_map(|e| e.0).collect();
    all.sort_by_key(|s| (s.location.file(), s.location.line(), s.location.column()));
    all
}

/// Every place that spawns the user's tasks, including those that no attribute created.
pub(crate) fn spawns() -> Vec<&'static Site> {
    let by_hand: Vec<_> = unlisted().values().copied().collect();
    let mut all = sites();
    all.extend(by_hand);
    all.retain(|site| site.kind == SiteKind::Spawn && !site.is_internal);
    all
}
