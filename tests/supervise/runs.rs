//! What `restart` does, one behaviour per test.

use crate::support::{Inside, ms, settle};
use leakguard::supervise::{Failure, Stop, restart};
use std::future::pending;
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn hanging_run_is_stopped_reported_and_restarted() {
    let failures: Arc<Mutex<Vec<String>>> = Arc::default();
    let own = failures.clone();
    let mut runs = 0;
    let supervision = restart(move |beat, stop| {
        runs += 1;
        let hangs = runs == 1;
        async move {
            beat.beat();
            if hangs {
                stop.stopped().await;
            }
            Ok::<(), String>(())
        }
    });
    let supervision = supervision.timeout(ms(100)).on_failure(move |failure| {
        let Failure::MissedBeat { silent_for, ignored_stop, dump, .. } = failure else {
            panic!("{failure}");
        };
        assert_eq!((*silent_for, *ignored_stop), (ms(100), false));
        own.lock().unwrap().push(dump.to_string());
    });
    supervision.run().await.unwrap();
    let failures = failures.lock().unwrap();
    assert_eq!(failures.len(), 1);
    // Where leakguard watches, the dump shows this task only, with the line where it waits.
    let watched = cfg!(debug_assertions);
    assert_eq!(failures[0].matches("task ").count(), usize::from(watched));
    assert_eq!(failures[0].contains("runs.rs"), watched, "{}", failures[0]);
}

#[tokio::test(start_paused = true)]
async fn restart_gives_up_with_the_last_failure() {
    let mut runs = 0;
    let supervision = restart(move |_, _| {
        runs += 1;
        let number = runs;
        async move {
            match number {
                1 => std::panic::resume_unwind(Box::new("first")),
                _ => Err(format!("number {number}")),
            }
        }
    });
    let start = Instant::now();
    let supervision = supervision.at_most(2, ms(1_000)).back_off(ms(10), ms(1_000));
    let gave_up = supervision.on_failure(|_| {}).run().await.unwrap_err();
    assert_eq!(start.elapsed(), ms(10 + 20));
    assert_eq!(gave_up.restarts, 2);
    assert_eq!(
        gave_up.to_string(),
        "gave up after 2 restarts; of the last run: it returned an error: number 3"
    );
}

#[tokio::test(start_paused = true)]
async fn panic_before_the_future_exists_is_a_failure() {
    let mut runs = 0;
    let supervision = restart(move |_, _| {
        runs += 1;
        if runs == 1 {
            std::panic::resume_unwind(Box::new("at once"));
        }
        async { Ok::<(), String>(()) }
    });
    let mut seen = Vec::new();
    let (sender, failures) = std::sync::mpsc::channel();
    let supervision =
        supervision.on_failure(move |failure| sender.send(failure.to_string()).unwrap());
    supervision.run().await.unwrap();
    seen.extend(failures.try_iter());
    assert_eq!(seen, ["it panicked: at once"]);
}

#[tokio::test(start_paused = true)]
async fn stop_during_a_pause_ends_the_supervision_at_once() {
    let stop = Stop::new();
    let supervision = restart(|_, _| async { Err("as planned") })
        .back_off(ms(10_000), ms(10_000))
        .stop_on(stop.clone())
        .on_failure(|_| {});
    let start = Instant::now();
    let supervised = tokio::spawn(supervision.run());
    sleep(ms(20)).await;
    stop.stop();
    assert!(supervised.await.unwrap().is_ok());
    assert_eq!(start.elapsed(), ms(20));
}

#[tokio::test(start_paused = true)]
async fn stop_before_the_start_runs_nothing() {
    let stop = Stop::new();
    stop.stop();
    let supervision = restart(|_, _| async { Err("it was run") }).stop_on(stop);
    assert!(supervision.run().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_supervision_stops_its_run() {
    let inside = Inside::default();
    for (aborts, left) in [(false, 0), (true, 0)] {
        let own = inside.clone();
        let supervision = restart(move |_, stop: Stop| {
            let run = async move {
                stop.stopped().await;
                if aborts {
                    pending::<()>().await;
                }
                Ok::<(), String>(())
            };
            own.clone().around(run)
        });
        let supervision = supervision.abort_ignoring(aborts).run();
        assert!(tokio::time::timeout(ms(10), supervision).await.is_err());
        settle().await;
        assert_eq!(inside.count(), left);
    }
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn run_with_heartbeats_has_no_time_limit() {
    let supervision = restart(|beat, _| async move {
        for _ in 0..100 {
            sleep(ms(90)).await;
            beat.beat();
        }
        Ok::<(), String>(())
    });
    let start = Instant::now();
    supervision.timeout(ms(100)).at_most(0, ms(1)).run().await.unwrap();
    assert_eq!(start.elapsed(), ms(9_000));
}

#[tokio::test]
async fn tokens_of_tokio_util_convert_both_ways() {
    let token = tokio_util::sync::CancellationToken::new();
    let stop = Stop::from(token.clone());
    let other = tokio_util::sync::CancellationToken::from(stop.clone());
    token.cancel();
    stop.stopped().await;
    assert!(stop.is_stopped() && other.is_cancelled());
}
