//! The future of an annotated function is `Send` where that of the plain function is.

use std::future::Future;
use std::marker::PhantomData;
use tokio::sync::oneshot;
use tokio::task::yield_now;

/// An actor, as several crates have it. `Context` is `Send` because of a projection of its reply.
trait Reply: Send + 'static {
    type Value: Reply;
}

impl<T: Send + 'static> Reply for Result<u8, T> {
    type Value = Self;
}

struct Context<A, R: Reply> {
    reply: Option<oneshot::Sender<R::Value>>,
    actor: PhantomData<A>,
}

impl<A, R: Reply> Context<A, R> {
    fn new() -> (Self, oneshot::Receiver<R::Value>) {
        let (sender, receiver) = oneshot::channel();
        let context = Context { reply: Some(sender), actor: PhantomData };
        (context, receiver)
    }

    fn take(&mut self) -> oneshot::Sender<R::Value> {
        self.reply.take().unwrap()
    }
}

trait Message<T>: Sized {
    type Reply: Reply;

    fn handle(
        &mut self,
        message: T,
        context: &mut Context<Self, Self::Reply>,
    ) -> impl Future<Output = Self::Reply> + Send;
}

/// `&'static str` is the only lifetime with which this is a reply.
type Written = Result<u8, &'static str>;

struct Counter(u8);

impl Message<u8> for Counter {
    type Reply = Written;

    #[leakguard::must_terminate]
    async fn handle(
        &mut self,
        message: u8,
        context: &mut Context<Self, Self::Reply>,
    ) -> Self::Reply {
        let _ = context.take().send(Ok(message));
        yield_now().await;
        self.0 += message;
        Ok(self.0)
    }
}

#[leakguard::must_terminate]
impl Message<()> for Counter {
    type Reply = Written;

    async fn handle(&mut self, (): (), _context: &mut Context<Self, Written>) -> Written {
        yield_now().await;
        Err("nothing to add")
    }
}

impl Counter {
    #[leakguard::must_terminate]
    async fn inherent(&mut self, context: &mut Context<Self, Written>) {
        let _ = context.take().send(Ok(self.0));
        yield_now().await;
    }
}

#[leakguard::must_terminate]
async fn free(context: &mut Context<Counter, Written>) {
    let _ = context.take().send(Err("free"));
    yield_now().await;
}

#[tokio::test]
async fn projections_of_parameters_stay_send() {
    let mut counter = Counter(1);
    let (mut first, reply) = Context::new();
    let task = tokio::spawn(async move {
        let added = counter.handle(2, &mut first).await;
        (added, counter.handle((), &mut first).await)
    });
    assert_eq!(task.await.unwrap(), (Ok(3), Err("nothing to add")));
    assert_eq!(reply.await.unwrap(), Ok(2));

    let (mut first, reply) = Context::new();
    let (mut second, freed) = Context::new();
    let task = tokio::spawn(async move {
        Counter(4).inherent(&mut first).await;
        free(&mut second).await;
    });
    task.await.unwrap();
    assert_eq!(reply.await.unwrap(), Ok(4));
    assert_eq!(freed.await.unwrap(), Err("free"));
}

/// A call that is not polled has not begun: nothing is due and nothing is spawned.
#[tokio::test]
async fn call_begins_at_its_first_poll() {
    #[leakguard::must_terminate(timeout = "10ms", on_overrun = "panic")]
    async fn called(_: u8) -> u8 {
        yield_now().await;
        1
    }
    let late = called(0);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(late.await, 1);
}
