//! What a monitor does, one behaviour per test.

use crate::support::{Inside, ms, paused, settle};
use leakguard::supervise::{Alert, CallError, Monitor};
use std::future::pending;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use tokio::runtime::Handle;
use tokio::task::LocalSet;
use tokio::time::{advance, sleep};

fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// A monitor with one slot, 50 ms for a call and an alert after 100 ms, and the list of its alerts.
fn narrow() -> (Monitor, Arc<Mutex<Vec<Alert>>>) {
    let alerts: Arc<Mutex<Vec<Alert>>> = Arc::default();
    let own = alerts.clone();
    let monitor = Monitor::builder()
        .name("narrow")
        .max_active(1)
        .call_timeout(ms(50))
        .alert_after(ms(100))
        .on_alert(move |alert| own.lock().unwrap().push(alert.clone()))
        .build();
    (monitor, alerts)
}

#[tokio::test(start_paused = true)]
async fn alert_names_the_stuck_call_and_its_duration() {
    let (monitor, alerts) = narrow();
    assert_eq!(monitor.call(pending::<()>()).await, Err(CallError::TimedOut));
    assert_eq!(monitor.call(async {}).await, Err(CallError::Busy));
    sleep(ms(1_000)).await;
    let alerts = alerts.lock().unwrap();
    let [alert] = alerts.as_slice() else {
        panic!("one stall, one alert: {alerts:?}");
    };
    assert_eq!((alert.name, alert.active, alert.refused), ("narrow", 1, 1));
    assert_eq!(alert.full_for, ms(100));
    let text = alert.to_string();
    assert!(text.starts_with("alert: `narrow`: 1 call is running"), "{text}");
    // Where leakguard watches, the dump shows the call with the stack of its wait.
    assert_eq!(text.contains("calls.rs"), cfg!(debug_assertions), "{text}");
    assert_eq!(text.contains("stuck"), cfg!(debug_assertions), "{text}");
}

#[tokio::test(start_paused = true)]
async fn panic_reaches_the_caller_and_frees_the_slot() {
    let (monitor, _) = narrow();
    for _ in 0..2 {
        let call = monitor.call(async { resume_unwind(Box::new(7_u8)) });
        let caught = futures::FutureExt::catch_unwind(AssertUnwindSafe(call)).await;
        let panic = caught.map(|_: Result<(), _>| ()).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&7_u8));
    }
    assert_eq!((monitor.tally().active, monitor.tally().ended), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn blocking_call_continues_after_its_timeout() {
    let (monitor, _) = narrow();
    assert_eq!(monitor.call_blocking(|| 7).await, Ok(7));
    let (end, ended) = mpsc::channel::<()>();
    let (own, (begun, has_begun)) = (monitor.clone(), tokio::sync::oneshot::channel());
    let caller = tokio::spawn(async move {
        let job = move || {
            begun.send(()).unwrap();
            ended.recv().unwrap();
        };
        own.call_blocking(job).await
    });
    has_begun.await.unwrap();
    // Paused time does not advance by itself while a thread is busy.
    advance(ms(50)).await;
    assert_eq!(caller.await.unwrap(), Err(CallError::TimedOut));
    assert_eq!(monitor.call_blocking(|| 7).await, Err(CallError::Busy));
    end.send(()).unwrap();
    while monitor.tally().active > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(monitor.tally().ended_late, 1);
    assert_eq!(monitor.call_blocking(|| 7).await, Ok(7));
}

#[tokio::test(start_paused = true)]
async fn local_call_stays_on_its_thread() {
    let (monitor, _) = narrow();
    let local = LocalSet::new();
    let own = monitor.clone();
    let value = local.run_until(async move {
        let value = Rc::new(7);
        own.call_local(async move { *value }).await
    });
    assert_eq!(value.await, Ok(7));
}

#[tokio::test(start_paused = true)]
async fn monitor_tasks_end_with_the_last_handle() {
    let (monitor, alerts) = narrow();
    let inside = Inside::default();
    let call = monitor.call(inside.clone().around(sleep(ms(500))));
    assert_eq!(call.await, Err(CallError::TimedOut));
    let other = monitor.clone();
    drop(monitor);
    settle().await;
    // The call and the task that waits for an alert.
    assert_eq!((alive(), inside.count()), (2, 1));
    drop(other);
    settle().await;
    assert_eq!((alive(), inside.count()), (1, 1));
    sleep(ms(1_000)).await;
    assert_eq!((alive(), inside.count()), (0, 0));
    assert!(alerts.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_alert_task_runs_without_a_stall() {
    let (monitor, alerts) = narrow();
    for _ in 0..50 {
        monitor.call(sleep(ms(10))).await.unwrap();
        assert!(alive() <= 1);
    }
    sleep(ms(200)).await;
    assert_eq!(alive(), 0);
    assert!(alerts.lock().unwrap().is_empty());
}

#[test]
fn stall_outlives_the_runtime_that_detected_it() {
    let (monitor, alerts) = narrow();
    let (end, ended) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let first = paused();
    let job = move || {
        begun.send(()).unwrap();
        ended.recv().unwrap();
    };
    let caller = first.spawn({
        let monitor = monitor.clone();
        async move { monitor.call_blocking(job).await }
    });
    first.block_on(settle());
    has_begun.recv().unwrap();
    drop(caller);
    // Ends the task that waits for the alert. The blocking call continues.
    first.shutdown_background();
    let second = paused();
    second.block_on(async {
        sleep(ms(1_000)).await;
        assert_eq!(monitor.call(async {}).await, Err(CallError::Busy));
        sleep(ms(1_000)).await;
    });
    assert_eq!(alerts.lock().unwrap().len(), 1);
    end.send(()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn alerts_continue_after_a_panicking_callback() {
    let monitor = Monitor::builder()
        .max_active(1)
        .call_timeout(ms(50))
        .alert_after(ms(10))
        .on_alert(|_| resume_unwind(Box::new("as planned")))
        .build();
    for _ in 0..3 {
        let call = monitor.call(sleep(ms(100)));
        assert_eq!(call.await, Err(CallError::TimedOut));
        sleep(ms(100)).await;
    }
    assert_eq!(monitor.tally().alerts, 3);
}

#[tokio::test(start_paused = true)]
async fn unpolled_call_does_not_begin() {
    let (monitor, _) = narrow();
    drop(monitor.call(async { unreachable!("it is never polled") }));
    settle().await;
    assert_eq!(monitor.tally().started, 0);
    // Slots are taken in the order of the first polls.
    assert_eq!(
        tokio::join!(monitor.call(async { 1 }), monitor.call(async { 2 })),
        (Ok(1), Err(CallError::Busy))
    );
}

#[test]
#[should_panic(expected = "at least one call")]
fn monitor_without_slots_is_refused() {
    let _ = Monitor::builder().max_active(0);
}
