//! With `LEAKGUARD_ROOT=1` a runtime has a scope of its own. Each test runs a test of this binary as a child.
#![cfg(any(debug_assertions, feature = "always"))]

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

/// Tests that do something only in a child.
mod child {
    use leakguard::runtime::{Builder, Handle, Runtime};
    use leakguard::sync::{Mutex, oneshot};
    use leakguard::task::{self, JoinSet, LocalSet};
    use std::future::pending;
    use std::sync::{Arc, OnceLock};
    use std::time::Duration;

    fn is_child() -> bool {
        std::env::var_os(super::CHILD).is_some()
    }

    fn one_thread() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    /// A task that waits until the sender is dropped.
    async fn waits(gate: oneshot::Receiver<()>) {
        drop(gate.await);
    }

    #[test]
    fn leaks() {
        if is_child() {
            let (open, gate) = oneshot::channel();
            one_thread().block_on(async move {
                task::spawn(waits(gate)); // here: leaked
                task::yield_now().await;
            });
            drop(open);
        }
    }

    #[test]
    fn leaks_on_threads() {
        if is_child() {
            let runtime = Runtime::new().unwrap();
            let handle = runtime.handle().clone();
            let (open, gate) = oneshot::channel();
            // Without a task around it.
            std::thread::spawn(move || drop(handle.spawn(waits(gate)))).join().unwrap();
            drop(runtime);
            drop(open);
        }
    }

    #[test]
    fn leaks_where_it_has_entered() {
        if is_child() {
            let runtime = Runtime::new().unwrap();
            let (open, gate) = oneshot::channel();
            let entered = runtime.enter();
            task::spawn(waits(gate));
            drop(entered);
            drop(runtime);
            drop(open);
        }
    }

    #[test]
    fn leaks_in_an_inner_runtime() {
        if is_child() {
            let built = one_thread().block_on(async { task::spawn_blocking(one_thread).await });
            let inner = built.unwrap();
            inner.block_on(async { drop(task::spawn(pending::<()>())) });
        }
    }

    #[test]
    fn leaks_on_the_main_thread() {
        if is_child() {
            let main = std::thread::Builder::new().name("main".to_owned());
            let leak = || one_thread().block_on(async { drop(task::spawn(pending::<()>())) });
            main.spawn(leak).unwrap().join().unwrap();
        }
    }

    #[test]
    fn leaves_a_sleep() {
        if is_child() {
            one_thread().block_on(async {
                task::spawn(tokio::time::sleep(Duration::from_secs(3600)));
                task::yield_now().await;
            });
        }
    }

    #[test]
    fn leaves_a_sleep_on_a_paused_clock() {
        if is_child() {
            let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
            runtime.unwrap().block_on(async {
                task::spawn(tokio::time::sleep(Duration::from_secs(3600)));
                task::yield_now().await;
            });
        }
    }

    #[test]
    fn leaves_a_task_that_ends_soon() {
        if is_child() {
            one_thread().block_on(async {
                task::spawn(tokio::time::sleep(Duration::from_millis(5)));
            });
        }
    }

    #[test]
    fn leaks_many_times() {
        if is_child() {
            for _ in 0..100 {
                one_thread().block_on(async {
                    task::spawn(tokio::time::sleep(Duration::from_secs(3600)));
                });
            }
        }
    }

    #[test]
    fn ends_all() {
        if is_child() {
            let (open, gate) = oneshot::channel();
            one_thread().block_on(async move {
                let task = task::spawn(waits(gate));
                drop(open);
                task.await.unwrap();
            });
        }
    }

    #[test]
    fn ends_a_task_in_the_second_call() {
        if is_child() {
            let runtime = one_thread();
            let (open, gate) = oneshot::channel();
            let mut tasks = JoinSet::new();
            runtime.block_on(async { tasks.spawn(waits(gate)) });
            drop(open);
            runtime.block_on(tasks.join_all());
        }
    }

    #[test]
    fn ends_a_local_set() {
        if is_child() {
            let runtime = one_thread();
            let set = LocalSet::new();
            set.spawn_local(pending::<()>());
            set.block_on(&runtime, task::yield_now());
            drop(set);
        }
    }

    #[test]
    fn spawns_a_task_that_never_runs() {
        if is_child() {
            let runtime = one_thread();
            let task = runtime.spawn(async {});
            drop(runtime);
            assert!(one_thread().block_on(task).unwrap_err().is_cancelled());
        }
    }

    #[test]
    fn spawns_on_a_static_runtime() {
        static SHARED: OnceLock<Runtime> = OnceLock::new();
        if is_child() {
            let shared = SHARED.get_or_init(|| Runtime::new().unwrap()).handle().clone();
            one_thread().block_on(async {
                shared.spawn(pending::<()>());
                SHARED.get().unwrap().spawn(pending::<()>());
                shared.spawn(async { drop(Handle::current().spawn(pending::<()>())) });
            });
        }
    }

    #[test]
    fn panics_with_a_task() {
        if is_child() {
            one_thread().block_on(async {
                task::spawn(pending::<()>());
                panic!("as planned");
            });
        }
    }

    #[test]
    fn waits_for_its_own_sender() {
        if is_child() {
            one_thread().block_on(async {
                let (_open, gate) = oneshot::channel::<()>();
                let _ = gate.await; // here: waits
            });
        }
    }

    #[test]
    fn locks_in_two_orders() {
        if is_child() {
            one_thread().block_on(async {
                let locks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
                let [a, b] = locks.clone();
                let other = task::spawn(async move {
                    let _a = a.lock().await;
                    task::yield_now().await;
                    drop(b.lock().await);
                });
                let [a, b] = locks;
                let _b = b.lock().await;
                task::yield_now().await;
                drop(a.lock().await);
                other.await.unwrap();
            });
        }
    }
}

const CHILD: &str = "ROOT_CHILD";

fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("child::{test}"), "--nocapture"]);
    command.env(CHILD, "").env("LEAKGUARD_ROOT", "1");
    command
}

/// What a child reports that passes.
fn report(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{stderr}");
    stderr
}

fn line(mark: &str) -> String {
    let wanted = format!("// here: {mark}");
    let lines = include_str!("root.rs").lines();
    let index = lines.into_iter().position(|line| line.ends_with(&wanted)).unwrap();
    format!("tests/root.rs:{}:", index + 1)
}

#[test]
fn task_that_outlives_its_runtime_is_reported_and_the_test_passes() {
    let text = report(&mut command("leaks"));
    assert!(text.contains("LG002") && text.contains(&line("leaked")), "{text}");
    assert!(text.contains("child::leaks"), "{text}");
    for test in [
        "leaks_on_threads",
        "leaks_where_it_has_entered",
        "leaves_a_sleep",
        "leaves_a_sleep_on_a_paused_clock",
    ] {
        let text = report(&mut command(test));
        assert_eq!(text.matches("[LG002]").count(), 1, "{text}");
        assert!(text.contains(&format!("child::{test}")), "{text}");
    }
}

#[test]
fn tasks_that_stand_still_are_not_waited_for() {
    let text = report(command("leaks").env("LEAKGUARD_GRACE", "1h"));
    assert!(text.contains("[LG002]"), "{text}");
}

#[test]
fn same_leak_of_many_runtimes_is_reported_twice_in_a_test() {
    let text = report(&mut command("leaks_many_times"));
    assert_eq!(text.matches("[LG002]").count(), 2, "{text}");
}

#[test]
fn runtime_inside_of_a_test_has_the_name_of_the_test() {
    let text = report(&mut command("leaks_in_an_inner_runtime"));
    assert!(text.contains("finding in `child::leaks_in_an_inner_runtime`"), "{text}");
}

#[test]
fn ended_tasks_are_not_reported() {
    for test in [
        "ends_all",
        "ends_a_task_in_the_second_call",
        "ends_a_local_set",
        "leaves_a_task_that_ends_soon",
        "spawns_a_task_that_never_runs",
        "spawns_on_a_static_runtime",
    ] {
        let text = report(&mut command(test));
        assert!(!text.contains("LG0"), "{test}: {text}");
    }
}

#[test]
fn runtime_has_no_scope_unless_that_is_asked_for() {
    let text = report(command("leaks").env_remove("LEAKGUARD_ROOT"));
    assert!(!text.contains("LG0"), "{text}");
}

#[test]
fn panic_of_a_test_is_all_that_it_shows() {
    let output = command("panics_with_a_task").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("as planned"), "{text}");
    assert!(!text.contains("LG0"), "{text}");
}

#[test]
fn nextest_names_the_test_on_the_main_thread() {
    let mut command = command("leaks_on_the_main_thread");
    let text = report(command.env("NEXTEST_TEST_NAME", "named::by_nextest"));
    assert!(text.contains("finding in `named::by_nextest`"), "{text}");
    let text = report(command.env_remove("NEXTEST_TEST_NAME"));
    assert!(text.contains("finding in `tests/root.rs:"), "{text}");
}

#[test]
fn deadlock_is_reported_while_the_test_hangs() {
    let mut child = command("locks_in_two_orders").stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // Waits until the report has come. A child without one is killed by the runner.
    let found = lines.map_while(Result::ok).any(|line| line.contains("LG009"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(found);
}

#[test]
fn body_that_hangs_is_reported_at_the_timeout() {
    let mut command = command("waits_for_its_own_sender");
    command.env("LEAKGUARD_TEST_TIMEOUT", "100ms");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // Its report ends with what would allow it.
    let mut text: Vec<String> = Vec::new();
    for line in lines.map_while(Result::ok) {
        text.push(line);
        if text.last().is_some_and(|line| line.contains("allow")) {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let text = text.join("\n");
    assert!(text.contains("LG003") && text.contains(&line("waits")), "{text}");
}
