//! A value that must be dropped by the end of its scope.

use crate::fact::kind::ResourceKind;
use crate::record::record_arc::RecordArc;
use crate::record::resource::{Creation, Resource};
use crate::record::scope::ScopeRecord;
use crate::site::CallSite;
use crate::{clock, config, context, ledger, registry};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;

/// A value that must be dropped by the end of the scope in which it was created, such as a connection, the body of a
/// response, the guard of a lock, or an `Arc` that may be part of a cycle.
///
/// It derefs to the value. If it is alive at the limit of its scope, it is reported as
/// [LG015](crate::findings::lg015), with the line that created it. Outside of every scope it is only shown in dumps. In
/// builds that do not watch it is the value alone.
///
/// ```
/// use leakguard::Tracked;
///
/// let mut body = Tracked::new(vec![1, 2]);
/// body.push(3);
/// assert_eq!(body.into_inner(), [1, 2, 3]);
/// ```
pub struct Tracked<T> {
    value: T,
    // Dropped after the value, whose destructor counts as part of its life.
    record: TrackedRecord,
}

impl<T> Tracked<T> {
    /// Tracks `value` from here on.
    #[track_caller]
    pub fn new(value: T) -> Self {
        let record = TrackedRecord::enter(std::any::type_name::<T>, Location::caller());
        Tracked { value, record }
    }

    /// Returns the value, which is no longer tracked.
    pub fn into_inner(self) -> T {
        drop(self.record);
        self.value
    }
}

/// Keeps the scope open, and the value in the ledger, until it is dropped.
struct TrackedRecord(Option<(Arc<Resource>, Option<RecordArc<ScopeRecord>>)>);

impl TrackedRecord {
    fn enter(type_name: fn() -> &'static str, created: CallSite) -> Self {
        if config::is_off() {
            return TrackedRecord(None);
        }
        let heritage = context::heritage();
        let scope = heritage.scope.filter(|scope| !heritage.background && scope.try_join());
        let origin =
            Creation { created, by: heritage.parent, scope: scope.as_ref().map(|s| s.id()) };
        let resource = Resource::new(ResourceKind::Value, None, origin, clock::coarse());
        let resource = Arc::new(resource.with_type(type_name));
        ledger::global().enter(&resource);
        TrackedRecord(Some((resource, scope.map(RecordArc))))
    }
}

impl Drop for TrackedRecord {
    fn drop(&mut self) {
        let Some((resource, scope)) = self.0.take() else {
            return;
        };
        ledger::global().leave(&resource);
        if let Some(scope) = scope {
            registry::global().leave(&scope);
        }
    }
}

impl<T> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> From<T> for Tracked<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Tracked::new(value)
    }
}

impl<T: Default> Default for Tracked<T> {
    #[track_caller]
    fn default() -> Self {
        Tracked::new(T::default())
    }
}

/// Each clone is a value of its own.
impl<T: Clone> Clone for Tracked<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Tracked::new(self.value.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Tracked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
