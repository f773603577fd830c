//! tokio's channels and locks.

use std::sync::Arc;

use tokio::sync::{
    Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, broadcast, mpsc, oneshot, watch,
};

use super::{Class, await_below, look};

async fn receive(rx: &mut mpsc::Receiver<u8>) -> Option<u8> {
    await_below();
    rx.recv().await
}

#[tokio::test]
async fn mpsc_receive() {
    let (tx, mut rx) = mpsc::channel(1);
    let polled = look(receive(&mut rx)).await;
    polled.waits(&["mpsc receive"]);
    polled.is_of(Class::Channel);
    tx.try_send(1).unwrap();
    look(receive(&mut rx)).await.is_silent();
}

#[tokio::test]
async fn mpsc_send() {
    let (tx, mut rx) = mpsc::channel(1);
    let send = async |value: u8| {
        await_below();
        tx.send(value).await
    };
    look(send(1)).await.is_silent();
    look(send(2)).await.waits(&["mpsc send"]);
    rx.recv().await.unwrap();
    look(send(2)).await.is_silent();
}

#[tokio::test]
async fn mpsc_reserve() {
    let (tx, _rx) = mpsc::channel::<u8>(1);
    let _permit = tx.reserve().await.unwrap();
    let polled = look(async {
        await_below();
        tx.reserve().await.is_ok()
    });
    polled.await.waits(&["mpsc send"]);
}

#[tokio::test]
async fn mpsc_closed() {
    let (tx, _rx) = mpsc::channel::<u8>(1);
    let polled = look(async {
        await_below();
        tx.closed().await;
    });
    polled.await.waits(&["mpsc closed"]);
}

#[tokio::test]
async fn unbounded_receive() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let mut receive = async || {
        await_below();
        rx.recv().await
    };
    look(receive()).await.waits(&["mpsc receive"]);
    tx.send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn oneshot_receive() {
    let (tx, mut rx) = oneshot::channel();
    let mut receive = async || {
        await_below();
        (&mut rx).await
    };
    look(receive()).await.waits(&["oneshot receive"]);
    tx.send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn oneshot_closed() {
    let (mut tx, _rx) = oneshot::channel::<u8>();
    let polled = look(async {
        await_below();
        tx.closed().await;
    });
    polled.await.waits(&["oneshot closed"]);
}

#[tokio::test]
async fn broadcast_receive() {
    let (tx, mut rx) = broadcast::channel(1);
    let mut receive = async || {
        await_below();
        rx.recv().await
    };
    look(receive()).await.waits(&["broadcast receive"]);
    tx.send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn watch_change() {
    let (tx, mut rx) = watch::channel(0_u8);
    let mut change = async || {
        await_below();
        rx.changed().await
    };
    look(change()).await.waits(&["watch change"]);
    tx.send(1).unwrap();
    look(change()).await.is_silent();
}

#[tokio::test]
async fn mutex_lock() {
    let mutex = Mutex::new(0_u8);
    let lock = async || {
        await_below();
        *mutex.lock().await
    };
    look(lock()).await.is_silent();
    let _held = mutex.lock().await;
    let polled = look(lock()).await;
    polled.waits(&["mutex lock"]);
    polled.is_of(Class::Lock);
}

#[tokio::test]
async fn owned_mutex_lock() {
    let mutex = Arc::new(Mutex::new(0_u8));
    let _held = mutex.lock().await;
    let polled = look(async {
        await_below();
        *mutex.clone().lock_owned().await
    });
    polled.await.waits(&["mutex lock"]);
}

#[tokio::test]
async fn rwlock_read() {
    let lock = RwLock::new(0_u8);
    let read = async || {
        await_below();
        *lock.read().await
    };
    look(read()).await.is_silent();
    let _held = lock.write().await;
    look(read()).await.waits(&["rwlock read|rwlock"]);
}

#[tokio::test]
async fn rwlock_write() {
    let lock = RwLock::new(0_u8);
    let write = async || {
        await_below();
        *lock.write().await = 1;
    };
    look(write()).await.is_silent();
    let _held = lock.read().await;
    look(write()).await.waits(&["rwlock write|rwlock"]);
}

#[tokio::test]
async fn semaphore_acquire() {
    let semaphore = Semaphore::new(1);
    let acquire = async || {
        await_below();
        semaphore.acquire().await.is_ok()
    };
    look(acquire()).await.is_silent();
    let _held = semaphore.acquire().await;
    look(acquire()).await.waits(&["semaphore acquire"]);
}

#[tokio::test]
async fn notified() {
    let notify = Notify::new();
    let wait = async || {
        await_below();
        notify.notified().await;
    };
    look(wait()).await.waits(&["notified"]);
    notify.notify_one();
    look(wait()).await.is_silent();
}

#[tokio::test]
async fn barrier() {
    let wait = async |parties: usize| {
        let barrier = Barrier::new(parties);
        await_below();
        barrier.wait().await;
    };
    look(wait(2)).await.waits(&["barrier"]);
    look(wait(1)).await.is_silent();
}

#[tokio::test]
async fn once_cell() {
    let cell = OnceCell::new();
    let get = async || {
        await_below();
        *cell.get_or_init(async || 1_u8).await
    };
    let mut first = Box::pin(cell.get_or_init(std::future::pending));
    look(first.as_mut()).await;
    look(get()).await.waits(&["once cell"]);
    drop(first);
    look(get()).await.is_silent();
}
