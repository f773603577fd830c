/*
alert: `table`: 1 call is running, which is the limit, and none has ended for 302 ms; 1 refused
call 1 "leakguard::find" [idle, 317 ms], 2 polls
  entered at examples/supervised_dinner.rs:208:21 in `leakguard::find`

call 2 "serve" [idle, 317 ms], 2 polls
    awaits at examples/supervised_dinner.rs:136:13
  entered at examples/supervised_dinner.rs:118:10 by call 1 in `serve`

task 4 "dinner" [mutex lock, 417 ms], blocked, 2 polls
    supervised_dinner::eat     examples/supervised_dinner.rs:104:33
    supervised_dinner::dinner  examples/supervised_dinner.rs:111:5
  spawned at examples/supervised_dinner.rs:131:23 by call 2 in `table`

mutex created at examples/supervised_dinner.rs:110:26
    held by task 4, acquired at examples/supervised_dinner.rs:99:24, for 417 ms
    task 4 waits to lock at examples/supervised_dinner.rs:104:26, for 417 ms

mutex created at examples/supervised_dinner.rs:110:44
    held by task 4, acquired at examples/supervised_dinner.rs:99:24, for 417 ms
    task 4 waits to lock at examples/supervised_dinner.rs:104:26, for 417 ms

notify created at examples/supervised_dinner.rs:119:28
    call 2 waits to be notified at examples/supervised_dinner.rs:136:13, for 317 ms

   alive  started    ended   leaked  site
       1        1        0        0  examples/supervised_dinner.rs:118:10 `serve`

restart: `dinner` failed: no beat came for 101 ms, and it ignored its stop signal
task 6 [mutex lock, 102 ms], blocked, 2 polls
    supervised_dinner::eat              examples/supervised_dinner.rs:104:33
    supervised_dinner::dinner           examples/supervised_dinner.rs:111:5
    supervised_dinner::host::{closure}  examples/supervised_dinner.rs:161:25
  spawned at examples/supervised_dinner.rs:158:19 by task 5 in `dinner`

deadlock[LG009]: task `dinner`, spawned by `table`, waits for what it holds itself
   --> examples/supervised_dinner.rs:104:26
    |
 99 |     let _first = first.lock().await;
    |                        ---- task 4 acquired the mutex of line 110 here, 524 ms ago
...
104 |     let _second = second.lock().await;
    |                          ^^^^ task 4 waits for the mutex
    |
    = spawned:  task 4 `dinner` at examples/supervised_dinner.rs:131:23, by `table`, 524 ms ago
    = stack:    supervised_dinner::eat at examples/supervised_dinner.rs:104:33
                supervised_dinner::dinner at examples/supervised_dinner.rs:111:5
    = returned: `serve`, 103 ms ago; its tasks were allowed another 100 ms
    = verdict:  stuck for 524 ms after 2 polls: only the task itself could end its wait
    = help: release the lock acquired at line 99 before line 104 acquires it again

leak[LG012]: a task spawned by `dinner` continues although it was requested to stop
   --> examples/supervised_dinner.rs:104:26
    |
104 |     let _second = second.lock().await;
    |                          ^^^^ waits here, for 321 ms
    |
    = spawned:  examples/supervised_dinner.rs:158:19, by `dinner`, 322 ms ago
    = returned: `host`, 105 ms ago; its tasks were allowed another 100 ms
    = verdict:  idle for 321 ms after 2 polls
    = help: put what line 104 waits for into a `tokio::select!` with `stop.stopped()`, or let the supervision
            of line 158 abort it: `abort_ignoring(true)`

2 findings in 2 functions
note: `allow = "examples/supervised_dinner.rs:131, examples/supervised_dinner.rs:158"` allows them
*/

//! The supervised dinner: the deadlock of the philosophers in a library that cannot be changed.
//! `Monitor` limits the number of dinners and how long each guest waits. `restart` stops waiting for a
//! dinner that gives no sign of life and starts another one.
//!
//! Both only stop *waiting*: the stuck dinner stays until it is ended. `cargo run --example
//! supervised_dinner` prints their messages and reports what is left. With `-- mended` the stuck dinner
//! is cancelled or observes its `Stop`, and nothing is reported. All of it works in release too, where
//! the alert has no dump and there is no report.

mod support;

use leakguard::supervise::{CallError, Failure, Monitor, restart};
use leakguard::sync::{Mutex, Notify};
use leakguard::{must_terminate, track};
use std::convert::Infallible;
use std::mem::replace;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;

struct Fork;

#[derive(Clone, Copy)]
enum Day {
    Good,
    Bad,
}

#[track]
async fn eat(first: &Mutex<Fork>, second: &Mutex<Fork>, day: Day) {
    let _first = first.lock().await;
    if let Day::Bad = day {
        // Meanwhile the other philosopher acquires the second fork.
        yield_now().await;
    }
    let _second = second.lock().await;
}

/// On a bad day each philosopher holds one fork and waits for the other one for ever.
#[track]
async fn dinner(day: Day) {
    let (left, right) = (Mutex::new(Fork), Mutex::new(Fork));
    tokio::join!(eat(&left, &right, day), eat(&right, &left, day));
}

const PATIENCE: Duration = Duration::from_millis(100);

/// Limits the wait of each guest, and prints an alert if no dinner has ended for longer.
#[must_terminate]
async fn serve() {
    let alerted = Arc::new(Notify::new());
    let alarm = alerted.clone();
    let table = Monitor::builder()
        .name("table")
        .max_active(1)
        .call_timeout(PATIENCE)
        .alert_after(3 * PATIENCE)
        .on_alert(move |alert| {
            eprintln!("{alert}\n");
            alarm.notify_one();
        })
        .build();
    let dined = table.call(dinner(Day::Bad)).await;
    assert_eq!(dined, Err(CallError::TimedOut));
    // That dinner still occupies the only table, so no other guest can get stuck.
    let dined = table.call(dinner(Day::Good)).await;
    assert_eq!(dined, Err(CallError::Busy));
    alerted.notified().await;
}

/// A dinner that times out is dropped, which releases its forks and the table.
#[must_terminate]
async fn serve_mended() {
    let table = Monitor::builder()
        .name("table")
        .max_active(1)
        .call_timeout(PATIENCE)
        .cancel_abandoned(true)
        .build();
    let dined = table.call(dinner(Day::Bad)).await;
    assert_eq!(dined, Err(CallError::TimedOut));
    let dined = table.call(dinner(Day::Good)).await;
    assert_eq!(dined, Ok(()));
}

/// Starts another dinner if no beat comes, after it has asked the first one to stop, which ignores that.
#[must_terminate]
async fn host() {
    let mut tomorrow = Day::Bad;
    let dinners = restart(move |beat, _stop| {
        let day = replace(&mut tomorrow, Day::Good);
        async move {
            dinner(day).await;
            beat.beat();
            Ok::<(), Infallible>(())
        }
    });
    let ended = dinners.name("dinner").timeout(PATIENCE).run().await;
    ended.expect("the second day is a good one");
}

/// The dinner ends when it is asked to stop.
#[must_terminate]
async fn host_mended() {
    let mut tomorrow = Day::Bad;
    let dinners = restart(move |beat, stop| {
        let day = replace(&mut tomorrow, Day::Good);
        async move {
            tokio::select! {
                () = dinner(day) => beat.beat(),
                () = stop.stopped() => {}
            }
            Ok::<(), Infallible>(())
        }
    });
    // It misses its beat as above, but then it ends.
    let dinners = dinners.timeout(PATIENCE).on_failure(|failure| {
        let Failure::MissedBeat { ignored_stop, .. } = failure else {
            panic!("{failure}");
        };
        assert!(!ignored_stop);
    });
    let ended = dinners.run().await;
    ended.expect("the second day is a good one");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let story = async {
        if mended {
            serve_mended().await;
            host_mended().await;
        } else {
            serve().await;
            host().await;
            eprintln!();
        }
    };
    support::report(leakguard::find(story).await)
}
