//! What many leaks cost, from the deadline to the text of the report.

use crate::crowd::current_thread;
use crate::forms::FORM;
use crate::fresh;
use crate::pair::{Effort, median};
use crate::table::{self, figure, number, row};
use cpu_time::ProcessTime;
use leakguard::sync::{CancellationToken, Mutex, Semaphore, mpsc, oneshot, watch};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;

const GRACE: Duration = Duration::from_millis(200);
const COUNTS: [usize; 2] = [10_000, 100_000];

/// What the tasks wait for, with its key.
const SHAPES: [(&str, &str); 9] = [
    ("nothing that wakes them", "pending"),
    ("a oneshot each", "oneshot"),
    ("one lock", "lock"),
    ("permits that as many tasks hold", "permits"),
    ("one token, a clone each", "token"),
    ("a timer, with a cancelled token each", "ignored"),
    ("one channel, whose sender a found task has", "channel"),
    ("the end of the task before, in a chain", "joins"),
    ("a oneshot each, whose sender is in one queue", "queued"),
];

/// Each figure is the first of its process, because a process seldom has a second such report.
pub fn leaks(effort: Effort) {
    let what = format!(
        "{FORM}, current_thread. Tasks that outlive `Scope::new(..).grace(..)`; milliseconds of CPU time from the return \
         of the body to the text of the report, which is what an idle machine needs after the deadline."
    );
    let columns = ["the tasks wait for", "10,000 tasks", "100,000 tasks", "lines of text"];
    table::head("Many leaks", &what, &columns);
    for (name, key) in SHAPES {
        let mut cells = vec![name.to_owned()];
        let mut lines = 0.0;
        for count in COUNTS {
            let runs: Vec<_> = (0..effort.rounds.min(3))
                .map(|_| fresh::run(&["leaks", key, &count.to_string()]))
                .collect();
            let [delay, all] = [0, 1].map(|n| median(runs.iter().map(|run| run[n])));
            figure(&format!("leaks/{key}/{count}"), delay);
            cells.push(number(delay));
            lines = all;
        }
        cells.push(number(lines));
        row(&cells);
    }
}

/// Milliseconds from the return to the text, and the lines of the text.
pub fn in_this_process(shape: &str, count: usize) -> Vec<f64> {
    let runtime = current_thread();
    let mut returned = ProcessTime::now();
    let body = async {
        match shape {
            "pending" => wait_for_nothing(count),
            "oneshot" => wait_for_values(count),
            "lock" => wait_for_a_lock(count).await,
            "permits" => wait_for_permits(count).await,
            "token" => wait_for_a_token(count),
            "ignored" => ignore_a_token(count),
            "channel" => wait_for_a_channel(count),
            "joins" => join_each_other(count),
            "queued" => wait_for_replies(count).await,
            other => panic!("no such shape: {other}"),
        }
        for _ in 0..64 {
            yield_now().await;
        }
        returned = ProcessTime::now();
    };
    let find = leakguard::Scope::new("leaks").grace(GRACE).find(body);
    let report = runtime.block_on(find).expect_err("the tasks are left");
    let text = report.to_string();
    let delay = returned.elapsed().as_secs_f64() * 1e3;
    let tasks: usize = report.iter().map(|finding| finding.count()).sum();
    // Those that a line counts have no finding of their own.
    assert!(
        tasks >= count || text.contains("also alive because of it"),
        "{tasks} tasks in\n{text}"
    );
    vec![delay, text.lines().count() as f64]
}

#[leakguard::track]
fn wait_for_nothing(count: usize) {
    for _ in 0..count {
        tokio::spawn(pending::<()>());
    }
}

#[leakguard::track]
fn wait_for_values(count: usize) {
    for _ in 0..count {
        let (sender, value) = oneshot::channel::<()>();
        std::mem::forget(sender);
        tokio::spawn(async move { drop(value.await) });
    }
}

#[leakguard::track]
async fn wait_for_a_lock(count: usize) {
    let lock = Arc::new(Mutex::new(()));
    std::mem::forget(lock.clone().lock_owned().await);
    for _ in 0..count {
        let lock = lock.clone();
        tokio::spawn(async move { drop(lock.lock().await) });
    }
}

#[leakguard::track]
async fn wait_for_permits(count: usize) {
    let permits = Arc::new(Semaphore::new(count / 2));
    for _ in 0..count {
        let permits = permits.clone();
        tokio::spawn(async move {
            let _permit = permits.acquire().await;
            pending::<()>().await;
        });
    }
}

#[leakguard::track]
fn wait_for_a_token(count: usize) {
    let token = CancellationToken::new();
    for _ in 0..count {
        let token = token.clone();
        tokio::spawn(async move { token.cancelled().await });
    }
    std::mem::forget(token);
}

#[leakguard::track]
fn ignore_a_token(count: usize) {
    let token = CancellationToken::new();
    for _ in 0..count {
        let token = token.child_token();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            drop(token);
        });
    }
    token.cancel();
}

#[leakguard::track]
fn wait_for_a_channel(count: usize) {
    let (sender, _) = watch::channel(());
    for _ in 0..count {
        let mut receiver = sender.subscribe();
        tokio::spawn(async move { drop(receiver.changed().await) });
    }
    tokio::spawn(async move {
        sender.send_if_modified(|()| false);
        pending::<()>().await;
    });
}

#[leakguard::track]
fn join_each_other(count: usize) {
    let mut last = leakguard::task::spawn(pending());
    for _ in 0..count {
        last = leakguard::task::spawn(async move { drop(last.await) });
    }
}

#[leakguard::track]
async fn wait_for_replies(count: usize) {
    let (requests, mut queue) = mpsc::channel::<oneshot::Sender<()>>(count);
    let (first, _) = oneshot::channel();
    requests.send(first).await.expect("the queue is open");
    drop(queue.recv().await);
    for _ in 0..count {
        let requests = requests.clone();
        tokio::spawn(async move {
            let (sender, reply) = oneshot::channel();
            requests.send(sender).await.expect("the queue is open");
            drop(reply.await);
        });
    }
    tokio::spawn(async move {
        pending::<()>().await;
        drop(queue);
    });
}
