//! Acts on what happened to channels: passes it to the scope that collects it, or logs it. The log reports each place
//! less and less often, because a log full of repetitions is not read.

use crate::check::act::is_allowed;
use crate::clock::{self, Instant};
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::judge::fold::try_absorb;
use crate::judge::{allow, channel};
use crate::lock::Lock;
use crate::record::resource::channel::ChannelContext;
use crate::record::resource::event::ChannelEvent;
use crate::report::{Report, emit};
use crate::sync::alarm;
use crate::vocabulary::Action;
use crate::{config, registry};
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
    let tasks = registry::global().tasks();
    let alive: HashMap<TaskId, TaskLabel> = tasks.iter().map(|t| (t.id, t.named())).collect();
    let name = |task: TaskId| alive.get(&task).copied();
    let is_wanted = |channel: &ChannelContext, finding: &Finding| {
        channel.set_reported();
        let own = channel.rule.options.allow.map(config::words);
        let own: Vec<_> = own.into_iter().flatten().collect();
        !allow::is_allowed(finding, &own) && !is_allowed(channel.scope.as_deref(), finding)
    };
    channel::findings(events, name, clock::now())
        .into_iter()
        .filter(|(channel, finding)| is_wanted(channel, finding))
        .map(|(channel, finding)| PendingFinding { channel, finding })
        .collect()
}

/// The findings on `events`, and those of channels that are `wanted` which the log has not reported yet.
pub(crate) fn collect(
    events: Vec<ChannelEvent>,
    wanted: impl Fn(&ChannelContext) -> bool,
) -> Vec<Finding> {
    let mut all = findings(events);
    let mut pending = PENDING.lock();
    all.extend(pending.extract_if(.., |one| wanted(&one.channel)));
    all.into_iter().map(|one| one.finding).collect()
}

/// Logs `events` that no scope collects, or defers them. Returns when there is more to log.
pub(crate) fn log(events: Vec<ChannelEvent>) -> Instant {
    let now = clock::now();
    let action = |one: &PendingFinding| alarm::action(&one.channel);
    let is_fatal = |one: &PendingFinding| action(one) == Action::Abort;
    let (fatal, others): (Vec<_>, Vec<_>) = findings(events).into_iter().partition(is_fatal);
    let quiet_until = |one: &PendingFinding| one.channel.rule.quiet_until();
    let mut pending = PENDING.lock();
    others.into_iter().for_each(|one| defer(&mut pending, one));
    let due: Vec<_> = pending.extract_if(.., |one| quiet_until(one) <= now).collect();
    let next = pending.iter().map(quiet_until).min();
    // Before the report, because a subscriber is the user's code.
    drop(pending);
    // The message of a panic promises that its report is in the log.
    let logged = due.iter().filter(|one| action(one) != Action::Panic);
    logged.for_each(|one| one.channel.rule.pause(now));
    if !due.is_empty() {
        let due = due.into_iter().map(|one| channel::at(one.finding, now));
        emit::log(&Report::new(due.collect(), 0));
    }
    if !fatal.is_empty() {
        let fatal = fatal.into_iter().map(|one| one.finding);
        emit::abort(&Report::new(fatal.collect(), 0));
    }
    next.unwrap_or(Instant::FAR)
}

/// Folds `one` into a pending finding that reports the same, so that a busy loop does not grow the list, or adds it.
fn defer(pending: &mut Vec<PendingFinding>, one: PendingFinding) {
    let PendingFinding { channel, finding } = one;
    let fold = |finding, known: &mut PendingFinding| try_absorb(&mut known.finding, finding);
    if let Some(finding) = pending.iter_mut().try_fold(finding, fold) {
        pending.push(PendingFinding { channel, finding });
    }
}
