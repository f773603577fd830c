//! `registration` for builds that do not watch: no call has a record.

use crate::Dump;
use std::future::Future;
use std::panic::Location;

/// Stands for no record.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallRecord(());

/// Returns the future.
pub(crate) fn call<F: Future>(
    future: F,
    _: &'static str,
    _: &'static str,
    _: &'static Location<'static>,
) -> (F, CallRecord) {
    (future, CallRecord(()))
}

/// Returns the closure.
pub(crate) fn job<T, F: FnOnce() -> T>(
    job: F,
    _: &'static str,
    _: &'static str,
    _: &'static Location<'static>,
) -> (F, CallRecord) {
    (job, CallRecord(()))
}

/// Returns the future.
pub(crate) fn helper<F: Future>(future: F) -> F {
    future
}

/// Always empty.
pub(crate) async fn dump_of_all(_: Vec<CallRecord>) -> Dump {
    crate::dump()
}

/// Always empty.
pub(crate) async fn dump_of_one(_: &CallRecord) -> Dump {
    crate::dump()
}

/// Always empty.
pub(crate) fn dump_at_once(_: &CallRecord) -> Dump {
    crate::dump()
}

/// Reports nothing.
pub(crate) fn note_ignored_stop(_: &CallRecord) {}
