//! How many bytes a channel, an endpoint or a lock holds.

use crate::memory;
use crate::table::{self, figure, number, row};

const MANY: usize = 1_000;

/// The bytes of each of many, those in place included.
macro_rules! sizes {
    ($library:ident) => {{
        use $library::sync::{Mutex, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
        let (tx, rx) = mpsc::channel::<u8>(1);
        [
            each(|| mpsc::channel::<u8>(1)),
            each(|| {
                let (tx, rx) = mpsc::channel::<u8>(1);
                tx.try_send(1).expect("there is room");
                (tx, rx)
            }),
            each(|| oneshot::channel::<u8>()),
            each(|| broadcast::channel::<u8>(1)),
            each(|| watch::channel(0u8)),
            {
                let bytes = each(|| tx.clone());
                drop(rx);
                bytes
            },
            each(|| Mutex::new(0u8)),
            each(|| {
                let mutex = Mutex::new(0u8);
                drop(mutex.try_lock());
                mutex
            }),
            each(|| {
                let lock = RwLock::new(0u8);
                drop(lock.try_read());
                lock
            }),
            each(|| {
                let semaphore = Semaphore::new(1);
                drop(semaphore.try_acquire());
                semaphore
            }),
        ]
    }};
}

const NAMES: [&str; 10] = [
    "mpsc channel, both halves",
    "mpsc channel, used",
    "oneshot, both halves",
    "broadcast channel, both halves",
    "watch channel, both halves",
    "endpoint: a clone of an mpsc sender",
    "mutex, never locked",
    "mutex",
    "rwlock",
    "semaphore",
];

pub fn sizes() {
    let what = format!(
        "Bytes of each of {MANY}: in place, on the heap, and its share of the list of all."
    );
    table::head("Memory", &what, &["", "plain", "added"]);
    let (plain, twin) = (sizes!(tokio), sizes!(leakguard));
    for ((name, plain), twin) in NAMES.iter().zip(plain).zip(twin) {
        let added = twin - plain;
        row(&[(*name).to_owned(), number(plain), format!("**{}**", number(added))]);
        figure(&format!("bytes/{name}"), added);
    }
}

fn each<T>(create: impl Fn() -> T) -> f64 {
    // Excludes what is allocated once per process.
    drop(create());
    let (all, grown) = memory::grown(|| (0..MANY).map(|_| create()).collect::<Vec<T>>());
    drop(all);
    grown as f64 / MANY as f64
}
