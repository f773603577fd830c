//! Prints the report of a test that does not end, because its runtime waits for a blocking call when it is dropped. The
//! harness keeps a test's report until the test ends.

use crate::deadline::Alarm;
use crate::fact::finding::Finding;
use crate::fact::id::{TaskId, TaskKind};
use crate::report::{Report, emit};
use crate::{clock, registry};
use std::time::Duration;

/// How long a runtime may take to shut down.
const AFTER: Duration = Duration::from_secs(1);

/// Prints `report` to standard error if its blocking calls still run a second later.
pub(super) fn schedule(report: &Report) {
    let tasks = report.iter().flat_map(Finding::tasks);
    let blocking = tasks.filter(|task| task.kind == TaskKind::Blocking);
    let calls: Vec<TaskId> = blocking.map(|task| task.id).collect();
    if calls.is_empty() {
        return;
    }
    let report = report.clone();
    let print = move || {
        let alive = registry::global().tasks();
        if alive.iter().any(|task| calls.contains(&task.id)) {
            emit::to_stderr(&report);
        }
    };
    Alarm::set(clock::now().plus(AFTER), print).detach();
}
