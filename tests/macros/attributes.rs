//! The attributes work above and below those of other crates.

use std::sync::atomic::{AtomicU8, Ordering};

#[leakguard::must_terminate]
#[tokio::test]
async fn must_terminate_runs_above_tokio_test() {
    assert_eq!(tokio::spawn(async { 1 }).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[leakguard::must_terminate]
async fn must_terminate_runs_below_tokio_test() -> Result<(), std::num::ParseIntError> {
    let one = tokio::spawn(async { "1" }).await.unwrap();
    assert_eq!(one.parse::<u8>()?, 1);
    Ok(())
}

#[leakguard::track]
#[tokio::test]
async fn track_runs_above_tokio_test() {
    std::future::ready(1).await;
}

#[leakguard::must_terminate]
#[test]
fn must_terminate_runs_above_test() {
    std::thread::spawn(|| {}).join().unwrap();
}

#[test]
#[leakguard::must_terminate]
fn must_terminate_runs_below_test() {}

#[leakguard::test]
async fn own_test_has_a_runtime() {
    assert_eq!(tokio::spawn(async { 1 }).await.unwrap(), 1);
}

#[leakguard::test(
    flavor = "current_thread",
    start_paused = true,
    timeout = "1h",
    on_leak = "panic"
)]
async fn own_test_may_pause_time() -> Result<(), std::num::ParseIntError> {
    let before = tokio::time::Instant::now();
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert!(before.elapsed() >= std::time::Duration::from_secs("60".parse()?));
    Ok(())
}

#[leakguard::test(flavor = "multi_thread", worker_threads = 2, crate = ::leakguard)]
async fn own_test_may_have_two_workers() {}

#[leakguard::test(name = "sync", crate = "::leakguard")]
#[should_panic(expected = "on purpose")]
fn own_sync_test_may_panic() {
    panic!("on purpose");
}

#[leakguard::test]
fn own_sync_test_may_return_a_result() -> Result<(), std::num::ParseIntError> {
    let one: u8 = "1".parse()?;
    assert_eq!(one, 1);
    Ok(())
}

mod mains {
    #[tokio::main(flavor = "current_thread")]
    #[leakguard::must_terminate]
    pub(super) async fn below() -> u8 {
        tokio::spawn(async { 1 }).await.unwrap()
    }

    #[leakguard::must_terminate]
    #[tokio::main(flavor = "current_thread")]
    pub(super) async fn above() -> u8 {
        tokio::spawn(async { 1 }).await.unwrap()
    }

    #[leakguard::main(flavor = "current_thread", on_leak = "log")]
    pub(super) async fn own() -> Result<u8, std::num::ParseIntError> {
        tokio::spawn(async { "1" }).await.unwrap().parse()
    }

    #[leakguard::main]
    pub(super) fn own_sync() -> impl std::fmt::Debug + PartialEq<u8> {
        std::thread::spawn(|| 1).join().unwrap()
    }
}

#[test]
fn main_functions_return_their_value() {
    assert_eq!(mains::below(), 1);
    assert_eq!(mains::above(), 1);
    assert_eq!(mains::own(), Ok(1));
    assert!(mains::own_sync() == 1);
}

#[async_trait::async_trait]
trait Service: Send + Sync {
    async fn call(&self, text: &str) -> usize;

    #[leakguard::must_terminate]
    async fn twice(&self, text: &str) -> usize {
        self.call(text).await + self.call(text).await
    }
}

struct Above;
struct Below;
struct Inside;

#[leakguard::must_terminate]
#[async_trait::async_trait]
impl Service for Above {
    async fn call(&self, text: &str) -> usize {
        let owned = text.to_owned();
        tokio::spawn(async move { owned.len() }).await.unwrap()
    }
}

#[async_trait::async_trait]
#[leakguard::must_terminate]
impl Service for Below {
    async fn call(&self, text: &str) -> usize {
        let owned = text.to_owned();
        tokio::spawn(async move { owned.len() }).await.unwrap()
    }
}

#[async_trait::async_trait]
impl Service for Inside {
    #[leakguard::must_terminate(timeout = "1s")]
    async fn call(&self, text: &str) -> usize {
        if text.is_empty() {
            return 0;
        }
        let owned = text.to_owned();
        tokio::spawn(async move { owned.len() }).await.unwrap()
    }
}

#[tokio::test]
async fn async_trait_methods_run() {
    let services: [Box<dyn Service>; 3] = [Box::new(Above), Box::new(Below), Box::new(Inside)];
    for service in services {
        assert_eq!(service.twice("abc").await, 6);
    }
}

mod instrumented {
    use tracing::instrument;

    #[leakguard::must_terminate]
    #[instrument(skip(mute), err)]
    pub(super) async fn above(text: &str, mute: bool) -> Result<u8, std::num::ParseIntError> {
        if mute {
            return Ok(0);
        }
        let owned = text.to_owned();
        tokio::spawn(async move { owned.parse() }).await.unwrap()
    }

    #[instrument(ret)]
    #[leakguard::must_terminate]
    pub(super) async fn below(text: &str) -> Result<u8, std::num::ParseIntError> {
        let number = text.parse()?;
        tokio::spawn(async move { Ok(number) }).await.unwrap()
    }

    #[leakguard::must_terminate]
    #[instrument]
    pub(super) fn sync_above(number: u8) -> u8 {
        std::thread::spawn(move || number).join().unwrap()
    }

    #[instrument]
    #[leakguard::track]
    pub(super) fn sync_below(number: u8) -> u8 {
        std::thread::spawn(move || number).join().unwrap()
    }
}

#[tokio::test]
async fn instrumented_functions_run() {
    assert_eq!(instrumented::above("3", false).await, Ok(3));
    assert_eq!(instrumented::above("3", true).await, Ok(0));
    assert_eq!(instrumented::below("3").await, Ok(3));
    assert_eq!((instrumented::sync_above(3), instrumented::sync_below(3)), (3, 3));
}

static CASES: AtomicU8 = AtomicU8::new(0);

mod cases {
    use super::*;
    use rstest::rstest;

    #[leakguard::must_terminate]
    #[rstest]
    #[case(1)]
    #[case(2)]
    #[tokio::test]
    async fn must_terminate_runs_above_rstest(#[case] number: u8) {
        CASES.fetch_add(number, Ordering::Relaxed);
        tokio::spawn(async move { number }).await.unwrap();
    }

    #[rstest]
    #[case(1)]
    #[case(2)]
    #[tokio::test]
    #[leakguard::must_terminate]
    async fn must_terminate_runs_below_rstest(#[case] number: u8) {
        tokio::spawn(async move { number }).await.unwrap();
    }

    #[rstest]
    #[leakguard::test]
    async fn own_test_runs_below_rstest(#[values(1, 2)] number: u8) {
        assert!(number < 3);
    }

    #[rstest]
    #[leakguard::must_terminate]
    fn must_terminate_runs_below_sync_rstest(#[values(1, 2)] number: u8) {
        assert!(number < 3);
    }
}

/// Two expansions put their tables of sites into one function, or into a function and one nested in it.
mod twice {
    #[leakguard::track]
    #[leakguard::must_terminate]
    async fn tracked_first() -> u8 {
        let inner = || std::thread::spawn(|| 1).join().unwrap();
        tokio::task::spawn_blocking(inner).await.unwrap() + tokio::spawn(async { 1 }).await.unwrap()
    }

    #[leakguard::must_terminate]
    #[leakguard::track]
    fn tracked_last() -> u8 {
        std::thread::spawn(|| 2).join().unwrap()
    }

    #[leakguard::must_terminate]
    #[leakguard::must_terminate]
    fn terminates_twice() -> u8 {
        std::thread::spawn(|| 2).join().unwrap()
    }

    #[leakguard::track]
    mod tracked {
        pub fn outer() -> u8 {
            #[leakguard::must_terminate]
            fn inner() -> u8 {
                std::thread::spawn(|| 1).join().unwrap()
            }
            struct Inner;
            impl Inner {
                #[leakguard::track]
                fn method() -> u8 {
                    std::thread::spawn(|| 1).join().unwrap()
                }
            }
            inner() + Inner::method() + std::thread::spawn(|| 1).join().unwrap()
        }
    }

    #[leakguard::test]
    #[leakguard::must_terminate]
    fn functions_with_two_attributes_run() {
        assert_eq!(tracked_last() + terminates_twice() + tracked::outer(), 7);
    }

    #[tokio::test]
    async fn each_site_counts_its_own_spawns() {
        assert_eq!(tracked_first().await, 2);
        assert_eq!(tracked::outer(), 3);
        let own = |name: &str| {
            let sites = leakguard::sites().into_iter();
            let found = sites.filter(|s| s.module().contains("twice") && s.function() == name);
            let mut found: Vec<_> = found
                .filter(|site| site.kind() == leakguard::SiteKind::Spawn)
                .map(|site| (site.callee(), site.started()))
                .collect();
            found.sort_unstable();
            found
        };
        let expected =
            [("std::thread::spawn", 1), ("tokio::spawn", 1), ("tokio::task::spawn_blocking", 1)];
        assert_eq!(own("tracked_first"), expected);
        for alone in ["inner", "method", "outer"] {
            let found = own(alone);
            assert!(matches!(found[..], [("std::thread::spawn", 1..=2)]), "{alone}: {found:?}");
        }
    }
}
