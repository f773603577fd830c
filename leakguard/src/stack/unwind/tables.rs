//! The unwind tables of all loaded modules, read once and again when a module is loaded or closed.

use crate::lock::Lock;
use crate::stack::module::{self, UnwindModule, Version};
use framehop::{MayAllocateDuringUnwind, Unwinder, UnwinderNative};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The tables that were read last. The lock is held for as long as it takes to copy the pointer.
static LATEST: Lock<Option<Arc<Tables>>> = Lock::new(None);
/// How often tables were read.
static EDITION: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Tables {
    pub(super) unwinder: UnwinderNative<Cow<'static, [u8]>, MayAllocateDuringUnwind>,
    /// The memory of the modules: first the program's, in which most addresses lie.
    memory: Vec<Range<usize>>,
    version: Option<Version>,
    pub(super) edition: usize,
}

impl Tables {
    /// Those of the modules that are loaded now.
    pub(super) fn current() -> Arc<Self> {
        let version = module::version();
        let is_current = |tables: &Arc<Tables>| version.is_some() && tables.version == version;
        Self::latest().filter(is_current).unwrap_or_else(|| {
            let tables = Arc::new(Tables::read(version));
            *LATEST.lock() = Some(tables.clone());
            tables
        })
    }

    pub(super) fn latest() -> Option<Arc<Self>> {
        LATEST.lock().clone()
    }

    /// Those that were read last, if these are others.
    pub(super) fn later(&self) -> Option<Arc<Self>> {
        match self.edition == EDITION.load(Relaxed) {
            true => None,
            false => Self::latest(),
        }
    }

    fn read(version: Option<Version>) -> Self {
        let (memory, modules): (Vec<_>, Vec<UnwindModule>) =
            module::unwind_tables().into_iter().unzip();
        let mut unwinder = UnwinderNative::new();
        modules.into_iter().for_each(|module| unwinder.add_module(module));
        Tables { unwinder, memory, version, edition: EDITION.fetch_add(1, Relaxed) + 1 }
    }

    /// Whether the address is in a module whose tables are known.
    pub(super) fn cover(&self, address: usize) -> bool {
        self.memory.iter().any(|part| part.contains(&address))
    }
}
