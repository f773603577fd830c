//! The scope that belongs to a runtime, if that is asked for. See `call/runtime_scope.rs`.

use crate::call::runtime_scope::{self, EnteredRuntime, RuntimeEnd};
use crate::context::Heritage;
use crate::fact::id::Role;
use crate::lock::Lock;
use crate::older::{RuntimeId, runtime_id};
use crate::record::record_arc::RecordArc;
use crate::record::scope::ScopeRecord;
use crate::site::CallSite;
use crate::{config, context};
use std::iter::successors;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock, Weak};
use tokio::runtime::{Handle, RuntimeFlavor};

/// The scope of a runtime, which its handles share. `None` where it is not asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuntimeRoot(Option<Arc<RootCell>>);

#[derive(Debug)]
struct RootCell {
    /// The test that created the runtime.
    name: Option<&'static str>,
    /// Open once the runtime was used. `None` inside if leakguard is off.
    scope: OnceLock<Option<RecordArc<ScopeRecord>>>,
    /// Whether its tasks have run. Those of a runtime without threads of its own only run inside of `block_on`.
    has_run: AtomicBool,
}

impl RootCell {
    fn new(name: Option<&'static str>, scope: Option<RecordArc<ScopeRecord>>, runs: bool) -> Self {
        let scope = scope.map_or_else(OnceLock::new, |scope| OnceLock::from(Some(scope)));
        RootCell { name, scope, has_run: AtomicBool::new(runs) }
    }
}

/// The runtimes that have a scope.
static ROOTS: Lock<Vec<(RuntimeId, Weak<RootCell>)>> = Lock::new(Vec::new());

impl RuntimeRoot {
    /// The scope of the new runtime of `handle`.
    pub(crate) fn new(handle: &Handle) -> Self {
        if !config::has_roots() {
            return RuntimeRoot(None);
        }
        let runs = handle.runtime_flavor() != RuntimeFlavor::CurrentThread;
        // A thread of the outer runtime's has no name of a test.
        let name = around().map(|outer| outer.name).or_else(runtime_scope::test_name);
        let cell = Arc::new(RootCell::new(name, None, runs));
        if let Some(id) = runtime_id(handle) {
            ROOTS.lock().push((id, Arc::downgrade(&cell)));
        }
        RuntimeRoot(Some(cell))
    }

    /// That of the runtime to which the current task belongs, or which this thread has entered.
    pub(crate) fn here() -> Self {
        if !config::has_roots() {
            return RuntimeRoot(None);
        }
        match around() {
            Some(scope) => {
                RuntimeRoot(Some(Arc::new(RootCell::new(None, Some(RecordArc(scope)), true))))
            }
            None => RuntimeRoot(entered()),
        }
    }

    /// What this thread spawns until the result is dropped belongs to the runtime, unless a scope of the user's is open.
    pub(crate) fn enter(&self, at: CallSite) -> Option<EnteredRuntime> {
        let root = self.0.as_ref()?;
        let Heritage { parent, scope: around, background } = context::heritage();
        let is_free = match &around {
            Some(scope) => scope.role == Role::Root,
            None => parent.is_none(),
        };
        if !is_free || background {
            return None;
        }
        let scope = root.scope.get_or_init(|| runtime_scope::open(root.name, at).map(RecordArc));
        let scope = scope.as_ref()?;
        let is_own = around.is_some_and(|around| around.id() == scope.id());
        (!is_own).then(|| EnteredRuntime::new(scope))
    }

    /// The runtime runs inside of `block_on`.
    pub(crate) fn set_run(&self) {
        if let Some(root) = &self.0 {
            root.has_run.store(true, Relaxed);
        }
    }

    /// Ends the scope before the runtime is dropped, which `run` runs once more.
    pub(crate) fn end(&self, run: impl FnOnce(RuntimeEnd)) {
        let Some(root) = &self.0 else {
            return;
        };
        ROOTS.lock().retain(|(_, other)| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(root)));
        if let Some(RecordArc(scope)) = root.scope.get().and_then(Option::as_ref) {
            // A task that no thread has polled is dropped as it is.
            let run = root.has_run.load(Relaxed).then_some(run);
            runtime_scope::end(scope.clone(), run);
        }
    }
}

/// The scope of the runtime to which the current task belongs.
fn around() -> Option<Arc<ScopeRecord>> {
    let mut around = successors(context::heritage().scope, |scope| scope.parent.clone());
    around.find(|scope| scope.role == Role::Root)
}

/// As [`RuntimeRoot::enter`], for the runtime that a thread outside of every task has entered.
#[inline]
pub(crate) fn enter_current(at: CallSite) -> Option<EnteredRuntime> {
    if context::id().is_some() { None } else { enter_loose(at) }
}

#[cold]
fn enter_loose(at: CallSite) -> Option<EnteredRuntime> {
    if !config::has_roots() {
        return None;
    }
    RuntimeRoot(entered()).enter(at)
}

/// The scope of the runtime that this thread has entered.
fn entered() -> Option<Arc<RootCell>> {
    let id = runtime_id(&Handle::try_current().ok()?)?;
    let roots = ROOTS.lock();
    roots.iter().find(|(other, _)| *other == id)?.1.upgrade()
}
