//! What is done about what happened to channels: it goes to who gathers it, or into the log, which nobody reads if it is
//! full of the same.

use crate::check::act::is_allowed;
use crate::clock::{self, Instant};
use crate::config;
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::options::Action;
use crate::judge::fold::{fold, try_absorb};
use crate::judge::{allow, channel};
use crate::lock::Lock;
use crate::record::resource::channel::ChannelContext;
use crate::record::resource::event::ChannelEvent;
use crate::registry;
use crate::report::{Report, emit};
use crate::sync::alarm;
use std::collections::HashMap;
use std::sync::Arc;

/// A finding on a channel that waits until its place may be reported again.
struct PendingFinding {
    channel: Arc<ChannelContext>,
    finding: Finding,
}

static PENDING: Lock<Vec<PendingFinding>> = Lock::new(Vec::new());

/// The findings on `events`.
fn findings(events: Vec<ChannelEvent>) -> Vec<PendingFinding> {
    if events.is_empty() {
        return Vec::new();
    }
    let alive: HashMap<TaskId, TaskLabel> = registry::global()
        .tasks()
        .iter()
        .map(|t| (t.id, t.named()))
        .collect();
    let name = |task: TaskId| alive.get(&task).copied();
    let findings = channel::findings(events, name, clock::now()).into_iter();
    let mut findings: Vec<_> = findings
        .map(|(channel, finding)| PendingFinding { channel, finding })
        .collect();
    findings.retain(|PendingFinding { channel, finding }| {
        channel.set_said();
        let own: Vec<_> = channel.rule.options.allow.into_iter().collect();
        let own: Vec<_> = own.into_iter().flat_map(config::words).collect();
        let allowed = allow::is_allowed(finding, &own);
        !allowed && !is_allowed(channel.scope.as_deref(), finding)
    });
    findings
}

/// The findings on `events`, and those of channels that are `wanted` which the log has not reported yet.
pub(crate) fn collect(
    events: Vec<ChannelEvent>,
    wanted: impl Fn(&ChannelContext) -> bool,
) -> Vec<Finding> {
    let mut all = findings(events);
    let mut pending = PENDING.lock();
    all.extend(pending.extract_if(.., |pending| wanted(&pending.channel)));
    all.into_iter().map(|pending| pending.finding).collect()
}

/// Logs `events` that no scope collects, or holds them back; returns when there is more to log.
pub(crate) fn log(events: Vec<ChannelEvent>) -> Instant {
    let now = clock::now();
    let action = |pending: &PendingFinding| alarm::action(&pending.channel);
    let is_fatal = |pending: &PendingFinding| action(pending) == Action::Abort;
    let (fatal, others): (Vec<_>, Vec<_>) = findings(events).into_iter().partition(is_fatal);
    let quiet_until = |pending: &PendingFinding| pending.channel.rule.quiet_until();
    let mut pending = PENDING.lock();
    others.into_iter().for_each(|one| defer(&mut pending, one));
    let due: Vec<_> = pending
        .extract_if(.., |pending| quiet_until(pending) <= now)
        .collect();
    let next = pending.iter().map(quiet_until).min();
    // A subscriber is the user's code.
    drop(pending);
    // A panic says that its report is in the log.
    let logged = due
        .iter()
        .filter(|pending| action(pending) != Action::Panic);
    logged.for_each(|pending| pending.channel.rule.pause(now));
    if !due.is_empty() {
        let due = due
            .into_iter()
            .map(|pending| channel::at(pending.finding, now));
        emit::log(&Report::new(fold(due.collect()), 0));
    }
    if !fatal.is_empty() {
        let fatal = fatal.into_iter().map(|pending| pending.finding);
        emit::to_stderr(&Report::new(fold(fatal.collect()), 0));
        std::process::abort();
    }
    next.unwrap_or(Instant::FAR)
}

/// Holds one more back: folded into another where it reports the same, so that a busy loop does not grow the list.
fn defer(pending: &mut Vec<PendingFinding>, one: PendingFinding) {
    let PendingFinding { channel, finding } = one;
    let fold = |finding, known: &mut PendingFinding| try_absorb(&mut known.finding, finding);
    let rest = pending.iter_mut().try_fold(finding, fold);
    if let Some(finding) = rest {
        pending.push(PendingFinding { channel, finding });
    }
}
