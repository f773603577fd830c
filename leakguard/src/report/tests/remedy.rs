//! The line of help, case by case.

use super::*;
use crate::fact::id::{ScopeId, TaskId};
use crate::site::Site;
use crate::vocabulary::SiteKind;

const JOIN: &str = "tokio::runtime::task::join";
const SOCKET: &str = "tokio::net::tcp::stream::TcpStream::poll_read";

fn help(finding: &Finding) -> String {
    let text = plain(&finding.to_string());
    let (_, help) = text.split_once("= help: ").unwrap();
    help.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn remedy_fits_the_case() {
    let leaked = |leaf, condition| help(&one(ALIVE, condition, task(2, waits_on(leaf))));
    let blocked = |leaf| leaked(leaf, Condition::Blocked(SECOND));
    let timed = |leaf| leaked(leaf, Condition::TimerOrIo(SECOND));
    let dropped = |ending| {
        let mut finding = one(ALIVE, Condition::TimerOrIo(SECOND), task(2, waits_on(SLEEP)));
        finding.scope = Some(scope(Some(ending)));
        help(&finding)
    };
    let all = [
        dropped(Ending::Cancelled),
        timed(SLEEP),
        timed("tokio::time::interval::Interval::tick"),
        timed("tokio::net::tcp::listener"),
        timed(SOCKET),
        timed("tokio::signal::unix"),
        blocked(MUTEX),
        blocked("tokio::sync::semaphore::Semaphore::acquire"),
        blocked("tokio::sync::once_cell::OnceCell"),
        blocked("tokio::sync::mpsc::bounded::Sender::send"),
        blocked("tokio::sync::oneshot::Sender::poll_closed"),
        blocked("tokio::sync::oneshot::Receiver::poll"),
        blocked(JOIN),
        blocked("tokio::sync::notify::Notified"),
        blocked("tokio::task::yield_now"),
        blocked("my::future"),
        leaked(RECV, Condition::Running),
        help(&one(ALIVE, Condition::NeverBegun(SECOND), task(2, idle()))),
        help(&one(
            TaskProblem::Thread,
            Condition::NeverBegun(SECOND),
            closure(2, TaskKind::Blocking, TaskState::NotBegun),
        )),
        help(&one(
            TaskProblem::Thread,
            Condition::Busy(SECOND),
            closure(2, TaskKind::Thread, TaskState::NotBegun),
        )),
        help(&one(
            TaskProblem::Panicked(None),
            Condition::Blocked(SECOND),
            closure(2, TaskKind::Thread, TaskState::NotBegun),
        )),
        help(&overrun(
            CallProblem::Overruns,
            Condition::TimerOrIo(SECOND),
            call(waits_on(SLEEP)),
            vec![],
        )),
        help(&overrun(
            CallProblem::Overruns,
            Condition::Blocked(SECOND),
            call(waits_on(MUTEX)),
            vec![],
        )),
        help(&overrun(
            CallProblem::Overruns,
            Condition::Blocked(SECOND),
            call(waits_on(JOIN)),
            vec![],
        )),
        help(&overrun(
            CallProblem::Overruns,
            Condition::Blocked(SECOND),
            call(ProbeOutcome::NotProbed),
            vec![],
        )),
        help(&overrun(
            CallProblem::Overruns,
            Condition::Busy(SECOND),
            call(ProbeOutcome::NotProbed),
            vec![],
        )),
        help(&overrun(CallProblem::Overruns, Condition::Stuck, call(idle()), vec![])),
    ];
    assert_eq!(all.join("\n"), r#"
keep the handle of S-line in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `process_records`
keep the handle of S-line in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `process_records`
give the loop of line 41 a way to stop (a `CancellationToken` in a `select!`), or keep the handle of S-line and `abort()` it
give the loop of line 41 a way to stop (a `CancellationToken` in a `select!`), or keep the handle of S-line and `abort()` it
keep the handle of S-line in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `process_records`, or put a deadline around line 41
keep the handle of S-line in a `JoinSet` or `AbortOnDropHandle`, so that the task ends with `process_records`
drop the guard of the lock that line 41 waits for before its holder awaits again; if that await is for a lock too, acquire both in the same order everywhere
look for what keeps the permits that line 41 waits for: a holder that waits itself, or a `forget`
set the cell that line 41 waits for, or put a deadline into its initialisation
read the channel that line 41 sends to, or drop its receiver
drop the other half of the channel that line 41 waits for
send the value that line 41 waits for, or drop its sender
end or abort what line 41 joins before `process_records` returns
send the signal that line 41 waits for before `process_records` returns
give the loop of line 41 a way to stop (a `CancellationToken` in a `select!`), or keep the handle of S-line and `abort()` it
keep the handle of S-line, and await or `abort()` it before `process_records` returns
give the loop of line 41 a way to stop (a `CancellationToken` in a `select!`), or keep the handle of S-line and `abort()` it
nothing polls the task of S-line: keep its runtime or `LocalSet` running until it has ended, or abort it
no blocking thread is free for the closure of S-line: end the others first, or raise `max_blocking_threads`
make the thread of S-line stop, and `join()` it before `process_records` returns
the handle is dropped at S-line: keep it, `join()` it and handle its error
put a deadline around line 41 with `tokio::time::timeout`, or raise the `timeout` of `process_records` at F-line
drop the guard of the lock that line 41 waits for before its holder awaits again; if that await is for a lock too, acquire both in the same order everywhere
end or abort what line 41 joins, or put a deadline around it
give what `process_records` does a time limit, or raise its `timeout` at F-line
move the blocking work of F-line into `tokio::task::spawn_blocking`, or put `yield_now().await` into its loop
`process_records` (F-line) awaits a future that never registers a waker: let its `poll` keep `cx.waker()`
"#.trim(), "\n{}", all.join("\n"));
}

fn waits_at(leaf: &str, line: u32) -> ProbeOutcome {
    waits(vec![stack(leaf, &[("pool::worker", "src/pool.rs", line, 9)])])
}

#[test]
fn two_waits_for_locks_in_one_scope_are_a_hint() {
    let lock = |id, line| {
        let task = task(id, waits_at(MUTEX, line));
        one(ALIVE, Condition::Blocked(SECOND), task)
    };
    let hint = |found| {
        let text = Report::new(found, 0).to_string();
        text.contains("same order everywhere")
    };
    let hints = |line, found: Vec<Finding>| {
        let text = Report::new(found, 0).to_string();
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        text.contains(&format!(
            "help: line {line} waits for a lock too: if each holds what the other wants, acquire both in the same order everywhere"
        ))
    };
    assert!(hints(43, vec![lock(2, 41), lock(3, 43)]));
    assert!(hints(41, vec![lock(2, 41), lock(3, 43)]));
    // Two that wait at one line are two that wait for the same one.
    assert!(!hints(41, vec![lock(2, 41), lock(3, 41)]));
    let mut elsewhere = lock(3, 43);
    elsewhere.scope.as_mut().unwrap().id = ScopeId(TaskId::new(2).unwrap());
    assert!(!hints(43, vec![lock(2, 41), elsewhere]));
    let semaphore = task(3, waits_at("tokio::sync::semaphore", 43));
    let semaphore = one(ALIVE, Condition::Blocked(SECOND), semaphore);
    assert!(!hints(43, vec![lock(2, 41), semaphore]));
    assert!(hint(vec![lock(2, 41)]), "the order of locks is mentioned without a hint too");
}

#[test]
fn only_task_left_is_named_as_joined() {
    let joins = |others: Vec<TaskFacts>| {
        let call = call(waits_on(JOIN));
        help(&overrun(CallProblem::Overruns, Condition::Blocked(SECOND), call, others))
    };
    let alone = |mut task: TaskFacts| {
        if let ProbeOutcome::Pending(answer) = &mut task.answer {
            answer.beside = Some(1);
        }
        task
    };
    let asks = |id| alone(task(id, waits_at(SOCKET, 94)));
    assert_eq!(
        joins(vec![asks(2)]),
        "line 41 joins a task; the only one left is that of S-line, which waits at line 94: put a deadline there"
    );
    assert_eq!(
        joins(vec![alone(task(2, waits_at(RECV, 94)))]),
        "line 41 joins a task; the only one left is that of S-line, which waits at line 94: drop the last sender of the channel that line 94 reads, once everything is sent"
    );
    // Another task may live that leakguard did not see start.
    assert_eq!(
        joins(vec![task(2, waits_at(SOCKET, 94))]),
        "line 41 joins a task; perhaps it is that of S-line, which waits at line 94: put a deadline there"
    );
    let unsure = "end or abort what line 41 joins, or put a deadline around it";
    assert_eq!(joins(vec![asks(2), asks(3)]), unsure);
    assert_eq!(joins(vec![task(2, ProbeOutcome::NotProbed)]), unsure);
    let thread = closure(2, TaskKind::Blocking, TaskState::NotBegun);
    assert_eq!(joins(vec![thread]), unsure);
    assert_eq!(joins(vec![]), unsure);
}

#[test]
fn dropped_handle_is_to_be_kept_first() {
    let mut task = task(2, waits_at(SOCKET, 94));
    task.detached = true;
    assert_eq!(
        help(&one(ALIVE, Condition::TimerOrIo(SECOND), task)),
        "the handle is dropped at S-line: keep it in an `AbortOnDropHandle`, so that the task ends with `process_records`, or put a deadline around line 94"
    );
}

#[test]
fn scope_by_hand_is_not_named_as_a_function() {
    static FIND: Site = Site::new(SiteKind::Function, "leakguard::find", "", "leakguard");
    let mut finding = one(ALIVE, Condition::Blocked(SECOND), task(2, waits_on("my::future")));
    let scope = finding.scope.as_mut().unwrap();
    (scope.site, scope.name) = (&FIND, "leakguard::find");
    assert_eq!(
        help(&finding),
        "keep the handle of S-line, and await or `abort()` it before `process_records` returns"
    );
}
