//! Spawns whose live tasks only ever grow in number.

use leakguard::{Code, Growth};
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::yield_now;

const WINDOW: Duration = Duration::from_millis(40);

#[leakguard::track]
async fn pile_up(until: &mpsc::Receiver<(Code, usize, String)>) -> (Code, usize, String) {
    let mut kept = Vec::new();
    loop {
        if let Ok(found) = until.try_recv() {
            return found;
        }
        let (keep, wait) = oneshot::channel::<()>();
        kept.push(keep);
        tokio::spawn(async move { drop(wait.await) });
        yield_now().await;
    }
}

#[tokio::test]
async fn tasks_that_pile_up() {
    let (found, find) = mpsc::channel();
    let _watch = Growth::new()
        .window(WINDOW)
        .threshold(5)
        .watch_with(move |report| {
            let finding = &report.findings()[0];
            let _ = found.send((finding.code(), finding.count(), report.to_string()));
        });
    let (code, count, text) = pile_up(&find).await;
    assert_eq!(code, Code::GrowingTasks);
    assert!(count > 5);
    assert!(text.contains("growth[LG016]"), "{text}");
    assert!(text.contains("oneshot receive"), "{text}");
}

/// As many end as begin; a look that is not asked for any more tells nothing.
#[tokio::test]
async fn tasks_that_end() {
    #[leakguard::track]
    async fn turn_over() {
        for _ in 0..1000 {
            tokio::spawn(yield_now()).await.unwrap();
        }
    }
    let (found, find) = mpsc::channel();
    let watch = Growth::new()
        .window(Duration::from_millis(4))
        .threshold(1)
        .watch_with(move |report| {
            let own = |f: &&leakguard::Finding| f.site().function() == "turn_over";
            found.send(report.iter().filter(own).count()).unwrap();
        });
    for _ in 0..10 {
        turn_over().await;
    }
    drop(watch);
    assert_eq!(find.iter().sum::<usize>(), 0);
}
