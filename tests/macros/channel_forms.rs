//! Odd programs under `#[bounded_channel]`. Each builds and behaves as without the attribute.

use leakguard::bounded_channel;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

struct Two(mpsc::Sender<u8>, mpsc::Receiver<u8>);
const N: usize = 3;

/// Extension methods whose names are those of other kinds of channels.
mod ext {
    use super::*;
    pub trait TrySend<T> {
        fn try_send(&self, t: T) -> Result<(), T>;
    }
    impl<T> TrySend<T> for mpsc::UnboundedSender<T> {
        fn try_send(&self, t: T) -> Result<(), T> {
            self.send(t).map_err(|e| e.0)
        }
    }
    pub trait Len {
        fn len(&self) -> usize;
    }
    impl<T> Len for oneshot::Sender<T> {
        fn len(&self) -> usize {
            7
        }
    }
    impl<T> Len for mpsc::Sender<T> {
        fn len(&self) -> usize {
            self.max_capacity() - self.capacity()
        }
    }
    pub trait Ext {
        fn shout(&self) -> String;
    }
    impl<T> Ext for mpsc::Sender<T> {
        fn shout(&self) -> String {
            format!("{}", self.max_capacity())
        }
    }
    pub trait RecvAll<T> {
        async fn recv_all(&mut self) -> Vec<T>;
    }
    impl<T> RecvAll<T> for mpsc::Receiver<T> {
        async fn recv_all(&mut self) -> Vec<T> {
            let mut v = vec![];
            while let Some(x) = self.recv().await {
                v.push(x)
            }
            v
        }
    }
}
use ext::*;

/// Functions with the names of constructors that create no channel.
fn channel(x: u8) -> u8 {
    x
}
fn bounded<T: Default>() -> T {
    T::default()
}
fn unbounded(x: &mut u8) -> &mut u8 {
    *x += 1;
    x
}
fn rendezvous(f: impl Fn(&str) -> usize) -> impl Fn(&str) -> usize {
    f
}
#[must_use]
fn sync_channel() -> Result<(), String> {
    Ok(())
}
fn takes_u8(x: u8) -> u8 {
    x
}
mod own {
    pub fn channel<T: From<u8>>(x: u8) -> T {
        T::from(x)
    }
    pub async fn bounded(x: u8) -> u8 {
        x
    }
    pub const fn unbounded() -> usize {
        2
    }
    pub fn rendezvous() -> impl FnOnce() -> u8 {
        || 8
    }
}
#[bounded_channel]
async fn own_names() -> Result<String, String> {
    let x = channel(1);
    channel(2);
    let y: u8 = bounded();
    let z = bounded();
    let z2 = takes_u8(z);
    let late;
    late = bounded();
    takes_u8(late);
    let mut m = 1;
    *unbounded(&mut m) += 1;
    let r = &mut *unbounded(&mut m);
    *r += 1;
    let f = rendezvous(|s| s.len())("ab");
    sync_channel()?;
    let k = own::channel(3);
    let k = takes_u8(k);
    let k2: u16 = own::channel(3);
    let b = own::bounded(4).await;
    let a = [0; own::unbounded()];
    const C: usize = own::unbounded();
    let v = own::rendezvous()();
    let d: Box<dyn Fn(&str) -> usize> = Box::new(rendezvous(|s| s.len()));
    Ok(format!("{x} {y} {z2} {m} {f} {k} {k2} {b} {} {C} {v} {}", a.len(), d("x")))
}
struct Dropper;
impl Dropper {
    fn drop(&self, tx: mpsc::Sender<u8>) -> bool {
        tx.is_closed()
    }
}
mod mine {
    pub fn drop(tx: tokio::sync::mpsc::Sender<u8>) -> bool {
        tx.is_closed()
    }
}
#[bounded_channel]
async fn ext_methods() -> String {
    let (tx, mut rx) = mpsc::unbounded_channel();
    tx.try_send(1).unwrap();
    let (a, _b) = oneshot::channel::<u8>();
    let n = a.len();
    let (c, mut d) = mpsc::channel(4);
    c.send(1).await.unwrap();
    let l = c.len();
    let s = c.shout();
    drop(c);
    let v: Vec<u8> = d.recv_all().await;
    format!("{:?} {n} {l} {s} {v:?}", rx.recv().await)
}
#[bounded_channel]
async fn shadowed() -> String {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    let tx = String::from("no longer");
    let rx2 = rx.recv().await;
    let rx = tx.len();
    format!("{tx} {rx2:?} {rx}")
}
#[bounded_channel]
async fn select_join() -> String {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    let (stop, mut stopped) = oneshot::channel::<()>();
    let (cast, mut heard) = broadcast::channel::<u8>(2);
    let mut log = vec![];
    cast.send(9).unwrap();
    tx.send(1).await.unwrap();
    for _ in 0..2 {
        tokio::select! { biased;
            Some(x) = rx.recv() => log.push(x),
            Ok(y) = heard.recv() => log.push(y),
            _ = &mut stopped => break,
        }
    }
    let (a, b) = tokio::join!(tx.send(3), async { rx.recv().await });
    drop(stop);
    format!("{log:?} {a:?} {b:?}")
}
#[bounded_channel]
async fn permits() -> String {
    let (tx, mut rx) = mpsc::channel::<u8>(2);
    let p = tx.reserve().await.unwrap();
    p.send(1);
    let (tx2, mut rx2) = mpsc::channel::<u8>(2);
    let owned: mpsc::OwnedPermit<u8> = tx2.reserve_owned().await.unwrap();
    let tx2: mpsc::Sender<u8> = owned.send(2);
    let (tx3, rx3) = mpsc::channel::<u8>(1);
    let weak: mpsc::WeakSender<u8> = tx3.downgrade();
    let same = tx3.same_channel(&weak.upgrade().unwrap());
    drop((tx2, rx3));
    format!("{:?} {:?} {same}", rx.recv().await, rx2.recv().await)
}
#[bounded_channel]
async fn patterns() -> String {
    let (tx, _) = mpsc::channel::<u8>(1);
    let gone = tx.send(1).await.is_err();
    let (ref a, ref mut b) = mpsc::channel::<u8>(1);
    a.send(2).await.unwrap();
    let got = b.recv().await;
    let Two(c, mut d) = match mpsc::channel(1) {
        (x, y) => Two(x, y),
    };
    c.send(3).await.unwrap();
    let (_, rx) = oneshot::channel::<u8>();
    let e = rx.await.is_err();
    let _ = mpsc::channel::<u8>(1);
    let (.., f) = watch::channel(3);
    format!("{gone} {got:?} {:?} {e} {}", d.recv().await, *f.borrow())
}
#[bounded_channel]
async fn inferred_late() -> String {
    let (tx, mut rx) = mpsc::channel(1);
    let (a, b) = oneshot::channel();
    let (w, r) = watch::channel(None);
    let f = async { rx.recv().await };
    tx.send((a, w)).await.unwrap();
    let (a, w) = f.await.unwrap();
    w.send(Some(1u8)).unwrap();
    let s = format!("{:?}", *r.borrow());
    a.send(2u16).unwrap();
    format!("{s} {:?}", b.await)
}
#[bounded_channel]
async fn fn_pointers() -> String {
    let (tx, mut rx) = mpsc::channel::<Box<dyn Fn(&str) -> usize + Send>>(2);
    tx.send(Box::new(|s| s.len())).await.unwrap();
    tx.send(Box::new(|s| s.len() + 1)).await.unwrap();
    let f = rx.recv().await.unwrap();
    format!("{} {}", f("abc"), rx.recv().await.unwrap()("abc"))
}
#[bounded_channel]
async fn loops() -> String {
    let (tx, mut rx) = loop {
        break mpsc::channel(1);
    };
    tx.send(1u8).await.unwrap();
    let (a, b) = 'l: {
        if tx.is_closed() {
            break 'l oneshot::channel::<u8>();
        }
        oneshot::channel()
    };
    a.send(2).unwrap();
    let (c, d) =
        if rx.is_closed() { std::sync::mpsc::channel() } else { std::sync::mpsc::channel::<u8>() };
    c.send(1).unwrap();
    let mut all: Vec<_> = (0..3).map(|_| mpsc::channel::<u8>(1)).collect();
    let arr: [_; 2] = std::array::from_fn(|i| mpsc::channel::<u8>(i + 1));
    all[0].0.send(1).await.unwrap();
    let x = all[0].1.recv().await;
    format!("{:?} {:?} {:?} {x:?} {}", rx.recv().await, b.await, d.recv(), arr[1].0.max_capacity())
}
#[bounded_channel]
async fn async_closures() -> String {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    let send = async |x: u8| tx.send(x).await.is_ok();
    let ok = send(1).await;
    let make = async || {
        let (a, b) = oneshot::channel();
        a.send(1u8).unwrap();
        b.await
    };
    format!("{ok} {:?} {:?}", rx.recv().await, make().await)
}
#[bounded_channel]
async fn own_drop() -> String {
    let (tx, rx) = mpsc::channel(1);
    let a = Dropper.drop(tx);
    let (tx2, rx2) = mpsc::channel(1);
    let b = mine::drop(tx2);
    let (tx3, rx3) = mpsc::channel::<u8>(1);
    std::mem::drop(tx3);
    let c = rx3.is_closed();
    drop((rx, rx2));
    format!("{a} {b} {c}")
}
#[bounded_channel]
async fn drop_order() -> String {
    use std::cell::RefCell;
    thread_local!(static LOG: RefCell<Vec<&'static str>> = const { RefCell::new(vec![]) });
    struct D(&'static str);
    impl Drop for D {
        fn drop(&mut self) {
            LOG.with_borrow_mut(|l| l.push(self.0))
        }
    }
    {
        let _a = D("a");
        let (tx, rx) = mpsc::channel(1);
        let _b = D("b");
        assert!(tx.try_send(D("m")).is_ok());
        let _c = (
            D("c"),
            mpsc::channel::<u8>({
                let _t = D("t");
                1
            }),
        );
        drop(tx);
        rx.is_closed();
    }
    LOG.with_borrow(|l| l.join(""))
}
#[bounded_channel]
async fn static_temp() -> String {
    let tx = &mpsc::channel::<u8>(N).0;
    let n = tx.max_capacity();
    let rx = &mut mpsc::channel::<u8>(2).1;
    let e = rx.try_recv();
    let v = oneshot::channel::<u8>().1.try_recv().is_err();
    mpsc::channel::<u8>(1).0.try_send(1).unwrap();
    watch::channel(1).0.send_replace(2);
    assert!(mpsc::channel::<u8>(1).0.is_closed() || true, "{}", channel(1));
    let t = tokio::join!(async { mpsc::channel::<u8>(1).1.try_recv() }, async { 1 });
    let u = vec![oneshot::channel::<u8>(), oneshot::channel()];
    format!("{n} {e:?} {v} {t:?} {}", u.len())
}
#[bounded_channel]
async fn unwind() -> String {
    let (tx, rx) = mpsc::channel::<u8>(1);
    let r = std::panic::catch_unwind(|| tx.try_send(1).is_ok());
    let (a, mut b) = mpsc::unbounded_channel::<u8>();
    let s = std::panic::catch_unwind(move || a.send(1).is_ok());
    drop(rx);
    fn is_send<T: Send>(t: T) -> T {
        t
    }
    fn is_unpin<T: Unpin>(t: T) -> T {
        t
    }
    let (c, d) = oneshot::channel::<u8>();
    let t = is_send(async move { d.await });
    let mut boxed = Box::pin(b.recv());
    let first = is_unpin(&mut boxed).await;
    c.send(1).unwrap();
    format!("{r:?} {s:?} {first:?} {:?}", t.await)
}
#[bounded_channel]
async fn subscribe() -> String {
    let (tx, mut rx) = broadcast::channel(4);
    let mut rx2 = tx.subscribe();
    let tx2 = tx.clone();
    let again = rx.resubscribe();
    tx2.send(1u8).unwrap();
    format!("{:?} {:?} {} {}", rx.recv().await, rx2.recv().await, again.len(), tx.receiver_count())
}
#[bounded_channel]
async fn let_else() -> String {
    let ((tx, mut rx), 1) = (mpsc::channel(1), 1) else {
        return String::new();
    };
    tx.send(1).await.unwrap();
    let Some((a, b)) = Some(oneshot::channel()) else {
        return String::new();
    };
    a.send(2).unwrap();
    if let (x, Some(y)) = (watch::channel(1), Some(1)) {
        drop(x);
        assert_eq!(y, 1);
    }
    while let (tx, true) = (mpsc::channel::<u8>(1).0, false) {
        drop(tx);
    }
    format!("{:?} {:?}", rx.recv().await, b.await)
}
#[bounded_channel]
async fn closed() -> String {
    let (tx, rx) = mpsc::channel::<u8>(1);
    let c = tx.closed();
    tokio::pin!(c);
    drop(rx);
    c.await;
    let (mut a, b) = oneshot::channel::<u8>();
    drop(b);
    a.closed().await;
    let (w, r) = watch::channel(1);
    drop(r);
    w.closed().await;
    let (x, y) = mpsc::unbounded_channel::<u8>();
    drop(y);
    x.closed().await;
    format!("{} {} {:?}", tx.is_closed(), a.is_closed(), x.send(1))
}

macro_rules! results {
    ($($name:ident: $expected:expr;)*) => {$(
        mod $name {
            #[tokio::test]
            async fn are_as_without_the_attribute() {
                assert_eq!(super::$name().await, $expected);
            }
        }
    )*};
}

results! {
    own_names: Ok("1 0 0 5 2 3 3 4 2 2 8 1".to_owned());
    ext_methods: r#"Some(1) 7 1 4 [1]"#;
    shadowed: r#"no longer Some(1) 9"#;
    select_join: r#"[1, 9] Ok(()) Some(3)"#;
    permits: r#"Some(1) Some(2) true"#;
    patterns: r#"true Some(2) Some(3) true 3"#;
    inferred_late: r#"Some(1) Ok(2)"#;
    fn_pointers: r#"3 4"#;
    loops: r#"Some(1) Ok(2) Ok(1) Some(1) 2"#;
    async_closures: r#"true Some(1) Ok(1)"#;
    own_drop: r#"false false true"#;
    drop_order: r#"tcbma"#;
    static_temp: r#"3 Err(Empty) true (Err(Empty), 1) 2"#;
    unwind: r#"Ok(true) Ok(true) Some(1) Ok(1)"#;
    subscribe: r#"Ok(1) Ok(1) 1 3"#;
    let_else: r#"Some(1) Ok(2)"#;
    closed: r#"true true Err(SendError { .. })"#;
}
