//! Errors of sends and receives on plain channels are reported in the functions that create the channels. Other results
//! are not, and programs build as without the attribute.

use leakguard::{Code, Report, bounded_channel, must_terminate, track};
use std::cell::Cell;
use tokio::sync::{mpsc, oneshot};

async fn report(future: impl Future<Output = ()>) -> Report {
    leakguard::find(future).await.unwrap_err()
}

async fn silent(future: impl Future<Output = ()>) {
    leakguard::find(future).await.unwrap();
}

/// Asserts that the only finding has that code and count, and names the marked lines.
fn assert_finding(report: &Report, code: Code, count: usize, marks: [&str; 2]) {
    let [finding] = report.findings() else {
        panic!("{report}");
    };
    assert_eq!((finding.code(), finding.count()), (code, count), "{report}");
    let text = report.to_string();
    for mark in marks {
        let lines = include_str!("results.rs").lines();
        let ends = format!("// here: {mark}");
        let line = lines.take_while(|line| !line.ends_with(&ends)).count() + 1;
        let place = format!("tests/macros/results.rs:{line}:");
        assert!(text.contains(&place), "no {mark}, {place} in\n{text}");
    }
}

/// Receives that many messages.
async fn receive(mut queue: mpsc::Receiver<u8>, count: usize) {
    for _ in 0..count {
        queue.recv().await;
    }
}

#[bounded_channel]
async fn send_three(count: usize) {
    let (jobs, queue) = mpsc::channel(1); // here: three
    let worker = tokio::spawn(receive(queue, count));
    for n in 0..3 {
        let _ = jobs.send(n).await; // here: send
        tokio::task::yield_now().await;
    }
    worker.await.unwrap();
}

#[tokio::test]
async fn lost_awaited_send_is_lg005() {
    let found = report(send_three(1)).await;
    assert_finding(&found, Code::LostMessage, 2, ["three", "send"]);
    assert!(found.to_string().contains("keep the receiver of"), "{found}");
    silent(send_three(3)).await;
}

/// Returns the endpoint, or drops it.
fn keep<T>(endpoint: T, keeps: bool) -> Option<T> {
    keeps.then_some(endpoint)
}

#[bounded_channel]
async fn send_at_once(keeps: bool) {
    let (endless, queue) = mpsc::unbounded_channel(); // here: endless
    let kept = keep(queue, keeps);
    let copy = endless.clone();
    let sends = tokio::spawn(async move {
        for n in 0..2 {
            let _ = copy.send(n); // here: at once
        }
    });
    sends.await.unwrap();
    drop((kept, endless));
}

#[tokio::test]
async fn lost_send_that_is_not_awaited_is_lg005() {
    let found = report(send_at_once(false)).await;
    assert_finding(&found, Code::LostMessage, 2, ["endless", "at once"]);
    silent(send_at_once(true)).await;
}

#[bounded_channel]
fn send_std(keeps: bool) {
    let (plain, queue) = std::sync::mpsc::sync_channel(1); // here: std
    let _kept = keep(queue, keeps);
    let _ = plain.send(1); // here: std send
}

#[tokio::test]
async fn lost_std_send_is_lg005() {
    let found = report(async { send_std(false) }).await;
    assert_finding(&found, Code::LostMessage, 1, ["std", "std send"]);
    silent(async { send_std(true) }).await;
}

#[bounded_channel]
async fn answer(keeps: bool) {
    let (answer, answered) = oneshot::channel(); // here: answer
    let kept = keep(answered, keeps);
    let _ = answer.send(1); // here: answered
    drop(kept);
}

#[tokio::test]
async fn send_to_a_dropped_oneshot_receiver_is_lg005() {
    let found = report(answer(false)).await;
    assert_finding(&found, Code::LostMessage, 1, ["answer", "answered"]);
    silent(answer(true)).await;
}

#[bounded_channel]
async fn ask(keeps: bool, lent: bool) {
    let (promise, mut kept) = oneshot::channel(); // here: promise
    if let Some(promise) = keep(promise, keeps) {
        promise.send(1).unwrap();
    }
    if lent {
        let _ = (&mut kept).await; // here: lent
    } else {
        let _ = kept.await; // here: wait
    }
}

#[tokio::test]
async fn dropped_oneshot_sender_is_lg006() {
    // `promise` is bound twice, which does not matter for `kept`.
    let found = report(ask(false, false)).await;
    assert_finding(&found, Code::BrokenPromise, 1, ["promise", "wait"]);
    let found = report(ask(false, true)).await;
    assert_finding(&found, Code::BrokenPromise, 1, ["promise", "lent"]);
    silent(ask(true, false)).await;
    silent(ask(true, true)).await;
}

#[tokio::test]
async fn twins_report_once() {
    #[bounded_channel(wrap = "always")]
    async fn twin() {
        let (sender, receiver) = mpsc::channel(1); // here: twin
        drop(receiver);
        let _ = sender.send(1).await; // here: twin send
    }
    assert_finding(&report(twin()).await, Code::LostMessage, 1, ["twin", "twin send"]);
}

#[tokio::test]
async fn results_without_a_loss_are_not_reported() {
    #[bounded_channel(wrap = "never")]
    async fn healthy() {
        let (full, mut queue) = mpsc::channel(1);
        full.send(1).await.unwrap();
        assert!(full.try_send(2).is_err());
        assert_eq!(queue.recv().await, Some(1));
        drop(full);
        assert_eq!(queue.recv().await, None);
        let (cast, heard) = tokio::sync::broadcast::channel::<u8>(1);
        drop(heard);
        assert!(cast.send(1).is_err());
    }
    silent(healthy()).await;
    #[bounded_channel(wrap = "never")]
    async fn closes() {
        let (late, mut queue) = mpsc::channel(1);
        queue.close();
        let _ = late.send(1).await;
    }
    silent(closes()).await;
}

#[tokio::test]
async fn without_bounded_channel_losses_are_not_reported() {
    #[must_terminate]
    async fn loses() {
        let (jobs, queue) = mpsc::channel(1);
        drop(queue);
        let _ = jobs.send(1).await;
        let (promise, kept) = oneshot::channel::<u8>();
        drop(promise);
        let _ = kept.await;
    }
    #[track]
    async fn tracked() {
        loses().await;
    }
    silent(tracked()).await;
}

#[tokio::test]
async fn bounded_channel_works_above_and_below_must_terminate() {
    #[bounded_channel(wrap = "never")]
    #[must_terminate]
    async fn above() {
        let (jobs, queue) = mpsc::channel(1); // here: above
        drop(queue);
        let _ = jobs.send(1).await; // here: above send
    }
    #[must_terminate]
    #[bounded_channel(wrap = "never")]
    async fn below() {
        let (jobs, queue) = mpsc::channel(1); // here: below
        drop(queue);
        let _ = jobs.send(1).await; // here: below send
    }
    let found = report(above()).await;
    assert_finding(&found, Code::LostMessage, 1, ["above", "above send"]);
    let found = report(below()).await;
    assert_finding(&found, Code::LostMessage, 1, ["below", "below send"]);
}

#[tokio::test]
async fn allow_ignore_and_panic_work_as_for_twins() {
    #[bounded_channel(wrap = "never", allow = "LG005")]
    async fn allowed() {
        let (jobs, queue) = mpsc::channel(1);
        drop(queue);
        let _ = jobs.send(1).await;
    }
    silent(allowed()).await;
    #[bounded_channel(wrap = "never", on_leak = "ignore")]
    async fn ignored() {
        let (jobs, queue) = mpsc::unbounded_channel();
        drop(queue);
        let _ = jobs.send(1);
    }
    silent(ignored()).await;
    #[bounded_channel(wrap = "never", on_leak = "panic")]
    async fn panics() {
        let (promise, kept) = oneshot::channel::<u8>();
        drop(promise);
        let _ = kept.await;
    }
    let panic = tokio::spawn(panics()).await.unwrap_err().into_panic();
    let text = panic.downcast::<String>().unwrap();
    assert!(text.contains("LG006"), "{text}");
}

/// Has the names of tokio's modules, and other types.
mod own {
    pub(super) struct SendError<T>(pub(super) T);
    pub(super) struct Sender;
    impl Sender {
        pub(super) async fn send<T>(&self, message: T) -> Result<(), SendError<T>> {
            Err(SendError(message))
        }
    }
    pub(super) mod mpsc {
        pub(in super::super) fn channel() -> (super::Sender, std::future::Ready<u8>) {
            (super::Sender, std::future::ready(1))
        }
        pub(in super::super) fn unbounded_channel() -> (Vec<u8>, super::Never) {
            (Vec::new(), super::Never)
        }
    }
    pub(super) struct Never;
    pub(super) trait Send {
        fn send(&mut self, message: u8) -> usize;
    }
    impl Send for Vec<u8> {
        fn send(&mut self, message: u8) -> usize {
            self.push(message);
            self.len()
        }
    }
    impl Never {
        pub(super) async fn send(self, _: u8) -> ! {
            std::future::pending().await
        }
    }
}

#[tokio::test]
async fn types_with_the_names_of_tokio_types_are_unchanged() {
    #[bounded_channel]
    async fn mine() {
        use own::Send;
        let (sender, receiver) = own::mpsc::channel();
        let own::SendError(back) = sender.send(1).await.unwrap_err();
        assert_eq!(back, receiver.await);
        let (mut list, never) = own::mpsc::unbounded_channel();
        assert_eq!(list.send(1) + list.send(2), 3);
        if back == 2 {
            let _: u8 = never.send(1).await;
        }
    }
    silent(mine()).await;
}

/// Every type here follows from a later use.
#[bounded_channel(wrap = "never")]
async fn inferred_later<M: From<u8> + 'static>(
    message: Option<M>,
) -> Result<M, Box<dyn std::error::Error>> {
    let (jobs, mut queue) = mpsc::channel(1);
    let sends = async { jobs.send(Default::default()).await };
    let (sent, _) = tokio::join!(sends, async { () });
    sent?;
    let _: Vec<u8> = queue.recv().await.unwrap();
    let (promise, kept) = oneshot::channel();
    let late = async move { kept.await.map_err(|gone| gone.to_string()) };
    let given: Result<(), _> = promise.send(message.unwrap_or_else(|| 7.into()));
    assert!(given.is_ok());
    let (endless, mut taken) = mpsc::unbounded_channel();
    endless.send(late.await?)?;
    Ok(taken.recv().await.unwrap())
}

/// A message that is not `Sync` in a task that is `Send`, with an await inside the call.
#[bounded_channel(wrap = "never")]
async fn moves() {
    let (promise, kept) = oneshot::channel::<Cell<u8>>();
    let (endless, mut queue) = mpsc::unbounded_channel::<Cell<u8>>();
    let (plain, taken) = std::sync::mpsc::channel();
    tokio::spawn(async move {
        let late = || async { Cell::new(1) };
        promise.send(late().await).unwrap();
        endless.send(late().await).unwrap();
        plain.send(late().await).unwrap();
    })
    .await
    .unwrap();
    let all = (kept.await, queue.recv().await, taken.recv());
    assert_eq!(all, (Ok(Cell::new(1)), Some(Cell::new(1)), Ok(Cell::new(1))));
}

/// Closures that must capture no more than before, borrowed endpoints, and sends that are awaited later.
#[bounded_channel(wrap = "never")]
async fn captured(text: &str) -> usize {
    let (endless, mut queue) = mpsc::unbounded_channel();
    let say = |word| endless.send(word);
    say(text).unwrap();
    endless.send("again").unwrap();
    let (promise, kept) = oneshot::channel();
    let once = || promise.send(endless);
    once().unwrap();
    drop(kept.await);
    let (jobs, mut taken) = mpsc::channel(2);
    let lent = &jobs;
    let later = jobs.send(Ok::<u8, std::convert::Infallible>(1));
    let (first, second) = tokio::join!(later, lent.send(Ok(2)));
    first.and(second).unwrap();
    match taken.recv().await {
        Some(Ok(1)) => {}
        _ => unreachable!(),
    }
    let mut words = 0;
    while let Some(word) = queue.recv().await {
        words += word.len();
    }
    words
}

#[tokio::test]
async fn programs_build_as_without_the_attribute() {
    assert_eq!(inferred_later(None::<u8>).await.unwrap(), 7);
    assert_eq!(inferred_later(Some(5u64)).await.unwrap(), 5);
    moves().await;
    assert_eq!(captured("word").await, 9);
}
