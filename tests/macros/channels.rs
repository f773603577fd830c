//! Which channels become twins under `#[bounded_channel]`, and that nothing else changes.

use leakguard::bounded_channel;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// The crate of a type. The type of a future that a method of an endpoint returns shows the crate of the endpoint, which
/// stays inside the function for that.
fn crate_of<T>(_: &T) -> &'static str {
    std::any::type_name::<T>().split("::").next().unwrap()
}

#[bounded_channel]
async fn stays() -> Vec<u8> {
    let (tx, mut rx) = mpsc::channel(2);
    let other = tx.clone();
    let (done, is_done) = oneshot::channel::<()>();
    let (set, mut seen) = watch::channel(0_u8);
    let (quick, mut queue) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        tx.send(1).await.unwrap();
        quick.send(3).unwrap();
        set.send(4).unwrap();
        drop(tx);
        done.send(()).unwrap();
    });
    tokio::spawn(async move { other.send(2).await });
    is_done.await.unwrap();
    seen.changed().await.unwrap();
    let mut all = vec![queue.recv().await.unwrap(), *seen.borrow()];
    loop {
        tokio::select! {
            next = rx.recv() => match next {
                Some(next) => all.push(next),
                None => break,
            },
        }
    }
    all.sort();
    all
}

#[tokio::test]
async fn endpoints_that_stay_inside_work_as_before() {
    assert_eq!(stays().await, [1, 2, 3, 4]);
}

/// Parameters of every kind of type are noted.
#[leakguard::track]
async fn takes_all<'a, T: Send, const N: usize>(
    value: T,
    mut sender: leakguard::sync::mpsc::Sender<T>,
    text: &'a str,
    unsync: std::cell::Cell<u8>,
    (left, right): (u8, u8),
    r#type: [u8; N],
    done: impl FnOnce(&'a str) -> u8,
    boxed: Box<dyn Fn() -> u8 + Send>,
    _: std::rc::Rc<u8>,
) -> u8 {
    let sum = left + right + unsync.get() + r#type[0] + done(text) + boxed();
    sender = sender.clone();
    sender.send(value).await.unwrap();
    sum
}

#[tokio::test]
async fn parameters_of_all_types_are_accepted() {
    let (sender, mut receiver) = leakguard::sync::mpsc::channel(1);
    let (cell, count) = (std::cell::Cell::new(4), |text: &str| text.len() as u8);
    let boxed = Box::new(|| 6);
    let sum =
        takes_all("x", sender, "five5", cell, (1, 2), [3; 2], count, boxed, std::rc::Rc::new(0));
    assert_eq!(sum.await, 1 + 2 + 4 + 3 + 5 + 6);
    assert_eq!(receiver.recv().await, Some("x"));
}

#[tokio::test]
async fn endpoints_that_stay_inside_are_in_the_dump() {
    #[bounded_channel]
    async fn dumped() -> String {
        let (tx, mut rx) = mpsc::channel::<u8>(7);
        tx.send(1).await.unwrap();
        let dump = leakguard::dump().to_string();
        rx.recv().await;
        dump
    }
    let dump = dumped().await;
    let shown = "mpsc channel, capacity 7 created at tests/macros/channels.rs:";
    assert!(dump.contains(shown), "{dump}");
    assert!(dump.contains("1 queued"), "{dump}");
}

fn takes(tx: mpsc::Sender<u8>) -> mpsc::Sender<u8> {
    tx
}

struct Holds {
    rx: mpsc::Receiver<u8>,
}

/// Each pair has one endpoint that leaves, so the types stay tokio's.
#[bounded_channel]
async fn leaves() -> (Holds, oneshot::Receiver<u8>) {
    let (tx, rx) = mpsc::channel(1);
    takes(tx).send(1).await.unwrap();
    let holds = Holds { rx };
    let (reply, response) = oneshot::channel();
    reply.send(2).unwrap();
    let (tx, mut stream): (mpsc::Sender<u8>, _) = mpsc::channel(1);
    takes(tx.clone()).send(3).await.unwrap();
    assert_eq!(stream.recv().await, Some(3));
    let (cast, _) = broadcast::channel::<u8>(1);
    let _ = cast.send(1);
    let (blocking, waits) = std::sync::mpsc::channel();
    blocking.send(1).unwrap();
    assert_eq!(waits.recv(), Ok(1));
    let (mut tx, mut rx) = mpsc::channel::<u8>(1);
    std::mem::swap(&mut tx, &mut mpsc::channel(1).0);
    assert_eq!(rx.recv().await, None);
    (holds, response)
}

#[tokio::test]
async fn endpoints_that_leave_keep_their_types() {
    let (mut holds, response) = leaves().await;
    assert_eq!(holds.rx.recv().await, Some(1));
    assert_eq!(response.await, Ok(2));
}

#[tokio::test]
async fn twins_replace_the_channels_that_the_attribute_asks_for() {
    #[bounded_channel]
    fn auto() -> &'static str {
        let (mut tx, _rx) = oneshot::channel::<u8>();
        crate_of(&tx.closed())
    }
    #[bounded_channel(wrap = "never")]
    fn never() -> &'static str {
        let (mut tx, _rx) = oneshot::channel::<u8>();
        crate_of(&tx.closed())
    }
    #[bounded_channel(wrap = "always")]
    fn always() -> &'static str {
        let (tx, _rx) = oneshot::channel::<u8>();
        crate_of(&tx)
    }
    #[bounded_channel]
    fn shown() -> &'static str {
        let (tx, _rx) = oneshot::channel::<u8>();
        crate_of(&tx)
    }
    #[leakguard::must_terminate]
    #[bounded_channel]
    fn below() -> &'static str {
        let (mut tx, _rx) = oneshot::channel::<u8>();
        crate_of(&tx.closed())
    }
    #[bounded_channel]
    #[leakguard::must_terminate]
    fn above() -> &'static str {
        let (mut tx, _rx) = oneshot::channel::<u8>();
        crate_of(&tx.closed())
    }
    assert_eq!(
        [auto(), never(), always(), shown(), below(), above()],
        ["leakguard", "tokio", "leakguard", "tokio", "leakguard", "leakguard"]
    );
}

/// The expected type of a channel reaches its constructor, wherever that is.
#[bounded_channel]
fn expected() -> (watch::Sender<Box<dyn Fn() -> u8 + Send>>, Callbacks) {
    let both: Callbacks = (Some(watch::channel(Box::new(|| 1))), 2);
    assert_eq!(both.1, 2);
    (watch::channel::<Box<dyn Fn() -> u8 + Send>>(Box::new(|| 3)).0, (None, 4))
}

type Callback = Box<dyn Fn() -> u8 + Send>;
type Callbacks = (Option<(watch::Sender<Callback>, watch::Receiver<Callback>)>, u8);

#[bounded_channel]
fn returned() -> (watch::Sender<Callback>, watch::Receiver<Callback>) {
    watch::channel(Box::new(|| 5))
}

#[test]
fn constructors_get_the_expected_type() {
    assert_eq!(expected().0.borrow()(), 3);
    assert_eq!(returned().1.borrow()(), 5);
}
