//! Tasks, their stacks and the scope around them as JSON.

use super::{place, word};
use crate::clock::Instant;
use crate::config;
use crate::fact::cause::TaskLabel;
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::json::{Json, fields, list};
use crate::report::state::shown;
use crate::stack::Stack;
use std::time::Duration;

/// Whether a task has its stack with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StackDetail {
    Shown,
    Hidden,
}

pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The frames that a report shows. There are none where no stack is known.
pub(super) fn stack(stack: Option<&Stack>) -> impl Json {
    let frames = stack.into_iter().flat_map(|stack| shown(stack, config::all_frames()));
    list(frames.map(place::frame))
}

/// One branch of a `select!` or `join!`, beside the first one.
pub(super) fn branch(branch: &Stack) -> impl Json {
    fields(|o| {
        o.field("kind", branch.wait().to_string());
        o.field("stack", stack(Some(branch)));
    })
}

pub(super) fn task(task: &TaskFacts, now: Instant, detail: StackDetail) -> impl Json {
    let first = task.stacks().first().filter(|_| detail == StackDetail::Shown);
    fields(move |o| {
        o.field("id", task.id.get());
        o.field("kind", word::kind(task.kind));
        o.field("name", Some(task.name).filter(|name| !name.is_empty()));
        o.field("spawn", place::site(task.site, word::kind(task.kind)));
        o.field("wait", place::wait(task));
        o.field("state", word::state(task));
        o.field("age_ns", nanos(now.since(task.began)));
        o.field("waited_ns", nanos(now.since(task.since())));
        o.field("polls", task.polls);
        o.field("thread", task.thread.as_deref());
        o.field("stack", stack(first.map(|first| &**first)));
    })
}

pub(super) fn label(task: &TaskLabel) -> impl Json {
    fields(|o| {
        o.field("id", task.id.get());
        o.field("kind", word::kind(task.kind));
        o.field("spawn", place::site(task.site, word::kind(task.kind)));
    })
}

/// The call, test or owner that the finding belongs to. Times are how long ago.
pub(super) fn scope(scope: &ScopeFacts, now: Instant) -> impl Json {
    let site = scope.site;
    let (returned, how) = scope.returned.unzip();
    fields(move |o| {
        o.field("name", scope.function());
        o.field("kind", word::role(scope.role));
        o.field("function", site.function());
        o.field("module", site.module());
        o.field("file", site.location().file());
        o.field("line", site.location().line());
        o.field("column", site.location().column());
        o.field("timeout_ns", scope.rule.timeout.map(nanos));
        o.field("grace_ns", nanos(scope.rule.grace));
        o.field("extended_ns", nanos(scope.extended));
        o.field("entered_ns", nanos(now.since(scope.entered)));
        o.field("returned_ns", returned.map(|at| nanos(now.since(at))));
        o.field("ended", how.map(word::ending));
    })
}
