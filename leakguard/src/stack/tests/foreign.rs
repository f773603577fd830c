//! Channels and combinators that are not tokio's.

use std::future::pending;

use futures::channel::{mpsc, oneshot};
use futures::stream::FuturesUnordered;
use futures::{SinkExt, StreamExt};

use super::{Class, await_below, look};

#[tokio::test]
async fn flume_receive() {
    let (tx, rx) = flume::bounded(1);
    let receive = async || {
        await_below();
        rx.recv_async().await
    };
    let polled = look(receive()).await;
    polled.waits(&["flume receive"]);
    polled.is_of(Class::Channel);
    tx.send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn flume_send() {
    let (tx, _rx) = flume::bounded(1);
    let send = async || {
        await_below();
        tx.send_async(1_u8).await
    };
    look(send()).await.is_silent();
    look(send()).await.waits(&["flume send"]);
}

#[tokio::test]
async fn async_channel_receive() {
    let (tx, rx) = async_channel::bounded(1);
    let receive = async || {
        await_below();
        rx.recv().await
    };
    look(receive()).await.waits(&["async-channel receive|async-channel"]);
    tx.try_send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn async_channel_send() {
    let (tx, _rx) = async_channel::bounded(1);
    let send = async || {
        await_below();
        tx.send(1_u8).await
    };
    look(send()).await.is_silent();
    look(send()).await.waits(&["async-channel send|async-channel"]);
}

#[tokio::test]
async fn futures_mpsc_receive() {
    let (mut tx, mut rx) = mpsc::channel(1);
    let mut receive = async || {
        await_below();
        rx.next().await
    };
    look(receive()).await.waits(&["futures channel receive"]);
    tx.try_send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn futures_mpsc_send() {
    let (mut tx, _rx) = mpsc::channel(0);
    tx.try_send(1_u8).unwrap();
    let polled = look(async {
        await_below();
        tx.send(2).await
    });
    polled.await.waits(&["futures channel send"]);
}

#[tokio::test]
async fn futures_oneshot() {
    let (tx, mut rx) = oneshot::channel();
    let mut receive = async || {
        await_below();
        (&mut rx).await
    };
    look(receive()).await.waits(&["futures oneshot"]);
    tx.send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

/// It polls its futures with wakers of its own, so their stacks are not recorded.
#[tokio::test]
async fn futures_unordered() {
    let set = FuturesUnordered::from_iter([pending::<()>()]);
    let mut set = set;
    let polled = look(async {
        await_below();
        set.next().await
    });
    polled.await.waits(&["futures unordered"]);
}
