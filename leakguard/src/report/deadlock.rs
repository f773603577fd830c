//! Tasks that wait for each other: every step of the cycle at its source line.

use crate::fact::cause::{Edge, TaskLabel, WaitTarget};
use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::fact::subject::{Condition, DeadlockSubject};
use crate::fact::task::TaskFacts;
use crate::report::block::{Block, Mark};
use crate::report::case::Case;
use crate::report::note::{Note, capped};
use crate::report::noun::{self, noun, short};
use crate::report::remedy::Remedy;
use crate::report::{blockage, call};
use crate::site::CallSite;
use crate::time::readable;
use crate::vocabulary::Cause;
use std::collections::BTreeMap;

/// Maximum number of steps that are shown.
const STEPS: usize = 6;

pub(crate) fn block(finding: &Finding, subject: &DeadlockSubject, found: &[Finding]) -> Block {
    let case = Case {
        count: subject.members.len(),
        blockage: Some(&subject.blockage),
        ..Case::new(finding, &subject.waiters.first, Condition::Blocked(subject.time))
    };
    let cycle = Cycle { case, subject };
    let marks = cycle.marks();
    Block {
        word: "deadlock",
        code: finding.code(),
        title: cycle.title(),
        notes: cycle.notes(),
        help: cycle.help(&marks[0].at, found),
        marks,
        label_note: Some("cycle"),
    }
}

struct Cycle<'a> {
    case: Case<'a>,
    subject: &'a DeadlockSubject,
}

impl Cycle<'_> {
    fn edges(&self) -> &[Edge] {
        &self.subject.blockage.cycle
    }

    fn next(&self, at: usize) -> &TaskLabel {
        &self.edges()[(at + 1) % self.edges().len()].waiter
    }

    fn is_granted(&self) -> bool {
        self.subject.blockage.cause == Some(Cause::GrantedButNotPolled)
    }

    fn title(&self) -> String {
        let several = self.edges().len() > 1;
        let waiter = || {
            let waiters = &self.subject.waiters;
            match (waiters.first.kind.is_call(), self.case.count) {
                (true, 1) => format!("`{}`", self.case.finding.function()),
                (true, count) => format!("{count} calls of `{}`", self.case.finding.function()),
                (false, _) => {
                    let shared = waiters.iter().all(|t| t.name == waiters.first.name);
                    self.case.subject(shared)
                }
            }
        };
        match (self.is_granted(), self.case.count) {
            (true, 1) => format!(
                "{} waits for a lock that was granted to a future that is not polled",
                waiter()
            ),
            (true, _) => format!(
                "{} wait for locks that were granted to futures that are not polled",
                waiter()
            ),
            (false, _) if several => self.members(),
            (false, 1) => format!("{} waits for what it holds itself", waiter()),
            (false, _) => format!("{} wait for what each holds itself", waiter()),
        }
    }

    /// `2 tasks are in a deadlock`, `1 call and 1 task are in a deadlock`.
    fn members(&self) -> String {
        let cycles = (self.subject.members.len() / self.edges().len()).max(1);
        let mut counts: BTreeMap<TaskKind, usize> = BTreeMap::new();
        for edge in self.edges() {
            *counts.entry(edge.waiter.kind).or_default() += cycles;
        }
        let counts = counts.into_iter();
        let counts: Vec<_> =
            counts.map(|(kind, count)| format!("{count} {}", noun::kind(kind, count))).collect();
        let deadlocks = match cycles {
            1 => "a deadlock".to_owned(),
            many => format!("{many} deadlocks"),
        };
        format!("{} are in {deadlocks}", counts.join(" and "))
    }

    /// Each wait and each place where the next task acquired what it is for.
    fn marks(&self) -> Vec<Mark> {
        let first = self.edges().first().and_then(|edge| edge.wait_at);
        let here = first.map_or_else(|| self.case.anchor(), Position::of_location);
        let mut marks =
            vec![Mark { at: here.clone(), label: self.waits(0, &self.edges()[0], &here) }];
        // Two labels at one position become one.
        let mut add = |at: Position, label: String| match marks.iter_mut().find(|m| m.at == at) {
            Some(mark) => mark.label += &format!("; {label}"),
            None => marks.push(Mark { at, label }),
        };
        let shown = || self.edges().iter().enumerate().take(STEPS);
        for (at, edge) in shown().skip(1) {
            if let Some(place) = edge.wait_at {
                add(Position::of_location(place), self.waits(at, edge, &here));
            }
        }
        // Where the next one only waits first, its own wait is marked.
        let is_marked = |edge: &Edge| {
            edge.ahead && !self.is_granted()
                || edge.wants.is_lock() && edge.held_at == edge.wait_at && self.edges().len() > 1
        };
        for (at, edge) in shown().filter(|(_, edge)| !is_marked(edge)) {
            if let Some(place) = edge.held_at {
                add(Position::of_location(place), self.held(at, edge, &here));
            }
        }
        marks
    }

    fn waits(&self, at: usize, edge: &Edge, here: &Position) -> String {
        let (own, next) = (short(&edge.waiter), short(self.next(at)));
        let what = match edge.wants {
            WaitTarget::End => format!("its tasks, of which {next} is one"),
            WaitTarget::Thing(kind) if self.edges().len() == 1 => format!("the {}", noun(kind)),
            WaitTarget::Thing(ResourceKind::JoinSet) => {
                format!("the end of {next} in the join set{}", created(edge, here))
            }
            WaitTarget::Thing(kind) if kind.is_join() => format!("the end of {next}"),
            WaitTarget::Thing(kind) if kind.is_channel() => {
                format!("the {}, whose other half {next} has", noun(kind))
            }
            WaitTarget::Thing(ResourceKind::Token) => {
                format!("the cancellation token, a clone of which {next} has")
            }
            WaitTarget::Thing(kind) if edge.ahead => {
                format!("the {}, for which {next} waits first", noun(kind))
            }
            WaitTarget::Thing(kind) if edge.held_at == edge.wait_at => {
                format!("the {}{} that {next} acquired here", noun(kind), created(edge, here))
            }
            WaitTarget::Thing(kind) => format!("the {} that {next} holds", noun(kind)),
        };
        format!("{own} waits for {what}")
    }

    fn held(&self, at: usize, edge: &Edge, here: &Position) -> String {
        let (next, created) = (short(self.next(at)), created(edge, here));
        match edge.wants {
            WaitTarget::Thing(kind) if self.is_granted() => format!(
                "the {}{created} was granted to this future, which is not polled{}",
                noun(kind),
                self.since()
            ),
            WaitTarget::Thing(kind) if kind.is_channel() && edge.created == edge.held_at => {
                format!("{next} has the other half of the {} created here", noun(kind))
            }
            WaitTarget::Thing(kind) if kind.is_channel() => {
                format!("{next} used the other half of the {}{created} here", noun(kind))
            }
            WaitTarget::Thing(ResourceKind::Token) => {
                format!("{next} used a clone of the cancellation token{created} here")
            }
            WaitTarget::Thing(kind) if kind.is_join() => format!("{next} was spawned here"),
            WaitTarget::End => format!("{next} was spawned here"),
            WaitTarget::Thing(kind) => {
                format!("{next} acquired the {}{created} here{}", noun(kind), self.since())
            }
        }
    }

    /// How long ago a task acquired what it waits for itself.
    fn since(&self) -> String {
        match (&self.subject.blockage.parties[..], self.edges()) {
            ([party], [_]) => party
                .since
                .map_or_else(String::new, |since| blockage::ago(since, self.case.finding.now)),
            _ => String::new(),
        }
    }

    fn notes(&self) -> Vec<Note> {
        let (case, subject) = (self.case, self.subject);
        let mut all = Vec::new();
        if self.edges().len() > STEPS {
            let text =
                format!("{} steps, the first {STEPS} of which are shown", self.edges().len());
            all.push(("cycle", vec![text]));
        }
        let tasks = || subject.waiters.iter().filter(|t| !t.kind.is_call());
        all.push(("spawned", capped(tasks().map(|t| self.spawned(t)).collect())));
        let calls = subject.waiters.iter().filter(|t| t.kind.is_call()).take(1);
        all.extend(calls.map(|t| call::entered(Case { task: t, ..case }, &case.spawn_position())));
        all.push(("stack", self.stacks()));
        let others = subject.beside.iter();
        let others: Vec<_> = others.filter(|t| !subject.members.contains(&t.id)).cloned().collect();
        all.push(call::beside(&others, case.finding.now));
        all.extend(case.ended());
        all.push(("verdict", vec![self.verdict()]));
        all
    }

    /// ``task 3 `descartes` at src/table.rs:12:5, by `dine`, 1.2 s ago``.
    fn spawned(&self, task: &TaskFacts) -> String {
        let label = short(&label(task));
        let name = Case { task, ..self.case }.name();
        let name = name.map_or_else(String::new, |name| format!(" `{name}`"));
        let (at, by) = (task.site.location(), task.site.function());
        let ago = blockage::ago(task.began, self.case.finding.now);
        format!("{label}{name} at {at}, by `{by}`{ago}")
    }

    /// The functions of each waiter that lead to its wait.
    fn stacks(&self) -> Vec<String> {
        let waiters = &self.subject.waiters;
        let stack = |task| {
            let frames = Case { task, ..self.case }.stack();
            let name = match waiters.len() {
                1 => String::new(),
                _ => format!("{}: ", short(&label(task))),
            };
            let indent = " ".repeat(name.len());
            let line = move |(at, frame): (usize, String)| match at {
                0 => format!("{name}{frame}"),
                _ => format!("{indent}{frame}"),
            };
            frames.into_iter().enumerate().map(line)
        };
        capped(waiters.iter().flat_map(stack).collect())
    }

    fn verdict(&self) -> String {
        let time = readable(self.subject.time) + &self.case.after_polls();
        match self.edges() {
            _ if self.is_granted() => format!(
                "stuck for {time}: only the future that is not polled could release the lock"
            ),
            [_] => format!("stuck for {time}: only the task itself could end its wait"),
            all if all.iter().all(|edge| edge.wants.is_lock()) => {
                format!("stuck for {time}: each task waits for a lock that the next one holds")
            }
            _ => format!("stuck for {time}: each task waits for the next one"),
        }
    }

    fn help(&self, here: &Position, found: &[Finding]) -> String {
        let blockage = &self.subject.blockage;
        let known = self.release(here).or_else(|| blockage::remedy(blockage, here));
        known.unwrap_or_else(|| Remedy::seen_from(here.clone(), self.case, found).end_wait())
    }

    fn release(&self, here: &Position) -> Option<String> {
        let line = |at: CallSite| Position::of_location(at).seen_from(here);
        let blockage = &self.subject.blockage;
        if self.is_granted() {
            let (future, wait) = (line(blockage.parties.first()?.at?), line(blockage.wait.at));
            return Some(format!(
                "the future of {future} has the lock and is not polled: drop it, or await it, before {wait} locks"
            ));
        }
        let is_lock = |edge: &&Edge| edge.wants.is_lock() && !edge.ahead;
        let edge = self.edges().iter().find(is_lock)?;
        let (acquired, wait) = (line(edge.held_at?), line(edge.wait_at?));
        Some(match self.edges() {
            [_] => {
                format!("release the lock acquired at {acquired} before {wait} acquires it again")
            }
            all if all.iter().all(|edge| is_lock(&edge)) => format!(
                "acquire the locks in the same order everywhere, or release the one acquired at {acquired} before its holder waits"
            ),
            _ => format!("release the lock acquired at {acquired} before its holder waits"),
        })
    }
}

/// ` of line 12`.
fn created(edge: &Edge, here: &Position) -> String {
    let at = edge.created.map(Position::of_location);
    at.map_or_else(String::new, |at| format!(" of {}", at.seen_from(here)))
}

fn label(task: &TaskFacts) -> TaskLabel {
    TaskLabel { id: task.id, kind: task.kind, site: task.site }
}
