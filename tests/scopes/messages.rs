//! What is reported about the channels of `#[bounded_channel]` functions and about tokens. Each test plants a fault and
//! expects a finding, then mends it and expects none. Code without the attribute is not reported.

use crate::support::{codes, found, line};
use leakguard::sync::CancellationToken;
use leakguard::{Code, Finding, Report, bounded_channel, must_terminate, track};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::yield_now;
use tokio::time::sleep;

async fn report(future: impl Future<Output = ()>) -> Report {
    leakguard::find(future).await.unwrap_err()
}

fn here(mark: &str) -> String {
    format!("tests/scopes/messages.rs:{}:", line(include_str!("messages.rs"), mark))
}

fn assert_names(report: &Report, marks: &[&str]) {
    let text = report.to_string();
    for mark in marks {
        let place = here(mark);
        assert!(text.contains(&place), "no {mark}, {place} in\n{text}");
    }
}

fn is_at(finding: &Finding, mark: &str) -> bool {
    let at = finding.wait_place().unwrap();
    here(mark) == format!("{}:{}:", at.file(), at.line())
}

#[bounded_channel]
async fn send_three(receives: usize) {
    let (sender, mut receiver) = mpsc::channel(1); // here: three
    let sends = tokio::spawn(async move {
        for n in 0..3 {
            let _ = sender.send(n).await; // here: send
        }
    });
    for _ in 0..receives {
        receiver.recv().await; // here: receive
    }
    drop(receiver);
    sends.await.unwrap();
}

#[tokio::test]
async fn lg005_receiver_dropped_before_all_sends() {
    let report = report(send_three(1)).await;
    assert_eq!(codes(&report), [Code::LostMessage], "{report}");
    let finding = &report.findings()[0];
    assert_eq!(finding.count(), 2, "{report}");
    assert!(is_at(finding, "send"), "{report}");
    assert_eq!(finding.site().function(), "send_three");
    assert_names(&report, &["three", "send", "receive"]);
    let text = report.to_string();
    assert!(text.contains("lost[LG005]: 2 messages were lost"), "{text}");
    assert!(text.contains("1 finding in `send_three`"), "{text}");
    assert_eq!(found(send_three(3)).await, []);
}

#[tokio::test]
async fn lg005_messages_left_in_the_queue() {
    #[bounded_channel]
    async fn leave(receives: usize) {
        let (quick, mut queue) = mpsc::unbounded_channel();
        quick.send(1).unwrap(); // here: quick
        quick.send(2).unwrap(); // here: quick too
        for _ in 0..receives {
            queue.recv().await;
        }
    }
    let left = report(leave(1)).await;
    assert_eq!(codes(&left), [Code::LostMessage], "{left}");
    assert!(is_at(&left.findings()[0], "quick too"), "{left}");
    let all = report(leave(0)).await;
    assert_eq!(all.findings()[0].count(), 2);
    assert_names(&all, &["quick", "quick too"]);
    assert_eq!(found(leave(2)).await, []);
}

#[tokio::test]
async fn lg005_receiver_dropped_by_its_caller() {
    #[bounded_channel]
    async fn search(patient: bool) {
        let (reply, mut replies) = oneshot::channel();
        let task = tokio::spawn(async move {
            yield_now().await;
            let _ = reply.send(1); // here: reply
        });
        if patient {
            replies.await.unwrap();
        } else {
            let _ = replies.try_recv();
            drop(replies);
        }
        task.await.unwrap();
    }
    let report = report(search(false)).await;
    assert_eq!(codes(&report), [Code::LostMessage], "{report}");
    assert!(is_at(&report.findings()[0], "reply"), "{report}");
    assert_eq!(found(search(true)).await, []);
}

#[tokio::test]
async fn orderly_shutdown_loses_no_message() {
    #[bounded_channel]
    async fn closes() {
        let (sender, mut receiver) = mpsc::channel(2);
        sender.send(1).await.unwrap();
        receiver.close();
        while receiver.recv().await.is_some() {}
        assert!(sender.send(2).await.is_err());
        let (full, _queue) = mpsc::channel::<u8>(1);
        let reserved = full.clone().reserve_owned().await.unwrap();
        assert!(full.try_send(1).is_err());
        drop(reserved);
        let (state, seen) = watch::channel(0);
        drop(seen);
        assert!(state.send(1).is_err());
        let (news, listener) = leakguard::sync::broadcast::channel(1);
        news.send(1).unwrap();
        drop(listener);
        assert!(news.send(2).is_err());
        let (sender, mut stream) = mpsc::channel::<u8>(1);
        tokio::spawn(async move {
            yield_now().await;
            drop(sender);
        });
        assert_eq!(stream.recv().await, None);
    }
    assert_eq!(found(closes()).await, []);
}

#[tokio::test]
async fn lost_message_without_the_attribute_is_not_reported() {
    #[must_terminate]
    async fn loses() {
        let (sender, receiver) = leakguard::sync::mpsc::channel(1);
        drop(receiver);
        let _ = sender.send(1).await;
        let (promise, reply) = leakguard::sync::oneshot::channel::<u8>();
        drop(promise);
        let _ = reply.await;
    }
    #[track]
    async fn tracked() {
        loses().await;
    }
    assert_eq!(found(tracked()).await, []);
}

#[tokio::test]
async fn channel_that_leaves_its_function_is_watched() {
    #[bounded_channel]
    fn open() -> (leakguard::sync::mpsc::Sender<u8>, leakguard::sync::mpsc::Receiver<u8>) {
        leakguard::sync::mpsc::channel(1) // here: open
    }
    let body = async {
        let (sender, receiver) = open();
        drop(receiver);
        let _ = sender.send(1).await; // here: outside
    };
    let report = report(body).await;
    assert_eq!(codes(&report), [Code::LostMessage], "{report}");
    assert_names(&report, &["open", "outside"]);
}

#[bounded_channel]
async fn promise(keeps: bool) {
    let (sender, receiver) = oneshot::channel(); // here: promise
    tokio::spawn(async move {
        yield_now().await;
        if keeps {
            sender.send(1).unwrap();
        }
    });
    let _ = receiver.await; // here: wait
}

#[tokio::test]
async fn lg006_oneshot_sender_dropped_unused() {
    let report = report(promise(false)).await;
    assert_eq!(codes(&report), [Code::BrokenPromise], "{report}");
    assert!(is_at(&report.findings()[0], "wait"), "{report}");
    assert_names(&report, &["promise", "wait"]);
    let text = report.to_string();
    assert!(text.contains("sender dropped by task"), "{text}");
    assert_eq!(found(promise(true)).await, []);
}

#[tokio::test]
async fn lg006_watch_sender_dropped_unused() {
    #[bounded_channel]
    async fn wait(sends: bool) {
        let (state, mut seen) = watch::channel(0);
        tokio::spawn(async move {
            yield_now().await;
            if sends {
                state.send_replace(1);
            }
        });
        let _ = seen.wait_for(|n| *n == 1).await; // here: wait for
    }
    let report = report(wait(false)).await;
    assert_eq!(codes(&report), [Code::BrokenPromise], "{report}");
    assert!(is_at(&report.findings()[0], "wait for"), "{report}");
    assert_eq!(found(wait(true)).await, []);
}

#[tokio::test]
async fn lg010_is_reported_once_per_channel_with_its_lines() {
    #[bounded_channel(capacity = 2)]
    async fn fill(messages: usize) {
        for _ in 0..2 {
            let (sender, mut receiver) = mpsc::unbounded_channel(); // here: unbounded
            sender.send(0).unwrap(); // here: first
            for n in 1..messages {
                sender.send(n).unwrap(); // here: fills
            }
            drop(sender);
            while receiver.recv().await.is_some() {}
        }
    }
    let report = report(fill(6)).await;
    assert_eq!(codes(&report), [Code::OverBound], "{report}");
    assert_eq!(report.findings()[0].count(), 2, "{report}");
    assert!(is_at(&report.findings()[0], "fills"), "{report}");
    assert_names(&report, &["unbounded", "first", "fills"]);
    let text = report.to_string();
    assert!(text.contains("mpsc::channel(2)"), "{text}");
    assert_eq!(found(fill(2)).await, []);
}

macro_rules! allows {
    ($($name:ident: $allow:literal => $expected:expr,)*) => {$(
        #[tokio::test]
        async fn $name() {
            #[bounded_channel(allow = $allow)]
            async fn lose() {
                let (sender, receiver) = mpsc::channel(1);
                drop(receiver);
                let _ = sender.send(1).await;
            }
            assert_eq!(found(lose()).await, $expected);
        }
    )*};
}

allows! {
    allow_by_code: "LG005" => [],
    allow_by_function: "messages::lose" => [],
    allow_something_else: "LG006, other::lose, messages.rs:1" => [Code::LostMessage],
}

#[tokio::test]
async fn ignored_and_allowed_codes_are_not_reported() {
    #[bounded_channel(on_leak = "ignore")]
    async fn ignored() {
        let (sender, receiver) = mpsc::channel(1);
        drop(receiver);
        let _ = sender.send(1).await;
    }
    assert_eq!(found(ignored()).await, []);
    #[must_terminate(allow = "LG005")]
    async fn allowed() {
        send_three(0).await;
    }
    assert_eq!(found(allowed()).await, []);
}

/// Outside of every scope the failing call panics. A loss that only a destructor detects cannot panic.
#[tokio::test]
async fn panic_action_panics_in_send_and_receive() {
    #[bounded_channel(on_leak = "panic")]
    async fn lose() {
        let (sender, receiver) = mpsc::channel(1);
        drop(receiver);
        let _ = sender.send(1).await; // here: panics
    }
    #[bounded_channel(on_leak = "panic")]
    async fn wait() {
        let (sender, receiver) = oneshot::channel::<u8>();
        drop(sender);
        let _ = receiver.await;
    }
    #[bounded_channel(on_leak = "panic")]
    async fn leave() {
        let (sender, _receiver) = mpsc::channel(1);
        sender.send(1).await.unwrap();
    }
    let text = |panic: tokio::task::JoinError| *panic.into_panic().downcast::<String>().unwrap();
    let lost = text(tokio::spawn(lose()).await.unwrap_err());
    assert!(lost.contains("LG005") && lost.contains(&here("panics")), "{lost}");
    let broken = text(tokio::spawn(wait()).await.unwrap_err());
    assert!(broken.contains("LG006"), "{broken}");
    tokio::spawn(leave()).await.unwrap();
    assert_eq!(found(lose()).await, [Code::LostMessage]);
}

/// Each scope reports the channels that were created in it.
#[tokio::test]
async fn each_scope_reports_its_own_channels() {
    let (one, other) = tokio::join!(found(send_three(0)), found(send_three(3)));
    assert_eq!((one, other), (vec![Code::LostMessage], vec![]));
}

/// What a task does with its token.
#[derive(Clone, Copy)]
enum Does {
    Ignores,
    Uses,
    Stops,
    WaitsForAnother,
}

#[track]
async fn serve(does: Does) {
    let stop = CancellationToken::new(); // here: token
    let other = CancellationToken::new();
    for _ in 0..2 {
        let token = stop.child_token(); // here: handle
        let other = other.clone();
        // here: task
        tokio::spawn(async move {
            match does {
                Does::Ignores => sleep(Duration::from_secs(9)).await, // here: sleeps
                Does::Uses => {
                    assert!(!token.is_cancelled()); // here: use
                    sleep(Duration::from_secs(9)).await;
                }
                Does::Stops => tokio::select! {
                    () = token.cancelled() => {}
                    () = sleep(Duration::from_secs(9)) => {}
                },
                Does::WaitsForAnother => other.cancelled().await,
            }
            drop(token);
        });
    }
    yield_now().await;
    stop.cancel(); // here: cancel
    std::mem::forget(other);
}

#[tokio::test]
async fn lg012_task_never_checks_its_cancelled_token() {
    let ignored = report(serve(Does::Ignores)).await;
    assert_eq!(codes(&ignored), [Code::IgnoredCancellation], "{ignored}");
    assert_eq!(ignored.findings()[0].count(), 2);
    assert_names(&ignored, &["token", "handle", "cancel", "sleeps"]);
    let text = ignored.to_string();
    assert!(text.contains("probably"), "{text}");
    assert!(text.contains("tokio::select!"), "{text}");
    assert_eq!(found(serve(Does::Stops)).await, []);
}

#[tokio::test]
async fn lg012_is_certain_once_the_task_used_its_token() {
    let used = report(serve(Does::Uses)).await;
    assert_eq!(codes(&used), [Code::IgnoredCancellation], "{used}");
    assert_names(&used, &["token", "use", "cancel"]);
    let text = used.to_string();
    assert!(text.contains("although their token was cancelled"), "{text}");
}

#[tokio::test]
async fn lg012_is_not_reported_for_another_token_or_none() {
    let other = found(serve(Does::WaitsForAnother)).await;
    assert_eq!(other, [Code::LeakedTask]);
    #[track]
    async fn beside() {
        let stop = CancellationToken::new();
        let token = stop.clone();
        tokio::spawn(async move { token.cancelled().await });
        tokio::spawn(sleep(Duration::from_secs(9)));
        yield_now().await;
        stop.cancel();
    }
    assert_eq!(found(beside()).await, [Code::LeakedTask]);
}
