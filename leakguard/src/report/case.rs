//! A task of a finding as its words look at it: where it waits, since when, and what is known of the wait.

use crate::config;
use crate::fact::cause::Blockage;
use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::position::Position;
use crate::fact::renewed_sleep::RenewedSleep;
use crate::fact::subject::Condition;
use crate::fact::task::TaskFacts;
use crate::report::note::{self, Note, capped};
use crate::report::state::{self, shown};
use crate::report::{blockage, noun, observed};
use crate::site::CallSite;
use crate::stack::{Class, FrameOrigin, Stack};
use crate::time::readable;
use crate::vocabulary::WaitKind;

/// How often a sleep must have been created anew to be one that each turn of a loop creates.
const RENEWALS: u64 = 5;

/// One task and what its finding knows of it.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) task: &'a TaskFacts,
    /// How many tasks are alike, this one included.
    pub(crate) count: usize,
    pub(crate) condition: Condition,
    pub(crate) blockage: Option<&'a Blockage>,
    /// Where its operation on a closed channel is, if it busy-loops on one.
    pub(crate) spins_at: Option<CallSite>,
    /// The task has ended or panicked, so that its last wait is over.
    pub(crate) is_over: bool,
}

impl<'a> Case<'a> {
    pub(crate) fn new(finding: &'a Finding, task: &'a TaskFacts, condition: Condition) -> Self {
        Case { finding, task, count: 1, condition, blockage: None, spins_at: None, is_over: false }
    }

    /// The position of its wait, if that is known and still true. A task inside a poll has left its last wait.
    pub(crate) fn wait_position(&self) -> Option<Position> {
        let has_left = match self.condition {
            Condition::Busy(_) => self.task.native().is_none() && self.spins_at.is_none(),
            Condition::NeverBegun(_) => true,
            _ => self.is_over,
        };
        Position::of_wait(self.task).filter(|_| !has_left)
    }

    /// Where the task was spawned or the function begins.
    pub(crate) fn spawn_position(&self) -> Position {
        Position::of_location(self.task.site.location())
    }

    /// The position that the report points at.
    pub(crate) fn anchor(&self) -> Position {
        self.wait_position().unwrap_or_else(|| self.spawn_position())
    }

    /// The words beside the marked source.
    pub(crate) fn label(&self) -> String {
        let time = match self.condition {
            Condition::Busy(time) => return self.busy_label(&readable(time)),
            Condition::NeverBegun(time) => {
                return match self.task.kind.is_polled() {
                    true => format!("never polled for {}", readable(time)),
                    false => format!("waits for a thread for {}", readable(time)),
                };
            }
            Condition::Running if self.wait_position().is_some() => {
                return format!("{}, again and again", self.wait_words("waits here"));
            }
            Condition::Blocked(time) | Condition::TimerOrIo(time) => time,
            Condition::Stuck | Condition::Running => self.finding.now.since(self.task.since()),
        };
        let time = readable(time);
        match self.wait_position() {
            Some(_) => format!("{}, for {time}", self.wait_words("waits here")),
            None => format!(
                "{}; {}, for {time}",
                self.spawned_here(),
                self.wait_words("it waits at an unknown place")
            ),
        }
    }

    pub(crate) fn spawned_here(&self) -> &'static str {
        match self.task.kind.is_call() {
            true => "entered here",
            false => "spawned here",
        }
    }

    pub(crate) fn wait_words(&self, unknown: &'static str) -> &'static str {
        self.task.wait().map_or(unknown, WaitKind::words)
    }

    fn busy_label(&self, time: &str) -> String {
        match (state::blocked_in(self.task), self.task.kind.is_polled()) {
            (Some(words), true) => format!("{words}, busy for {time}"),
            (Some(words), false) => format!("{words}, for {time}"),
            (None, true) => format!("busy for {time}"),
            (None, false) => format!("running for {time}"),
        }
    }

    /// Where the task was spawned. `tasks` are those that are alike.
    pub(crate) fn spawned<'t>(&self, tasks: impl Iterator<Item = &'t TaskFacts>) -> Note {
        let site = self.task.site;
        let alive = tasks.map(|t| self.finding.now.since(t.began)).max();
        let alive = readable(alive.unwrap_or_default());
        let (times, first) = match self.count {
            1 => (String::new(), ""),
            count => (format!(", {count} times"), "first "),
        };
        if site.is_visit() {
            let text = format!("{}{times}, {first}{alive} ago", site.location());
            return ("awaited", vec![text]);
        }
        let own = self.finding.scope.as_ref().map(|s| s.site);
        // The line of the function is known only where the function is the one that is annotated.
        let line = own.filter(|s| s.function() == site.function() && s.module() == site.module());
        let here = self.spawn_position();
        let line = line.map_or_else(String::new, |s| {
            format!(" ({})", Position::of_location(s.location()).seen_from(&here))
        });
        let at = site.location();
        let by = match site.is_drop_in() {
            true => String::new(),
            false => format!(", by `{}`{line}", site.function()),
        };
        let text = format!("{at}{times}{by}, {first}{alive} ago");
        ("spawned", vec![text])
    }

    pub(crate) fn through(&self) -> Option<Note> {
        let lines = self.task.through.iter().map(|site| format!("{site}, which wrapped it again"));
        let lines: Vec<_> = lines.collect();
        (!lines.is_empty()).then_some(("through", lines))
    }

    /// Notes on its wait: the stacks, what it waits for, and what is known of that.
    pub(crate) fn wait_notes(&self) -> Vec<Note> {
        let also = self.task.stacks().iter().skip(1);
        let mut all = vec![
            ("stack", self.stack()),
            ("also", capped(also.map(|stack| branch(stack)).collect())),
        ];
        match self.blockage {
            Some(blockage) => all.extend(blockage::notes(blockage, self.finding, self.task)),
            None => {
                all.extend(self.library_note());
                all.extend(observed::note(self.finding, self.task));
            }
        }
        all
    }

    /// The functions that wait, from the innermost to what the task began with.
    pub(crate) fn stack(&self) -> Vec<String> {
        let stack = self.task.stacks().first();
        let frames = stack.map(|s| shown(s, config::all_frames()));
        let mut lines = capped(frames.into_iter().flatten().map(note::frame).collect());
        lines.extend(stack.and_then(|stack| stack.gap()).map(|gap| format!("({gap})")));
        lines
    }

    /// The sleep that it creates anew again and again, and waits for.
    pub(crate) fn renewed_sleep(&self) -> Option<&'a RenewedSleep> {
        let sleeps = self.task.stacks().iter().any(|stack| stack.wait() == WaitKind::Sleep);
        let is_own = |sleep: &&RenewedSleep| sleep.task == self.task.id && sleep.times >= RENEWALS;
        self.finding.scope.as_ref()?.sleeps.iter().filter(|_| sleeps).find(is_own)
    }

    pub(crate) fn renewed_note(&self) -> Option<Note> {
        let RenewedSleep { created, times, .. } = self.renewed_sleep()?;
        let text = format!(
            "sleep, created at {created} in {times} polls, each time before the last one was due"
        );
        Some(("timer", vec![text]))
    }

    pub(crate) fn ended(&self) -> Option<Note> {
        let scope = self.finding.scope.as_ref()?;
        note::ended(scope, self.finding.now)
    }

    /// ``task `worker`, spawned by `start`,`` or ``8 tasks spawned by `start` ``. `shared` tells whether all have the same name.
    pub(crate) fn subject(&self, shared: bool) -> String {
        let (task, by, count) = (self.task, self.task.site.function(), self.count);
        let kind = noun::kind(task.kind, count);
        if task.site.is_drop_in() {
            return self.subject_of_drop_in(kind, shared);
        }
        if task.site.is_visit() {
            return match (self.name().filter(|_| shared), count) {
                (Some(name), 1) => {
                    format!("`{name}`, in a {kind} that leakguard did not see start,")
                }
                (Some(name), _) => {
                    format!("`{name}`, in {count} {kind} that leakguard did not see start,")
                }
                (None, 1) => format!("a {kind} that leakguard did not see start"),
                (None, _) => format!("{count} {kind} that leakguard did not see start"),
            };
        }
        match (self.name().filter(|_| shared), count) {
            _ if task.id.is_thread() && count == 1 => format!("thread `{by}`"),
            _ if task.id.is_thread() => format!("{count} threads"),
            (Some(name), 1) => format!("{kind} `{name}`, spawned by `{by}`,"),
            (Some(name), _) => format!("{count} {kind} `{name}`, spawned by `{by}`,"),
            (None, 1) => format!("a {kind} spawned by `{by}`"),
            (None, _) => format!("{count} {kind} spawned by `{by}`"),
        }
    }

    /// ``task `worker`, spawned at src/pool.rs:27,``, ``a task of `start` `` or `a task spawned at src/pool.rs:27`.
    fn subject_of_drop_in(&self, kind: &str, shared: bool) -> String {
        let at = self.task.site.location();
        let place = format!("spawned at {}:{}", at.file(), at.line());
        let (one, several) = (format!("a {kind}"), format!("{} {kind}", self.count));
        let tasks = if self.count == 1 { one } else { several };
        match (self.name().filter(|_| shared), self.count, self.task.function()) {
            (Some(name), 1, _) => format!("{kind} `{name}`, {place},"),
            (Some(name), count, _) => format!("{count} {kind} `{name}`, {place},"),
            (None, _, Some(function)) => format!("{tasks} of `{function}`"),
            (None, _, None) => format!("{tasks} {place}"),
        }
    }

    /// The name of the async function that was spawned.
    ///
    /// The type of a closure, or of an async block in a plain function, only names the function around it.
    pub(crate) fn name(&self) -> Option<&'static str> {
        let TaskFacts { name, kind, .. } = *self.task;
        let is_around = self.task.site.function().rsplit("::").next() == Some(name);
        (kind == TaskKind::Async && !name.is_empty() && !is_around).then_some(name)
    }

    pub(crate) fn class(&self) -> Class {
        class(self.task)
    }
}

pub(crate) fn class(task: &TaskFacts) -> Class {
    let first = task.stacks().first();
    first.map_or(Class::Other, |s| s.wait().class())
}

/// One branch of a `select!` or `join!`.
fn branch(stack: &Stack) -> String {
    // A line of tokio's own tells nothing.
    let place = stack.place().filter(|frame| frame.origin() != FrameOrigin::Runtime);
    let place = place.map_or_else(String::new, |f| format!(" in {}", note::frame(f)));
    format!("{}{place}", stack.wait())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_inside_of_tokio_alone_has_no_place() {
        let registry = "/home/.cargo/registry/src/index.crates.io-0/tokio-util-0.7.20/src/sync.rs";
        let poll = "tokio_util::sync::cancellation_token::WaitForCancellationFuture::poll";
        let inside = (poll, Some((registry, 3, 9)));
        assert_eq!(branch(&Stack::of_table(&[inside])), "cancellation");
        let user = ("pool::take", Some(("/w/src/lib.rs", 41, 9)));
        let known = branch(&Stack::of_table(&[inside, user]));
        assert!(known.starts_with("cancellation in pool::take at "), "{known}");
    }
}
