//! `#[leakguard::monitor]` in the forms that users write.

use crate::support::{ms, settle};
use leakguard::supervise::CallError;
use std::fmt::Display;
use std::sync::Arc;
use tokio::time::{Instant, sleep};

#[derive(Debug, PartialEq)]
enum Error {
    Call(CallError),
    Odd(u64),
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Error::Call(error)
    }
}

#[leakguard::monitor(max_active = 2, call_timeout = "50ms")]
async fn half(mut number: u64, duration: u64) -> Result<u64, Error> {
    sleep(ms(duration)).await;
    if number % 2 == 1 {
        return Err(Error::Odd(number));
    }
    number /= 2;
    Ok(number)
}

#[tokio::test(start_paused = true)]
async fn calls_of_a_function_share_its_slots() {
    assert_eq!(half(4, 10).await, Ok(2));
    assert_eq!(half(5, 10).await, Err(Error::Odd(5)));
    let start = Instant::now();
    assert_eq!(half(4, 200).await, Err(Error::Call(CallError::TimedOut)));
    assert_eq!(start.elapsed(), ms(50));
    let other = tokio::spawn(half(4, 30));
    settle().await;
    assert_eq!(half(4, 10).await, Err(Error::Call(CallError::Busy)));
    assert_eq!(other.await.unwrap(), Ok(2));
    assert_eq!(half(6, 10).await, Ok(3));
}

struct Client {
    base: u64,
}

impl Client {
    #[leakguard::monitor(max_active = 1, call_timeout = "50ms", cancel_abandoned = true)]
    async fn add(self: Arc<Self>, to: u64, duration: u64) -> Result<u64, Error> {
        sleep(ms(duration)).await;
        Ok(self.base + to)
    }

    #[leakguard::monitor(name = "consumed")]
    async fn consumed(mut self) -> Result<u64, CallError> {
        self.base += 1;
        Ok(self.base)
    }
}

#[tokio::test(start_paused = true)]
async fn cancelled_method_frees_its_slot() {
    let client = Arc::new(Client { base: 1 });
    assert_eq!(client.clone().add(1, 200).await, Err(Error::Call(CallError::TimedOut)));
    assert_eq!(client.clone().add(1, 10).await, Ok(2));
    assert_eq!(Client { base: 1 }.consumed().await, Ok(2));
}

#[leakguard::monitor(max_active = 1, call_timeout = "50ms")]
async fn shown<T: Display + Send + 'static>(
    value: T,
    _map: fn(&str) -> &str,
    _: &'static str,
) -> Result<impl Display + use<T>, Box<dyn std::error::Error + Send + Sync>> {
    sleep(ms(10)).await;
    Ok(value.to_string().parse::<u8>()?)
}

#[tokio::test(start_paused = true)]
async fn instances_of_a_generic_function_share_its_slots() {
    let map: fn(&str) -> &str = |text| text;
    let first = tokio::spawn(async move { shown(1, map, "").await.map(|shown| shown.to_string()) });
    settle().await;
    assert!(shown("2", map, "").await.is_err());
    assert_eq!(first.await.unwrap().unwrap(), "1");
    assert_eq!(shown("2", map, "").await.unwrap().to_string(), "2");
}

#[leakguard::must_terminate(timeout = "10s")]
#[leakguard::monitor(call_timeout = "50ms")]
async fn below(duration: u64) -> Result<(), CallError> {
    sleep(ms(duration)).await;
    Ok(())
}

#[leakguard::monitor(call_timeout = "50ms")]
#[leakguard::must_terminate(timeout = "10s")]
async fn above(duration: u64) -> Result<(), CallError> {
    sleep(ms(duration)).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn monitor_combines_with_must_terminate() {
    assert_eq!(below(10).await, Ok(()));
    assert_eq!(above(10).await, Ok(()));
    assert_eq!(above(60).await, Err(CallError::TimedOut));
    assert_eq!(below(60).await, Err(CallError::TimedOut));
}
