//! Many scopes at the same time: each finding is reported by its own scope.

use crate::support::{gate, multi_thread};

#[leakguard::must_terminate(grace = "5ms")]
async fn call(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// 64 scopes that leak and 64 that do not, all at the same time.
fn round(runtime: &tokio::runtime::Runtime) {
    let (mut keep, mut leaking, mut ending) = (Vec::new(), Vec::new(), Vec::new());
    runtime.block_on(async {
        for _ in 0..64 {
            let (open, gate) = gate();
            keep.push(open);
            leaking.push(tokio::spawn(leakguard::find(call(gate))));
            ending.push(tokio::spawn(leakguard::find(call(async {
                tokio::task::yield_now().await;
            }))));
        }
        for task in leaking {
            let report = task.await.unwrap().unwrap_err();
            assert_eq!(report.findings().len(), 1, "{report}");
            assert_eq!(report.findings()[0].count(), 1, "{report}");
        }
        for task in ending {
            if let Err(report) = task.await.unwrap() {
                panic!("a false alarm: {report}");
            }
        }
    });
    drop(keep);
}

#[test]
fn each_scope_reports_its_own_findings() {
    let runtime = multi_thread();
    // `STRESS_ROUNDS=1000 cargo test --test scopes many` runs the full stress test.
    let rounds = std::env::var("STRESS_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    for _ in 0..rounds {
        round(&runtime);
    }
}
