//! A finding as a line of JSON. [`guide::json`](crate::guide::json) has the meaning of each field.

mod place;
mod resource;
mod task;
mod word;

use crate::fact::cause::Edge;
use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::story::{GrowthStory, PanicStory};
use crate::fact::subject::{Subject, TaskProblem};
use crate::fact::task::TaskFacts;
use crate::journal::TestName;
use crate::json::{Json, Object, fields, list, object};
use crate::judge::allow;
use crate::report::block::Block;
use crate::report::note::Note;
use crate::report::repeated::Repeated;
use crate::report::{Report, block};
use resource::{edge, parts, resource};
use std::sync::Arc;
use std::time::Duration;
use task::{StackDetail, nanos};

/// Maximum number of tasks of a finding that are listed. It counts the others.
const TASKS: usize = 32;

impl Finding {
    /// The finding as an object of JSON, in one line without its end. [`guide::json`](crate::guide::json) has the fields.
    pub fn to_json(&self) -> String {
        line(self, &[])
    }

    /// The test in whose scope it was found, if that is known.
    fn test(&self) -> Option<&Arc<TestName>> {
        let of_scope = self.scope.as_ref().and_then(|scope| scope.test.as_ref());
        of_scope.or(TestName::of_process())
    }
}

impl Report {
    /// The findings as lines of JSON, each with its end, and a line for tasks that leakguard did not see start.
    /// [`guide::json`](crate::guide::json) has the fields. There is neither a header nor a footer.
    pub fn to_json_lines(&self) -> String {
        let findings = self.iter().map(|finding| line(finding, &self.findings));
        let lines = findings.chain((self.unseen > 0).then(|| self.unseen_line()));
        lines.map(|line| line + "\n").collect()
    }

    /// The line on tasks that leakguard did not see start.
    pub(crate) fn unseen_line(&self) -> String {
        let name = self.strict.or_else(|| self.iter().next().map(Finding::function));
        let test = self.iter().find_map(Finding::test).or(TestName::of_process());
        unseen(name, self.unseen, self.strict.is_some(), test)
    }
}

/// `count` tasks lived at the end of `function` that leakguard did not see start.
pub(crate) fn unseen(
    function: Option<&str>,
    count: usize,
    is_failure: bool,
    test: Option<&Arc<TestName>>,
) -> String {
    object(|o| {
        o.field("type", "unseen");
        o.field("function", function);
        o.field("tasks", count);
        o.field("is_failure", is_failure);
        o.field("test", test.map(|test| test.json()));
    })
}

/// More findings like one that has a line.
pub(crate) fn repeat(repeated: &Repeated) -> String {
    object(|o| {
        o.field("type", "repeat");
        o.field("code", repeated.code.to_string());
        o.field("fingerprint", repeated.fingerprint.as_str());
        o.field("function", repeated.function.as_str());
        o.field("more", repeated.more);
        o.field("total", repeated.total);
    })
}

/// What else was `found` may be a hint at the remedy.
pub(crate) fn line(finding: &Finding, found: &[Finding]) -> String {
    let block = block(finding, found);
    object(|o| {
        o.field("type", "finding");
        identity(o, finding, &block);
        places(o, finding, &block);
        tasks(o, finding);
        circumstances(o, finding);
        o.field("notes", list(block.notes.iter().filter(|(_, lines)| !lines.is_empty()).map(note)));
        o.field("help", block.help.as_str());
        o.field("test", finding.test().map(|test| test.json()));
        o.field("replay", None::<&str>);
        o.field("allow", allow::text(allow::places(finding)));
    })
}

/// What it is.
fn identity(o: &mut Object<'_>, finding: &Finding, block: &Block) {
    let (kind, time) = word::verdict(finding.verdict());
    o.field("code", finding.code().to_string());
    o.field("title", finding.code().title());
    o.field("certainty", finding.certainty().to_string());
    o.field("fingerprint", finding.fingerprint());
    o.field("message", block.title.as_str());
    o.field("word", block.word);
    o.field("function", finding.function());
    o.field("count", finding.count());
    o.field("verdict", fields(|o| verdict(o, kind, time)));
    o.field("cause", finding.cause().map(word::cause));
}

fn verdict(o: &mut Object<'_>, kind: &str, time: Option<Duration>) {
    o.field("kind", kind);
    o.field("for_ns", time.map(nanos));
}

/// Where it is.
fn places(o: &mut Object<'_>, finding: &Finding, block: &Block) {
    let first = finding.task();
    let kind = first.map_or("resource", |first| word::kind(first.kind));
    let stacks = first.map_or(&[][..], TaskFacts::stacks);
    o.field("spawn", place::site(finding.site(), kind));
    match first {
        Some(first) => o.field("wait", place::wait(first)),
        None => o.field("wait", finding.wait_place().map(|at| fields(move |o| event(o, &at)))),
    };
    o.field("marks", list(block.marks.iter().map(place::mark)));
    o.field("stack", task::stack(stacks.first().map(|stack| &**stack)));
    o.field("stack_gap", stacks.first().and_then(|stack| stack.gap()));
    o.field("branches", list(stacks.iter().skip(1).map(|stack| task::branch(stack))));
}

/// The line that a finding on a channel is about.
fn event(o: &mut Object<'_>, at: &Position) {
    place::position(o, at);
    o.field("function", None::<&str>);
    o.field("kind", None::<&str>);
}

/// Which tasks it is about, and which live only because of them.
fn tasks(o: &mut Object<'_>, finding: &Finding) {
    let now = finding.now;
    let (own, beside) = own(finding);
    // Tasks that are alike have like stacks, and those of a deadlock have not.
    let detail = match finding.subject {
        Subject::Deadlock(_) => StackDetail::Shown,
        _ => StackDetail::Hidden,
    };
    let own = own.into_iter().take(TASKS).map(|it| task::task(it, now, detail));
    let beside = beside.iter().take(TASKS).map(|it| task::task(it, now, StackDetail::Hidden));
    let behind = finding.subject.behind();
    o.field("tasks", list(own));
    o.field("resources", list(parts(finding).iter().map(|part| resource(part, now))));
    o.field("cycle", list(cycle(finding).iter().map(edge)));
    o.field(
        "consequences",
        list(behind.iter().take(TASKS).map(|it| task::task(it, now, StackDetail::Hidden))),
    );
    o.field("consequences_count", behind.len());
    o.field("beside", list(beside));
}

/// The tasks that are alike, or are in a cycle, and what else lives in the scope.
fn own(finding: &Finding) -> (Vec<&TaskFacts>, &[TaskFacts]) {
    match &finding.subject {
        Subject::Task(task) => (task.tasks.iter().collect(), &[]),
        Subject::Growth(growth) => (growth.tasks.iter().collect(), &[]),
        Subject::Call(call) => (vec![&call.call], &call.beside),
        Subject::Deadlock(deadlock) => (deadlock.waiters.iter().collect(), &deadlock.beside),
        Subject::Channel(_) | Subject::Value(_) | Subject::Unreaped(_) => (Vec::new(), &[]),
    }
}

fn cycle(finding: &Finding) -> &[Edge] {
    match &finding.subject {
        Subject::Deadlock(deadlock) => &deadlock.blockage.cycle,
        _ => &[],
    }
}

/// What only some kinds have, the scope, and times.
fn circumstances(o: &mut Object<'_>, finding: &Finding) {
    let now = finding.now;
    let panic = match &finding.subject {
        Subject::Task(task) => match &task.problem {
            TaskProblem::Panicked(panic) => panic.as_deref(),
            _ => None,
        },
        _ => None,
    };
    let growth = match &finding.subject {
        Subject::Growth(growth) => Some(&growth.story),
        Subject::Unreaped(story) => Some(&story.growth),
        _ => None,
    };
    o.field("panic", panic.map(panicked));
    o.field("growth", growth.map(counts));
    o.field("scope", finding.scope.as_ref().map(|scope| task::scope(scope, now)));
    o.field("age_ns", nanos(age(finding)));
    o.field("polls", finding.task().map(|task| task.polls));
}

/// How old the oldest of its tasks is, or how long ago it happened.
fn age(finding: &Finding) -> Duration {
    let (own, _) = own(finding);
    let ages = own.iter().map(|task| finding.now.since(task.began));
    let happened = match &finding.subject {
        Subject::Channel(story) => Some(finding.now.since(story.when)),
        Subject::Value(story) => Some(story.age),
        _ => None,
    };
    ages.chain(happened).max().unwrap_or_default()
}

fn panicked(panic: &PanicStory) -> impl Json {
    fields(|o| {
        o.field("message", panic.message.as_str());
        o.field("at", panic.at.as_ref().map(|at| fields(|o| place::position(o, at))));
    })
}

fn counts(growth: &GrowthStory) -> impl Json {
    fields(|o| {
        o.field("counts", list(growth.counts.iter().copied()));
        o.field("window_ns", nanos(growth.window));
    })
}

fn note((label, lines): &Note) -> impl Json {
    fields(|o| {
        o.field("label", *label);
        o.field("lines", list(lines.iter().map(String::as_str)));
    })
}
