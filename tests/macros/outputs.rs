//! The future of an async body is `Send` even if its output is not, or is not known to be.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

struct Held;

/// bb8 0.9.1, `CustomizeConnection::on_acquire`: `E` is known from the signature alone.
trait Customize<C: Send + 'static, E: 'static>: Sync {
    #[leakguard::must_terminate]
    fn on_acquire<'a>(
        &'a self,
        _connection: &'a mut C,
    ) -> Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>> {
        Box::pin(async { Ok(()) })
    }

    #[leakguard::must_terminate]
    fn on_release(&self) -> BoxFuture<'_, Result<(), E>> {
        Box::pin(async move { Ok(()) })
    }
}

impl<C: Send + 'static, E: 'static> Customize<C, E> for Held {}

/// hyper-util 0.1.21, `dns::resolve`.
trait Resolve {
    type Address;
    type Error;
    fn poll(&mut self) -> Result<Self::Address, Self::Error>;
}

#[leakguard::must_terminate]
async fn resolve<R: Resolve>(resolver: &mut R) -> Result<R::Address, R::Error> {
    tokio::task::yield_now().await;
    resolver.poll()
}

#[leakguard::must_terminate]
fn by_hand<E>(error: E) -> impl Future<Output = Result<(), E>> {
    async move { Err(error)? }
}

#[leakguard::must_terminate]
fn with_elided(text: &str) -> impl Future<Output = impl Iterator<Item = char>> {
    async move { text.chars() }
}

#[leakguard::must_terminate]
async fn boxed_error() -> Result<(), Box<dyn Error>> {
    tokio::task::yield_now().await;
    Err("no")?
}

#[tokio::test]
#[leakguard::must_terminate]
async fn boxed_error_of_a_test() -> Result<(), Box<dyn Error>> {
    tokio::task::yield_now().await;
    Ok(())
}

fn send<T: Send>(future: T) -> T {
    future
}

struct Raw(*const u8);

impl Resolve for () {
    type Address = Raw;
    type Error = Raw;
    fn poll(&mut self) -> Result<Raw, Raw> {
        Ok(Raw(std::ptr::null()))
    }
}

#[tokio::test]
async fn futures_with_an_output_that_is_not_send_stay_send() {
    let acquired: Result<(), Raw> = Held.on_acquire(&mut 1).await;
    assert!(acquired.is_ok());
    let released: Result<(), Raw> = send(Customize::<u8, Raw>::on_release(&Held)).await;
    assert!(released.is_ok());
    assert!(send(resolve(&mut ())).await.is_ok_and(|raw| raw.0.is_null()));
    assert!(send(boxed_error()).await.is_err());
    assert_eq!(by_hand(5).await, Err(5));
    assert_eq!(with_elided("ab").await.count(), 2);
}
