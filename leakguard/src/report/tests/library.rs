//! Advice that the user can follow: on waits inside a library, on missing permits and tasks, on sends and retries.

use super::blockage::{blockage, cycle_of_sends, with};
use super::*;
use crate::fact::cause::{Blockage, Identity, Party, Trace};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{Detail, ForgottenFacts, LockFacts};
use crate::vocabulary::Cause;
use std::sync::Arc;

/// The text in one line, so that it does not matter where it is broken.
fn text(finding: &Finding) -> String {
    let text = plain(&finding.to_string());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says_all(finding: &Finding, parts: &[&str]) {
    let text = text(finding);
    for part in parts {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

/// A task at line 41, blocked inside a call of a library.
fn inside(leaf: &str, (function, package): (&str, &str)) -> Finding {
    let file =
        format!("/r/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/{package}/src/lib.rs");
    let frames = [(function, &*file, 9, 5), ("pool::worker", "src/pool.rs", 41, 49)];
    one(ALIVE, Condition::Blocked(SECOND), task(2, waits(vec![stack(leaf, &frames)])))
}

#[test]
fn wait_inside_a_library_is_told_as_such() {
    let redis = inside(
        "<tokio::sync::oneshot::Receiver as Future>::poll",
        ("redis::aio::send::{{closure}}", "redis-0.32.4"),
    );
    says_all(
        &redis,
        &[
            "inside: `redis` 0.32.4, in `redis::aio::send`, waiting for its own oneshot",
            "help: only `redis` could end its wait: put a deadline around line 41 with",
        ],
    );
    assert!(!text(&redis).contains("drop its sender"));
    let sqlx = inside(
        "tokio::sync::semaphore::Semaphore::acquire",
        ("sqlx_core::pool::Pool::acquire", "sqlx-core-0.8.6"),
    );
    says_all(&sqlx, &["look for what else holds the permits of `sqlx-core`"]);
    // A pool has a deadline of its own.
    let mut timed = sqlx;
    if let Subject::Task(subject) = &mut timed.subject {
        subject.condition = Condition::TimerOrIo(SECOND);
    }
    says_all(&timed, &["waiting for its own semaphore", "the permits of `sqlx-core`"]);
    // The channel of such a library is the user's.
    let flume = inside(RECV, ("flume::async::RecvFut::poll", "flume-0.11.1"));
    assert!(!text(&flume).contains("inside:"));
    says_all(&flume, &["drop the last sender of the channel that line 41 reads"]);
}

#[test]
fn lock_of_a_library_is_no_hint_at_the_order_of_locks() {
    let moka = || inside(MUTEX, ("moka::future::Cache::get", "moka-0.12.10"));
    let own = one(ALIVE, Condition::Blocked(SECOND), task(3, waits_on(MUTEX)));
    let report = Report::new(vec![moka(), own], 0).to_string();
    assert!(!report.contains("waits for a lock too"), "{report}");
}

#[test]
fn duplex_stream_is_no_channel() {
    let stream = task(2, waits_on("tokio::io::util::mem::Pipe::poll_read"));
    let text = text(&one(ALIVE, Condition::TimerOrIo(SECOND), stream));
    assert!(text.contains("waits on I/O") && !text.contains("sender"), "{text}");
}

#[test]
fn barrier_tells_how_many_have_come() {
    let mut waits = blockage(ResourceKind::Barrier, Operation::Barrier, Cause::TooFew);
    waits.parties = Default::default();
    Arc::make_mut(&mut waits.resource).waits = vec![waits.wait.clone(); 2];
    says_all(
        &with(ALIVE, "tokio::sync::barrier::Barrier::wait", waits),
        &["barrier, created at S; 2 of 5 tasks wait", "help: 2 of 5 tasks wait at the barrier of"],
    );
}

/// A semaphore with some of its 5 permits, for one of which the task waits.
fn permits(lock: LockFacts, who: Option<Identity>) -> Finding {
    let at = Some(SPAWN.location());
    let party = |who| Party { who, at, since: None, trace: Trace::Used };
    let mut blockage = blockage(ResourceKind::Semaphore, Operation::Acquire, Cause::HeldByAnother);
    blockage.parties = who.into_iter().map(party).collect();
    Arc::make_mut(&mut blockage.resource).detail = Detail::Lock(lock);
    with(ALIVE, "tokio::sync::semaphore::Semaphore::acquire", blockage)
}

#[test]
fn permits_are_given_back_only_where_something_holds_them() {
    let lock = |permits| LockFacts {
        permits,
        is_static: false,
        released: None,
        forgotten: None,
        holds: vec![],
    };
    says_all(&permits(lock(0), None), &["requests 1 permits, and the semaphore of S-line has 0"]);
    says_all(&permits(lock(1), None), &["no task is known that holds one"]);
    let ended = permits(lock(1), Some(Identity::Ended));
    says_all(&ended, &["drop the permits acquired at S-line: what acquired them is over"]);
    let own = permits(lock(1), Some(Identity::Itself));
    says_all(&own, &["release the permits acquired at S-line before their holder waits"]);
    let forgotten = Some(ForgottenFacts { at: ENTRY.location(), permits: 2 });
    says_all(
        &permits(LockFacts { forgotten, ..lock(0) }, None),
        &["0 held, 2 forgotten, last at F", "2 of the permits were forgotten, last at F-line"],
    );
}

#[test]
fn sends_in_a_circle_are_received_meanwhile() {
    let all = cycle_of_sends(Operation::Send);
    says_all(&all, &["help: each task sends to the next one before it receives"]);
    let one = cycle_of_sends(Operation::Receive);
    says_all(&one, &["while the receiving task waits, in the same `tokio::select!`"]);
    let mut own = blockage(ResourceKind::Mpsc, Operation::Send, Cause::HeldByItself);
    let by = |own: Blockage| with(TaskProblem::Sends, "tokio::sync::mpsc::bounded", own);
    says_all(&by(own.clone()), &["help: receive until the channel is closed"]);
    own.own = true;
    says_all(&by(own), &["help: only the task itself could receive what"]);
}

#[test]
fn task_that_was_polled_often_and_sleeps_may_retry() {
    let sleeps = |polls, time| {
        let sleeper = TaskFacts { polls, ..task(2, waits_on(SLEEP)) };
        text(&one(ALIVE, Condition::TimerOrIo(time), sleeper))
    };
    let short = Duration::from_millis(50);
    let retries = sleeps(9, short);
    assert!(
        retries.contains("it may still finish on its own, or be a loop that retries"),
        "{retries}"
    );
    assert!(retries.contains("ends with `process_records`, or let it stop after"), "{retries}");
    for once in [sleeps(2, short), sleeps(9, SECOND)] {
        assert!(once.contains("it may still finish on its own = help"), "{once}");
    }
}
