//! One place in the source that creates channels of plain types. Counts them, and never knows where their endpoints
//! are.

use crate::fact::id::{ScopeId, TaskId};
use crate::fact::observed::{Family, ObservedFacts, PlainReason};
use crate::record::resource::Creation;
use crate::site::CallSite;
use std::panic::Location;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Maximum number of scopes remembered for one place. More calls of the same function may run at a time, and a report
/// names such a channel as a guess in any case.
const SCOPES: usize = 8;

/// The capacity of a channel where it is not known.
const UNKNOWN: usize = usize::MAX;

/// Such a place. A `static`, however many channels are created there.
#[derive(Debug)]
pub struct Observed {
    function: &'static str,
    why: PlainReason,
    created: CallSite,
    /// The family of the first pair. A generic function has one place for all its instances.
    family: OnceLock<Option<&'static Family>>,
    capacity: AtomicUsize,
    times: AtomicU64,
    task: AtomicU64,
    scopes: [AtomicU64; SCOPES],
}

impl Observed {
    /// Not public API. Used by generated code, whose span becomes the location. `capacity` is the number in the source,
    /// if there is one.
    #[track_caller]
    pub const fn new(function: &'static str, why: PlainReason, capacity: &[usize]) -> Self {
        let capacity = match capacity {
            [capacity, ..] => *capacity,
            [] => UNKNOWN,
        };
        Observed {
            function,
            why,
            created: Location::caller(),
            family: OnceLock::new(),
            capacity: AtomicUsize::new(capacity),
            times: AtomicU64::new(0),
            task: AtomicU64::new(0),
            scopes: [const { AtomicU64::new(0) }; SCOPES],
        }
    }

    pub(crate) fn created(&self) -> CallSite {
        self.created
    }

    /// Whether a pair of that type is a channel. Runs `first` in the first call that finds one.
    pub(crate) fn is_channel(&self, pair: &str, first: impl FnOnce()) -> bool {
        if let Some(family) = self.family.get() {
            return family.is_some();
        }
        let family = Family::of(pair);
        if self.family.set(family).is_ok() && family.is_some() {
            first();
        }
        family.is_some()
    }

    /// Counts one more.
    pub(crate) fn count(&self, origin: &Creation, capacity: Option<usize>) {
        let before = self.times.fetch_add(1, Relaxed);
        let task = TaskId::to_word(origin.by);
        self.task.store(task, Relaxed);
        let scope = TaskId::to_word(origin.scope.map(|scope| scope.0));
        // A scope that creates many must not replace the others.
        if !self.scopes.iter().any(|s| s.load(Relaxed) == scope) {
            self.scopes[before as usize % SCOPES].store(scope, Relaxed);
        }
        if let Some(capacity) = capacity {
            self.capacity.store(capacity, Relaxed);
        }
    }

    /// `None` where no channel was created.
    pub(crate) fn facts(&self) -> Option<ObservedFacts> {
        let id = |number: &AtomicU64| TaskId::new(number.load(Relaxed));
        let times = Some(self.times.load(Relaxed));
        let family = self.family.get().copied().flatten()?;
        let capacity = Some(self.capacity.load(Relaxed));
        Some(ObservedFacts {
            family,
            function: self.function,
            why: self.why,
            created: self.created,
            // The argument of `watch::channel(0)` is its first value, not a capacity.
            capacity: capacity.filter(|&c| c != UNKNOWN && family.is_bounded),
            times: times.filter(|&times| times > 0)?,
            task: id(&self.task),
            scopes: self.scopes.iter().filter_map(id).map(ScopeId).collect(),
        })
    }
}
