//! What an initialiser starts once in a process is no leak of the test that comes first.

use crate::printed::child;
use crate::support::{codes, found, gate, multi_thread};
use leakguard::Code;
use leakguard::sync::OnceCell as AsyncCell;
use std::future::pending;
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Once, OnceLock};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(multi_thread);

/// A thread that ends when the sender is dropped.
macro_rules! start_thread {
    ($name:ident) => {
        #[leakguard::track]
        fn $name() -> Sender<()> {
            let (end, ended) = channel::<()>();
            std::thread::spawn(move || ended.recv().unwrap_or_default());
            end
        }
    };
}

#[leakguard::test]
async fn thread_of_a_lazy_lock_belongs_to_no_test() {
    start_thread!(start);
    static THREAD: LazyLock<std::sync::Mutex<Sender<()>>> = LazyLock::new(|| start().into());
    assert!(!THREAD.is_poisoned());
}

#[tokio::test]
async fn thread_that_a_test_starts_itself_is_found() {
    start_thread!(start);
    let mut end = None;
    let codes = found(async { end = Some(start()) }).await;
    assert_eq!(codes, [Code::LeakedThread]);
}

#[leakguard::track]
fn start_worker(begun: oneshot::Sender<()>) {
    RUNTIME.spawn(async {
        // It belongs to no test either.
        tokio::spawn(pending::<()>());
        begun.send(()).unwrap();
        pending::<()>().await;
    });
}

#[leakguard::test]
async fn task_of_a_once_lock_and_what_it_spawns_belong_to_no_test() {
    static WORKER: OnceLock<()> = OnceLock::new();
    let (begun, has_begun) = oneshot::channel();
    WORKER.get_or_init(|| start_worker(begun));
    has_begun.await.unwrap();
}

/// The helper wraps the future once more.
#[leakguard::track]
fn spawn_named(future: impl Future<Output = ()> + Send + 'static) {
    RUNTIME.spawn(future);
}

#[leakguard::test]
async fn task_that_a_helper_wraps_again_belongs_to_no_test() {
    // Not the first spawn of the helper.
    spawn_named(async {});
    static WORKER: Once = Once::new();
    let (begun, has_begun) = oneshot::channel();
    WORKER.call_once(|| {
        spawn_named(async {
            begun.send(()).unwrap();
            pending::<()>().await;
        });
    });
    has_begun.await.unwrap();
}

#[leakguard::track]
fn serve_for_ever(begun: oneshot::Sender<()>) {
    RUNTIME.spawn(async {
        begun.send(()).unwrap();
        pending::<()>().await;
    });
}

#[leakguard::test]
async fn task_of_a_static_async_cell_belongs_to_no_test() {
    static CELL: AsyncCell<()> = AsyncCell::const_new();
    let (begun, has_begun) = oneshot::channel();
    CELL.get_or_init(|| async {
        tokio::task::yield_now().await;
        serve_for_ever(begun);
        has_begun.await.unwrap();
    })
    .await;
}

/// It lives as long as the test, and so should what it starts.
#[tokio::test]
async fn task_of_an_async_cell_that_is_not_static_is_found() {
    #[leakguard::track]
    fn serve(gate: impl Future<Output = ()> + Send + 'static) {
        RUNTIME.spawn(gate);
    }
    let (open, gate) = gate();
    let cell = AsyncCell::new();
    let codes = found(cell.get_or_init(|| async { serve(gate) })).await;
    assert_eq!(codes, [Code::LeakedTask]);
    drop(open);
}

/// What a crate's own initialiser starts, and that spawns too.
#[leakguard::track]
fn start_in_a_cell(begun: oneshot::Sender<()>) {
    RUNTIME.spawn(async {
        tokio::spawn(pending::<()>());
        begun.send(()).unwrap();
        pending::<()>().await;
    });
}

#[leakguard::test]
async fn task_of_a_static_once_cell_and_what_it_spawns_belong_to_no_test() {
    static CELL: once_cell::sync::OnceCell<()> = once_cell::sync::OnceCell::new();
    let (begun, has_begun) = oneshot::channel();
    CELL.get_or_init(|| start_in_a_cell(begun));
    has_begun.await.unwrap();
}

#[leakguard::test]
async fn thread_of_a_static_lazy_belongs_to_no_test() {
    start_thread!(start);
    type Ender = std::sync::Mutex<Sender<()>>;
    static THREAD: once_cell::sync::Lazy<Ender> = once_cell::sync::Lazy::new(|| start().into());
    assert!(!THREAD.is_poisoned());
}

/// A tracked function that spawns a task which waits for a gate.
macro_rules! serve {
    ($name:ident) => {
        #[leakguard::track]
        fn $name(gate: impl Future<Output = ()> + Send + 'static) {
            RUNTIME.spawn(gate);
        }
    };
}

#[tokio::test]
async fn task_of_a_once_cell_that_an_object_owns_is_found() {
    struct Pool {
        worker: once_cell::sync::OnceCell<()>,
    }
    serve!(serve);
    let (open, gate) = gate();
    let pool = Box::new(Pool { worker: once_cell::sync::OnceCell::new() });
    let body = async { *pool.worker.get_or_init(|| serve(gate)) };
    let report = leakguard::find(body).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let text = report.to_string();
    assert!(text.contains("by the initialiser of a `once_cell::sync::OnceCell`"), "{text}");
    drop(open);
    // Once the cell is full, it starts nothing.
    assert_eq!(found(async { *pool.worker.get_or_init(|| unreachable!()) }).await, []);
}

/// Nothing shows that the cell is a static, so that the report only says what to do if it is.
#[tokio::test]
async fn task_of_a_static_cell_of_tokio_is_found_and_explained() {
    serve!(serve);
    static CELL: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    let (open, gate) = gate();
    let init = || async {
        tokio::task::yield_now().await;
        serve(gate);
    };
    let report = leakguard::find(CELL.get_or_init(init)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let text = report.to_string();
    assert!(text.contains("by the initialiser of a `tokio::sync::OnceCell`"), "{text}");
    drop(open);
    assert!(leakguard::find(CELL.get_or_init(|| async { unreachable!() })).await.is_ok());
}

/// Named as the function of the crate that runs an initialiser.
mod like {
    pub mod once_cell {
        pub mod imp {
            #[inline(never)]
            pub fn initialize_or_wait(init: &mut dyn FnMut()) {
                init();
            }
        }
    }
}

#[tokio::test]
async fn task_of_a_function_that_is_named_as_an_initialiser_is_found() {
    serve!(serve);
    let (open, gate) = gate();
    let mut gate = Some(gate);
    let mut init = || serve(gate.take().unwrap());
    let body = async { like::once_cell::imp::initialize_or_wait(&mut init) };
    let report = leakguard::find(body).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    assert!(!report.to_string().contains("initialiser"), "{report}");
    drop(open);
}

/// It may be meant to live on, and may as well be forgotten.
#[tokio::test]
async fn task_that_a_test_starts_on_a_static_runtime_is_found() {
    #[leakguard::track]
    fn serve(gate: impl Future<Output = ()> + Send + 'static) {
        RUNTIME.spawn(gate);
    }
    let (open, gate) = gate();
    assert_eq!(found(async { serve(gate) }).await, [Code::LeakedTask]);
    drop(open);
}

#[tokio::test]
async fn function_that_must_terminate_is_judged_inside_an_initialiser() {
    #[leakguard::must_terminate(grace = "1ms")]
    fn connect(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(gate);
    }
    let (_open, gate) = gate();
    let once = OnceLock::new();
    let body = async { once.get_or_init(|| connect(gate)) };
    let report = leakguard::find(body).await.map(drop).unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask]);
}

/// Run by the test below.
#[leakguard::test]
#[ignore = "run as a child"]
async fn starts_a_singleton() {
    start_thread!(start);
    static THREAD: OnceLock<std::sync::Mutex<Sender<()>>> = OnceLock::new();
    THREAD.get_or_init(|| start().into());
}

#[test]
fn singleton_is_a_note_in_the_captured_output() {
    let output = child("singletons::starts_a_singleton", &["--show-output"]).output().unwrap();
    let captured = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{captured}");
    let place = "tests/scopes/singletons.rs:";
    assert!(captured.contains("note: an initialiser that runs once"), "{captured}");
    assert!(captured.contains(place) && !captured.contains("LG0"), "{captured}");
}
