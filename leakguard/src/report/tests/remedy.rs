//! The line of help, case by case.

use super::*;

fn help(finding: &Finding) -> String {
    let text = plain(&finding.to_string());
    text.lines()
        .last()
        .unwrap()
        .trim_start_matches([' ', 'S', 'F'])
        .trim_start_matches("= help: ")
        .to_owned()
}

#[test]
fn the_remedy_fits_the_case() {
    let leaked = |leaf, verdict| help(&one(Code::LeakedTask, verdict, task(2, waits_on(leaf))));
    let blocked = |leaf| leaked(leaf, Verdict::Blocked(SECOND));
    let timed = |leaf| leaked(leaf, Verdict::TimerOrIo(SECOND));
    let dropped = |ending| {
        let mut finding = one(
            Code::LeakedTask,
            Verdict::TimerOrIo(SECOND),
            task(2, waits_on(SLEEP)),
        );
        finding.scope = Some(scope(Some(ending)));
        help(&finding)
    };
    let all = [
        dropped(Ending::Cancelled),
        timed(SLEEP),
        timed("tokio::net::tcp::listener"),
        blocked(MUTEX),
        blocked("tokio::sync::mpsc::bounded::Sender::send"),
        blocked("tokio::sync::oneshot::Sender::poll_closed"),
        blocked("tokio::sync::oneshot::Receiver::poll"),
        blocked("tokio::runtime::task::join"),
        blocked("tokio::sync::notify::Notified"),
        blocked("tokio::task::yield_now"),
        blocked("my::future"),
        leaked(RECV, Verdict::Running),
        help(&one(
            Code::LeakedTask,
            Verdict::NeverBegun(SECOND),
            task(2, idle()),
        )),
        help(&one(
            Code::LeakedThread,
            Verdict::NeverBegun(SECOND),
            closure(2, TaskKind::Blocking, State::NotBegun),
        )),
        help(&one(
            Code::LeakedThread,
            Verdict::Busy(SECOND),
            closure(2, TaskKind::Thread, State::NotBegun),
        )),
        help(&one(
            Code::SwallowedPanic,
            Verdict::Panicked,
            closure(2, TaskKind::Thread, State::NotBegun),
        )),
        help(&one(
            Code::Overrun,
            Verdict::TimerOrIo(SECOND),
            call(waits_on(SLEEP)),
        )),
        help(&one(
            Code::Overrun,
            Verdict::Blocked(SECOND),
            call(waits_on(MUTEX)),
        )),
        help(&one(
            Code::Overrun,
            Verdict::Blocked(SECOND),
            call(Answer::NotAsked),
        )),
        help(&one(
            Code::Overrun,
            Verdict::Busy(SECOND),
            call(Answer::NotAsked),
        )),
        help(&one(Code::Overrun, Verdict::Stuck, call(idle()))),
    ];
    assert_eq!(all.join("\n"), r#"
keep the handle of S-line in a `tokio_util::task::AbortOnDropHandle`, so that it ends with `process_records`
keep the handle of S-line, and await or `abort()` it before `process_records` returns
put a deadline around line 41 with `tokio::time::timeout`
let go of what line 41 waits for: drop that guard or permit before its holder awaits again
read the channel that line 41 sends to, or drop its receiver
drop the other end of the channel that line 41 waits for
send the value that line 41 waits for, or drop its sender
end or abort what line 41 joins before `process_records` returns
give line 41 the signal it waits for before `process_records` returns
give the loop of line 41 a way to stop, such as a `CancellationToken` in a `select!`
keep the handle of S-line, and await or `abort()` it before `process_records` returns
give the loop of line 41 a way to stop, such as a `CancellationToken` in a `select!`
nothing polls the task of S-line: keep its runtime or `LocalSet` running until it has ended, or abort it
no blocking thread is free for the closure of S-line: end the others first, or raise `max_blocking_threads`
tell the thread of S-line to stop, and `join()` it before `process_records` returns
the handle is thrown away at S-line: keep it, `join()` it and handle its error
put a deadline around line 41 with `tokio::time::timeout`, or raise the `timeout` of `process_records` at F-line
let go of what line 41 waits for: drop that guard or permit before its holder awaits again
give what `process_records` does a time limit, or raise its `timeout` at F-line
move the blocking work of F-line into `tokio::task::spawn_blocking`, or put `yield_now().await` into its loop
`process_records` (F-line) awaits a future that never registers a waker: let its `poll` keep `cx.waker()`
"#.trim(), "\n{}", all.join("\n"));
}
