//! Dumps: with and without stacks, and from destructors and formatters.

use crate::support::{gate, line};

/// `file:line:` of a marked line.
fn at(mark: &str) -> String {
    format!("tests/scopes/dumps.rs:{}:", line(include_str!("dumps.rs"), mark))
}

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future); // here: spawn
    tokio::task::yield_now().await;
}

#[leakguard::track]
async fn waits(future: impl Future<Output = ()> + Send + 'static) {
    starts(async move {
        future.await; // here: noted
    })
    .await;
}

#[tokio::test]
async fn dump_shows_the_annotated_await() {
    let (open, gate) = gate();
    waits(gate).await;
    let text = leakguard::dump().to_string();
    assert!(text.contains(&at("noted")), "{text}");
    assert!(text.contains(&format!("spawned at {}", at("spawn"))), "{text}");
    drop(open);
}

#[tokio::test]
async fn dump_with_stacks_shows_every_leaf() {
    let (keep, mut channel) = tokio::sync::mpsc::channel::<u8>(1);
    async fn not_annotated(channel: &mut tokio::sync::mpsc::Receiver<u8>) {
        channel.recv().await; // here: leaf
    }
    starts(async move { not_annotated(&mut channel).await }).await;
    let dump = leakguard::dump_with_stacks().await;
    let text = dump.to_string();
    assert!(text.contains("[mpsc receive"), "{text}");
    assert!(text.contains(&at("leaf")), "{text}");
    let grouped = format!("{dump:#}");
    assert!(grouped.contains(&at("leaf")), "{grouped}");
    drop(keep);
}

#[tokio::test]
async fn dump_in_a_destructor_and_spawn_during_a_dump() {
    struct Dumps;
    impl Drop for Dumps {
        fn drop(&mut self) {
            assert!(!leakguard::dump().to_string().is_empty());
        }
    }
    let (open, gate) = gate();
    starts(gate).await;
    let dumps = async {
        let _dumps = Dumps;
        std::future::pending::<()>().await;
    };
    let task = tokio::spawn(dumps);
    tokio::task::yield_now().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    /// Spawns a task while a dump is written.
    struct Spawns;
    impl std::fmt::Write for Spawns {
        #[leakguard::track]
        fn write_str(&mut self, _: &str) -> std::fmt::Result {
            tokio::spawn(async {});
            Ok(())
        }
    }
    std::fmt::write(&mut Spawns, format_args!("{}", leakguard::dump())).unwrap();
    drop(open);
}

#[tokio::test]
async fn sites_list_code_that_was_never_reached() {
    #[leakguard::track]
    #[allow(dead_code)]
    fn never_called() {
        std::thread::spawn(|| {});
    }
    let all = leakguard::sites();
    let of = |name: &str| {
        all.iter()
            .filter(|s| s.function() == name && s.location().file() == file!())
            .collect::<Vec<_>>()
    };
    let never = of("never_called");
    assert_eq!(never.len(), 2, "the function and the spawn");
    assert!(never.iter().all(|s| s.started() == 0));
    starts(async {}).await;
    let spawn = of("starts").into_iter().find(|s| !s.callee().is_empty()).unwrap();
    assert!(spawn.started() > 0);
}

#[tokio::test]
async fn dump_shows_channels_and_locks() {
    use leakguard::sync::{Mutex, mpsc};
    use std::sync::Arc;

    let (tx, mut rx) = mpsc::channel::<u8>(5); // here: channel
    tx.send(1).await.unwrap(); // here: send
    let lock = Arc::new(Mutex::new(())); // here: lock
    let held = lock.clone().lock_owned().await; // here: acquired
    let wanted = lock.clone();
    starts(async move {
        rx.recv().await;
        drop(wanted.lock().await); // here: wanted
    })
    .await;
    let dump = leakguard::dump_with_stacks().await;
    for text in [dump.to_string(), format!("{dump:#}")] {
        let has = |part: String| assert!(text.contains(&part), "{part}\n{text}");
        has(format!("mpsc channel, capacity 5 created at {}", at("channel")));
        has("0 queued, at most 1, 1 sent, 1 received".to_owned());
        has(format!("sender, last used by a thread outside every task at {}", at("send")));
        has(format!("mutex created at {}", at("lock")));
        has(format!("held by a thread outside every task, acquired at {}", at("acquired")));
        has(format!("waits to lock at {}", at("wanted")));
    }
    drop((held, tx));
    tokio::task::yield_now().await;
    let text = leakguard::dump().to_string();
    // Mended: the wait is over, and a dropped channel is not shown.
    assert!(!text.contains(&format!("waits to lock at {}", at("wanted"))), "{text}");
}

#[tokio::test]
async fn directly_awaited_receiver_is_shown_at_its_await() {
    let (tx, rx) = leakguard::sync::oneshot::channel::<()>();
    waits(async move { drop(rx.await) }).await; // here: promise
    let text = leakguard::dump().to_string();
    let line = format!("waits to receive at {}", at("promise"));
    assert!(text.contains(&line), "{line}\n{text}");
    drop(tx);
}

#[leakguard::track]
async fn starts_alike(count: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let gates = (0..count).map(|_| {
        let (open, gate) = gate();
        std::mem::forget(open);
        gate
    });
    let tasks = gates.map(|gate| tokio::spawn(gate)).collect(); // here: alike
    // Until each has been polled.
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
    tasks
}

#[tokio::test]
async fn very_many_alike_tasks_are_one_block_of_a_dump() {
    let blocks = async |count| {
        let tasks = starts_alike(count).await;
        let text = leakguard::dump_with_stacks().await.to_string();
        tasks.iter().for_each(|task| task.abort());
        for task in tasks {
            task.await.unwrap_err();
        }
        let spawned = text.matches(&format!("spawned at {}", at("alike"))).count();
        let is_group = text.lines().any(|line| line.starts_with(&format!("{count} tasks ")));
        (spawned, is_group, text)
    };
    let (spawned, is_group, text) = blocks(500).await;
    assert!(spawned == 1 && is_group, "{spawned}: {}", text.chars().take(3000).collect::<String>());
    assert_eq!(blocks(2).await.0, 2);
}
