//! The whole text of dumps of constructed facts.

use super::Dump;
use crate::fact::id::TaskKind;
use crate::fact::task::{PendingWaits, ProbeOutcome, TaskFacts, TaskState};
use crate::report::fixture::*;
use crate::site::Site;
use crate::vocabulary::SiteKind;
use std::fmt::Write;

fn dump(tasks: Vec<TaskFacts>) -> Dump {
    Dump {
        tasks,
        scopes: vec![scope(None)],
        resources: vec![],
        observed: vec![],
        handles: vec![],
        sites: vec![],
        unseen: 0,
        now: at(NOW),
    }
}

#[track_caller]
fn assert_text(text: &str, expected: &str) {
    let text = plain(text);
    assert_eq!(text.trim(), expected.trim(), "\n--- is\n{text}\n---");
}

fn worker(id: u64) -> TaskFacts {
    let frames = [
        ("pool::worker", "src/pool.rs", 41, 49),
        ("pool::process_records::{{closure}}::{{closure}}", "src/pool.rs", 27, 22),
    ];
    task(id, waits(vec![stack(RECV, &frames)]))
}

fn closure(id: u64, kind: TaskKind, state: TaskState) -> TaskFacts {
    TaskFacts { kind, state, name: "hash", ..task(id, ProbeOutcome::NotProbed) }
}

#[test]
fn each_task_has_a_block() {
    let tasks = vec![worker(7), call(ProbeOutcome::NotProbed), worker(3)];
    assert_text(
        &dump(tasks).to_string(),
        r#"
call 1 "process_records" [idle, 1.0 s], timeout 100 ms, 3 polls
  entered at F in `process_records`

task 3 "worker" [mpsc receive, 1.0 s], blocked, 3 polls
    pool::worker                      src/pool.rs:41:49
    pool::process_records::{closure}  src/pool.rs:27:22
  spawned at S by call 1 in `process_records`

task 7 "worker" [mpsc receive, 1.0 s], blocked, 3 polls
    pool::worker                      src/pool.rs:41:49
    pool::process_records::{closure}  src/pool.rs:27:22
  spawned at S by call 1 in `process_records`
"#,
    );
}

#[test]
fn every_state_has_its_text() {
    let polling = |millis| TaskState::Polling { since: at(NOW - millis) };
    let both = vec![
        stack(RECV, &[("pool::worker", "src/pool.rs", 41, 49)]),
        stack(
            SLEEP,
            &[("pool::tick", "src/pool.rs", 7, 9), ("pool::worker", "src/pool.rs", 42, 9)],
        ),
    ];
    let stuck = PendingWaits {
        stacks: vec![],
        registered: 0,
        woke_itself: 0,
        began: at(NOW),
        beside: None,
    };
    let spinning = PendingWaits { registered: 1, woke_itself: 1, ..stuck.clone() };
    let mut all = vec![
        TaskFacts {
            state: polling(2_100),
            thread: Some("main".into()),
            ..task(1, ProbeOutcome::NotProbed)
        },
        TaskFacts { state: polling(1), polls: 1, ..task(2, ProbeOutcome::NotProbed) },
        TaskFacts {
            state: TaskState::NeverPolled,
            polls: 0,
            parent: None,
            ..task(3, ProbeOutcome::NotProbed)
        },
        TaskFacts { background: true, ..task(4, waits(both)) },
        task(5, ProbeOutcome::Pending(stuck)),
        task(6, ProbeOutcome::Pending(spinning)),
        TaskFacts { wait_at: Some(SPAWN.location()), ..task(7, ProbeOutcome::NotProbed) },
        task(8, ProbeOutcome::NoResponse),
        TaskFacts { name: "", ..task(9, ProbeOutcome::Ended) },
        closure(10, TaskKind::Blocking, TaskState::NotBegun),
        closure(11, TaskKind::Blocking, polling(70_000)),
        closure(12, TaskKind::Thread, polling(400)),
    ];
    all[7].through = vec![&ENTRY];
    assert_text(
        &dump(all).to_string(),
        r#"
task 1 "worker" [busy, 2.1 s on thread "main"], 3 polls
  spawned at S by task 1 in `process_records`

task 2 "worker" [running, 1 ms], 1 poll
  spawned at S by task 1 in `process_records`

task 3 "worker" [never polled, 1.2 s], 0 polls
  spawned at S in `process_records`

task 4 "worker" [waits at 2 places, 1.0 s], blocked, background, 3 polls
    mpsc receive:
        pool::worker  src/pool.rs:41:49
    sleep:
        pool::tick    src/pool.rs:7:9
        pool::worker  src/pool.rs:42:9
  spawned at S by task 1 in `process_records`

task 5 "worker" [no waker, 1.0 s], stuck, 3 polls
  spawned at S by task 1 in `process_records`

task 6 "worker" [async wait, 1.0 s], making progress, 3 polls
  spawned at S by task 1 in `process_records`

task 7 "worker" [idle, 1.0 s], 3 polls
    awaits at S
  spawned at S by task 1 in `process_records`

task 8 "worker" [no response, 1.0 s], 3 polls
  spawned at S by task 1 in `process_records`, through F in `process_records`

task 9 [ended, 1.0 s], 3 polls
  spawned at S by task 1 in `process_records`

blocking call 10 "hash" [waits for a thread, 1.2 s]
  spawned at S by task 1 in `process_records`

blocking call 11 "hash" [running, 1 min 10 s]
  spawned at S by task 1 in `process_records`

thread 12 "hash" [running, 400 ms]
  spawned at S by task 1 in `process_records`
"#,
    );
}

#[test]
fn similar_tasks_are_folded() {
    let mut tasks: Vec<_> = (2..12).map(worker).collect();
    tasks[4].state = TaskState::Idle { since: at(NOW - 2_100) };
    tasks.push(call(waits_on(RECV)));
    tasks.reverse();
    assert_text(
        &format!("{:#}", dump(tasks)),
        r#"
10 tasks "worker" [mpsc receive, 1.0 s to 2.1 s], blocked
    pool::worker                      src/pool.rs:41:49
    pool::process_records::{closure}  src/pool.rs:27:22
  spawned at S in `process_records`
  ids 2, 3, 4, 5, 6, 7, 8, 9, … and 2 more

1 call "process_records" [mpsc receive, 1.0 s], blocked, timeout 100 ms
    pool::worker  src/pool.rs:41:49
  entered at F in `process_records`
  id 1
"#,
    );
}

#[test]
fn live_sites_and_unseen_tasks_are_listed() {
    static BUSY: Site = Site::new(SiteKind::Spawn, "serve", "tokio::spawn", "pool");
    static QUIET: Site = Site::new(SiteKind::Spawn, "quiet", "tokio::spawn", "pool");
    (0..12).for_each(|_| BUSY.count_start(0));
    (0..4).for_each(|_| BUSY.count_end(0));
    BUSY.count_leak();
    let dump = Dump { sites: vec![&BUSY, &QUIET], unseen: 3, ..dump(vec![]) };
    let text = dump.to_string().replace(&BUSY.location().to_string(), "src/pool.rs:27:9");
    assert_text(
        &text,
        r#"
no watched task is alive
   alive  started    ended   leaked  site
       8       12        4        1  src/pool.rs:27:9 `tokio::spawn` in `serve`
note: 3 more tasks live on this runtime unwatched (spawned by libraries or by functions without an attribute)
"#,
    );
}

/// Quadratic work would take hours here, even on a slow machine.
#[test]
fn dump_of_a_hundred_thousand_tasks_is_linear() {
    let stack = stack(RECV, &[("pool::worker", "src/pool.rs", 41, 49)]);
    let tasks = (1..=100_000).map(|id| task(id, waits(vec![stack.clone()]))).collect();
    let dump = dump(tasks);
    let (mut long, mut short) = (String::new(), String::new());
    write!(long, "{dump}").unwrap();
    write!(short, "{dump:#}").unwrap();
    assert_eq!(long, short, "more than a few that are alike are one block in both forms");
    assert_text(
        &short,
        r#"
100000 tasks "worker" [mpsc receive, 1.0 s], blocked
    pool::worker  src/pool.rs:41:49
  spawned at S in `process_records`
  ids 1, 2, 3, 4, 5, 6, 7, 8, … and 99992 more
"#,
    );
}
