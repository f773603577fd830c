//! A function that does not return in time.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::id::{Ending, TaskKind};
use crate::fact::position::Position;
use crate::fact::subject::{CallProblem, CallSubject, Condition};
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::report::block::Block;
use crate::report::case::{Case, class};
use crate::report::note::{self, Note, capped};
use crate::report::remedy::{Remedy, busy_task};
use crate::report::{blockage, noun, spin, state};
use crate::stack::Class;
use crate::time::readable;
use crate::vocabulary::WaitKind;
use std::collections::HashMap;

pub(crate) fn block(finding: &Finding, subject: &CallSubject, found: &[Finding]) -> Block {
    let case = Case {
        blockage: subject.blockage.as_deref(),
        spins_at: match &subject.problem {
            CallProblem::Spins(spin) => Some(spin.at()),
            _ => None,
        },
        is_over: matches!(subject.problem, CallProblem::Late(_)),
        ..Case::new(finding, &subject.call, subject.condition)
    };
    Block {
        word: match subject.problem {
            CallProblem::Overruns | CallProblem::Late(_) | CallProblem::Unended => "overrun",
            CallProblem::Receives | CallProblem::Sends | CallProblem::OutlivesTest => "leak",
            CallProblem::Spins(_) => "spin",
        },
        code: finding.code(),
        title: title(finding, &subject.problem),
        marks: Block::one_mark(case.anchor(), label(case, &subject.problem)),
        label_note: Some("now"),
        notes: notes(case, subject),
        help: help(case, subject, found),
    }
}

fn title(finding: &Finding, problem: &CallProblem) -> String {
    let at = at_limit(finding);
    let predicate = match problem {
        CallProblem::Overruns => format!("is still running{at}"),
        CallProblem::Late(_) => format!("was still running{at}"),
        CallProblem::Unended => format!("has {}, but its test has not ended{at}", ended(finding)),
        CallProblem::OutlivesTest => {
            "is still running at the end of the test, in a task that leakguard did not see start"
                .to_owned()
        }
        CallProblem::Receives => "waits to receive, but nothing is sent".to_owned(),
        CallProblem::Sends => "waits to send, but nothing is received".to_owned(),
        CallProblem::Spins(_) => "busy-loops on a closed channel".to_owned(),
    };
    format!("`{}` {predicate}", finding.function())
}

/// When it was to have ended. A test without a timeout is only slow.
fn at_limit(finding: &Finding) -> String {
    let rule = finding.scope.as_ref().map(|scope| &scope.rule);
    let overrun = rule.and_then(|rule| rule.overrun).map(readable);
    match overrun {
        Some(time) if has_timeout(finding) => format!(" at its timeout of {time}"),
        Some(time) => format!(" after {time}"),
        None => String::new(),
    }
}

fn has_timeout(finding: &Finding) -> bool {
    finding.scope.as_ref().is_none_or(|scope| scope.rule.timeout.is_some())
}

/// How the function of a test ended.
fn ended(finding: &Finding) -> &'static str {
    let returned = finding.scope.as_ref().and_then(|scope| scope.returned);
    match returned {
        Some((_, Ending::Panicked)) => "panicked",
        Some((_, Ending::Cancelled)) => "been stopped",
        _ => "returned",
    }
}

fn label(case: Case<'_>, problem: &CallProblem) -> String {
    match problem {
        CallProblem::Late(time) => format!("ran for {}", readable(*time)),
        CallProblem::Spins(spin) => spin::label(spin, &case.anchor()),
        _ => case.label(),
    }
}

fn notes(case: Case<'_>, subject: &CallSubject) -> Vec<Note> {
    let finding = case.finding;
    let mut all = vec![entered(case, &case.anchor())];
    all.extend(case.through());
    all.extend(case.wait_notes());
    all.extend(subject.closed.iter().flat_map(|closed| spin::notes(closed, finding.now)));
    if let CallProblem::Spins(spin) = &subject.problem {
        all.extend(spin::notes(spin, finding.now));
    }
    all.push(beside(&subject.beside, finding.now));
    let tasks = std::iter::once(case.task).chain(&subject.beside);
    all.extend(tasks.filter_map(|task| Case { task, ..case }.renewed_note()));
    all.extend(case.ended());
    let verdict = match &subject.problem {
        CallProblem::Late(time) => {
            format!("late: it has ended, {} after its entry", readable(*time))
        }
        _ => case.verdict(),
    };
    all.push(("verdict", vec![verdict]));
    all
}

/// The place, unless the arrow points at it, and the function, unless the title has named it.
pub(crate) fn entered(case: Case<'_>, anchor: &Position) -> Note {
    let (site, place) = (case.task.site, case.spawn_position());
    let mut text = String::new();
    if place != *anchor {
        text += &format!("{place}, ");
    }
    if case.finding.function() != site.function() {
        text += &format!("in `{}`, ", site.function());
    }
    let alive = readable(case.finding.now.since(case.task.began));
    let more = case.finding.scope.as_ref().filter(|scope| scope.returned.is_none());
    let extended = |scope| note::extended(scope, "; its timeout was extended by", "");
    let more = more.map_or_else(String::new, extended);
    ("entered", vec![format!("{text}{alive} ago{more}")])
}

/// What else lives in its scope.
pub(crate) fn beside(tasks: &[TaskFacts], now: Instant) -> Note {
    ("alive", capped(alike(tasks, now)))
}

/// What lives only because the tasks of a finding do, and the threads that run them.
pub(crate) fn behind(tasks: &[TaskFacts], now: Instant) -> Note {
    let (threads, tasks): (Vec<_>, Vec<_>) = tasks.iter().cloned().partition(TaskFacts::drives);
    let lines = |words: &'static str, tasks: &[TaskFacts]| {
        let lines = alike(tasks, now).into_iter();
        lines.map(move |line| format!("{words}: {line}")).collect::<Vec<_>>()
    };
    let mut all = lines("also alive because of it", &tasks);
    all.extend(lines("it runs on a thread that has not ended either", &threads));
    ("behind", capped(all))
}

/// One line for tasks that are alike.
fn alike(tasks: &[TaskFacts], now: Instant) -> Vec<String> {
    let mut places: HashMap<_, usize> = HashMap::new();
    let mut groups: Vec<(String, Vec<&TaskFacts>)> = Vec::new();
    for task in tasks {
        let what = what(task, now);
        let place = *places.entry((task.site.location(), what.clone())).or_insert(groups.len());
        if place == groups.len() {
            groups.push((what, Vec::new()));
        }
        groups[place].1.push(task);
    }
    let line = |(what, tasks): &(String, Vec<&TaskFacts>)| {
        let time = tasks.iter().map(|t| now.since(t.since())).max();
        let (count, site) = (tasks.len(), tasks[0].site.location());
        let kind = noun::kind(tasks[0].kind, count);
        let time = readable(time.unwrap_or_default());
        if tasks[0].site.is_visit() {
            return format!("{count} {kind} that leakguard did not see start: {what}, for {time}");
        }
        format!("{count} {kind} of {site}: {what}, for {time}")
    };
    groups.iter().map(line).collect()
}

fn what(task: &TaskFacts, now: Instant) -> String {
    let place = Position::of_wait(task).map_or_else(String::new, |p| format!(" at {p}"));
    state::words(task, now) + &place
}

fn help(case: Case<'_>, subject: &CallSubject, found: &[Finding]) -> String {
    let remedy = Remedy::new(case, found);
    match &subject.problem {
        CallProblem::Overruns if subject.closed.is_some() => {
            let closed = subject.closed.iter().map(|c| spin::remedy_of_end(c, &remedy.here));
            closed.collect()
        }
        CallProblem::Overruns
        | CallProblem::Late(_)
        | CallProblem::Unended
        | CallProblem::OutlivesTest => remedy.shorten(&subject.beside),
        CallProblem::Spins(spin) => spin::remedy(spin, &remedy.here),
        CallProblem::Receives | CallProblem::Sends => {
            let known = || case.blockage.and_then(|b| blockage::remedy(b, &remedy.here));
            remedy.go_on().or_else(known).unwrap_or_else(|| remedy.end_wait())
        }
    }
}

impl Remedy<'_> {
    fn shorten(&self, beside: &[TaskFacts]) -> String {
        match (self.case.condition, self.case.class()) {
            _ if self.case.is_over => self.set_deadline(),
            (_, Class::Join) if self.undriven(beside).is_some() => self.drive(beside),
            (Condition::Stuck, _) => self.register_waker(),
            (Condition::Busy(_), _) if self.case.task.kind.is_polled() => {
                self.move_blocking_work(beside)
            }
            _ if busy_task(beside).is_some() => self.move_blocking_work(beside),
            (Condition::Blocked(_) | Condition::TimerOrIo(_), _) if self.end_known().is_some() => {
                self.end_wait()
            }
            (Condition::Blocked(_), Class::Lock) => self.release_lock(),
            (Condition::Blocked(_), Class::Channel) => {
                self.go_on().unwrap_or_else(|| self.close_channel())
            }
            (Condition::Blocked(_), Class::Join) if self.case.polls_set() => {
                self.end_inside().unwrap_or_else(|| self.wake_set())
            }
            (Condition::Blocked(_), Class::Join) => {
                let known = self.end_inside().or_else(|| self.end_last(beside));
                known.unwrap_or_else(|| self.end_joined())
            }
            _ if !self.case.task.kind.is_polled() => self.limit_call(),
            _ => self.set_deadline(),
        }
    }

    /// A task that the call may wait for has no executor.
    fn drive(&self, beside: &[TaskFacts]) -> String {
        let wait = &self.wait;
        let Some(task) = self.undriven(beside) else { return self.end_joined() };
        let spawn = Position::of_location(task.site.location()).seen_from(&self.here);
        match task.is_local() {
            true => format!(
                "nothing polls the task of {spawn}: wait at {wait} inside `run_until` of its `LocalSet`, or await the set"
            ),
            false => format!(
                "nothing has polled the task of {spawn}: if its runtime is a `current_thread` one, wait at {wait} with `block_on` of the runtime itself, because its handle does not drive it"
            ),
        }
    }

    /// A task that was never polled. A busy executor may be late with a task, unless the task was spawned before a call
    /// that is polled itself meanwhile, or the call blocks what may be the only thread that could poll.
    fn undriven<'t>(&self, beside: &'t [TaskFacts]) -> Option<&'t TaskFacts> {
        let blocks = self.case.task.wait() == Some(WaitKind::BlockOn);
        beside.iter().find(|task| {
            let is_older = task.began <= self.case.task.since();
            task.state == TaskState::NeverPolled && (blocks || is_older && task.is_local())
        })
    }

    fn end_joined(&self) -> String {
        let wait = &self.wait;
        if matches!(self.case.task.wait(), Some(WaitKind::ThreadJoin | WaitKind::ThreadScope)) {
            return format!("let the threads that {wait} joins end");
        }
        format!("end or abort what {wait} joins, or put a deadline around it")
    }

    /// The call joins a task, and it can only be this one: the call lacks what that one waits for.
    fn end_last(&self, beside: &[TaskFacts]) -> Option<String> {
        let [last] = beside else { return self.end_visited(beside) };
        if self.case.task.scope != last.scope || last.kind != TaskKind::Async {
            return None;
        }
        let case = Case::new(self.case.finding, last, self.case.condition);
        case.wait_position()?;
        let remedy = Remedy::seen_from(self.here.clone(), case, self.found);
        let end = remedy.keep_sleep().unwrap_or_else(|| match class(last) {
            Class::Lock | Class::Channel | Class::Signal => remedy.end_wait(),
            _ => "put a deadline there".to_owned(),
        });
        let which = match self.is_only(last) {
            true => "the only one left is",
            false => "perhaps it is",
        };
        Some(format!(
            "{} joins a task; {which} that of {}, which waits at {}: {end}",
            self.wait, remedy.spawn, remedy.wait
        ))
    }

    /// What it joins may wait for the only task that leakguard did not see start, such as the connection of a server.
    fn end_visited(&self, beside: &[TaskFacts]) -> Option<String> {
        let mut visited = beside.iter().filter(|task| task.site.is_visit());
        let (task, None) = (visited.next()?, visited.next()) else { return None };
        let case = Case::new(self.case.finding, task, self.case.condition);
        case.wait_position()?;
        let remedy = Remedy::seen_from(self.here.clone(), case, self.found);
        let (own, wait) = (&self.wait, &remedy.wait);
        Some(format!(
            "what {own} joins may wait for the task that leakguard did not see start, which waits at {wait}: let that end by a signal too, such as a `CancellationToken` in a `select!` or `take_until`, or {}",
            remedy.end_wait()
        ))
    }

    /// Whether the runtime had no task beside `last` when it was probed.
    fn is_only(&self, last: &TaskFacts) -> bool {
        matches!(&last.answer, ProbeOutcome::Pending(waits) if waits.beside == Some(1))
    }

    /// A sync function whose thread's stack may be known.
    fn limit_call(&self) -> String {
        let (wait, function) = (&self.wait, self.case.finding.function());
        let stack = self.case.task.native();
        if stack.is_some_and(|stack| stack.wait() == WaitKind::RuntimeShutdown) {
            return format!(
                "the runtime that is dropped at {wait} waits for its blocking calls: give each a stop flag or a time limit, or end the runtime with `shutdown_timeout`"
            );
        }
        let limit = match self.knows_wait {
            true => format!("give the call at {wait} a time limit"),
            false => format!("give what `{function}` does a time limit"),
        };
        limit + &self.or_raise(&format!("the `timeout` of `{function}`"))
    }

    fn set_deadline(&self) -> String {
        let (wait, function) = (&self.wait, self.case.finding.function());
        match self.knows_wait {
            true => {
                let its = format!("the `timeout` of `{function}`");
                format!("put a deadline around {wait} with `tokio::time::timeout`")
                    + &self.or_raise(&its)
            }
            false => {
                format!("give what `{function}` does a time limit")
                    + &self.or_raise("its `timeout`")
            }
        }
    }

    /// To raise a timeout, if there is one.
    fn or_raise(&self, timeout: &str) -> String {
        match has_timeout(self.case.finding) {
            true => format!(", or raise {timeout} at {}", self.spawn),
            false => String::new(),
        }
    }
}
