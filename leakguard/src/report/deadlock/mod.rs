//! Tasks that wait for each other: title and notes.

mod help;
mod mark;

use crate::fact::cause::{Edge, TaskLabel};
use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::position::Position;
use crate::fact::subject::{Condition, DeadlockSubject};
use crate::fact::task::TaskFacts;
use crate::report::block::Block;
use crate::report::case::Case;
use crate::report::note::{Note, capped};
use crate::report::noun::{self, short};
use crate::report::{blockage, call};
use crate::time::readable;
use crate::vocabulary::Cause;
use std::collections::{BTreeMap, HashSet};

/// Maximum number of steps that are shown.
const STEPS: usize = 6;

pub(crate) fn block(finding: &Finding, subject: &DeadlockSubject, found: &[Finding]) -> Block {
    let case = Case {
        count: subject.members().len(),
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
        let cycles = (self.case.count / self.edges().len()).max(1);
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
        let (members, others) = (subject.members(), subject.beside.iter());
        let others: Vec<_> = others.filter(|t| !members.contains(&t.id)).cloned().collect();
        all.push(call::beside(&others, case.finding.now));
        let named: HashSet<_> = others.iter().map(|task| task.id).collect();
        let behind = subject.behind.iter().filter(|task| !named.contains(&task.id));
        let behind: Vec<_> = behind.cloned().collect();
        all.push(call::behind(&behind, case.finding.now));
        all.extend(subject.joiner.as_ref().map(|call| ("joins", vec![self.joiner(call)])));
        all.extend(case.ended());
        all.push(("verdict", vec![self.verdict()]));
        all
    }

    /// ``task 3 `descartes` at src/table.rs:12:5, by `dine`, 1.2 s ago``.
    fn spawned(&self, task: &TaskFacts) -> String {
        let label = short(&label(task));
        if task.id.is_thread() {
            return format!("{label}, by code that leakguard does not watch");
        }
        let name = Case { task, ..self.case }.name();
        let name = name.map_or_else(String::new, |name| format!(" `{name}`"));
        if task.site.is_visit() {
            return format!("{label}{name}, which leakguard did not see start");
        }
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

    /// `` `start` waits at src/pool.rs:12:5 for threads to end, perhaps for this one ``.
    fn joiner(&self, call: &TaskFacts) -> String {
        let which = if self.case.count == 1 { "this one" } else { "these" };
        let place = Position::of_wait(call).map_or_else(String::new, |at| format!(" at {at}"));
        let function = call.site.function();
        format!("`{function}` waits{place} for threads to end, perhaps for {which}")
    }

    fn verdict(&self) -> String {
        let time = readable(self.subject.time) + &self.case.after_polls();
        match self.edges() {
            _ if self.is_granted() => format!(
                "stuck for {time}: only the future that is not polled could release the lock"
            ),
            [edge] => {
                let is_thread = edge.waiter.kind == TaskKind::Thread;
                let what = if is_thread { "thread" } else { "task" };
                format!("stuck for {time}: only the {what} itself could end its wait")
            }
            all if all.iter().all(|edge| edge.wants.is_lock()) => {
                format!("stuck for {time}: each task waits for a lock that the next one holds")
            }
            _ => format!("stuck for {time}: each task waits for the next one"),
        }
    }
}

fn label(task: &TaskFacts) -> TaskLabel {
    TaskLabel { id: task.id, kind: task.kind, site: task.site }
}
