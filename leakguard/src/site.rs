//! Places in the source and how often each was reached; knows nothing of tasks that live.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// What stands at a [`Site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SiteKind {
    /// An annotated function.
    Function,
    /// A call that starts a task, a blocking closure or a thread.
    Spawn,
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
    started: AtomicU64,
    ended: AtomicU64,
    leaked: AtomicU64,
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
            started: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            leaked: AtomicU64::new(0),
        }
    }

    /// The site of a scope that is opened by hand at the caller's place; the same each time, so that
    /// there are no more of them than places in the program. It is not in the list of [`sites`].
    #[track_caller]
    pub(crate) fn by_hand(name: &'static str) -> &'static Site {
        type Places = BTreeMap<(&'static str, u32, u32, &'static str), &'static Site>;
        static KNOWN: Mutex<Places> = Mutex::new(BTreeMap::new());
        let here = Location::caller();
        let key = (here.file(), here.line(), here.column(), name);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert_with(|| {
            let site = Site::new(SiteKind::Function, name, "", "");
            Box::leak(Box::new(Site {
                location: here,
                ..site
            }))
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
        self.started.load(Relaxed)
    }

    /// How many of them have ended, in whatever way.
    pub fn ended(&self) -> u64 {
        self.ended.load(Relaxed)
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

    pub(crate) fn count_start(&self) {
        self.started.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_end(&self) {
        self.ended.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_leak(&self) {
        self.leaked.fetch_add(1, Relaxed);
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in `{}`", self.location, self.function)
    }
}

/// Not public API. Used by generated code to enter a site into the list.
#[doc(hidden)]
pub struct Entry(pub &'static Site);

inventory::collect!(Entry);

/// Every annotated function and every spawn in one, ordered by file, line and column.
///
/// Generic functions have one site for all their instances.
pub fn sites() -> Vec<&'static Site> {
    let mut all: Vec<_> = inventory::iter::<Entry>.into_iter().map(|e| e.0).collect();
    all.sort_by_key(|s| (s.location.file(), s.location.line(), s.location.column()));
    all
}
