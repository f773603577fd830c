//! No lint reports generated code.
#![deny(warnings, unused, future_incompatible, nonstandard_style, rust_2018_idioms, let_underscore)]
#![deny(clippy::all, clippy::pedantic, single_use_lifetimes, unused_qualifications, unreachable_pub)]
#![deny(unused_lifetimes, unused_import_braces, trivial_casts, trivial_numeric_casts, missing_docs)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, unused_results, variant_size_differences)]
#![forbid(unsafe_code, unused_must_use)]
#![allow(clippy::unused_async, clippy::must_use_candidate)]

/// A receiver by value.
#[derive(Debug)]
pub struct Owner {
    value: u8,
}

#[leakguard::must_terminate]
impl Owner {
    /// Changes itself.
    pub async fn changed(mut self, mut by: u8, _: u8, (one, _two): (u8, u8)) -> u8 {
        by += one;
        self.value = by;
        (std::future::ready(self.value)).await
    }

    /// Leaves a parameter unused.
    pub async fn unused(&self, #[expect(unused_variables)] by: u8, #[allow(unused_variables)] one: u8) -> u8 {
        std::future::ready(self.value).await
    }

    /// Returns early.
    ///
    /// # Errors
    ///
    /// When the text is no number.
    pub async fn early(&self, text: &str) -> Result<u8, std::num::ParseIntError> {
        if text.is_empty() {
            return Ok(self.value);
        }
        let parsed = text.parse()?;
        let task = tokio::spawn((async move { parsed }).clone_free());
        drop(task);
        Ok(parsed)
    }
}

/// Is read by its destructor alone.
#[derive(Debug)]
pub struct Armed {
    armed: bool,
}

impl Armed {
    /// Disarms. rustc once reported the assignment as unused (tarpc's `ResponseGuard::response`).
    #[leakguard::must_terminate]
    pub async fn disarm(mut self) {
        std::future::ready(()).await;
        self.armed = false;
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        assert!(!self.armed);
    }
}

trait CloneFree: Sized {
    fn clone_free(self) -> Self {
        self
    }
}

impl<T> CloneFree for T {}

/// Awaits operands that are not plain calls.
#[leakguard::must_terminate]
pub async fn odd_operands(mut receiver: tokio::sync::oneshot::Receiver<u8>) -> u8 {
    let ready = std::future::ready(1);
    let other = std::future::ready(2);
    let sum = { ready }.await + (if receiver.is_empty() { other } else { std::future::ready(3) }).await;
    let sum = sum + { std::future::ready(2) }.await;
    let late = (&mut receiver).await.unwrap_or(sum);
    receiver.close();
    let mut last = std::future::ready(late);
    (&mut last).await
}

/// Never ends.
#[leakguard::must_terminate]
pub async fn forever() -> ! {
    loop {
        tokio::task::yield_now().await;
    }
}

/// Ends in a macro.
#[leakguard::must_terminate(timeout = "1s", grace = "1ms", on_leak = "log", on_overrun = "ignore", name = "n", allow = "LG002")]
pub async fn ends_in_a_macro() {
    let (one, two) = tokio::join!(tokio::spawn(async {}), tokio::spawn(async {}));
    drop((one, two));
    tokio::select! {
        () = std::future::ready(()) => {}
        joined = tokio::spawn(async {}) => drop(joined),
    }
}

/// Is tracked.
#[leakguard::track]
pub fn tracked(count: u8) -> Vec<std::thread::JoinHandle<u8>> {
    let mut all = Vec::new();
    all.push(std::thread::spawn(move || count));
    all.push(std::thread::spawn({
        let more = count + 1;
        move || more
    }));
    all
}

/// Creates channels, of which one leaves.
#[leakguard::bounded_channel(capacity = 9)]
pub async fn channels(size: usize) -> tokio::sync::mpsc::Receiver<u8> {
    let (inside, mut queue) = tokio::sync::mpsc::unbounded_channel();
    assert!(inside.send(1).is_ok());
    let (sender, receiver) = tokio::sync::mpsc::channel(size);
    let pair = (tokio::sync::watch::channel(1), std::sync::mpsc::sync_channel::<u8>(1));
    sender.send(queue.recv().await.unwrap_or(*pair.0.1.borrow())).await.unwrap();
    drop(pair);
    receiver
}

/// Returns a future by hand.
#[leakguard::must_terminate]
pub fn by_hand() -> impl Future<Output = u8> {
    async { std::future::ready(1).await }
}

#[leakguard::main(flavor = "current_thread")]
async fn main() {
    let owner = Owner { value: 1 };
    assert_eq!(owner.early("").await, Ok(1));
    assert_eq!(owner.changed(1, 2, (3, 4)).await, 4);
    assert_eq!(by_hand().await, 1);
    ends_in_a_macro().await;
    assert_eq!(channels(1).await.recv().await, Some(1));
    Armed { armed: true }.disarm().await;
    let (_, receiver) = tokio::sync::oneshot::channel();
    assert_eq!(odd_operands(receiver).await, 5);
    drop(forever());
    let all = tracked(1);
    assert_eq!(all.into_iter().map(|one| one.join().unwrap()).sum::<u8>(), 3);
}
