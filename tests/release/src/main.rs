//! Uses every kind of annotated item so that none is optimised away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

#[leakguard::must_terminate(timeout = "100ms", grace = "50ms", on_leak = "panic")]
async fn process(term: String) -> Result<usize, std::num::ParseIntError> {
    let (tx, rx) = oneshot::channel();
    tokio::spawn(async move {
        let _ = tx.send(term.parse::<usize>());
    });
    let parsed = rx.await.expect("the task sends")?;
    Ok(parsed + 1)
}

struct Pool {
    seen: Arc<Mutex<HashMap<u64, usize>>>,
}

#[leakguard::track]
impl Pool {
    fn new() -> Self {
        Pool { seen: Arc::default() }
    }

    async fn run(&self, workers: usize) -> usize {
        let (tx, mut rx) = mpsc::channel(4);
        let mut set = JoinSet::new();
        for n in 0..workers {
            let (tx, seen) = (tx.clone(), self.seen.clone());
            set.spawn(async move {
                tokio::select! {
                    _ = tokio::time::sleep(Duration::from_millis(1)) => {}
                    _ = tokio::task::yield_now() => {}
                }
                seen.lock().unwrap().insert(n as u64, n);
                tx.send(n).await.ok();
            });
        }
        drop(tx);
        let mut sum = 0;
        while let Some(n) = rx.recv().await {
            sum += n;
        }
        while set.join_next().await.is_some() {}
        sum
    }
}

#[leakguard::must_terminate]
fn blocking(input: Vec<u8>) -> u32 {
    let thread = std::thread::spawn(move || input.iter().map(|&b| u32::from(b)).sum());
    thread.join().unwrap_or_default()
}

trait Runs {
    #[leakguard::track]
    fn runs(&self, job: Box<dyn FnOnce() -> u32 + Send>) -> u32 {
        std::thread::spawn(job).join().unwrap()
    }
}

impl Runs for Pool {}

#[leakguard::must_terminate(timeout = "1s")]
mod inner {
    pub async fn joined(a: u8, b: u8) -> u16 {
        let (a, b) = tokio::join!(async move { a }, async move { b });
        u16::from(a) + u16::from(b)
    }
}

#[leakguard::main]
async fn main() {
    let pool = Pool::new();
    println!("{:?}", process("41".into()).await);
    println!("{}", pool.run(8).await);
    println!("{}", blocking(vec![1, 2, 3]));
    println!("{}", pool.runs(Box::new(|| 7)));
    println!("{}", inner::joined(1, 2).await);
}
