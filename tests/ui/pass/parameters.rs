//! Parameters of an async function are noted before its first statement, and may have any type.
#![deny(warnings, unused, unused_qualifications, trivial_casts)]
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

type Lent<'a> = &'a mut Vec<u8>;
type Choice = Box<dyn for<'a> Fn(&'a u8) -> &'a u8 + Send>;

struct Unit;

trait Service<R> {
    type Future: Future<Output = Self::Output>;
    type Output;
    fn call(&self, request: R) -> Self::Future;
}

impl<R, F: Fn(R) -> G, G: Future> Service<R> for F {
    type Future = G;
    type Output = G::Output;
    fn call(&self, request: R) -> G {
        self(request)
    }
}

fn send<T: Send>(it: T) -> T {
    it
}

macro_rules! under {
    ($($attribute:ident)*) => {$(
        mod $attribute {
            use super::*;

            struct Own(u8);

            #[leakguard::$attribute]
            impl Own {
                async fn eats(self, other: Self) -> u8 {
                    yield_now().await;
                    self.0 + other.0
                }

                async fn boxed(self: Box<Self>, by: u8) -> u8 {
                    yield_now().await;
                    self.0 + by
                }
            }

            #[leakguard::$attribute]
            pub mod forms {
                use super::*;

                pub async fn uninhabited(none: Infallible) -> u8 {
                    yield_now().await;
                    match none {}
                }

                pub async fn lent(bytes: Lent<'_>) -> usize {
                    yield_now().await;
                    bytes.push(1);
                    bytes.len()
                }

                pub async fn constant(Unit: Unit) -> Unit {
                    yield_now().await;
                    Unit
                }

                pub async fn raw(r#type: u8) -> u8 {
                    yield_now().await;
                    r#type
                }

                pub async fn projected<S: Service<u8>>(future: S::Future, service: S) -> S::Output
                where
                    for<'a> &'a S: Sized,
                {
                    future.await;
                    service.call(1).await
                }

                pub async fn only_send(cell: Cell<u8>) -> u8 {
                    yield_now().await;
                    cell.get()
                }

                pub async fn not_send(shared: Rc<u8>) -> u8 {
                    yield_now().await;
                    *shared
                }

                pub async fn any_lifetime(choice: Choice) -> u8 {
                    yield_now().await;
                    *choice(&1)
                }

                pub async fn unsized_behind<F: Future + ?Sized>(future: Pin<&mut F>) -> F::Output {
                    future.await
                }

                pub async fn in_parts(pair: (String, String)) -> String {
                    let (first, _) = pair;
                    yield_now().await;
                    first
                }

                pub async fn conditional(#[cfg(any())] no: u8, #[cfg(all())] yes: u8) -> u8 {
                    yield_now().await;
                    yes
                }

                pub async fn ends(tx: mpsc::Sender<u8>, mut rx: mpsc::Receiver<u8>, gone: oneshot::Sender<Rc<u8>>) {
                    drop(gone);
                    tx.send(1).await.unwrap();
                    rx.recv().await.unwrap();
                }
            }

            pub async fn all() {
                use forms::*;
                let _ = uninhabited;
                lent(&mut vec![]).await;
                constant(Unit).await;
                raw(1).await;
                projected::<fn(u8) -> Ready<u8>>(ready(1), ready).await;
                send(only_send(Cell::new(1))).await;
                not_send(Rc::new(1)).await;
                send(any_lifetime(Box::new(|byte| byte))).await;
                unsized_behind(pin!(async {})).await;
                in_parts(Default::default()).await;
                conditional(1).await;
                let (tx, rx) = mpsc::channel(1);
                ends(tx, rx, oneshot::channel().0).await;
                Own(1).eats(Own(2)).await;
                Box::new(Own(1)).boxed(2).await;
            }
        }
    )*};
}
under!(track bounded_channel must_terminate);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    track::all().await;
    bounded_channel::all().await;
    must_terminate::all().await;
}
