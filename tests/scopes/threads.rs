//! Threads: where a thread is that blocks an executor or hangs. Each test unblocks it once the report has arrived, so no
//! test sleeps.

use crate::support::{current_thread, line};
use leakguard::{Code, Report, Scope};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

/// A runtime with one worker thread called `name`.
fn worker(name: &str) -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(name)
        .enable_all()
        .build()
        .unwrap()
}

#[leakguard::track]
async fn starts(body: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(body);
}

/// The report on a task that outlives the function that spawns it.
fn report(runtime: &Runtime, body: impl Future<Output = ()> + Send + 'static) -> Option<Report> {
    let scope = Scope::new("starts").grace(Duration::from_millis(20));
    runtime.block_on(scope.find(starts(body))).err()
}

/// Asserts that there is one finding, with `code`, at the line marked `mark`, and that it names the thread.
#[track_caller]
fn assert_at(report: Option<Report>, code: Code, mark: &str, thread: &str) -> String {
    let report = report.expect("a finding");
    let text = report.to_string();
    let [finding] = report.findings() else {
        panic!("one finding: {text}");
    };
    assert_eq!(finding.code(), code, "{text}");
    let place = (file!().to_owned(), line(include_str!("threads.rs"), mark) as u32);
    if cfg!(target_os = "linux") {
        let at = finding.wait_place().expect("its stack");
        assert_eq!((at.file(), at.line()), (&*place.0, place.1), "{text}");
        assert!(text.contains(&format!("--> {}:{}:", place.0, place.1)), "{text}");
    }
    let on = format!("on thread \"{thread}\"");
    assert!(text.contains(&on), "{on}: {text}");
    text
}

/// Sets its flag on drop, which ends the loop that watches the flag.
struct Gate(Arc<AtomicBool>);

impl Gate {
    fn new() -> (Self, Arc<AtomicBool>) {
        let open = Arc::new(AtomicBool::new(false));
        (Gate(open.clone()), open)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn sleep_inside_a_poll_is_located() {
    #[rustfmt::skip]
    fn naps(open: &AtomicBool) {
        while !open.load(SeqCst) { std::thread::sleep(Duration::from_millis(5)) } // here: sleep
    }
    let (runtime, (gate, open)) = (worker("sleeper"), Gate::new());
    let found = report(&runtime, async move { naps(&open) });
    drop(gate);
    let text = assert_at(found, Code::BusyExecutor, "sleep", "sleeper");
    assert!(text.contains("threads::sleep_inside_a_poll_is_located::naps at"), "{text}");
    assert!(!text.contains("tokio::runtime"), "frames of the runtime are hidden: {text}");
    let mended = async { tokio::time::sleep(Duration::from_millis(1)).await };
    assert!(report(&runtime, mended).is_none());
}

#[test]
fn std_receive_in_a_task_is_located() {
    async fn reads(numbers: Receiver<u8>) {
        let _ = numbers.recv(); // here: receive
    }
    let (runtime, (sender, numbers)) = (worker("receiver"), channel());
    let found = report(&runtime, reads(numbers));
    drop(sender);
    let text = assert_at(found, Code::BusyExecutor, "receive", "receiver");
    assert!(text.contains("std channel receive, busy for"), "{text}");
    let place = line(include_str!("threads.rs"), "receive");
    let help = format!("help: move the blocking work of line {place} into");
    assert!(text.contains(&help), "{help}: {text}");
    let mended = async {
        let (sender, mut numbers) = tokio::sync::mpsc::channel::<u8>(1);
        drop(sender);
        numbers.recv().await;
    };
    assert!(report(&runtime, mended).is_none());
}

#[test]
fn block_on_inside_async_is_located() {
    let (open, opened) = tokio::sync::oneshot::channel::<()>();
    let blocks = async {
        let _ = futures::executor::block_on(opened); // here: block on
    };
    let runtime = worker("blocked");
    let found = report(&runtime, blocks);
    drop(open);
    let text = assert_at(found, Code::BusyExecutor, "block on", "blocked");
    assert!(text.contains("block_on, busy for"), "{text}");
    let (open, opened) = tokio::sync::oneshot::channel::<()>();
    drop(open);
    assert!(report(&runtime, async { drop(opened.await) }).is_none());
}

#[test]
fn spin_inside_a_poll_is_located() {
    #[rustfmt::skip]
    fn spins(open: &AtomicBool) {
        while !open.load(SeqCst) { std::hint::spin_loop() } // here: spin
    }
    let (runtime, (gate, open)) = (worker("spinner"), Gate::new());
    let found = report(&runtime, async move { spins(&open) });
    drop(gate);
    let text = assert_at(found, Code::BusyExecutor, "spin", "spinner");
    assert!(text.contains("busy for"), "{text}");
    assert!(report(&runtime, async { tokio::task::yield_now().await }).is_none());
}

/// The only thread waits in a task for the report, so the function that spawned the task is not polled any more.
#[test]
fn blocked_single_thread_is_located() {
    #[leakguard::must_terminate(timeout = "20ms")]
    async fn waits_for_it(reports: Receiver<String>) -> String {
        let is_it = |text: &String| text.contains("`waits_for_it` is still running");
        let blocks = async move { reports.iter().find(is_it).unwrap() }; // here: only thread
        tokio::spawn(blocks).await.unwrap()
    }
    let text = current_thread().block_on(waits_for_it(crate::busy::listen()));
    let place = line(include_str!("threads.rs"), "only thread");
    let alive = format!("busy, in std channel receive at tests/scopes/threads.rs:{place}:");
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains(&alive), "{alive}: {text}");
    let help = format!("help: move the blocking work of tests/scopes/threads.rs:{place}:");
    assert!(text.contains(&help), "{help}: {text}");
    #[leakguard::must_terminate(timeout = "20s")]
    async fn yields() {
        tokio::spawn(tokio::task::yield_now()).await.unwrap();
    }
    let reports = crate::busy::listen();
    current_thread().block_on(yields());
    assert!(reports.try_iter().all(|text| !text.contains("`yields`")));
}

#[leakguard::track]
async fn starts_thread(body: impl FnOnce() + Send + 'static) {
    let named = std::thread::Builder::new().name("leaked".to_owned());
    named.spawn(move || body()).unwrap();
}

#[test]
fn thread_in_a_condvar_wait_is_located() {
    type Pair = Arc<(Mutex<bool>, Condvar)>;
    fn waits(pair: &Pair) {
        let mut is_over = pair.0.lock().unwrap();
        while !*is_over {
            is_over = pair.1.wait(is_over).unwrap(); // here: condvar
        }
    }
    let pair = Pair::default();
    let waited_for = pair.clone();
    let scope = || Scope::new("starts_thread").grace(Duration::from_millis(20));
    let found = scope().find(starts_thread(move || waits(&waited_for)));
    let found = current_thread().block_on(found).err();
    let (is_over, bell) = &*pair;
    *is_over.lock().unwrap() = true;
    bell.notify_all();
    let text = assert_at(found, Code::LeakedThread, "condvar", "leaked");
    assert!(text.contains("condvar, for"), "{text}");
    let mended = scope().find(starts_thread(move || waits(&pair)));
    assert!(current_thread().block_on(mended).is_ok());
}

/// The thread of the scope drops its runtime, the drop waits for the closure, and the closure waits for the report.
#[test]
fn blocking_call_that_delays_its_runtime_shutdown_is_reported() {
    #[leakguard::must_terminate(timeout = "30ms")]
    fn hangs(wait: impl FnOnce() + Send + 'static) {
        let runtime = current_thread();
        runtime.spawn_blocking(wait); // here: blocking
        drop(runtime); // here: shut-down
    }
    let is_last = |text: &String| text.contains("LG013") && text.contains("`hangs`");
    let listen_to = move |reports: &Receiver<String>| {
        let mut texts = Vec::new();
        while !texts.iter().any(is_last) {
            texts.push(reports.recv().unwrap()); // here: stops
        }
        texts
    };
    let reports = crate::busy::listen();
    let (sender, received) = channel();
    hangs(move || sender.send(listen_to(&reports)).unwrap());
    let texts = received.recv().unwrap();
    let at = |mark| format!("threads.rs:{}:", line(include_str!("threads.rs"), mark));
    let find =
        |code: &str| texts.iter().find(|t| t.contains(code) && t.contains("`hangs`")).unwrap();
    let (overrun, leak) = (find("LG001"), find("LG013"));
    assert!(overrun.contains("runtime shut-down, for"), "{overrun}");
    assert!(overrun.contains(&format!("--> tests/scopes/{}", at("shut-down"))), "{overrun}");
    assert!(leak.contains(&format!("--> tests/scopes/{}", at("stops"))), "{leak}");
    assert!(leak.contains(&format!("tests/scopes/{}", at("blocking"))), "{leak}");
    assert!(leak.contains(" ago"), "age: {leak}");
    // Mended: the closure ends, and so does the runtime.
    #[leakguard::must_terminate(timeout = "20s")]
    fn ends() {
        let runtime = current_thread();
        runtime.spawn_blocking(|| {});
        drop(runtime);
    }
    let reports = crate::busy::listen();
    ends();
    assert!(reports.try_iter().all(|text| !text.contains("`ends`")));
}

/// As above, but the function has returned, and its caller drops the runtime.
#[test]
fn blocking_call_that_delays_the_callers_runtime_is_reported() {
    #[leakguard::must_terminate(grace = "30ms")]
    async fn leaves(wait: impl FnOnce() + Send + 'static) {
        tokio::task::spawn_blocking(wait); // here: left
    }
    let reports = crate::busy::listen();
    let (sender, received): (Sender<String>, _) = channel();
    let wait = move || {
        let is_it = |text: &String| text.contains("`leaves`");
        sender.send(reports.iter().find(is_it).unwrap()).unwrap(); // here: leaves
    };
    let runtime = current_thread();
    runtime.block_on(leaves(wait));
    drop(runtime);
    let text = received.recv().unwrap();
    assert!(text.contains("LG013"), "{text}");
    for mark in ["left", "leaves"] {
        let place = format!("threads.rs:{}:", line(include_str!("threads.rs"), mark));
        assert!(text.contains(&place), "{place}: {text}");
    }
}

#[test]
fn dump_shows_busy_threads() {
    let (runtime, (sender, numbers)) = (worker("dumped"), channel::<u8>());
    let (begun, has_begun) = channel();
    let blocks = async move {
        begun.send(()).unwrap();
        let _ = numbers.recv(); // here: dumped
    };
    runtime.block_on(starts(blocks));
    has_begun.recv().unwrap();
    let place = format!("threads.rs:{}:", line(include_str!("threads.rs"), "dumped"));
    loop {
        // A dump shows only polls that have lasted for some time.
        let dump = runtime.block_on(leakguard::dump_with_stacks()).to_string();
        if dump.contains("std channel receive") && dump.contains(&place) {
            assert!(dump.contains("on thread \"dumped\""), "{dump}");
            break;
        }
    }
    drop(sender);
}
