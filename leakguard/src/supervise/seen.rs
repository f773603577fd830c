//! Supervised calls as the registry knows them: tasks of the scope in which they were made, and the
//! supervisor's own, which are nobody's. Knows nothing of limits and deadlines.

use crate::Dump;
use crate::record::event::Event;
use crate::record::live::Live;
use crate::registry;
use crate::site::CallSite;
use crate::site::Site;
use crate::snapshot;
use crate::vocabulary::SiteKind;
use crate::watch::closure::WatchedClosure;
use crate::watch::future::{SelfWatched, Watched, background};
use std::future::Future;
use std::panic::Location;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The record of one call; none while leakguard is off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark(Option<Live>);

fn site(name: &'static str, callee: &'static str, at: CallSite) -> &'static Site {
    let function = if name.is_empty() { callee } else { name };
    Site::at(SiteKind::Spawn, function, callee, at)
}

/// Registers a future that is started at `at`.
pub(crate) fn call<F: Future>(
    future: F,
    name: &'static str,
    callee: &'static str,
    at: CallSite,
) -> (Watched<F>, Mark) {
    let watched = Watched::new(future, site(name, callee, at), false);
    let mark = Mark(watched.live());
    (watched, mark)
}

/// Registers a closure that is started at `at`.
pub(crate) fn job<T, F: FnOnce() -> T>(
    job: F,
    name: &'static str,
    callee: &'static str,
    at: CallSite,
) -> (impl FnOnce() -> T, Mark) {
    let call = WatchedClosure::new(site(name, callee, at), false);
    let mark = Mark(call.live());
    let watched = move || {
        let _running = call.begin();
        job()
    };
    (watched, mark)
}

/// Registers a task of the supervisor's own.
#[track_caller]
pub(crate) fn helper<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let site = Site::internal_at(Location::caller());
    background(future).watched(site, true)
}

/// An alert may come so much later for the sake of its stacks.
const PATIENCE: Duration = Duration::from_secs(1);

/// All that is alive, with the stacks of those that are marked.
pub(crate) async fn dump_of_all(marks: Vec<Mark>) -> Dump {
    let marked: Vec<Live> = marks.into_iter().filter_map(|mark| mark.0).collect();
    if marked.is_empty() {
        return snapshot::dump();
    }
    aside(move || snapshot::dump_asking(marked))
        .await
        .unwrap_or_else(snapshot::dump)
}

/// The one that is marked, with its stack.
pub(crate) async fn dump_of_one(mark: &Mark) -> Dump {
    let asked: Vec<Live> = mark.0.clone().into_iter().collect();
    let dump = match asked.is_empty() {
        true => None,
        false => aside(move || snapshot::dump_only_asking(asked)).await,
    };
    dump.unwrap_or_else(|| dump_at_once(mark))
}

/// The one that is marked, without asking it.
pub(crate) fn dump_at_once(mark: &Mark) -> Dump {
    snapshot::dump_only(&mark.0.clone().into_iter().collect::<Vec<_>>())
}

/// The one that is marked was told to stop and did not: that is said of it once, here and not again at the limit of
/// its scope.
pub(crate) fn ignored(mark: &Mark) {
    if let Some(live) = mark.0.as_ref().filter(|live| live.report_once()) {
        registry::global().note(live.clone(), Event::IgnoredStop);
    }
}

/// On a thread for blocking calls: putting the first stack into words takes 100 ms, and paused time
/// does not run meanwhile. Where no such thread is free it does without.
async fn aside(dump: impl FnOnce() -> Dump + Send + 'static) -> Option<Dump> {
    timeout(PATIENCE, spawn_blocking(dump)).await.ok()?.ok()
}
