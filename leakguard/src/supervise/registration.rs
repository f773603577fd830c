//! Registers supervised calls as tasks of the scope in which they were made. The supervisor's own tasks belong to no
//! scope. Knows nothing of limits and deadlines.

use crate::record::event::Event;
use crate::record::live::Live;
use crate::site::{CallSite, Site};
use crate::vocabulary::SiteKind;
use crate::watch::closure::WatchedClosure;
use crate::watch::future::{SelfWatched, Watched, background};
use crate::{Dump, registry, snapshot};
use std::future::Future;
use std::panic::Location;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The record of one call. None while leakguard is off.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallRecord(Option<Live>);

fn site(name: &'static str, callee: &'static str, at: CallSite) -> &'static Site {
    let function = if name.is_empty() { callee } else { name };
    Site::at(SiteKind::Spawn, function, callee, at)
}

/// Registers a future that is spawned at `at`.
pub(crate) fn call<F: Future>(
    future: F,
    name: &'static str,
    callee: &'static str,
    at: CallSite,
) -> (Watched<F>, CallRecord) {
    let watched = Watched::new(future, site(name, callee, at), false);
    let record = CallRecord(watched.live());
    (watched, record)
}

/// Registers a closure that is spawned at `at`.
pub(crate) fn job<T, F: FnOnce() -> T>(
    job: F,
    name: &'static str,
    callee: &'static str,
    at: CallSite,
) -> (impl FnOnce() -> T, CallRecord) {
    let call = WatchedClosure::new(site(name, callee, at), false);
    let record = CallRecord(call.live());
    let watched = move || {
        let _running = call.begin();
        job()
    };
    (watched, record)
}

/// Registers a task of the supervisor's own.
#[track_caller]
pub(crate) fn helper<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let site = Site::internal_at(Location::caller());
    background(future).watched(site, true)
}

/// How long an alert waits for stacks.
const PATIENCE: Duration = Duration::from_secs(1);

/// A dump of all that is alive, with the stacks of the tasks in `records`.
pub(crate) async fn dump_of_all(records: Vec<CallRecord>) -> Dump {
    let tasks: Vec<Live> = records.into_iter().filter_map(|record| record.0).collect();
    if tasks.is_empty() {
        return snapshot::dump();
    }
    in_background(move || snapshot::dump_with_stacks_of(tasks)).await.unwrap_or_else(snapshot::dump)
}

/// A dump of this task, with its stack.
pub(crate) async fn dump_of_one(record: &CallRecord) -> Dump {
    let tasks: Vec<Live> = record.0.clone().into_iter().collect();
    let dump = match tasks.is_empty() {
        true => None,
        false => in_background(move || snapshot::dump_only_with_stacks(tasks)).await,
    };
    dump.unwrap_or_else(|| dump_at_once(record))
}

/// A dump of this task, without probing it.
pub(crate) fn dump_at_once(record: &CallRecord) -> Dump {
    snapshot::dump_only(&record.0.clone().into_iter().collect::<Vec<_>>())
}

/// The task ignored its stop signal. This is reported once, here and not again at the limit of its scope.
pub(crate) fn note_ignored_stop(record: &CallRecord) {
    if let Some(live) = record.0.as_ref().filter(|live| live.report_once()) {
        registry::global().note(live.clone(), Event::IgnoredStop);
    }
}

/// Runs on a thread for blocking calls, because the first dump of a process takes 100 ms and paused time does not
/// advance meanwhile. `None` if no such thread is free.
async fn in_background(dump: impl FnOnce() -> Dump + Send + 'static) -> Option<Dump> {
    timeout(PATIENCE, spawn_blocking(dump)).await.ok()?.ok()
}
