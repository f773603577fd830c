//! Titles, verdicts and notes, case by case.

use super::*;

fn leak(condition: Condition, tasks: Vec<TaskFacts>) -> String {
    plain(&finding(ALIVE, condition, tasks).to_string())
}

#[track_caller]
fn has(text: &str, line: &str) {
    assert!(text.lines().any(|l| l.trim_start() == line), "{line}\n{text}");
}

fn named(id: u64, name: &'static str) -> TaskFacts {
    TaskFacts { name, ..task(id, waits_on(RECV)) }
}

#[test]
fn title_names_tasks_with_one_name() {
    let title = |tasks| {
        let text = leak(Condition::Blocked(SECOND), tasks);
        text.lines().next().unwrap().replace("leak[LG002]: ", "")
    };
    let by = "spawned by `process_records`";
    assert_eq!(title(vec![named(2, "spinoza")]), format!("task `spinoza`, {by}, is still alive"));
    assert_eq!(
        title(vec![named(2, "spinoza"), named(3, "spinoza")]),
        format!("2 tasks `spinoza`, {by}, are still alive")
    );
    assert_eq!(
        title(vec![named(2, "spinoza"), named(3, "descartes")]),
        format!("2 tasks {by} are still alive")
    );
    // An async block in a plain function bears the name of that function.
    for nothing in ["", "process_records"] {
        let title = title(vec![named(2, nothing)]);
        assert_eq!(title, format!("a task {by} is still alive"));
    }
    // And so does a closure.
    let mut closure = named(2, "start");
    closure.kind = TaskKind::Blocking;
    assert_eq!(title(vec![closure]), format!("a blocking call {by} is still alive"));
}

#[test]
fn verdict_tells_timers_from_io() {
    let socket = "tokio::net::tcp::stream::TcpStream::poll_read";
    let verdict = |leaves: &[&str]| {
        let frame = ("pool::worker", "src/pool.rs", 41, 9);
        let stacks = leaves.iter().map(|leaf| stack(leaf, &[frame])).collect();
        leak(Condition::TimerOrIo(SECOND), vec![task(2, waits(stacks))])
    };
    let end = "for 1.0 s after 3 polls; it may still finish on its own";
    has(&verdict(&[SLEEP]), &format!("= verdict:  waits on a timer, {end}"));
    has(&verdict(&[RECV, socket]), &format!("= verdict:  waits on I/O, {end}"));
    has(&verdict(&[SLEEP, socket]), &format!("= verdict:  waits on a timer or on I/O, {end}"));
    let at = |leaf, line| stack(leaf, &[("pool::worker", "src/pool.rs", line, 9)]);
    let select = vec![task(2, waits(vec![at(RECV, 41), at(SLEEP, 50)]))];
    let text = leak(Condition::TimerOrIo(SECOND), select);
    has(&text, &format!("= verdict:  waits on a timer at src/pool.rs:50:9, {end}"));
}

#[test]
fn polls_are_counted_for_single_tasks_only() {
    let two = || vec![task(2, waits_on(RECV)), task(3, waits_on(RECV))];
    has(
        &leak(Condition::Blocked(SECOND), two()),
        "= verdict:  blocked for 1.0 s; nothing that leakguard knows of will wake it",
    );
    has(
        &leak(Condition::TimerOrIo(SECOND), two()),
        "= verdict:  waits on a timer or on I/O, for 1.0 s; it may still finish on its own",
    );
    has(&leak(Condition::Running, two()), "= verdict:  still making progress");
    has(
        &leak(Condition::Running, vec![task(2, waits_on(RECV))]),
        "= verdict:  still making progress: 3 polls",
    );
}

#[test]
fn function_is_named_again_if_its_scope_has_another_name() {
    let call = call(waits_on(RECV));
    let mut finding = overrun(CallProblem::Overruns, Condition::Blocked(SECOND), call, vec![]);
    has(&plain(&finding.to_string()), "= entered:  F, 1.2 s ago");
    finding.scope.as_mut().unwrap().name = "records";
    has(&plain(&finding.to_string()), "= entered:  F, in `process_records`, 1.2 s ago");
}
