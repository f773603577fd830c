//! Workloads on channels and locks, with tokio's types and with their twins.

/// `twins!(name_of_form, tokio_or_leakguard, attributes)`.
macro_rules! twins {
    ($form:ident, $library:ident, $(#[$attribute:meta])*) => {
        pub mod $form {
            use $library::sync::{
                Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch,
            };
            use crate::workloads::Workload;
            use std::hint::black_box;
            use tokio::runtime::Runtime;

            pub const ALL: &[Workload] = &[
                ("mpsc message", |runtime, times| drive(runtime, bounded(times))),
                ("mpsc message, unbounded", |runtime, times| drive(runtime, unbounded(times))),
                ("mpsc message, every one waited for", |runtime, times| drive(runtime, full(times))),
                ("oneshot, created and used", |runtime, times| drive(runtime, oneshots(times))),
                ("oneshot, waited for", |runtime, times| drive(runtime, oneshots_waited(times))),
                ("broadcast message", |runtime, times| drive(runtime, broadcasts(times))),
                ("watch, set and seen", |runtime, times| drive(runtime, watches(times))),
                ("mutex", |runtime, times| drive(runtime, mutex(times))),
                ("rwlock, read", |runtime, times| drive(runtime, read(times))),
                ("rwlock, write", |runtime, times| drive(runtime, write(times))),
                ("semaphore", |runtime, times| drive(runtime, semaphore(times))),
                ("notify", |runtime, times| drive(runtime, notify(times))),
                ("sender, cloned and dropped", |runtime, times| drive(runtime, clones(times))),
                ("mpsc channel, created and dropped", |runtime, times| drive(runtime, channels(times))),
            ];

            fn drive(runtime: &Runtime, work: impl Future<Output = ()> + Send + 'static) {
                runtime.block_on(call(work));
            }

            $(#[$attribute])*
            async fn call(work: impl Future<Output = ()> + Send + 'static) {
                tokio::spawn(work).await.expect("a workload does not panic");
            }

            async fn bounded(times: u64) {
                let (tx, mut rx) = mpsc::channel(16);
                for n in 0..times {
                    tx.send(n).await.expect("the receiver lives");
                    black_box(rx.recv().await);
                }
            }

            async fn unbounded(times: u64) {
                let (tx, mut rx) = mpsc::unbounded_channel();
                for n in 0..times {
                    tx.send(n).expect("the receiver lives");
                    black_box(rx.recv().await);
                }
            }

            async fn full(times: u64) {
                let (tx, mut rx) = mpsc::channel(1);
                let sends = async {
                    for n in 0..times {
                        tx.send(n).await.expect("the receiver lives");
                    }
                };
                let receives = async {
                    for _ in 0..times {
                        black_box(rx.recv().await);
                    }
                };
                tokio::join!(sends, receives);
            }

            async fn oneshots(times: u64) {
                for n in 0..times {
                    let (tx, rx) = oneshot::channel();
                    tx.send(n).expect("the receiver lives");
                    black_box(rx.await.expect("it was sent"));
                }
            }

            async fn oneshots_waited(times: u64) {
                for n in 0..times {
                    let (tx, rx) = oneshot::channel();
                    let send = async { tx.send(n).expect("the receiver lives") };
                    let (got, ()) = tokio::join!(biased; rx, send);
                    black_box(got.expect("it was sent"));
                }
            }

            async fn broadcasts(times: u64) {
                let (tx, mut rx) = broadcast::channel(16);
                for n in 0..times {
                    tx.send(n).expect("the receiver lives");
                    black_box(rx.recv().await.expect("it was sent"));
                }
            }

            async fn watches(times: u64) {
                let (tx, mut rx) = watch::channel(0);
                for n in 0..times {
                    tx.send(n).expect("the receiver lives");
                    rx.changed().await.expect("the sender lives");
                }
            }

            async fn mutex(times: u64) {
                let mutex = Mutex::new(0);
                for _ in 0..times {
                    *black_box(&mutex).lock().await += 1;
                }
            }

            async fn read(times: u64) {
                let lock = RwLock::new(0);
                for _ in 0..times {
                    black_box(*black_box(&lock).read().await);
                }
            }

            async fn write(times: u64) {
                let lock = RwLock::new(0);
                for _ in 0..times {
                    *black_box(&lock).write().await += 1;
                }
            }

            async fn semaphore(times: u64) {
                let semaphore = Semaphore::new(4);
                for _ in 0..times {
                    drop(black_box(semaphore.acquire().await));
                }
            }

            async fn notify(times: u64) {
                let notify = Notify::new();
                for _ in 0..times {
                    notify.notify_one();
                    notify.notified().await;
                }
            }

            async fn clones(times: u64) {
                let (tx, _rx) = mpsc::channel::<u8>(1);
                for _ in 0..times {
                    drop(black_box(tx.clone()));
                }
            }

            async fn channels(times: u64) {
                for _ in 0..times {
                    drop(black_box(mpsc::channel::<u8>(1)));
                }
            }
        }
    };
}

twins!(plain, tokio,);
twins!(twin, leakguard, #[leakguard::must_terminate]);
