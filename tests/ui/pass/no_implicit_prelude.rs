//! Nothing is in scope but what is written.
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

#[::leakguard::main]
async fn main() {
    annotated("1").await.unwrap();
    sync();
    tracked().await;
    ::std::assert_eq!(callback().await("ab"), 2);
}
