//! LG017: tasks and threads that busy-loop on a closed channel of any kind, and similar ones that do not.

use crate::support::{codes, current_thread, found, line, multi_thread};
use leakguard::sync::blocking::mpsc as std_mpsc;
use leakguard::sync::{broadcast, mpsc, oneshot, watch};
use leakguard::{Code, Report};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::task::yield_now;

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
    yield_now().await;
}

fn spin_of(report: &Report) -> String {
    assert_eq!(codes(report), [Code::SpinOnClosed], "{report}");
    report.to_string()
}

/// The report on a task that busy-loops. It suggests to leave the loop on `value`.
async fn spin_text(value: &str, future: impl Future<Output = ()> + Send + 'static) -> String {
    let text = spin_of(&leakguard::find(starts(future)).await.unwrap_err());
    assert!(text.contains(&format!("returns `{value}`: ")), "{text}");
    text
}

fn place(mark: &str) -> String {
    format!("spins.rs:{}:", line(include_str!("spins.rs"), mark))
}

#[tokio::test]
async fn mpsc_receiver_spins() {
    let (sender, mut numbers) = mpsc::channel::<u8>(5); // here: created
    sender.send(1).await.unwrap(); // here: sent
    drop(sender);
    let spins = async move {
        loop {
            let _ = numbers.recv().await; // here: receive
        }
    };
    let text = spin_text("None", spins).await;
    assert!(text.starts_with("spin[LG017]: a task spawned by `starts` busy-loops on a closed"));
    let expected = [
        "^ returned `None` at line ".to_owned(),
        format!("created at tests/scopes/{}", place("created")),
        "capacity 5".to_owned(),
        "; its last sender was dropped ".to_owned(),
        format!("sender:   gone, last used at tests/scopes/{}", place("sent")),
        format!(" times in a row, at tests/scopes/{}", place("receive")),
    ];
    for part in expected {
        assert!(text.contains(&part), "{part}: {text}");
    }
    let (sender, mut numbers) = mpsc::channel::<u8>(5);
    drop(sender);
    let leaves = async move { while numbers.recv().await.is_some() {} };
    assert_eq!(found(starts(leaves)).await, []);
}

#[tokio::test]
async fn receiver_that_mistakes_closed_for_empty_spins() {
    let (sender, mut numbers) = mpsc::unbounded_channel::<u8>();
    drop(sender);
    let spins = async move {
        while numbers.try_recv().is_err() {
            yield_now().await;
        }
    };
    spin_text("Disconnected", spins).await;
    let (sender, mut value) = oneshot::channel::<u8>();
    drop(sender);
    let spins = async move {
        while value.try_recv().is_err() {
            yield_now().await;
        }
    };
    spin_text("Closed", spins).await;
}

#[tokio::test]
async fn broadcast_and_watch_receivers_spin() {
    let (sender, mut numbers) = broadcast::channel::<u8>(5);
    drop(sender);
    let spins = async move { while numbers.recv().await.is_err() {} };
    spin_text("Closed", spins).await;
    let (sender, mut level) = watch::channel(0);
    drop(sender);
    let spins = async move { while level.changed().await.is_err() {} };
    spin_text("Err", spins).await;
}

#[tokio::test]
async fn sender_without_a_receiver_spins() {
    let (numbers, receiver) = mpsc::channel(5);
    drop(receiver);
    let spins = async move {
        loop {
            let _ = numbers.send(1).await;
            yield_now().await;
        }
    };
    let text = spin_text("Err", spins).await;
    assert!(text.contains("; its receiver was dropped "), "{text}");
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains("what it sends is never received"), "{text}");
    let (numbers, receiver) = mpsc::channel(5);
    drop(receiver);
    let leaves = async move { while numbers.send(1).await.is_ok() {} };
    assert_eq!(found(starts(leaves)).await, []);
}

#[tokio::test]
async fn receiver_that_closed_its_own_channel_spins() {
    let (_keep, mut numbers) = mpsc::channel::<u8>(5);
    let spins = async move {
        numbers.close();
        while numbers.recv().await.is_none() {}
    };
    let text = spin_text("None", spins).await;
    assert!(text.contains("; its receiver has closed it"), "{text}");
}

#[tokio::test]
async fn task_that_then_waits_does_not_spin() {
    for times in [1, 3, 500] {
        let (sender, mut numbers) = mpsc::channel::<u8>(5);
        drop(sender);
        let waits = async move {
            for _ in 0..times {
                assert!(numbers.recv().await.is_none());
            }
            std::future::pending::<()>().await;
        };
        assert_eq!(found(starts(waits)).await, [Code::StuckTask]);
    }
    let (sender, mut numbers) = mpsc::channel::<u8>(5);
    drop(sender);
    let waits = async move {
        loop {
            tokio::select! {
                biased;
                Some(_) = numbers.recv() => {}
                () = tokio::time::sleep(Duration::from_secs(60)) => {}
            }
        }
    };
    assert_eq!(found(starts(waits)).await, [Code::LeakedTask]);
}

#[tokio::test]
async fn busy_open_channel_does_not_spin() {
    let (sender, mut numbers) = mpsc::channel::<u8>(5);
    let goes_on = async move {
        loop {
            sender.send(1).await.unwrap();
            assert_eq!(numbers.recv().await, Some(1));
            yield_now().await;
        }
    };
    // A busy machine may report LG011 instead.
    assert!(!found(starts(goes_on)).await.contains(&Code::SpinOnClosed));
}

#[tokio::test]
async fn task_that_serves_an_open_channel_does_not_spin() {
    let (sender, mut control) = mpsc::channel::<u8>(5);
    drop(sender);
    let (work, mut queue) = mpsc::channel::<u8>(5);
    let goes_on = async move {
        loop {
            work.send(1).await.unwrap();
            tokio::select! {
                biased;
                Some(_) = control.recv() => {}
                Some(_) = queue.recv() => {}
            }
            yield_now().await;
        }
    };
    // A busy machine may report LG011 instead.
    assert!(!found(starts(goes_on)).await.contains(&Code::SpinOnClosed));
}

/// Sets its flag on drop, so that a spinning loop ends even if its test fails.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

fn stop() -> (Stop, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    (Stop(flag.clone()), flag)
}

#[test]
fn spin_inside_one_poll_is_reported() {
    let runtime = multi_thread();
    let (_stop, stopped) = stop();
    let (sender, mut numbers) = mpsc::channel::<u8>(5);
    drop(sender);
    let spins = async move { while numbers.try_recv().is_err() && !stopped.load(SeqCst) {} };
    let text = runtime.block_on(spin_text("Disconnected", spins));
    assert!(text.contains("inside one poll for "), "{text}");
}

#[test]
fn function_that_spins_until_its_timeout_is_reported() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn drains(mut numbers: mpsc::Receiver<u8>, stopped: Arc<AtomicBool>) {
        while numbers.recv().await.is_none() && !stopped.load(SeqCst) {}
    }
    let runtime = multi_thread();
    let (stop, stopped) = stop();
    let reports = crate::busy::listen();
    let reported = std::thread::spawn(move || {
        let text = reports.iter().find(|r| r.contains("`drains` "));
        drop(stop);
        text.unwrap()
    });
    let (sender, numbers) = mpsc::channel(5);
    drop(sender);
    runtime.block_on(drains(numbers, stopped));
    let text = reported.join().unwrap();
    let title = "spin[LG017]: `drains` busy-loops on a closed channel";
    assert!(text.starts_with(title), "{text}");
}

#[test]
fn spinning_task_is_reported_beside_its_joiner() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn joins(mut numbers: mpsc::Receiver<u8>, stopped: Arc<AtomicBool>) {
        let spins = async move { while numbers.recv().await.is_none() && !stopped.load(SeqCst) {} };
        tokio::spawn(spins).await.unwrap();
    }
    let (stop, stopped) = stop();
    let reports = crate::busy::listen();
    let reported = std::thread::spawn(move || {
        let text = reports.iter().find(|r| r.contains("spin[LG017]: a task spawned by `joins`"));
        drop(stop);
        text.unwrap()
    });
    let (sender, numbers) = mpsc::channel(5);
    drop(sender);
    current_thread().block_on(joins(numbers, stopped));
    let text = reported.join().unwrap();
    assert!(text.contains("returns `None`: "), "{text}");
}

#[test]
fn spinning_thread_and_blocking_call_are_reported() {
    #[leakguard::must_terminate(grace = "50ms")]
    async fn thread(numbers: std_mpsc::Receiver<u8>, stopped: Arc<AtomicBool>) {
        std::thread::spawn(move || while numbers.recv().is_err() && !stopped.load(SeqCst) {});
    }
    #[leakguard::must_terminate(grace = "50ms")]
    async fn call(mut numbers: mpsc::Receiver<u8>, stopped: Arc<AtomicBool>) {
        let spins = move || while numbers.blocking_recv().is_none() && !stopped.load(SeqCst) {};
        tokio::task::spawn_blocking(spins);
    }
    let (stop, stopped) = stop();
    let runtime = current_thread();
    let (sender, numbers) = std_mpsc::channel();
    drop(sender);
    let report = runtime.block_on(leakguard::find(thread(numbers, stopped.clone())));
    let text = spin_of(&report.unwrap_err());
    assert!(text.contains("a thread spawned by `thread`"), "{text}");
    assert!(text.contains("returns `Err`: "), "{text}");
    let (sender, numbers) = mpsc::channel(5);
    drop(sender);
    let report = runtime.block_on(leakguard::find(call(numbers, stopped)));
    let text = spin_of(&report.unwrap_err());
    assert!(text.contains("a blocking call spawned by `call`"), "{text}");
    drop(stop);
}

#[tokio::test]
async fn spin_can_be_allowed_by_its_code() {
    #[leakguard::must_terminate(grace = "20ms", allow = "LG017")]
    async fn allowed(mut numbers: mpsc::Receiver<u8>) {
        tokio::spawn(async move { while numbers.recv().await.is_none() {} });
    }
    let (sender, numbers) = mpsc::channel(5);
    drop(sender);
    assert_eq!(found(allowed(numbers)).await, []);
}
