//! Constructed findings for the tests of their words.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::id::{Ending, Role, ScopeId, TaskId, TaskKind, WakerMark};
use crate::fact::options::Rule;
use crate::fact::subject::{
    CallProblem, CallSubject, Condition, Subject, TaskGroup, TaskProblem, TaskSubject,
};
use crate::fact::task::{
    NativeStack, PendingWaits, ProbeOutcome, ScopeFacts, TaskFacts, TaskState,
};
use crate::site::Site;
use crate::stack::Stack;
use crate::vocabulary::{Action, SiteKind};
use std::sync::Arc;
use std::time::Duration;

#[rustfmt::skip]
pub(crate) static SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
#[rustfmt::skip]
pub(crate) static ENTRY: Site = Site::new(SiteKind::Function, "process_records", "", "pool");

pub(crate) fn at(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// All findings are judged 100 s after the program's start.
pub(crate) const NOW: u64 = 100_000;

pub(crate) fn task(id: u64, answer: ProbeOutcome) -> TaskFacts {
    TaskFacts {
        id: TaskId::new(id).unwrap(),
        kind: TaskKind::Async,
        name: "worker",
        future: "pool::worker::{{closure}}",
        site: &SPAWN,
        inner: None,
        through: Vec::new(),
        parent: TaskId::new(1),
        scope: Some(ScopeId(TaskId::new(1).unwrap())),
        began: at(NOW - 1_200),
        polls: 3,
        state: TaskState::Idle { since: at(NOW - 1_000) },
        wait_at: None,
        waker: WakerMark::UNKNOWN,
        background: false,
        detached: false,
        thread: None,
        native: NativeStack::NotProbed,
        answer,
    }
}

pub(crate) fn call(answer: ProbeOutcome) -> TaskFacts {
    TaskFacts { kind: TaskKind::Call, site: &ENTRY, parent: None, ..task(1, answer) }
}

pub(crate) fn scope(returned: Option<Ending>) -> ScopeFacts {
    ScopeFacts {
        id: ScopeId(TaskId::new(1).unwrap()),
        site: &ENTRY,
        name: "process_records",
        rule: Rule {
            timeout: Some(Duration::from_millis(100)),
            overrun: Some(Duration::from_millis(100)),
            grace: Duration::from_millis(100),
            on_leak: Action::Log,
            on_overrun: Action::Log,
            allow: None,
        },
        entered: at(NOW - 1_300),
        returned: returned.map(|how| (at(NOW - 1_100), how)),
        role: Role::Call,
        test: None,
        extended: Duration::ZERO,
        paused: false,
        ended_in: None,
        observed: vec![],
        sleeps: vec![],
    }
}

/// A stack that ends in a function of tokio, with the user's frames around it.
pub(crate) fn stack(leaf: &str, user: &[(&str, &str, u32, u32)]) -> Arc<Stack> {
    let mut frames = vec![(leaf, None)];
    frames.extend(
        user.iter().map(|&(function, file, line, column)| (function, Some((file, line, column)))),
    );
    Arc::new(Stack::of_table(&frames))
}

pub(crate) fn waits(stacks: Vec<Arc<Stack>>) -> ProbeOutcome {
    ProbeOutcome::Pending(PendingWaits {
        registered: stacks.len(),
        stacks,
        woke_itself: 0,
        began: at(NOW),
        beside: None,
    })
}

pub(crate) const RECV: &str = "tokio::sync::mpsc::chan::Rx::recv";
pub(crate) const SLEEP: &str = "<tokio::time::sleep::Sleep as Future>::poll";
pub(crate) const MUTEX: &str = "tokio::sync::mutex::Mutex::lock";

/// A wait at line 41, which is in no file.
pub(crate) fn waits_on(leaf: &str) -> ProbeOutcome {
    waits(vec![stack(leaf, &[("pool::worker", "src/pool.rs", 41, 49)])])
}

/// A wait in a library that no line of the user is on the stack of.
pub(crate) fn waits_on_library(leaf: &str, file: &str) -> ProbeOutcome {
    waits(vec![stack(leaf, &[("lib::serve", file, 9, 5)])])
}

/// A task that is still alive, and nothing else is known.
pub(crate) const ALIVE: TaskProblem = TaskProblem::Alive { unheard: None };

/// At least one task.
pub(crate) fn finding(
    problem: TaskProblem,
    condition: Condition,
    tasks: Vec<TaskFacts>,
) -> Finding {
    let mut tasks = tasks.into_iter();
    let first = tasks.next().unwrap();
    Finding {
        subject: Subject::Task(Box::new(TaskSubject {
            problem,
            condition,
            tasks: TaskGroup { first, more: tasks.collect() },
            blockage: None,
            behind: Vec::new(),
            closed: None,
            cell: None,
        })),
        scope: Some(scope(Some(Ending::Returned))),
        now: at(NOW),
    }
}

pub(crate) fn overrun(
    problem: CallProblem,
    condition: Condition,
    call: TaskFacts,
    beside: Vec<TaskFacts>,
) -> Finding {
    Finding {
        subject: Subject::Call(Box::new(CallSubject {
            problem,
            condition,
            call,
            beside,
            blockage: None,
            closed: None,
        })),
        scope: Some(scope(None)),
        now: at(NOW),
    }
}

/// Writes `S` and `F` for the places of the two sites, which move when this file is edited.
pub(crate) fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (site, letter) in [(&SPAWN, "S"), (&ENTRY, "F")] {
        let at = site.location();
        text = text.replace(&at.to_string(), letter);
        text = text.replace(&format!("{}:{}", at.file(), at.line()), &format!("{letter}-line"));
        text = text.replace(&format!("line {}", at.line()), &format!("{letter}-line"));
        text = text.replace(&format!("\n{} |", at.line()), &format!("\n{letter} |"));
    }
    text
}
