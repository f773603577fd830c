//! `#[leakguard::test]` and `#[leakguard::main]` as people write them.

use crate::support::gate;
use std::time::Duration;

#[leakguard::test]
#[should_panic(expected = "leak[LG002]")]
async fn a_test_that_leaks_fails() {
    let (open, gate) = gate();
    tokio::spawn(gate);
    std::mem::forget(open);
}

#[leakguard::test]
async fn a_test_that_does_not_leak_passes() {
    tokio::spawn(async {}).await.unwrap();
}

#[leakguard::test(flavor = "multi_thread", worker_threads = 2, grace = "20ms")]
#[should_panic(expected = "leak[LG007]")]
async fn tokios_arguments_go_on_to_tokio() {
    assert_eq!(tokio::runtime::Handle::current().metrics().num_workers(), 2);
    tokio::spawn(std::future::pending::<()>());
}

#[leakguard::test(start_paused = true)]
async fn paused_time_is_tokios() {
    let before = tokio::time::Instant::now();
    tokio::spawn(tokio::time::sleep(Duration::from_secs(3600)));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(before.elapsed(), Duration::from_secs(60));
    // The sleep of an hour ends while the test waits for it: the clock runs when nothing else does.
}

#[leakguard::test(timeout = "20ms")]
#[should_panic(expected = "overrun[LG001]")]
async fn a_test_that_hangs_fails_at_its_timeout() {
    std::future::pending::<()>().await;
}

#[leakguard::test]
#[should_panic(expected = "leak[LG013]")]
fn a_sync_test_that_leaves_a_thread_fails() {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let _ = ended.recv();
    });
    std::mem::forget(end);
}

#[leakguard::test]
fn a_sync_test_that_joins_its_thread_passes() -> Result<(), std::num::ParseIntError> {
    let parsed = std::thread::spawn(|| "1".parse::<u8>()).join().unwrap()?;
    assert_eq!(parsed, 1);
    Ok(())
}

#[leakguard::test]
async fn a_result_goes_through() -> Result<(), std::num::ParseIntError> {
    let parsed = tokio::spawn(async { "1".parse::<u8>() }).await.unwrap()?;
    assert_eq!(parsed, 1);
    Ok(())
}

#[tokio::test]
#[leakguard::must_terminate(grace = "10ms", on_leak = "panic")]
#[should_panic(expected = "leak[LG007]")]
async fn below_tokios_attribute() {
    tokio::spawn(std::future::pending::<()>());
}

#[leakguard::must_terminate(grace = "10ms", on_leak = "panic")]
#[tokio::test]
#[should_panic(expected = "leak[LG007]")]
async fn above_tokios_attribute() {
    tokio::spawn(std::future::pending::<()>());
}

#[test]
fn main_runs_its_body_and_gives_its_value() {
    #[leakguard::main(flavor = "current_thread", grace = "1ms", on_leak = "ignore")]
    async fn main() -> u8 {
        tokio::spawn(async { 7 }).await.unwrap()
    }
    assert_eq!(main(), 7);
}

#[test]
#[should_panic(expected = "leak[LG007]")]
fn main_can_be_told_to_panic() {
    #[leakguard::main(flavor = "current_thread", grace = "1ms", on_leak = "panic")]
    async fn main() {
        tokio::spawn(std::future::pending::<()>());
    }
    main();
}

/// What nobody will ever send.
fn wait_for_ever() {
    let (_keep, nothing) = std::sync::mpsc::channel::<()>();
    nothing.recv().unwrap();
}

#[leakguard::test(timeout = "20ms")]
#[should_panic(expected = "overrun[LG001]")]
fn a_sync_test_that_blocks_fails_at_its_timeout() {
    wait_for_ever();
}

#[leakguard::test(timeout = "20ms")]
#[should_panic(expected = "overrun[LG001]")]
async fn an_async_test_that_blocks_its_thread_fails_at_its_timeout() {
    wait_for_ever();
}

/// With a timeout a test has a thread of its own, and is a test like any other.
mod apart {
    #[leakguard::test(timeout = "60s")]
    fn a_sync_test_passes() {
        let name = "harness::apart::a_sync_test_passes";
        assert_eq!(std::thread::current().name(), Some(name));
    }

    #[leakguard::test(timeout = "60s", start_paused = true)]
    async fn an_async_test_has_tokios_arguments() -> Result<(), Box<dyn std::error::Error>> {
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        let metrics = tokio::runtime::Handle::current().metrics();
        assert_eq!(metrics.num_workers(), 1);
        Ok(())
    }

    #[leakguard::test(timeout = "60s")]
    #[should_panic(expected = "the test returned an error")]
    async fn an_error_fails_it() -> Result<(), std::num::ParseIntError> {
        "one".parse::<u8>().map(drop)
    }

    #[leakguard::test(timeout = "60s")]
    #[should_panic(expected = "by itself")]
    fn a_panic_fails_it() {
        panic!("by itself");
    }

    #[leakguard::test(timeout = "500ms", grace = "10ms")]
    #[should_panic(expected = "leak[LG007]")]
    async fn a_leak_fails_it() {
        tokio::spawn(std::future::pending::<()>());
        tokio::task::yield_now().await;
    }
}
