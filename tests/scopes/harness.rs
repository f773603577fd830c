//! `#[leakguard::test]` and `#[leakguard::main]` in the forms that users write.

use crate::support::gate;
use std::time::Duration;

#[leakguard::test]
#[should_panic(expected = "leak[LG002]")]
async fn leaking_test_fails() {
    let (open, gate) = gate();
    tokio::spawn(gate);
    std::mem::forget(open);
}

#[leakguard::test]
async fn leak_free_test_passes() {
    tokio::spawn(async {}).await.unwrap();
}

#[leakguard::test(flavor = "multi_thread", worker_threads = 2, grace = "20ms")]
#[should_panic(expected = "leak[LG007]")]
async fn tokio_arguments_are_passed_to_tokio() {
    assert_eq!(tokio::runtime::Handle::current().metrics().num_workers(), 2);
    tokio::spawn(std::future::pending::<()>());
}

#[leakguard::test(start_paused = true)]
async fn paused_time_works() {
    let before = tokio::time::Instant::now();
    tokio::spawn(tokio::time::sleep(Duration::from_millis(60_050)));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(before.elapsed(), Duration::from_secs(60));
    // Paused time advances while the test waits for its tasks, so the sleep ends within their grace.
}

#[leakguard::test(start_paused = true)]
#[should_panic(expected = "leak[LG002]")]
async fn paused_time_does_not_end_a_leaked_sleep() {
    tokio::spawn(tokio::time::sleep(Duration::from_secs(3600)));
    tokio::time::sleep(Duration::from_secs(60)).await;
}

/// The test would last for an hour if its limit were one of real time.
#[leakguard::test(start_paused = true, timeout = "3600s")]
#[should_panic(expected = "leak[LG002]")]
async fn limit_of_a_paused_test_is_one_of_paused_time() {
    tokio::spawn(tokio::time::sleep(Duration::from_secs(7200)));
}

#[leakguard::test(timeout = "20ms")]
#[should_panic(expected = "overrun[LG001]")]
async fn hanging_test_fails_at_its_timeout() {
    std::future::pending::<()>().await;
}

#[leakguard::test]
#[should_panic(expected = "leak[LG013]")]
fn sync_test_that_leaks_a_thread_fails() {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let _ = ended.recv();
    });
    std::mem::forget(end);
}

#[leakguard::test]
fn sync_test_that_joins_its_thread_passes() -> Result<(), std::num::ParseIntError> {
    let parsed = std::thread::spawn(|| "1".parse::<u8>()).join().unwrap()?;
    assert_eq!(parsed, 1);
    Ok(())
}

#[leakguard::test]
async fn test_can_return_a_result() -> Result<(), std::num::ParseIntError> {
    let parsed = tokio::spawn(async { "1".parse::<u8>() }).await.unwrap()?;
    assert_eq!(parsed, 1);
    Ok(())
}

#[tokio::test]
#[leakguard::must_terminate(grace = "10ms", on_leak = "panic")]
#[should_panic(expected = "leak[LG007]")]
async fn attribute_works_below_tokio_test() {
    tokio::spawn(std::future::pending::<()>());
}

#[leakguard::must_terminate(grace = "10ms", on_leak = "panic")]
#[tokio::test]
#[should_panic(expected = "leak[LG007]")]
async fn attribute_works_above_tokio_test() {
    tokio::spawn(std::future::pending::<()>());
}

#[test]
fn main_returns_the_value_of_its_body() {
    #[leakguard::main(flavor = "current_thread", grace = "1ms", on_leak = "ignore")]
    async fn main() -> u8 {
        tokio::spawn(async { 7 }).await.unwrap()
    }
    assert_eq!(main(), 7);
}

#[test]
#[should_panic(expected = "leak[LG007]")]
fn main_can_panic_on_a_leak() {
    #[leakguard::main(flavor = "current_thread", grace = "1ms", on_leak = "panic")]
    async fn main() {
        tokio::spawn(std::future::pending::<()>());
    }
    main();
}

/// Blocks the thread for ever.
fn wait_for_ever() {
    let (_keep, nothing) = std::sync::mpsc::channel::<()>();
    nothing.recv().unwrap();
}

#[leakguard::test(timeout = "20ms")]
#[should_panic(expected = "overrun[LG001]")]
fn blocked_sync_test_fails_at_its_timeout() {
    wait_for_ever();
}

#[leakguard::test(timeout = "20ms")]
#[should_panic(expected = "overrun[LG001]")]
async fn blocked_async_test_fails_at_its_timeout() {
    wait_for_ever();
}

/// A test with a timeout runs on its own thread and otherwise behaves like any other test.
mod own_thread {
    #[leakguard::test(timeout = "60s")]
    fn sync_test_passes() {
        let name = "harness::own_thread::sync_test_passes";
        assert_eq!(std::thread::current().name(), Some(name));
    }

    #[leakguard::test(timeout = "60s", start_paused = true)]
    async fn async_test_accepts_tokio_arguments() -> Result<(), Box<dyn std::error::Error>> {
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        let metrics = tokio::runtime::Handle::current().metrics();
        assert_eq!(metrics.num_workers(), 1);
        Ok(())
    }

    #[leakguard::test(timeout = "60s")]
    #[should_panic(expected = "the test returned an error")]
    async fn returned_error_fails_the_test() -> Result<(), std::num::ParseIntError> {
        "one".parse::<u8>().map(drop)
    }

    #[leakguard::test(timeout = "60s")]
    #[should_panic(expected = "by itself")]
    fn panic_fails_the_test() {
        panic!("by itself");
    }

    #[leakguard::test(timeout = "500ms", grace = "10ms")]
    #[should_panic(expected = "leak[LG007]")]
    async fn leak_fails_the_test() {
        tokio::spawn(std::future::pending::<()>());
        tokio::task::yield_now().await;
    }
}

/// The limit holds for the whole test, the drop of its runtime included.
mod blocked_drop {
    use super::wait_for_ever;

    #[leakguard::test(timeout = "20ms", grace = "10ms")]
    #[should_panic(expected = "leak[LG013]")]
    async fn leaked_blocking_call_fails_the_test() {
        tokio::task::spawn_blocking(wait_for_ever);
    }

    /// Run by the test below.
    #[leakguard::test(timeout = "20ms", grace = "10ms")]
    #[ignore = "run as a child"]
    async fn leaks_an_unwatched_blocking_call() {
        super::unwatched(wait_for_ever);
    }

    #[test]
    fn unwatched_blocking_call_fails_the_test() {
        let name = "harness::blocked_drop::leaks_an_unwatched_blocking_call";
        let output = crate::printed::child(name, &[]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{text}");
        assert!(text.contains("has returned, but its test has not ended"), "{text}");
    }

    #[leakguard::test(timeout = "60s")]
    async fn blocking_call_that_ends_holds_up_no_test() {
        super::unwatched(|| {});
        tokio::task::spawn_blocking(|| {}).await.unwrap();
    }
}

/// A blocking call that leakguard does not see.
fn unwatched(call: fn()) {
    drop(tokio::task::spawn_blocking(call));
}
