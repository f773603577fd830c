//! Channels that leave their function keep their types. Dumps and findings describe what is known of them.

use futures::StreamExt;
use leakguard::{bounded_channel, must_terminate, track};
use std::sync::Arc;
use tokio::sync::{Mutex, broadcast, mpsc, oneshot, watch};
use tokio_stream::wrappers::ReceiverStream;

/// `file:line:` of a marked line.
fn at(mark: &str) -> String {
    let text = include_str!("observed.rs");
    let line = text.lines().position(|l| l.ends_with(&format!("// here: {mark}")));
    format!("tests/macros/observed.rs:{}:", line.unwrap() + 1)
}

/// The line of the dump that names a marked line.
#[track_caller]
fn described(dump: &str, mark: &str) -> String {
    let at = at(mark);
    let line = dump.lines().find(|l| l.contains(&at));
    line.unwrap_or_else(|| panic!("no {at} in\n{dump}")).to_owned()
}

fn typed(
    sender: mpsc::Sender<u8>,
    receiver: mpsc::Receiver<u8>,
) -> (mpsc::Sender<u8>, mpsc::Receiver<u8>) {
    (sender, receiver)
}

struct Pool {
    jobs: mpsc::Sender<u8>,
    queue: Arc<Mutex<mpsc::Receiver<u8>>>,
    stop: (watch::Sender<bool>, watch::Receiver<bool>),
}

/// Uses each way out of a function once. Returns a dump.
#[bounded_channel]
async fn every_way_out(size: usize) -> (String, oneshot::Receiver<u8>) {
    let (tx, rx) = mpsc::channel(2); // here: passed
    let (tx, mut rx) = typed(tx, rx);
    tx.send(1).await.unwrap();
    assert_eq!(rx.recv().await, Some(1));

    let (jobs, queue) = mpsc::channel(size); // here: stored
    let pool = Pool {
        jobs,
        queue: Arc::new(Mutex::new(queue)),
        stop: watch::channel(false), // here: field
    };
    pool.jobs.send(2).await.unwrap();
    assert_eq!(pool.queue.lock().await.recv().await, Some(2));
    pool.stop.0.send(true).unwrap();
    assert!(*pool.stop.1.borrow());

    let (lines, stream) = mpsc::channel(4); // here: stream
    lines.send(3).await.unwrap();
    drop(lines);
    assert_eq!(ReceiverStream::new(stream).collect::<Vec<u8>>().await, [3]);

    let (requests, mut served) = mpsc::unbounded_channel(); // here: inside
    let (reply, answer) = oneshot::channel(); // here: sent
    requests.send(reply).unwrap();
    served.recv().await.unwrap().send(4).unwrap();
    assert_eq!(answer.await, Ok::<u8, _>(4));

    let (cast, heard) = broadcast::channel::<u8>(8); // here: cast
    let heard = Box::new(heard);
    drop((cast, heard));
    let (blocking, waits) = std::sync::mpsc::sync_channel(1); // here: std
    blocking.send(1).unwrap();
    assert_eq!(waits.recv(), Ok(1));
    let (_, mine) = channel(1); // here: mine
    assert_eq!(mine, 1);

    let (promise, promised) = oneshot::channel(); // here: returned
    promise.send(5).unwrap();
    (leakguard::dump().to_string(), promised)
}

/// No channel, despite its name.
fn channel(number: u8) -> (u8, u8) {
    (number, number)
}

#[tokio::test]
async fn a_dump_marks_observed_channels() {
    let body = async {
        let (dump, promised) = every_way_out(3).await;
        assert_eq!(promised.await, Ok(5));
        dump
    };
    let dump = leakguard::find(body).await.unwrap();
    let observed = |mark: &str, what: &str| {
        let described = described(&dump, mark);
        let begins = described.starts_with(&format!("observed: {what} created at"));
        assert!(begins, "{described}");
        assert!(described.ends_with("its halves may leave `every_way_out`"), "{described}");
    };
    observed("passed", "mpsc (capacity 2)");
    observed("stored", "mpsc (capacity 3)");
    observed("field", "watch");
    observed("stream", "mpsc (capacity 4)");
    observed("sent", "oneshot");
    observed("cast", "broadcast (capacity 8)");
    observed("returned", "oneshot");
    let inside = described(&dump, "inside");
    assert!(inside.starts_with("unbounded mpsc channel created at"), "{inside}");
    let plain = described(&dump, "std");
    assert!(plain.starts_with("observed: std sync_channel (capacity 1) created at"), "{plain}");
    assert!(plain.ends_with("leakguard has no drop-in type for it"), "{plain}");
    assert!(!dump.contains(&at("mine")), "{dump}");
}

#[tokio::test]
async fn a_dropped_channel_is_not_in_the_dump() {
    #[track]
    fn creates() -> mpsc::Sender<u8> {
        mpsc::channel(9).0 // here: gone
    }
    leakguard::find(async { drop(creates()) }).await.unwrap();
    let dump = leakguard::dump().to_string();
    assert!(!dump.contains(&at("gone")), "{dump}");
}

#[must_terminate(grace = "1ms")]
fn starts(keep: &mut Vec<mpsc::Sender<u8>>) -> tokio::task::JoinHandle<()> {
    let (jobs, mut queue) = mpsc::channel::<u8>(5); // here: guess
    keep.push(jobs);
    tokio::spawn(async move { while queue.recv().await.is_some() {} })
}

#[tokio::test]
async fn a_finding_names_the_likely_channel_as_a_guess() {
    let mut keep = Vec::new();
    let left = leakguard::Scope::new("left").grace(std::time::Duration::ZERO);
    let report = left.find(async { drop(starts(&mut keep)) }).await.unwrap_err();
    let text = report.to_string();
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let guess = format!("channel: perhaps the mpsc (capacity 5) created at {}", at("guess"));
    assert!(joined.contains(&guess), "{text}");
    assert!(joined.contains("; observed only: a plain type in `starts`"), "{text}");
    keep.clear();
}

#[tokio::test]
async fn a_worker_that_ends_is_not_reported() {
    let mut keep = Vec::new();
    let body = async {
        let worker = starts(&mut keep);
        keep.clear();
        worker.await.unwrap();
    };
    leakguard::find(body).await.unwrap();
}
