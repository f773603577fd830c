//! A single-threaded runtime whose only thread is blocked still gets its report on time. What blocks
//! it here is the wait for that very report, so that no test sleeps and each ends when it is there.

use crate::support::current_thread;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use tracing::field::{Field, Visit};

/// Passes the text of each finding on to whoever listens.
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
        LISTENERS
            .lock()
            .unwrap()
            .retain(|to| to.send(text.0.clone()).is_ok());
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

/// Blocks until the report on `function` is there.
fn block_until_said(reports: &Receiver<String>, function: &str) -> String {
    reports
        .iter()
        .find(|r| r.contains(&format!("`{function}` is still running")))
        .unwrap()
}

#[test]
fn the_body_itself_blocks() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn body_blocks(reports: Receiver<String>) -> String {
        block_until_said(&reports, "body_blocks")
    }
    let text = current_thread().block_on(body_blocks(listen()));
    assert!(text.contains("overrun[LG001]"), "{text}");
    assert!(text.contains("busy for"), "since when: {text}");
    assert!(
        text.contains("the_body_itself_blocks"),
        "on which thread: {text}"
    );
}

#[test]
fn a_task_blocks() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn waits_for_a_task(reports: Receiver<String>) -> String {
        let blocks = async move { block_until_said(&reports, "waits_for_a_task") };
        tokio::spawn(blocks).await.unwrap() // here: spawn
    }
    let text = current_thread().block_on(waits_for_a_task(listen()));
    assert!(text.contains("overrun[LG001]"), "{text}");
    assert!(text.contains("help: move the blocking work of"), "{text}");
    let place = crate::support::line(include_str!("busy.rs"), "spawn");
    assert!(
        text.contains(&format!("busy.rs:{place}:")),
        "which task: {text}"
    );
    assert!(
        text.contains("1 task of") && text.contains(": busy, in std channel receive at"),
        "since when: {text}"
    );
}

#[test]
fn a_loop_that_never_waits() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn spins(stop: Arc<AtomicBool>) {
        while !stop.load(SeqCst) {
            std::hint::spin_loop();
        }
    }
    let (stop, reports) = (Arc::new(AtomicBool::new(false)), listen());
    let stops = stop.clone();
    let said = std::thread::spawn(move || {
        let text = block_until_said(&reports, "spins");
        stops.store(true, SeqCst);
        text
    });
    current_thread().block_on(spins(stop));
    let text = said.join().unwrap();
    assert!(text.contains("busy for"), "{text}");
    // The mended form is silent: nobody says anything of a loop that ends.
    let reports = listen();
    current_thread().block_on(spins(Arc::new(AtomicBool::new(true))));
    assert!(reports.try_iter().all(|r| !r.contains("`spins`")));
}
