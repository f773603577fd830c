//! Counts that only ever grow: live tasks of a spawn, and results that nobody takes.

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
async fn tasks_that_pile_up() {
    let (found, find) = mpsc::channel();
    let _watch = Growth::new()
        .window(WINDOW)
        .threshold(5)
        .watch_with(move |report| {
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

/// Of what is found where a line with one of these marks stands, code, count and text.
fn look_at(
    marks: &'static [&'static str],
    window: Duration,
) -> (GrowthWatch, mpsc::Receiver<(Code, usize, String)>) {
    let (found, find) = mpsc::channel();
    let lines = marks.iter().map(|m| line(include_str!("growing.rs"), m));
    let lines: Vec<_> = lines.map(|line| line as u32).collect();
    let watch = Growth::new()
        .window(window)
        .threshold(5)
        .watch_with(move |report| {
            let finding = &report.findings()[0];
            let at = finding.site().location();
            if at.file() == file!() && lines.contains(&at.line()) {
                let _ = found.send((finding.code(), finding.count(), report.to_string()));
            }
        });
    (watch, find)
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
}

#[tokio::test]
async fn lg018_a_set_that_nobody_joins() {
    let (_watch, find) = look_at(&["kept set"], WINDOW);
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
    let made = line(include_str!("growing.rs"), "kept set");
    says(
        &text,
        &[
            "unreaped[LG018]: a join set keeps the results of",
            &format!("--> tests/scopes/growing.rs:{spawn}:"),
            &format!("created at tests/scopes/growing.rs:{made}:"),
            "= joined:   never",
            &format!("`while set.try_join_next().is_some() {{}}` before line {spawn}"),
        ],
    );
    let row = format!("join set created at tests/scopes/growing.rs:{made}:");
    let dump = leakguard::dump().to_string();
    let row = dump.lines().find(|l| l.starts_with(&row)).expect("a row");
    says(row, &["ended and not taken", "last joined never"]);
}

/// The same, mended.
#[tokio::test]
async fn a_set_that_is_reaped() {
    let (watch, find) = look_at(&["reaped set"], Duration::from_millis(4));
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
async fn a_set_that_is_filled_and_joined_in_the_end() {
    let (watch, find) = look_at(&["filled set"], WINDOW);
    let slots = Arc::new(Semaphore::new(0));
    let mut set = JoinSet::new(); // here: filled set
    for _ in 0..100 {
        let slots = slots.clone();
        set.spawn(async move { slots.acquire().await.unwrap().forget() });
    }
    // They end one by one, for longer than a window.
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
async fn lg018_handles_that_nobody_awaits() {
    let (_watch, find) = look_at(&["kept handle"], WINDOW);
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
    says(
        &text,
        &[
            "unreaped[LG018]: the handles of",
            &format!("--> tests/scopes/growing.rs:{spawn}:"),
            &format!("`handles.retain(|handle| !handle.is_finished())` before line {spawn}"),
        ],
    );
    let row = format!("handles of tasks started at tests/scopes/growing.rs:{spawn}:");
    let dump = leakguard::dump().to_string();
    says(&dump, &[&row]);
    drop(handles);
    let dump = leakguard::dump().to_string();
    assert!(!dump.contains(&row), "{dump}");
}

/// The same, mended in three ways.
#[tokio::test]
async fn handles_that_are_let_go() {
    let marks = &["let go", "dropped", "awaited"];
    let (watch, find) = look_at(marks, Duration::from_millis(4));
    let mut handles = Vec::new();
    let mut ticks = interval(Duration::from_millis(1));
    for _ in 0..50 {
        handles.retain(|handle: &task::JoinHandle<()>| !handle.is_finished());
        handles.push(task::spawn(async {})); // here: let go
        drop(task::spawn(async {})); // here: dropped
        task::spawn(async {}).await.unwrap(); // here: awaited
        ticks.tick().await;
    }
    drop(watch);
    assert_eq!(find.iter().count(), 0);
}
