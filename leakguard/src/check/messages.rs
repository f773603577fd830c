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
struct Held {
    channel: Arc<ChannelContext>,
    finding: Finding,
}

static HELD: Lock<Vec<Held>> = Lock::new(Vec::new());

/// The findings on `events`.
fn findings(events: Vec<ChannelEvent>) -> Vec<Held> {
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
        .map(|(channel, finding)| Held { channel, finding })
        .collect();
    findings.retain(|Held { channel, finding }| {
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
    let mut held = HELD.lock();
    all.extend(held.extract_if(.., |held| wanted(&held.channel)));
    all.into_iter().map(|held| held.finding).collect()
}

/// Logs `events` that no scope collects, or holds them back; returns when there is more to log.
pub(crate) fn log(events: Vec<ChannelEvent>) -> Instant {
    let now = clock::now();
    let action = |held: &Held| alarm::action(&held.channel);
    let is_fatal = |held: &Held| action(held) == Action::Abort;
    let (fatal, others): (Vec<_>, Vec<_>) = findings(events).into_iter().partition(is_fatal);
    let quiet_until = |held: &Held| held.channel.rule.quiet_until();
    let mut held = HELD.lock();
    others.into_iter().for_each(|one| hold(&mut held, one));
    let due: Vec<_> = held
        .extract_if(.., |held| quiet_until(held) <= now)
        .collect();
    let next = held.iter().map(quiet_until).min();
    // A subscriber is the user's code.
    drop(held);
    // A panic says that its report is in the log.
    let logged = due.iter().filter(|held| action(held) != Action::Panic);
    logged.for_each(|held| held.channel.rule.pause(now));
    if !due.is_empty() {
        let due = due.into_iter().map(|held| channel::at(held.finding, now));
        emit::log(&Report::new(fold(due.collect()), 0));
    }
    if !fatal.is_empty() {
        let fatal = fatal.into_iter().map(|held| held.finding);
        emit::to_stderr(&Report::new(fold(fatal.collect()), 0));
        std::process::abort();
    }
    next.unwrap_or(Instant::FAR)
}

/// Holds one more back: folded into another where it reports the same, so that a busy loop does not grow the list.
fn hold(held: &mut Vec<Held>, one: Held) {
    let Held { channel, finding } = one;
    let fold = |finding, known: &mut Held| try_absorb(&mut known.finding, finding);
    let rest = held.iter_mut().try_fold(finding, fold);
    if let Some(finding) = rest {
        held.push(Held { channel, finding });
    }
}
