//! The expansion needs no name in scope.
#![no_implicit_prelude]
#![deny(warnings)]
#![forbid(unsafe_code)]

#[::leakguard::must_terminate(timeout = "1s")]
async fn annotated(text: &str) -> ::std::result::Result<::std::primitive::u8, ::std::num::ParseIntError> {
    let number = text.parse::<::std::primitive::u8>()?;
    ::tokio::spawn(async move { number }).await.unwrap();
    ::tokio::task::spawn_blocking(move || number).await.unwrap();
    ::std::result::Result::Ok(::std::future::ready(number).await)
}

#[::leakguard::must_terminate]
fn sync() {
    ::std::thread::spawn(|| {}).join().unwrap();
}

#[::leakguard::track]
async fn tracked() {
    let boxed: ::std::boxed::Box<dyn ::std::ops::FnOnce() + ::std::marker::Send> = ::std::boxed::Box::new(|| {});
    ::tokio::task::spawn_blocking(boxed).await.unwrap();
}

#[::leakguard::must_terminate]
async fn callback() -> impl ::std::ops::Fn(&::std::primitive::str) -> ::std::primitive::usize {
    ::std::future::ready(()).await;
    |text| text.len()
}

#[::leakguard::bounded_channel(capacity = 9)]
async fn channels(size: ::std::primitive::usize) -> ::tokio::sync::mpsc::Receiver<::std::primitive::u8> {
    let (inside, mut queue) = ::tokio::sync::mpsc::unbounded_channel();
    inside.send(1).unwrap();
    let (sender, receiver) = ::tokio::sync::mpsc::channel(size);
    sender.send(queue.recv().await.unwrap()).await.unwrap();
    let (blocking, waits) = ::std::sync::mpsc::sync_channel(1);
    blocking.send(2).unwrap();
    ::std::assert_eq!(waits.recv().unwrap(), 2);
    receiver
}

#[::leakguard::monitor(max_active = 1, call_timeout = "1s", alert_after = "1s", cancel_abandoned = true)]
async fn monitored(number: ::std::primitive::u8) -> ::std::result::Result<::std::primitive::u8, ::leakguard::supervise::CallError> {
    ::std::result::Result::Ok(::std::future::ready(number).await)
}

#[::leakguard::main]
async fn main() {
    annotated("1").await.unwrap();
    sync();
    tracked().await;
    ::std::assert_eq!(channels(1).await.recv().await.unwrap(), 1);
    ::std::assert_eq!(monitored(1).await, ::std::result::Result::Ok(1));
    ::std::assert_eq!(callback().await("ab"), 2);
}
