use leakguard::{Code, find};

#[leakguard::track]
async fn leave_one() {
    tokio::spawn(std::future::pending::<()>());
}

#[tokio::test]
async fn pending_is_stuck() {
    let report = find(leave_one()).await.unwrap_err();
    println!("{report}");
    assert_eq!(report.findings().len(), 1);
    assert_eq!(report.findings()[0].code(), Code::StuckTask);
}

#[leakguard::must_terminate(timeout = "20ms", grace = "10ms")]
async fn sleeps_on() {
    tokio::spawn(async {
        tokio::time::sleep(std::time::Duration::from_secs(100)).await;
    });
}

#[tokio::test]
async fn sleeper() {
    let report = find(sleeps_on()).await.unwrap_err();
    println!("{report}");
    assert_eq!(report.findings()[0].code(), Code::LeakedTask);
}
