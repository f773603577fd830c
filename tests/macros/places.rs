//! Locations: each site and each wait is where a reader looks for it.

use std::collections::HashMap;

/// What the runtime would record: `Location::caller()` of the calls that the macro writes, by way of the public list.
fn sites(function: &str) -> HashMap<u32, u32> {
    let sites = leakguard::sites();
    let here = sites.iter().filter(|site| site.file().ends_with("places.rs") && site.function() == function);
    here.map(|site| (site.line() - FIRST, site.column())).collect()
}

const FIRST: u32 = line!() + 3;

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
async fn sites_are_where_the_callee_is_named() {
    many_places(tokio::runtime::Handle::current()).await;
    let found = sites("many_places");
    let expected = [(0, 10), (1, 15), (2, 22), (3, 38), (5, 14)];
    for (line, column) in expected {
        assert_eq!(found.get(&line), Some(&column), "line {line} of {found:?}");
    }
}
