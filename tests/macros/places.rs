//! The location of each site and of each wait is where a reader looks for it.

use std::collections::HashMap;

/// Line and column of each listed spawn site of `function`.
fn sites(function: &str) -> HashMap<u32, u32> {
    let sites = leakguard::sites();
    let here = sites.iter().filter(|site| site.function() == function && !site.callee().is_empty());
    let places =
        here.map(|site| site.location()).filter(|place| place.file().ends_with("places.rs"));
    places.map(|place| (place.line() - FIRST, place.column())).collect()
}

const FIRST: u32 = line!() + 5;

// Broken into lines on purpose.
#[rustfmt::skip]
#[leakguard::must_terminate]
async fn many_places(handle: tokio::runtime::Handle) {
    let one = tokio::spawn(async {});
    let two = handle.spawn(async {});
    let (three, four) = tokio::join!(tokio::task::spawn_blocking(|| {}), async {
        handle
            .spawn(async {})
            .await
    });
    let _ = (one.await, two.await, three, four);
}

#[tokio::test]
async fn a_site_is_at_the_name_of_the_callee() {
    many_places(tokio::runtime::Handle::current()).await;
    let found = sites("many_places");
    let expected = [(1, 15), (2, 22), (3, 38), (5, 14)];
    for (line, column) in expected {
        assert_eq!(found.get(&line), Some(&column), "line {line} of {found:?}");
    }
    assert_eq!(found.len(), expected.len());
}

/// Replaces leakguard, and records the location of each wait.
mod recorder {
    use std::cell::RefCell;

    thread_local! {
        static WAITS: RefCell<Vec<(u32, u32)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn waits() -> Vec<(u32, u32)> {
        WAITS.take()
    }

    macro_rules! gate {
        ({ $($on:tt)* } { $($off:tt)* }) => { $($on)* };
    }

    pub(super) mod __private {
        pub(crate) mod v0_1_0 {
            pub(crate) use super::wait;
            pub(crate) use gate;
        }

        #[track_caller]
        pub(crate) fn wait<F>(future: F) -> F {
            let at = std::panic::Location::caller();
            super::WAITS.with_borrow_mut(|waits| waits.push((at.line(), at.column())));
            future
        }
    }
}

const WAITS: u32 = line!() + 5;

// Broken into lines on purpose.
#[rustfmt::skip]
#[leakguard::track(crate = crate::places::recorder)]
async fn many_waits(numbers: &tokio::sync::Mutex<Vec<u8>>) {
    let ready = std::future::ready(1);
    ready.await;
    std::future::ready(1).await;
    numbers.lock().await.push(1);
    let one = (async { 1 }).await;
    let of_option = Some(std::future::ready(one))
        .unwrap()
        .await;
    tokio::join!(async {}, async { std::future::ready(of_option).await });
}

#[tokio::test]
async fn a_wait_is_at_the_name_of_the_awaited_call() {
    many_waits(&tokio::sync::Mutex::default()).await;
    let found: Vec<_> =
        recorder::waits().into_iter().map(|(line, column)| (line - WAITS, column)).collect();
    assert_eq!(found, [(2, 11), (3, 5), (4, 13), (5, 29), (7, 10), (9, 36)]);
}
