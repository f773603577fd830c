//! A closure that runs on another thread, with its record.

use crate::record::id::TaskKind;
use crate::record::task::Task;
use crate::registry;
use crate::site::Site;
use crate::watch::inside::{self, Running};
use std::sync::Arc;

/// The record of one closure, which may be called more than once, or never; it ends with the last
/// clone. Not public API; used by generated code.
#[derive(Clone, Debug)]
pub struct Call(Option<Arc<Live>>);

#[derive(Debug)]
struct Live(Arc<Task>);

impl Drop for Live {
    fn drop(&mut self) {
        registry::global().end(&self.0);
    }
}

impl Call {
    /// Registers a closure that is started at `site`.
    pub fn new(site: &'static Site, detached: bool) -> Self {
        let blocking = site.callee().contains("blocking");
        let kind = if blocking {
            TaskKind::Blocking
        } else {
            TaskKind::Thread
        };
        let record = inside::start(kind, site, || "", detached, false);
        Call(record.map(|record| Arc::new(Live(record))))
    }

    /// The closure's body runs while the guard lives.
    pub fn begin(&self) -> Option<Running> {
        self.0.as_ref().map(|live| Running::enter(live.0.clone()))
    }
}

// As for a watched future: the record cannot be left half done.
impl std::panic::UnwindSafe for Call {}
impl std::panic::RefUnwindSafe for Call {}
