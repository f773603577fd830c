//! One place in the source that makes channels of plain types: of which kind and how often, never who has their ends.

use crate::fact::id::{ScopeId, TaskId};
use crate::fact::observed::Family;
use crate::fact::observed::ObservedFacts;
use crate::fact::observed::PlainReason;
use crate::record::resource::Creation;
use std::panic::Location;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// So many scopes that made a channel there are remembered. More of the same function may run at a time; what is said
/// of a channel is a guess in any case.
const SCOPES: usize = 8;

/// The capacity of a channel where it is not known.
const UNKNOWN: usize = usize::MAX;

/// Such a place: a `static`, as long as the program, however many channels are made there.
#[derive(Debug)]
pub struct Observed {
    function: &'static str,
    why: PlainReason,
    created: &'static Location<'static>,
    /// What the first call gave. A generic function has one place for all its instances.
    family: OnceLock<Option<&'static Family>>,
    capacity: AtomicUsize,
    times: AtomicU64,
    task: AtomicU64,
    scopes: [AtomicU64; SCOPES],
}

impl Observed {
    /// Not public API. Used by generated code, whose span becomes the location. `capacity` is the
    /// number that is written there, if one is.
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

    pub(crate) fn created(&self) -> &'static Location<'static> {
        self.created
    }

    /// Whether a pair of that type is a channel; `first` if this call was the first to ask.
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

    /// One more was made.
    pub(crate) fn count(&self, origin: &Creation, capacity: Option<usize>) {
        let before = self.times.fetch_add(1, Relaxed);
        let task = TaskId::to_word(origin.by);
        self.task.store(task, Relaxed);
        let scope = TaskId::to_word(origin.scope.map(|scope| scope.0));
        // One that makes many is not to push the others out.
        if !self.scopes.iter().any(|s| s.load(Relaxed) == scope) {
            self.scopes[before as usize % SCOPES].store(scope, Relaxed);
        }
        if let Some(capacity) = capacity {
            self.capacity.store(capacity, Relaxed);
        }
    }

    /// `None` where no channel was made.
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
            // What is written in `watch::channel(0)` is its first value.
            capacity: capacity.filter(|&c| c != UNKNOWN && family.is_bounded),
            times: times.filter(|&times| times > 0)?,
            task: id(&self.task),
            scopes: self.scopes.iter().filter_map(id).map(ScopeId).collect(),
        })
    }
}
