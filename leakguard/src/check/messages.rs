//! What is done about what happened to channels: it goes to who gathers it, or into the log, which nobody reads if it is
//! full of the same.

use crate::check::act::is_allowed;
use crate::clock::{self, Moment};
use crate::config;
use crate::judge::{allow, channel, fold::fold};
use crate::record::cause::Named;
use crate::record::finding::Finding;
use crate::record::id::TaskId;
use crate::record::options::Action;
use crate::record::resource::charge::Charge;
use crate::record::resource::event::ResourceEvent;
use crate::registry;
use crate::report::{Report, emit};
use crate::sync::alarm;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is said of a place together with all that happens there until then.
static HELD: Mutex<Vec<Finding>> = Mutex::new(Vec::new());

/// The findings on `events`.
fn findings(events: Vec<ResourceEvent>) -> Vec<Finding> {
    if events.is_empty() {
        return Vec::new();
    }
    let alive: HashMap<TaskId, Named> = registry::global()
        .tasks()
        .iter()
        .map(|t| (t.id, t.named()))
        .collect();
    let name = |task: TaskId| alive.get(&task).copied();
    let mut findings = channel::findings(events, name, clock::now());
    findings.retain(|finding| {
        let Some(charge) = charge(finding) else {
            return false;
        };
        charge.set_said();
        let own: Vec<_> = charge.rule.options.allow.into_iter().collect();
        let own: Vec<_> = own.into_iter().flat_map(config::words).collect();
        let allowed = allow::is_allowed(finding, &own);
        !allowed && !is_allowed(charge.scope.as_deref(), finding)
    });
    findings
}

/// The findings on `events`, and those of channels that are `wanted` which the log has not been told yet.
pub(crate) fn gather(events: Vec<ResourceEvent>, wanted: impl Fn(&Charge) -> bool) -> Vec<Finding> {
    let mut all = findings(events);
    let mut held = held();
    let is_wanted = |f: &Finding| charge(f).is_some_and(|c| wanted(c));
    let (taken, kept): (Vec<_>, Vec<_>) = held.drain(..).partition(is_wanted);
    *held = kept;
    all.extend(taken);
    all
}

/// Tells the log of `events`, for which nobody waits, or keeps them for later; says when there is more to tell.
pub(crate) fn log(events: Vec<ResourceEvent>) -> Moment {
    let now = clock::now();
    let action = |f: &Finding| charge(f).map(|c| alarm::action(c));
    let is_fatal = |f: &Finding| action(f) == Some(Action::Abort);
    let (fatal, others): (Vec<_>, Vec<_>) = findings(events).into_iter().partition(is_fatal);
    let quiet = |f: &Finding| charge(f).map_or(now, |c| c.rule.quiet_until());
    let mut held = held();
    let all = fold(held.drain(..).chain(others).collect());
    let (due, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|f| quiet(f) <= now);
    let next = kept.iter().map(quiet).min();
    *held = kept;
    // A subscriber is the user's code.
    drop(held);
    // A panic says that its report is in the log.
    let logged = due.iter().filter(|f| action(f) != Some(Action::Panic));
    logged.filter_map(charge).for_each(|c| c.rule.pause(now));
    if !due.is_empty() {
        let due = due.into_iter().map(|f| channel::told(f, now));
        emit::log(&Report::new(due.collect(), 0));
    }
    if !fatal.is_empty() {
        emit::to_stderr(&Report::new(fold(fatal), 0));
        std::process::abort();
    }
    next.unwrap_or(Moment::FAR)
}

fn charge(finding: &Finding) -> Option<&Arc<Charge>> {
    Some(&finding.channel()?.event.channel)
}

fn held() -> MutexGuard<'static, Vec<Finding>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}
