//! Says what a test cannot: the harness keeps a test's report until the test ends, and one whose runtime waits for a
//! blocking call as it is dropped does not end.

use crate::clock;
use crate::deadline::Alarm;
use crate::fact::id::{TaskId, TaskKind};
use crate::registry;
use crate::report::{Report, emit};
use std::time::Duration;

/// A runtime that can shut down has done so by then.
const AFTER: Duration = Duration::from_secs(1);

/// Says `report` on standard error if the blocking calls in it still run a second later.
pub(super) fn schedule(report: &Report) {
    let tasks = report.iter().flat_map(|finding| &finding.tasks);
    let blocking = tasks.filter(|task| task.kind == TaskKind::Blocking);
    let calls: Vec<TaskId> = blocking.map(|task| task.id).collect();
    if calls.is_empty() {
        return;
    }
    let report = report.clone();
    let say = move || {
        let alive = registry::global().tasks();
        if alive.iter().any(|task| calls.contains(&task.id)) {
            emit::to_stderr(&report);
        }
    };
    Alarm::set(clock::now().plus(AFTER), say).detach();
}
