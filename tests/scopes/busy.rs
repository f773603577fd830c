//! A single-threaded runtime whose only thread is blocked still gets its report on time. Each test blocks
//! the thread until the report arrives, so no test sleeps.

use crate::support::current_thread;
use futures::stream::{self, StreamExt};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tracing::field::{Field, Visit};

/// Passes the text of each finding to all listeners.
struct Listen;

static LISTENERS: Mutex<Vec<Sender<String>>> = Mutex::new(Vec::new());

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl tracing::Subscriber for Listen {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "leakguard"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        LISTENERS.lock().unwrap().retain(|to| to.send(text.0.clone()).is_ok());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

pub fn listen() -> Receiver<String> {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| tracing::subscriber::set_global_default(Listen).unwrap());
    let (to, from) = channel();
    LISTENERS.lock().unwrap().push(to);
    from
}

/// Blocks until `function` is reported.
fn block_until_reported(reports: &Receiver<String>, function: &str) -> String {
    reports.iter().find(|r| r.contains(&format!("`{function}` is still running"))).unwrap()
}

#[test]
fn blocked_body_is_reported() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn body_blocks(reports: Receiver<String>) -> String {
        block_until_reported(&reports, "body_blocks")
    }
    let text = current_thread().block_on(body_blocks(listen()));
    assert!(text.contains("overrun[LG001]"), "{text}");
    assert!(text.contains("busy for"), "duration: {text}");
    assert!(text.contains("blocked_body_is_reported"), "thread: {text}");
}

#[test]
fn blocked_task_is_reported() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn waits_for_a_task(reports: Receiver<String>) -> String {
        let blocks = async move { block_until_reported(&reports, "waits_for_a_task") };
        tokio::spawn(blocks).await.unwrap() // here: spawn
    }
    let text = current_thread().block_on(waits_for_a_task(listen()));
    assert!(text.contains("overrun[LG001]"), "{text}");
    assert!(text.contains("help: move the blocking work of"), "{text}");
    let place = crate::support::line(include_str!("busy.rs"), "spawn");
    assert!(text.contains(&format!("busy.rs:{place}:")), "task: {text}");
    assert!(
        text.contains("1 task of") && text.contains(": busy, in std channel receive at"),
        "duration: {text}"
    );
}

#[test]
fn loop_without_await_is_reported() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn spins(stop: Arc<AtomicBool>) {
        while !stop.load(SeqCst) {
            std::hint::spin_loop();
        }
    }
    let (stop, reports) = (Arc::new(AtomicBool::new(false)), listen());
    let stops = stop.clone();
    let reported = std::thread::spawn(move || {
        let text = block_until_reported(&reports, "spins");
        stops.store(true, SeqCst);
        text
    });
    current_thread().block_on(spins(stop));
    let text = reported.join().unwrap();
    assert!(text.contains("busy for"), "{text}");
    // Mended: a loop that ends is not reported.
    let reports = listen();
    current_thread().block_on(spins(Arc::new(AtomicBool::new(true))));
    assert!(reports.try_iter().all(|r| !r.contains("`spins`")));
}

/// Whatever it awaits is ready at once each time, until the receiver is ready.
#[leakguard::must_terminate(timeout = "20ms")]
async fn awaits_what_is_ready(until: futures::channel::oneshot::Receiver<()>) {
    let endless = stream::repeat(Ok::<_, std::convert::Infallible>(())).take_until(until);
    endless.forward(futures::sink::drain()).await.unwrap(); // here: ready
}

#[test]
fn await_that_never_waits_is_told_apart_from_blocking_work() {
    let (stop, until) = futures::channel::oneshot::channel();
    let reports = listen();
    let reported = std::thread::spawn(move || {
        let text = block_until_reported(&reports, "awaits_what_is_ready");
        stop.send(()).unwrap();
        text
    });
    current_thread().block_on(awaits_what_is_ready(until));
    let text = reported.join().unwrap();
    let line = crate::support::line(include_str!("busy.rs"), "ready");
    assert!(
        text.contains(&format!("help: what line {line} awaits computes, or is ready")),
        "{text}"
    );
    // Mended: what it awaits ends.
    let (stop, until) = futures::channel::oneshot::channel();
    stop.send(()).unwrap();
    let reports = listen();
    current_thread().block_on(awaits_what_is_ready(until));
    assert!(reports.try_iter().all(|r| !r.contains("`awaits_what_is_ready`")));
}

/// How long a poll is blocked that is to be reported. It is measured, so a test cannot do without waiting for it.
const LONG: Duration = Duration::from_millis(1_600);

#[leakguard::track]
async fn blocks_and_ends(time: Duration) {
    let blocks = async move {
        // The sender is kept, so the time passes.
        let (_keep, nothing) = channel::<()>();
        nothing.recv_timeout(time).unwrap_err() // here: blocks
    };
    tokio::spawn(blocks).await.unwrap();
}

#[test]
fn poll_that_was_busy_is_reported_after_its_end() {
    let found = |time| current_thread().block_on(leakguard::find(blocks_and_ends(time)));
    let report = found(LONG).unwrap_err();
    assert_eq!(crate::support::codes(&report), [leakguard::Code::BusyExecutor], "{report}");
    assert!(matches!(report.findings()[0].verdict(), leakguard::Verdict::WasBusy(_)), "{report}");
    let (text, line) =
        (report.to_string(), crate::support::line(include_str!("busy.rs"), "blocks"));
    assert!(text.contains("kept its executor busy"), "{text}");
    assert!(crate::support::names(&text, "busy.rs", line), "{text}");
    assert!(found(Duration::from_millis(1)).is_ok());
}

#[test]
fn poll_that_hands_its_executor_over_is_not_reported() {
    #[leakguard::track]
    async fn hands_over() {
        let blocks = async {
            let (_keep, nothing) = channel::<()>();
            tokio::task::block_in_place(|| nothing.recv_timeout(LONG)).unwrap_err()
        };
        tokio::spawn(blocks).await.unwrap();
    }
    let runtime = crate::support::multi_thread();
    runtime.block_on(leakguard::find(hands_over())).unwrap();
}

/// A panic whose message takes long, as one does that prints the stack of a large program.
#[leakguard::track]
async fn leaves_a_panic(time: Duration) {
    struct Slow(Duration);
    impl std::fmt::Display for Slow {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let (_keep, nothing) = channel::<()>();
            nothing.recv_timeout(self.0).unwrap_err().fmt(f)
        }
    }
    tokio::spawn(async move { panic!("on purpose: {}", Slow(time)) });
}

#[test]
fn panic_that_takes_long_is_only_a_panic() {
    for time in [LONG, Duration::from_millis(1)] {
        let found = current_thread().block_on(leakguard::find(leaves_a_panic(time)));
        let report = found.unwrap_err();
        assert_eq!(crate::support::codes(&report), [leakguard::Code::SwallowedPanic], "{report}");
    }
}

/// Its helper wraps the future again.
#[leakguard::track]
async fn blocks_in_layers(time: Duration) {
    #[leakguard::track]
    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        drop(tokio::spawn(future));
    }
    spawn(async move {
        let (_keep, nothing) = channel::<()>();
        let _ = nothing.recv_timeout(time);
    });
}

#[test]
fn long_poll_of_one_future_is_told_once() {
    let found = |time| current_thread().block_on(leakguard::find(blocks_in_layers(time)));
    let report = found(LONG).unwrap_err();
    assert_eq!(crate::support::codes(&report), [leakguard::Code::BusyExecutor], "{report}");
    assert_eq!(report.findings()[0].site().function(), "blocks_in_layers");
    assert!(found(Duration::from_millis(1)).is_ok());
}
