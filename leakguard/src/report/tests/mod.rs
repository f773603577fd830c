//! The whole text of reports, on findings made by hand.

use super::Report;
use super::fixture::*;
use crate::fact::finding::Finding;
use crate::fact::id::{Ending, TaskKind};
use crate::fact::subject::{CallProblem, Condition, Subject, TaskProblem};
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use std::time::Duration;

mod blockage;
#[cfg(feature = "tracing")]
mod event;
mod json;
mod library;
mod remedy;
mod wording;

const SECOND: Duration = Duration::from_secs(1);

#[track_caller]
fn says(finding: Finding, expected: &str) {
    let text = finding.to_string();
    let is_long = |line: &&str| line.chars().count() > 110;
    assert_eq!(text.lines().find(is_long), None, "more than 110 columns");
    let text = plain(&text);
    assert_eq!(text, expected.trim(), "\n--- is\n{text}\n---");
}

fn one(problem: TaskProblem, condition: Condition, task: TaskFacts) -> Finding {
    finding(problem, condition, vec![task])
}

fn idle() -> ProbeOutcome {
    waits(vec![])
}

/// A source file of 41 lines that is gone when the test is over.
struct Source(std::path::PathBuf);

impl Source {
    fn new(name: &str, line: &str) -> Self {
        let path = std::env::temp_dir().join(format!("leakguard-{}-{name}.rs", std::process::id()));
        std::fs::write(&path, "\n".repeat(40) + line + "\n").unwrap();
        // One that was edited after the build is not shown.
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        Source(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn hide(&self, text: &str) -> String {
        plain(text).replace(self.path(), "src/pool.rs")
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn workers(file: &str, column: u32) -> Finding {
    let stack = stack(
        RECV,
        &[
            ("pool::worker", file, 41, column),
            ("pool::process_records::{{closure}}::{{closure}}", "src/pool.rs", 27, 22),
        ],
    );
    let tasks = (2..10).map(|id| task(id, waits(vec![stack.clone()]))).collect();
    finding(ALIVE, Condition::Blocked(SECOND), tasks)
}

#[test]
fn leaked_tasks_show_their_source_line() {
    let source =
        Source::new("leaked", "    while let Some(record) = input.lock().await.recv().await {");
    let text = source.hide(&workers(source.path(), 49).to_string());
    let expected = r#"
leak[LG002]: 8 tasks `worker`, spawned by `process_records`, are still alive
  --> src/pool.rs:41:49
   |
41 |     while let Some(record) = input.lock().await.recv().await {
   |                                                 ^^^^ mpsc receive, for 1.0 s
   |
   = spawned:  S, 8 times, by `process_records` (F-line), first 1.2 s ago
   = stack:    pool::worker at src/pool.rs:41:49
               pool::process_records::{closure} at src/pool.rs:27:22
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  blocked for 1.0 s; nothing that leakguard knows of will wake it
   = help: drop the last sender of the channel that line 41 reads, once everything is sent
"#;
    assert_eq!(text, expected.trim(), "\n--- is\n{text}\n---");
}

#[test]
fn tabs_and_wide_letters_do_not_move_the_mark() {
    let source = Source::new("wide", "\tlet é日 = rx.recv().await;");
    let text = source.hide(&workers(source.path(), 17).to_string());
    let lines: Vec<&str> = text.lines().skip(3).take(2).collect();
    assert_eq!(
        lines,
        [
            "41 |     let é日 = rx.recv().await;",
            "   |                  ^^^^ mpsc receive, for 1.0 s",
        ]
    );
}

#[test]
fn label_is_a_note_without_source() {
    says(
        one(ALIVE, Condition::Blocked(SECOND), task(7, waits_on(MUTEX))),
        r#"
leak[LG002]: task `worker`, spawned by `process_records`, is still alive
  --> src/pool.rs:41:49
   |
   = now:      mutex lock, for 1.0 s
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = stack:    pool::worker at src/pool.rs:41:49
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  blocked for 1.0 s after 3 polls; nothing that leakguard knows of will wake it
   = help: drop the guard of the lock that line 41 waits for before its holder awaits again; if that await is
           for a lock too, acquire both in the same order everywhere
"#,
    );
}

#[test]
fn overrun_lists_live_tasks() {
    let mut alive: Vec<_> = (2..5).map(|id| task(id, waits_on(RECV))).collect();
    let sleeper = waits(vec![stack(SLEEP, &[("pool::tick", "src/pool.rs", 50, 9)])]);
    alive.push(task(5, sleeper));
    let call = call(waits(vec![stack(RECV, &[("pool::process_records", "src/pool.rs", 30, 12)])]));
    says(
        super::fixture::overrun(CallProblem::Overruns, Condition::Blocked(SECOND), call, alive),
        r#"
overrun[LG001]: `process_records` is still running at its timeout of 100 ms
  --> src/pool.rs:30:12
   |
   = now:      mpsc receive, for 1.0 s
   = entered:  F, 1.2 s ago
   = stack:    pool::process_records at src/pool.rs:30:12
   = alive:    3 tasks of S: mpsc receive at src/pool.rs:41:49, for 1.0 s
               1 task of S: sleep at src/pool.rs:50:9, for 1.0 s
   = verdict:  blocked for 1.0 s after 3 polls; nothing that leakguard knows of will wake it
   = help: drop the last sender of the channel that line 30 reads, once everything is sent
"#,
    );
}

#[test]
fn slow_test_has_no_timeout_to_name_or_raise() {
    let sleeper = waits(vec![stack(SLEEP, &[("pool::process_records", "src/pool.rs", 30, 12)])]);
    let condition = Condition::TimerOrIo(SECOND);
    let mut finding =
        super::fixture::overrun(CallProblem::Overruns, condition, call(sleeper), vec![]);
    let with_timeout = finding.to_string();
    assert!(with_timeout.contains("at its timeout of 100 ms"), "{with_timeout}");
    assert!(with_timeout.contains("or raise the `timeout`"), "{with_timeout}");
    let rule = &mut finding.scope.as_mut().unwrap().rule;
    (rule.timeout, rule.overrun) = (None, Some(Duration::from_secs(60)));
    let text = finding.to_string();
    assert!(text.contains("`process_records` is still running after 1 min\n"), "{text}");
    assert!(!text.contains("`timeout`"), "{text}");
}

#[test]
fn overrun_may_have_ended() {
    let problem = CallProblem::Late(Duration::from_millis(180));
    let call = call(ProbeOutcome::Ended);
    let mut finding = super::fixture::overrun(problem, Condition::Blocked(SECOND), call, vec![]);
    finding.scope = Some(scope(Some(Ending::Returned)));
    says(
        finding,
        r#"
overrun[LG001]: `process_records` was still running at its timeout of 100 ms
  --> F
   |
F | pub(crate) static ENTRY: Site = Site::new(SiteKind::Function, "process_records", "", "pool");
   |                                 ^^^^^^^^^ ran for 180 ms
   |
   = entered:  1.2 s ago
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  late: it has ended, 180 ms after its entry
   = help: give what `process_records` does a time limit, or raise its `timeout` at F-line
"#,
    );
}

#[test]
fn stuck_task_shows_its_spawn() {
    says(
        one(TaskProblem::Stuck, Condition::Stuck, task(2, idle())),
        r#"
leak[LG007]: task `worker`, spawned by `process_records`, can never be woken
  --> S
   |
S | pub(crate) static SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
   |                                 ^^^^^^^^^ spawned here; it waits at an unknown place, for 1.0 s
   |
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  certainly stuck: its last poll registered no waker, so nothing can wake it
   = help: the task of S-line awaits a future that never registers a waker: let its `poll` keep `cx.waker()`,
           or abort the task by its handle of S-line
"#,
    );
}

#[test]
fn lost_wakeup_shows_its_spawn() {
    let answer = ProbeOutcome::Ended;
    says(
        one(TaskProblem::LostWakeup(SECOND), Condition::Blocked(SECOND), task(2, answer)),
        r#"
lost[LG008]: task `worker`, spawned by `process_records`, lost a wakeup
  --> S
   |
S | pub(crate) static SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
   |                                 ^^^^^^^^^ spawned here; it waits at an unknown place, for 1.0 s
   |
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  it made progress when leakguard polled it, although nothing had woken it for 1.0 s
   = help: let the future that the task of S-line awaits store the waker of each poll before it checks
           whether it is ready
"#,
    );
}

#[test]
fn busy_task_names_its_thread() {
    let mut task = task(2, ProbeOutcome::NotProbed);
    task.state = TaskState::Polling { since: at(NOW - 2_100) };
    task.thread = Some("main".into());
    says(
        one(TaskProblem::Busy, Condition::Busy(Duration::from_millis(2_100)), task),
        r#"
busy[LG011]: task `worker`, spawned by `process_records`, keeps its executor busy
  --> S
   |
S | pub(crate) static SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
   |                                 ^^^^^^^^^ busy for 2.1 s
   |
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  inside one poll for 2.1 s on thread "main"; no other task runs there meanwhile
   = help: move the blocking work of S-line into `tokio::task::spawn_blocking`, or put `yield_now().await`
           into its loop
"#,
    );
}

fn closure(id: u64, kind: TaskKind, state: TaskState) -> TaskFacts {
    TaskFacts { kind, state, ..task(id, ProbeOutcome::NotProbed) }
}

#[test]
fn blocking_calls_are_counted() {
    let run = |id| closure(id, TaskKind::Blocking, TaskState::Polling { since: at(NOW - 1_200) });
    says(
        finding(TaskProblem::Thread, Condition::Busy(SECOND), vec![run(2), run(3)]),
        r#"
leak[LG013]: 2 blocking calls spawned by `process_records` have not ended
  --> S
   |
S | pub(crate) static SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
   |                                 ^^^^^^^^^ running for 1.0 s
   |
   = spawned:  S, 2 times, by `process_records` (F-line), first 1.2 s ago
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  still running after 1.0 s
   = help: a blocking call cannot be aborted: give the closure of S-line a stop flag or a time limit, and
           await its handle
"#,
    );
}

#[test]
fn swallowed_panic_has_no_label_note() {
    says(
        one(
            TaskProblem::Panicked(None),
            Condition::Blocked(SECOND),
            task(2, ProbeOutcome::NotProbed),
        ),
        r#"
panic[LG014]: task `worker`, spawned by `process_records`, panicked, and nothing will ever join it
  --> S
   |
S | pub(crate) static SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
   |                                 ^^^^^^^^^ spawned here
   |
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  panicked, and nothing received its panic
   = help: the handle is dropped at S-line: keep it, await it and handle its error
"#,
    );
}

#[test]
fn wrapper_and_other_branches_are_notes() {
    let first = stack(RECV, &[("pool::worker", "src/pool.rs", 41, 49)]);
    let second = stack(SLEEP, &[("pool::worker", "src/pool.rs", 43, 9)]);
    let mut task = task(2, waits(vec![first, second]));
    task.through = vec![&ENTRY, &SPAWN];
    let mut finding = one(ALIVE, Condition::Blocked(SECOND), task);
    finding.scope = Some(scope(Some(Ending::Cancelled)));
    says(
        finding,
        r#"
leak[LG002]: task `worker`, spawned by `process_records`, is still alive
  --> src/pool.rs:41:49
   |
   = now:      mpsc receive, for 1.0 s
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = through:  F in `process_records`, which wrapped it again
               S in `process_records`, which wrapped it again
   = stack:    pool::worker at src/pool.rs:41:49
   = also:     sleep in pool::worker at src/pool.rs:43:9
   = dropped:  `process_records`, 1.1 s ago, before it was ready; its tasks were allowed another 100 ms
   = verdict:  blocked for 1.0 s after 3 polls; nothing that leakguard knows of will wake it
   = help: drop the last sender of the channel that line 41 reads, once everything is sent
"#,
    );
}

#[test]
fn report_ends_with_its_counts() {
    let alive = task(3, waits_on(MUTEX));
    let two = vec![
        one(ALIVE, Condition::Blocked(SECOND), alive),
        one(TaskProblem::Stuck, Condition::Stuck, task(2, idle())),
    ];
    let blocks = format!("{}\n\n{}\n\n", two[0], two[1]);
    let site = two[0].site().location();
    let report = Report::new(two, 3);
    let end = format!(
        "2 findings in `process_records`\n\
         note: `allow = \"{}:{}\"` allows them\n\
         note: 3 more tasks live on this runtime unwatched (spawned by libraries or by functions without an attribute)",
        site.file(),
        site.line()
    );
    assert_eq!(report.to_string(), format!("{blocks}{end}"));
    assert_eq!(format!("{report:?}"), report.to_string());
    assert_eq!(report.iter().count(), report.findings().len());
    assert_eq!(report.into_iter().count(), 2);
}

#[test]
fn report_may_only_count_unwatched_tasks() {
    let text = "note: 1 more task lives on this runtime unwatched (spawned by libraries or by functions without an attribute)";
    assert_eq!(Report::new(vec![], 1).to_string(), text);
    assert_eq!(Report::new(vec![], 0).to_string(), "");
}

#[test]
fn library_lines_are_only_in_the_stack() {
    let foreign = "/r/registry/src/crates-0123456789abcdef/lib-1.0.0/src/lib.rs";
    let mut finding =
        one(ALIVE, Condition::Blocked(SECOND), task(2, waits_on_library(RECV, foreign)));
    let text = plain(&finding.to_string());
    assert!(text.contains("--> S\n"), "{text}");
    assert!(text.contains("^^^^ spawned here; mpsc receive, for 1.0 s"), "{text}");
    assert!(text.contains(&format!("= stack:    lib::serve at {foreign}:9:5\n")), "{text}");
    let Subject::Task(subject) = &mut finding.subject else { unreachable!() };
    subject.tasks.first.wait_at = Some(ENTRY.location());
    let text = plain(&finding.to_string());
    assert!(text.contains("--> F\n"), "{text}");
}

#[test]
fn colour_changes_no_words() {
    let report = Report::new(vec![workers("src/pool.rs", 49)], 1);
    let colored = report.render(true);
    assert!(colored.starts_with("\x1b[1m\x1b[91mleak[LG002]\x1b[0m\x1b[1m: 8 tasks"), "{colored}");
    let mut bare = colored;
    for code in ["\x1b[1m", "\x1b[91m", "\x1b[94m", "\x1b[0m"] {
        assert!(bare.contains(code), "{code:?}");
        bare = bare.replace(code, "");
    }
    assert_eq!(bare, report.render(false));
}
