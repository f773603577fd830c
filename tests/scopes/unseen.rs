//! Tasks that leakguard did not see start, as those of libraries and of functions without an attribute.

use crate::printed::child;
use crate::support::gate;
use std::future::pending;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

/// No attribute is on this function.
fn plain_spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// Run by the tests below.
mod child {
    use super::*;

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn leaves_two() {
        plain_spawn(pending());
        plain_spawn(pending());
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn leaves_two_again() {
        plain_spawn(pending());
        plain_spawn(pending());
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn leaves_none() {
        let (open, gate) = gate();
        plain_spawn(gate);
        tokio::task::yield_now().await;
        // It ends within the grace.
        drop(open);
    }

    #[leakguard::test(strict)]
    #[ignore = "run as a child"]
    async fn strictly_leaves_one() {
        plain_spawn(pending());
    }

    #[leakguard::test(strict)]
    #[ignore = "run as a child"]
    async fn strictly_leaves_none() {
        let (open, gate) = gate();
        plain_spawn(gate);
        tokio::task::yield_now().await;
        drop(open);
    }

    #[tokio::test]
    #[ignore = "run as a child"]
    async fn scope_by_hand() {
        let before = tokio::spawn(pending::<()>());
        let report = leakguard::find(async { plain_spawn(pending()) }).await.unwrap_err();
        assert_eq!(report.findings().len(), 0);
        assert!(report.to_string().contains("1 task still runs here"), "{report}");
        // The task of before is still there.
        leakguard::find(async {}).await.unwrap();
        before.abort();
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn dumps() {
        plain_spawn(pending());
        let _guard = leakguard::dump_after(std::time::Duration::ZERO);
        // Until the parent has seen the dump.
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
    }
}

fn run(name: &str, variables: &[(&str, &str)]) -> Output {
    child(&format!("unseen::child::{name}"), &[]).envs(variables.iter().copied()).output().unwrap()
}

fn texts(output: &Output) -> [String; 2] {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8(text.clone()).unwrap())
}

const NOTE: &str = "that leakguard did not see start";

#[test]
fn unseen_tasks_are_noted_once_in_a_process() {
    let mut both = child("unseen::child::leaves_two", &["unseen::child::leaves_two_again"]);
    let output = both.output().unwrap();
    let [captured, raw] = texts(&output);
    assert!(output.status.success() && captured.contains("2 passed"), "{captured}");
    assert_eq!(raw.matches(NOTE).count(), 1, "{raw}");
    assert!(raw.starts_with("note: 2 tasks still run here at the end of `leaves_two"), "{raw}");
    assert!(!captured.contains(NOTE), "{captured}");
}

#[test]
fn unseen_tasks_that_end_are_not_noted() {
    let output = run("leaves_none", &[]);
    assert_eq!(texts(&output)[1], "");
    assert!(output.status.success());
}

#[test]
fn unseen_tasks_fail_a_strict_test() {
    for (name, variables) in
        [("leaves_two", &[("LEAKGUARD_STRICT", "1")][..]), ("strictly_leaves_one", &[])]
    {
        let output = run(name, variables);
        let [captured, raw] = texts(&output);
        assert!(!output.status.success(), "{captured}");
        assert!(captured.contains("\nerror: ") && captured.contains(NOTE), "{captured}");
        assert_eq!(raw, "");
    }
    for (name, variables) in
        [("leaves_none", &[("LEAKGUARD_STRICT", "1")][..]), ("strictly_leaves_none", &[])]
    {
        let output = run(name, variables);
        assert!(output.status.success(), "{:?}", texts(&output));
    }
}

#[test]
fn scope_by_hand_counts_what_began_in_it() {
    let output = run("scope_by_hand", &[("LEAKGUARD_STRICT", "1")]);
    assert!(output.status.success(), "{:?}", texts(&output));
}

/// The watchdog makes the dump, and runs on no runtime.
#[test]
fn dump_of_the_watchdog_counts_unseen_tasks() {
    let mut command = child("unseen::child::dumps", &[]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut dumping = command.spawn().unwrap();
    let lines = BufReader::new(dumping.stderr.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("note: 1 more task lives")), "no note");
    drop(dumping.stdin.take());
    dumping.wait().unwrap();
}

/// As a handler of a server, whose task the library spawns.
#[leakguard::must_terminate]
async fn handler(gate: impl Future<Output = ()>) {
    gate.await;
}

#[leakguard::test]
#[should_panic(expected = "leak[LG002]: `handler` is still running at the end of the test")]
async fn handler_in_an_unseen_task_is_judged_at_the_end_of_its_test() {
    let (open, gate) = gate();
    plain_spawn(handler(gate));
    tokio::task::yield_now().await;
    std::mem::forget(open);
}

#[leakguard::test]
async fn handler_that_ends_is_not_reported() {
    let (open, gate) = gate();
    plain_spawn(handler(gate));
    tokio::task::yield_now().await;
    drop(open);
}

#[leakguard::track]
async fn spawning_handler(gate: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(gate);
}

#[leakguard::test]
#[should_panic(expected = "leak[LG002]")]
async fn task_that_an_unseen_task_spawns_belongs_to_the_test() {
    let (open, gate) = gate();
    plain_spawn(spawning_handler(gate));
    tokio::task::yield_now().await;
    std::mem::forget(open);
}

#[leakguard::test]
async fn task_that_an_unseen_task_spawns_may_end() {
    let (open, gate) = gate();
    plain_spawn(spawning_handler(gate));
    tokio::task::yield_now().await;
    drop(open);
}

#[leakguard::track]
async fn tracked_handler(gate: impl Future<Output = ()>) {
    gate.await;
}

#[leakguard::test]
#[should_panic(
    expected = "leak[LG002]: `gate`, in a task that leakguard did not see start, is still alive"
)]
async fn await_of_a_tracked_function_in_an_unseen_task_belongs_to_the_test() {
    let (open, gate) = gate();
    plain_spawn(tracked_handler(gate));
    tokio::task::yield_now().await;
    std::mem::forget(open);
}

#[leakguard::test]
async fn tracked_function_in_an_unseen_task_may_end() {
    let (open, gate) = gate();
    plain_spawn(tracked_handler(gate));
    tokio::task::yield_now().await;
    drop(open);
}

/// No attribute is on this function.
async fn plainly_aborted(future: impl Future<Output = ()> + Send + 'static) {
    let task = tokio::spawn(future);
    tokio::task::yield_now().await;
    task.abort();
}

#[leakguard::test]
async fn tracked_function_in_an_unseen_task_may_be_aborted() {
    let (open, gate) = gate();
    plainly_aborted(tracked_handler(gate)).await;
    std::mem::forget(open);
}

/// What a test joins waits for a task of a library.
#[leakguard::track]
async fn joins_a_server(gate: impl Future<Output = ()> + Send + 'static) {
    let (done, is_done) = tokio::sync::oneshot::channel::<()>();
    plain_spawn(async move {
        tracked_handler(gate).await;
        drop(done);
    });
    let server = tokio::spawn(async move { drop(is_done.await) });
    server.await.unwrap(); // here: joins a server
}

mod joined {
    use super::*;

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn two_in_one_task() {
        let ((open, one), (other, two)) = (gate(), gate());
        plain_spawn(async {
            let _ = tokio::join!(tracked_handler(one), tracked_handler(two));
        });
        tokio::task::yield_now().await;
        std::mem::forget((open, other));
    }

    #[leakguard::test(timeout = "50ms")]
    #[ignore = "run as a child"]
    async fn server() {
        let (open, gate) = gate();
        std::mem::forget(open);
        joins_a_server(gate).await;
    }
}

#[test]
fn unseen_task_for_which_a_joined_one_may_wait_is_named() {
    let output = child("unseen::joined::server", &[]).output().unwrap();
    let [captured, _] = texts(&output);
    let captured = captured.split_whitespace().collect::<Vec<_>>().join(" ");
    let joins = crate::support::line(include_str!("unseen.rs"), "joins a server");
    let waits = "waits at tests/scopes/support.rs:";
    assert!(captured.contains("1 task that leakguard did not see start: "), "{captured}");
    let help = format!(
        "what line {joins} joins may wait for the task that leakguard did not see start, which {waits}"
    );
    assert!(captured.contains(&help), "{captured}");
}

#[test]
fn unseen_task_with_two_tracked_functions_is_one_finding() {
    let output = child("unseen::joined::two_in_one_task", &[]).output().unwrap();
    let [captured, _] = texts(&output);
    assert!(captured.contains("\n1 finding in "), "{captured}");
}

#[leakguard::test]
async fn joined_server_may_end() {
    let (open, gate) = gate();
    drop(open);
    joins_a_server(gate).await;
}

fn spawn_elsewhere(future: impl Future<Output = ()> + Send + 'static) {
    static ELSEWHERE: LazyLock<Runtime> = LazyLock::new(crate::support::multi_thread);
    ELSEWHERE.spawn(future);
}

#[leakguard::test]
async fn unseen_task_of_another_runtime_belongs_to_no_test() {
    let (open, gate) = gate();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    spawn_elsewhere(handler(async {
        begun.send(()).unwrap();
        gate.await;
    }));
    has_begun.await.unwrap();
    std::mem::forget(open);
}
