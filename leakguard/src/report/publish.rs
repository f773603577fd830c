//! The one way of findings into the file of JSON lines, whichever way their text goes.

use crate::clock::Instant;
use crate::config;
use crate::fact::finding::Finding;
use crate::fact::task::{ProbeOutcome, TaskFacts};
use crate::journal::{self, Loss, count_loss};
use crate::judge::fold::FoldKey;
use crate::lock::Lock;
use crate::report::Report;
use crate::report::json;
use crate::report::repeated::{Repeated, Reported};
use std::collections::VecDeque;

/// How many findings are remembered that were written. A test that hangs shows its findings a second time when it ends.
const REMEMBERED: usize = 1024;

/// A finding that was written, and how many it counted.
struct Written {
    key: FoldKey,
    now: Instant,
    count: usize,
}

static WRITTEN: Lock<VecDeque<Written>> = Lock::new(VecDeque::new());

/// Writes each finding of a report that leaves the library, once. Returns whether the report is shown as text too.
pub(crate) fn publish(report: &Report) -> bool {
    if !journal::is_open() {
        return true;
    }
    for finding in report.iter() {
        match more(finding) {
            Some(0) => {}
            None => write(finding, report),
            Some(more) => {
                let total = finding.count();
                repeat(&Reported::new(finding).again(more, Default::default(), total));
            }
        }
    }
    if report.unseen > 0 && report.strict.is_some() {
        journal::append(report.unseen_line());
    }
    !config::is_json_only()
}

fn write(finding: &Finding, report: &Report) {
    journal::append(json::line(finding, report.findings()));
    journal::found(finding.code(), finding.certainty());
    let stacks = || finding.tasks().flat_map(TaskFacts::stacks);
    let is_unanswered = |task: &&TaskFacts| matches!(task.answer, ProbeOutcome::NoResponse);
    count_loss(Loss::Stack, stacks().filter(|stack| stack.gap().is_some()).count());
    count_loss(Loss::Probe, finding.tasks().filter(is_unanswered).count());
    journal::noted_tokio(|| stacks().find_map(|stack| stack.tokio()));
}

/// Tells that there are more findings like one that was written. Returns whether that is shown as text too.
pub(crate) fn repeat(repeated: &Repeated) -> bool {
    if journal::is_open() {
        journal::append(json::repeat(repeated));
        journal::count_repeat(repeated.more);
    }
    !config::is_json_only()
}

/// Tells how many tasks lived at the end of `name` that leakguard did not see start. Returns whether that is shown as text
/// too.
pub(crate) fn unseen(name: &str, count: usize) -> bool {
    if journal::is_open() {
        journal::append(json::unseen(Some(name), count, false, None));
    }
    !config::is_json_only()
}

/// By how many the count of a finding has grown since it was written. `None` if it is new.
fn more(finding: &Finding) -> Option<usize> {
    let (key, now, count) = (FoldKey::of(finding), finding.now, finding.count());
    let mut written = WRITTEN.lock();
    if let Some(known) = written.iter_mut().find(|known| known.now == now && known.key == key) {
        let more = count.saturating_sub(known.count);
        known.count += more;
        return Some(more);
    }
    if written.len() == REMEMBERED {
        written.pop_front();
    }
    written.push_back(Written { key, now, count });
    None
}
