//! Functions of every form keep their signature and their result.

use std::future::Future;
use std::pin::Pin;

mod closures {
    /// The type of the closure's parameter follows from the signature alone.
    #[leakguard::must_terminate]
    pub(super) async fn callback() -> impl FnOnce(&str) -> usize {
        std::future::ready(()).await;
        |text| text.len()
    }

    #[leakguard::must_terminate]
    pub(super) async fn callback_or_error(fail: bool) -> Result<impl Fn(&str) -> usize, u8> {
        if std::future::ready(fail).await {
            return Err(1);
        }
        Ok(|text: &str| text.len())
    }

    #[leakguard::must_terminate]
    pub(super) async fn numbers(to: u8) -> impl Iterator<Item = u8> {
        std::future::ready(()).await;
        0..to
    }

    #[leakguard::must_terminate]
    pub(super) async fn maybe(no: bool) -> Option<impl Iterator<Item = u8>> {
        if no {
            return None;
        }
        std::future::ready(()).await;
        Some(0..2)
    }
}

#[tokio::test]
async fn returned_impl_traits_keep_their_types() {
    assert_eq!(closures::callback().await("four"), 4);
    assert_eq!(closures::callback_or_error(false).await.map(|call| call("four")).ok(), Some(4));
    assert!(closures::callback_or_error(true).await.is_err());
    assert_eq!(closures::numbers(3).await.count(), 3);
    assert_eq!(closures::maybe(false).await.map(Iterator::count), Some(2));
}

struct Counter<T> {
    value: T,
}

/// Lifetimes, generics, receivers.
#[leakguard::must_terminate]
impl<T: Clone + Send + Sync> Counter<T> {
    const fn constant(value: T) -> Self {
        Counter { value }
    }

    async fn borrowed<'a>(&'a self, or: &'a T, take: bool) -> &'a T {
        if take { &self.value } else { or }
    }

    async fn elided(&self) -> &T {
        let value = async { &self.value };
        value.await
    }

    async fn exclusive(&mut self, value: T) {
        self.value = value;
        std::future::ready(()).await;
    }

    async fn owned(mut self, value: T) -> T {
        self.value = value;
        self.value
    }

    async fn boxed(self: Box<Self>) -> T {
        self.value
    }

    async fn converted<U>(&self, with: impl AsyncFnOnce(T) -> U) -> U
    where
        U: Send,
    {
        with(self.value.clone()).await
    }

    fn by_hand(&self) -> impl Future<Output = T> + Send + '_ {
        async move { std::future::ready(self.value.clone()).await }
    }

    fn in_a_box(&self) -> Pin<Box<dyn Future<Output = T> + Send + '_>> {
        Box::pin(async move { self.value.clone() })
    }

    unsafe fn dangerous(&self) -> T {
        self.value.clone()
    }

    extern "C" fn foreign(&self) -> u8 {
        3
    }
}

#[tokio::test]
async fn methods_of_every_form_run() {
    let mut counter = Counter::constant(1);
    assert_eq!(*counter.borrowed(&2, true).await, 1);
    counter.exclusive(5).await;
    assert_eq!(*counter.elided().await, 5);
    assert_eq!(counter.converted(async |number| number + 1).await, 6);
    assert_eq!(counter.by_hand().await, 5);
    assert_eq!(counter.in_a_box().await, 5);
    // SAFETY: the function has no requirements.
    #[allow(unsafe_code)]
    let dangerous = unsafe { counter.dangerous() };
    assert_eq!((dangerous, counter.foreign()), (5, 3));
    assert_eq!(Box::new(Counter::constant(7)).boxed().await, 7);
    assert_eq!(counter.owned(6).await, 6);
}

trait Worker {
    #[leakguard::must_terminate]
    async fn required(&self) -> u8;

    #[leakguard::must_terminate(timeout = "1s")]
    async fn provided(&self) -> u8 {
        self.required().await + 1
    }

    #[leakguard::track]
    fn plain(&self) -> u8 {
        9
    }
}

impl Worker for u8 {
    #[leakguard::track]
    async fn required(&self) -> u8 {
        *self
    }
}

/// The attribute applies to each function with a body.
#[leakguard::track]
trait Plan {
    fn begin(&self) -> u8;
    async fn run(&self) -> u8 {
        tokio::spawn(std::future::ready(self.begin())).await.unwrap()
    }
}

impl Plan for u8 {
    fn begin(&self) -> u8 {
        *self
    }
}

#[tokio::test]
async fn trait_methods_run() {
    assert_eq!(1u8.provided().await, 2);
    assert_eq!(1u8.plain(), 9);
    assert_eq!(4u8.run().await, 4);
}

#[leakguard::must_terminate]
mod inline {
    const fn constant() -> usize {
        4
    }

    pub(super) mod deeper {
        pub(in super::super) async fn spawns() -> u8 {
            fn nested() -> std::thread::JoinHandle<u8> {
                std::thread::spawn(|| 1)
            }
            tokio::spawn(async { nested().join().unwrap() }).await.unwrap()
        }
    }

    pub(super) struct Thing(pub [u8; constant()]);

    impl Thing {
        /// The attribute of the function itself takes precedence.
        #[leakguard::track(name = "own")]
        pub(super) async fn length(self) -> usize {
            self.0.len()
        }
    }
}

#[tokio::test]
async fn functions_in_modules_run() {
    assert_eq!(inline::deeper::spawns().await, 1);
    assert_eq!(inline::Thing([0; 4]).length().await, 4);
}

#[leakguard::must_terminate]
async fn never(stop: tokio::sync::oneshot::Sender<()>) -> ! {
    let _ = stop.send(());
    loop {
        std::future::pending::<()>().await;
    }
}

#[leakguard::must_terminate]
async fn recursive(depth: u8) -> u8 {
    if depth == 0 { 0 } else { Box::pin(recursive(depth - 1)).await + 1 }
}

#[leakguard::must_terminate]
async fn attributes_inside(_unused: u8) -> u8 {
    #![allow(unused_variables, clippy::let_unit_value)]
    let unused = 1;
    #[allow(unused_mut)]
    let mut result = std::future::ready(2).await;
    #[cfg(any())]
    tokio::spawn(async { missing }).await;
    #[allow(unused_must_use)]
    tokio::spawn(async {}).await;
    result
}

#[leakguard::must_terminate]
async fn labels(numbers: &[u8]) -> Result<u8, std::num::ParseIntError> {
    let sum = 'sum: {
        let mut sum = 0;
        'outer: for number in numbers {
            loop {
                match std::future::ready(*number).await {
                    0 => break 'sum sum,
                    1 => continue 'outer,
                    _ => break,
                }
            }
            sum += number + std::future::ready("1").await.parse::<u8>()?;
        }
        sum
    };
    const SIZE: usize = 1 + 1;
    let sized = [std::future::ready(sum).await; SIZE];
    Ok(sized[0])
}

#[leakguard::must_terminate]
async fn inside_macros() -> Vec<u8> {
    use tokio::spawn as go;
    let (one, two) =
        tokio::join!(go(async { 1 }), async { tokio::spawn(async { 2 }).await.unwrap() });
    let three = tokio::select! {
        biased;
        Ok(three) = tokio::spawn(async { 3 }), if one.is_ok() => three,
        () = std::future::pending() => { unreachable!("{}", std::future::ready(1).await) }
        else => 0,
    };
    let four = futures::select_biased! {
        four = futures::FutureExt::fuse(tokio::spawn(async { 4 })) => four.unwrap(),
        complete => 0,
    };
    let (five,) = tokio::try_join!(tokio::spawn(async { 5 })).unwrap();
    assert_eq!(
        tokio::spawn(async { 6 }).await.unwrap(),
        6,
        "six is {}",
        std::future::ready(6).await
    );
    assert!(matches!(tokio::spawn(async { 7 }).await, Ok(seven) if seven == 7));
    tokio::pin! {
        let later = tokio::spawn(async { 8 });
    }
    let eight = later.await.unwrap();
    let pinned = std::pin::pin!(tokio::spawn(async { 9 }));
    let text = format!(
        "{nine:?} {:?}",
        tokio::spawn(async { 10 }).await.unwrap(),
        nine = pinned.await.unwrap()
    );
    assert_eq!(text, "9 10");
    let joined = vec![tokio::spawn(async { 1 }).await.unwrap(); 2];
    assert_eq!(joined, [1, 1]);
    vec![one.unwrap(), two, three, four, five, eight]
}

#[tokio::test]
async fn bodies_of_every_form_run() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move { never(sender).await });
    receiver.await.unwrap();
    task.abort();
    assert_eq!(recursive(3).await, 3);
    assert_eq!(attributes_inside(1).await, 2);
    assert_eq!(labels(&[1, 2, 0, 5]).await, Ok(3));
    assert_eq!(inside_macros().await, [1, 2, 3, 4, 5, 8]);
}

/// A function from a macro of the user's, whose tokens have a hygiene of their own.
macro_rules! define {
    ($name:ident, $value:expr, $body:block) => {
        #[leakguard::must_terminate]
        async fn $name(parameter: u8) -> u8 {
            let value = $value.await;
            value + parameter + tokio::spawn(async { 1 }).await.unwrap() + $body
        }
    };
}

define!(defined_by_a_macro, std::future::ready(1), {
    tokio::runtime::Handle::current().spawn(async { 2 }).await.unwrap()
});

#[tokio::test]
async fn functions_defined_by_macros_run() {
    assert_eq!(defined_by_a_macro(3).await, 7);
}

/// A future must be `Send` where that of the plain function is.
#[test]
fn futures_stay_send() {
    fn send<T: Send>(_: T) {}
    send(recursive(1));
    send(labels(&[]));
    send(inside_macros());
    send(closures::callback());
}
