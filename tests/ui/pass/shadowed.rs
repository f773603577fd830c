//! Local names that generated code could mistake for others.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

mod core {}
mod std {}
mod tokio {
    pub(crate) use ::tokio::spawn;
}
mod leakguard {
    pub(crate) use ::leakguard::{monitor, must_terminate};
}
mod inventory {}
struct Option;
struct Some;
struct None;
struct Ok;
struct Err;
struct Result;
struct Box;
struct String;
struct Vec;
struct Site;
struct Options;
struct Action;
struct Send;
struct u64;
struct u32;
struct bool;
struct str;

trait Tag {
    fn leakguard(&self) {}
    fn tag(&self) {}
    fn wrap(&self) {}
    fn begin(&self) {}
    fn timeout(&self) {}
    fn poll(&self) {}
    fn into_future(&self) {}
}

impl<T> Tag for T {}

const SITE: () = ();
static OPTIONS: () = ();

#[crate::leakguard::must_terminate(timeout = "1s", on_leak = "log")]
async fn annotated(wait: u8, scope: u8) -> u8 {
    let (p, probe, call, job, f) = (1, 1, 1, 1, 1);
    let sum = wait + scope + p + probe + call + job + f;
    let () = SITE;
    let () = OPTIONS;
    let first = tokio::spawn(async move { sum + p + probe + call + job + f }).await.unwrap();
    first + ::std::thread::spawn(move || sum + p + probe + call + job + f).join().unwrap()
}

#[crate::leakguard::must_terminate]
fn sync() {}

#[::leakguard::bounded_channel(capacity = 9)]
async fn channels(place: usize, pair: usize) -> usize {
    const PLACE: usize = 1;
    const RULE: usize = 1;
    let (inside, mut queue) = ::tokio::sync::mpsc::unbounded_channel();
    inside.send(place).unwrap();
    let (sender, _receiver) = ::tokio::sync::mpsc::channel(pair + PLACE + RULE);
    sender.send(queue.recv().await.unwrap()).await.unwrap();
    let ends = ::tokio::sync::oneshot::channel();
    ends.0.send(sender.max_capacity()).unwrap();
    ends.1.await.unwrap()
}

struct Monitor;
struct Duration;
static MONITOR: () = ();

#[crate::leakguard::monitor(max_active = 1, call_timeout = "1s")]
async fn monitored(call: u8, body: u8) -> ::std::result::Result<u8, ::leakguard::supervise::CallError> {
    let () = MONITOR;
    ::std::result::Result::Ok(call + body)
}

#[::leakguard::main]
async fn main() {
    assert_eq!(annotated(1, 1).await, 24);
    assert_eq!(monitored(1, 1).await, ::std::result::Result::Ok(2));
    sync();
    assert_eq!(channels(1, 2).await, 4);
}
