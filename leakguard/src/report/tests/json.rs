//! Findings as lines of JSON, how certain they are, and what stays the same of them.

use super::blockage::{blockage, cycle_of_sends, with};
use super::*;
use crate::fact::cause::{Blockage, Prospect};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::story::PanicStory;
use crate::site::Site;
use crate::vocabulary::{Cause, Certainty, SiteKind};
use std::sync::Arc;

#[rustfmt::skip]
static ONE_SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
#[rustfmt::skip]
static SAME_SPAWN: Site = Site::new(SiteKind::Spawn, "process_records", "tokio::spawn", "pool");
#[rustfmt::skip]
static OTHER_SPAWN: Site = Site::new(SiteKind::Spawn, "process_all", "tokio::spawn", "pool");

fn receives(prospect: Prospect) -> Finding {
    let wait = blockage(ResourceKind::Mpsc, Operation::Receive, Cause::LeftBehind);
    with(TaskProblem::Receives, RECV, Blockage { prospect, ..wait })
}

#[test]
fn line_has_what_the_report_has() {
    let line = receives(Prospect::NoKnownWaker).to_json();
    let at = |site: &Site| {
        let at = site.location();
        format!("\"file\":\"{}\",\"line\":{},\"column\":{}", at.file(), at.line(), at.column())
    };
    let line = line.replace(&at(&SPAWN), "S").replace(&at(&ENTRY), "F");
    let line = plain(&line);
    let site =
        r#"{S,"function":"process_records","module":"pool","callee":"tokio::spawn","kind":"task"}"#;
    let wait = r#"{"file":"src/pool.rs","line":41,"column":49,"function":"pool::worker","kind":"mpsc receive"}"#;
    let frame =
        r#"{"function":"pool::worker","file":"src/pool.rs","line":41,"column":49,"origin":"user"}"#;
    let expected = [
        r#"{"type":"finding","code":"LG003","title":"abandoned receiver","certainty":"likely","#,
        r#""fingerprint":"FINGERPRINT","message":"task `worker`, spawned by `process_records`, "#,
        r#"waits to receive, but nothing is sent","word":"leak","function":"process_records","count":1,"#,
        r#""verdict":{"kind":"blocked","for_ns":1000000000},"cause":"left_behind","#,
        &format!(r#""spawn":{site},"wait":{wait},"#),
        r#""marks":[{"file":"src/pool.rs","line":41,"column":49,"label":"mpsc receive, for 1.0 s"}],"#,
        &format!(r#""stack":[{frame}],"stack_gap":null,"branches":[],"#),
        &format!(
            r#""tasks":[{{"id":2,"kind":"task","name":"worker","spawn":{site},"wait":{wait},"#
        ),
        r#""state":"waiting","age_ns":1200000000,"waited_ns":1000000000,"polls":3,"thread":null,"stack":[]}],"#,
        r#""resources":[{"kind":"mpsc","created":{S},"capacity":5,"#,
        r#""holders":[{"by":"returned","task":null,"how":"used","at":{S},"held_ns":null}],"waiters":[],"#,
        r#""queue":{"length":0,"sent":0,"received":0,"lost":0,"sent_at":[]},"permits":null}],"#,
        r#""cycle":[],"consequences":[],"consequences_count":0,"beside":[],"panic":null,"growth":null,"#,
        r#""scope":{"name":"process_records","kind":"call","function":"process_records","module":"pool","#,
        r#"F,"timeout_ns":100000000,"grace_ns":100000000,"extended_ns":0,"entered_ns":1300000000,"#,
        r#""returned_ns":1100000000,"ended":"returned"},"age_ns":1200000000,"polls":3,"#,
        r#""notes":[{"label":"spawned","lines":["S, by `process_records` (F-line), 1.2 s ago"]},"#,
        r#"{"label":"stack","lines":["pool::worker at src/pool.rs:41:49"]},"#,
        r#"{"label":"channel","lines":["mpsc, capacity 5, created at S; 0 queued, 0 sent, 0 received"]},"#,
        r#"{"label":"sender","lines":["alive, last used by `process_records`, which has returned, at S"]},"#,
        r#"{"label":"returned","lines":["`process_records`, 1.1 s ago; its tasks were allowed another 100 ms"]},"#,
        r#"{"label":"verdict","lines":["blocked for 1.0 s after 3 polls; nothing that leakguard knows of will wake it"]}],"#,
        r#""help":"drop the sender once everything is sent: the one last used at S-line is alive","#,
        r#""test":null,"replay":null,"allow":"S-line"}"#,
    ];
    let fingerprint = receives(Prospect::NoKnownWaker).fingerprint();
    assert_eq!(line.replace(&fingerprint, "FINGERPRINT"), expected.concat());
}

#[test]
fn lines_of_a_report_are_its_findings_and_its_unseen_tasks() {
    let report = Report::new(vec![receives(Prospect::Stuck)], 3);
    let lines: Vec<_> = report.to_json_lines().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], report.findings()[0].to_json());
    assert_eq!(
        lines[1],
        r#"{"type":"unseen","function":"process_records","tasks":3,"is_failure":false,"test":null}"#
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn wait_is_as_certain_as_what_is_known_of_its_end() {
    for (prospect, certainty) in
        [(Prospect::Stuck, Certainty::Certain), (Prospect::NoKnownWaker, Certainty::Likely)]
    {
        assert_eq!(receives(prospect).certainty(), certainty);
        let mut deadlock = cycle_of_sends(Operation::Send);
        if let Subject::Deadlock(subject) = &mut deadlock.subject {
            let wait = Blockage { prospect, ..Blockage::clone(&subject.blockage) };
            subject.blockage = Arc::new(wait);
        }
        assert_eq!(deadlock.certainty(), certainty);
    }
    let wait = blockage(ResourceKind::Mpsc, Operation::Receive, Cause::HeldByAnother);
    let may_be_woken = Blockage { prospect: Prospect::MayBeWoken, ..wait };
    assert_eq!(with(ALIVE, RECV, may_be_woken).certainty(), Certainty::Possible);
}

#[test]
fn what_has_happened_is_certain_and_what_may_end_is_possible() {
    let panicked = |after| {
        let (message, when) = (String::new(), at(NOW));
        TaskProblem::Panicked(Some(Box::new(PanicStory { message, at: None, when, after })))
    };
    let of = |problem, condition| one(problem, condition, task(2, waits_on(RECV))).certainty();
    let blocked = Condition::Blocked(SECOND);
    assert_eq!(of(TaskProblem::Stuck, Condition::Stuck), Certainty::Certain);
    assert_eq!(of(panicked(None), blocked), Certainty::Certain);
    assert_eq!(of(panicked(Some((SECOND, "work"))), blocked), Certainty::Likely);
    assert_eq!(of(TaskProblem::WasBusy(SECOND), Condition::Busy(SECOND)), Certainty::Certain);
    assert_eq!(of(TaskProblem::LostWakeup(SECOND), blocked), Certainty::Likely);
    // It waits on a type of tokio's, of which nothing is known.
    assert_eq!(of(ALIVE, blocked), Certainty::Possible);
    assert_eq!(of(ALIVE, Condition::TimerOrIo(SECOND)), Certainty::Possible);
    assert_eq!(of(TaskProblem::Thread, Condition::Busy(SECOND)), Certainty::Possible);
    let overrun = |problem, condition| {
        overrun(problem, condition, call(waits_on(SLEEP)), Vec::new()).certainty()
    };
    assert_eq!(overrun(CallProblem::Overruns, Condition::TimerOrIo(SECOND)), Certainty::Possible);
    assert_eq!(overrun(CallProblem::Overruns, Condition::Stuck), Certainty::Certain);
    assert_eq!(overrun(CallProblem::Late(SECOND), blocked), Certainty::Certain);
}

/// A finding on a task of `site` whose future has this type, that waits at this line of this file.
fn leaked(site: &'static Site, future: &'static str, file: &str, line: u32) -> String {
    let stack = stack(RECV, &[("pool::worker", file, line, 9)]);
    let task = TaskFacts { site, future, ..task(7, waits(vec![stack])) };
    one(ALIVE, Condition::Blocked(SECOND), task).fingerprint()
}

#[test]
fn fingerprint_has_no_line_no_directory_and_no_number() {
    let one = leaked(&ONE_SPAWN, "pool::start::{{closure}}", "/w/src/pool.rs", 41);
    assert_eq!(leaked(&SAME_SPAWN, "pool::start::{{closure}}", "/w/src/pool.rs", 91), one);
    assert_eq!(
        leaked(&ONE_SPAWN, "pool::start::{{closure}}::{{closure}}", "/v/src/pool.rs", 1),
        one
    );
    assert_eq!(leaked(&ONE_SPAWN, "pool::start::{closure#3}", "/w/src/pool.rs", 41), one);
    // Compared with that of earlier versions, so that a baseline keeps its findings.
    assert_eq!(one, "47ad2ddb97996a16", "the hash or what is hashed has changed");
}

#[test]
fn fingerprint_has_the_code_the_functions_and_the_wait() {
    let wait = |leaf| {
        let task = task(2, waits_on(leaf));
        one(ALIVE, Condition::Blocked(SECOND), task).fingerprint()
    };
    let other_code = one(TaskProblem::Stuck, Condition::Stuck, task(2, waits_on(RECV)));
    let mut all = vec![
        wait(RECV),
        wait(SLEEP),
        other_code.fingerprint(),
        leaked(&ONE_SPAWN, "pool::other::{{closure}}", "/w/src/pool.rs", 41),
        leaked(&OTHER_SPAWN, "pool::worker::{{closure}}", "/w/src/pool.rs", 41),
    ];
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 5);
}

/// Whichever of its tasks a deadlock is found for.
#[test]
fn fingerprint_of_a_deadlock_is_that_of_any_of_its_tasks() {
    let one = cycle_of_sends(Operation::Receive);
    let mut turned = one.clone();
    if let Subject::Deadlock(deadlock) = &mut turned.subject {
        let mut cycle = deadlock.blockage.cycle.to_vec();
        cycle.rotate_left(1);
        let wait = Blockage { cycle: cycle.into(), ..Blockage::clone(&deadlock.blockage) };
        deadlock.blockage = Arc::new(wait);
    }
    assert_eq!(turned.fingerprint(), one.fingerprint());
    assert_ne!(cycle_of_sends(Operation::Send).fingerprint(), one.fingerprint());
}
