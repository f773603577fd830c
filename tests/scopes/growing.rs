//! Counts that only grow: live tasks of a spawn, and results that are never collected.

use crate::support::line;
use leakguard::task::{self, JoinSet};
use leakguard::{Code, Growth, GrowthWatch};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::yield_now;
use tokio::time::interval;

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
async fn lg016_tasks_pile_up() {
    let (found, find) = mpsc::channel();
    let _watch = Growth::new().window(WINDOW).threshold(5).watch_with(move |report| {
        let finding = &report.findings()[0];
        if finding.site().function() == "pile_up" {
            let _ = found.send((finding.code(), finding.count(), report.to_string()));
        }
    });
    let (code, count, text) = pile_up(&find).await;
    assert_eq!(code, Code::GrowingTasks);
    assert!(count > 5);
    assert!(text.contains("growth[LG016]"), "{text}");
    assert!(text.contains("oneshot receive"), "{text}");
}

/// As many tasks end as begin. A dropped watch reports nothing.
#[tokio::test]
async fn ended_tasks_are_no_growth() {
    #[leakguard::track]
    async fn turn_over() {
        for _ in 0..1000 {
            tokio::spawn(yield_now()).await.unwrap();
        }
    }
    let (found, find) = mpsc::channel();
    let watch =
        Growth::new().window(Duration::from_millis(4)).threshold(1).watch_with(move |report| {
            let own = |f: &&leakguard::Finding| f.site().function() == "turn_over";
            found.send(report.iter().filter(own).count()).unwrap();
        });
    for _ in 0..10 {
        turn_over().await;
    }
    drop(watch);
    assert_eq!(find.iter().sum::<usize>(), 0);
}

/// Watches for growth at the lines with one of these marks. Sends code, count and text of each finding.
fn watch_lines(
    marks: &'static [&'static str],
    window: Duration,
) -> (GrowthWatch, mpsc::Receiver<(Code, usize, String)>) {
    let (found, find) = mpsc::channel();
    let lines = marks.iter().map(|m| line(include_str!("growing.rs"), m));
    let lines: Vec<_> = lines.map(|line| line as u32).collect();
    let watch = Growth::new().window(window).threshold(5).watch_with(move |report| {
        let finding = &report.findings()[0];
        let at = finding.site().location();
        if at.file() == file!() && lines.contains(&at.line()) {
            let _ = found.send((finding.code(), finding.count(), report.to_string()));
        }
    });
    (watch, find)
}

#[track_caller]
fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
}

#[tokio::test]
async fn lg018_join_set_is_never_joined() {
    let (_watch, find) = watch_lines(&["kept set"], WINDOW);
    let mut set = JoinSet::new(); // here: kept set
    let (code, count, text) = loop {
        if let Ok(found) = find.try_recv() {
            break found;
        }
        set.spawn(async {}); // here: into the kept set
        yield_now().await;
    };
    assert_eq!(code, Code::UnreapedTasks);
    assert!(count > 5);
    let spawn = line(include_str!("growing.rs"), "into the kept set");
    let created = line(include_str!("growing.rs"), "kept set");
    assert_contains(
        &text,
        &[
            "unreaped[LG018]: a join set keeps the results of",
            &format!("--> tests/scopes/growing.rs:{spawn}:"),
            &format!("created at tests/scopes/growing.rs:{created}:"),
            "= joined:   never",
            &format!("`while set.try_join_next().is_some() {{}}` before line {spawn}"),
        ],
    );
    let row = format!("join set created at tests/scopes/growing.rs:{created}:");
    let dump = leakguard::dump().to_string();
    let row = dump.lines().find(|l| l.starts_with(&row)).expect("a row");
    assert_contains(row, &["ended and not joined", "last joined never"]);
}

/// The same, mended.
#[tokio::test]
async fn reaped_join_set_is_silent() {
    let (watch, find) = watch_lines(&["reaped set"], Duration::from_millis(4));
    let mut set = JoinSet::new(); // here: reaped set
    let mut ticks = interval(Duration::from_millis(1));
    for _ in 0..50 {
        while set.try_join_next().is_some() {}
        set.spawn(async {});
        ticks.tick().await;
    }
    drop(watch);
    assert_eq!(find.iter().count(), 0);
}

#[tokio::test]
async fn join_set_that_is_filled_and_then_joined_is_silent() {
    let (watch, find) = watch_lines(&["filled set"], WINDOW);
    let slots = Arc::new(Semaphore::new(0));
    let mut set = JoinSet::new(); // here: filled set
    for _ in 0..100 {
        let slots = slots.clone();
        set.spawn(async move { slots.acquire().await.unwrap().forget() });
    }
    // The tasks end one by one, over more than one window.
    let mut ticks = interval(Duration::from_millis(1));
    for _ in 0..100 {
        slots.add_permits(1);
        ticks.tick().await;
    }
    assert_eq!(set.join_all().await.len(), 100);
    drop(watch);
    assert_eq!(find.iter().count(), 0);
}

#[tokio::test]
async fn lg018_handles_are_never_awaited() {
    let (_watch, find) = watch_lines(&["kept handle"], WINDOW);
    let mut handles = Vec::new();
    let (code, _, text) = loop {
        if let Ok(found) = find.try_recv() {
            break found;
        }
        handles.push(task::spawn(async {})); // here: kept handle
        yield_now().await;
    };
    assert_eq!(code, Code::UnreapedTasks);
    let spawn = line(include_str!("growing.rs"), "kept handle");
    assert_contains(
        &text,
        &[
            "unreaped[LG018]: the handles of",
            &format!("--> tests/scopes/growing.rs:{spawn}:"),
            &format!("`handles.retain(|handle| !handle.is_finished())` before line {spawn}"),
        ],
    );
    let row = format!("handles of tasks spawned at tests/scopes/growing.rs:{spawn}:");
    let dump = leakguard::dump().to_string();
    assert_contains(&dump, &[&row]);
    drop(handles);
    let dump = leakguard::dump().to_string();
    assert!(!dump.contains(&row), "{dump}");
}

/// The same, mended in three ways.
#[tokio::test]
async fn released_handles_are_silent() {
    let marks = &["removed", "dropped", "awaited"];
    let (watch, find) = watch_lines(marks, Duration::from_millis(4));
    let mut handles = Vec::new();
    let mut ticks = interval(Duration::from_millis(1));
    for _ in 0..50 {
        handles.retain(|handle: &task::JoinHandle<()>| !handle.is_finished());
        handles.push(task::spawn(async {})); // here: removed
        drop(task::spawn(async {})); // here: dropped
        task::spawn(async {}).await.unwrap(); // here: awaited
        ticks.tick().await;
    }
    drop(watch);
    assert_eq!(find.iter().count(), 0);
}
