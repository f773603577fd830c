//! Workloads on locks and channels of std, with std's own types and with their twins.

pub const FORM: &str = "std's types beside `leakguard::sync::blocking`, used by one task, which is watched for the \
                        twins. Nothing has to wait.";

/// `blocking!(name_of_form, path_of_the_types, attributes)`.
macro_rules! blocking {
    ($form:ident, $sync:path, $(#[$attribute:meta])*) => {
        pub mod $form {
            use $sync as sync;
            use crate::workloads::Workload;
            use std::hint::black_box;
            use tokio::runtime::Runtime;

            pub const ALL: &[Workload] = &[
                ("std mutex", |runtime, times| drive(runtime, times, mutex)),
                ("std rwlock, read", |runtime, times| drive(runtime, times, read)),
                ("std rwlock, write", |runtime, times| drive(runtime, times, write)),
                ("std mpsc message", |runtime, times| drive(runtime, times, unbounded)),
                ("std mpsc message, bounded", |runtime, times| drive(runtime, times, bounded)),
                ("std condvar, notified", |runtime, times| drive(runtime, times, notify)),
            ];

            fn drive(runtime: &Runtime, times: u64, work: fn(u64)) {
                runtime.block_on(call(times, work));
            }

            $(#[$attribute])*
            async fn call(times: u64, work: fn(u64)) {
                let task = tokio::spawn(async move { work(times) });
                task.await.expect("a workload does not panic");
            }

            fn mutex(times: u64) {
                let lock = sync::Mutex::new(0);
                for _ in 0..times {
                    *black_box(&lock).lock().expect("no thread panics") += 1;
                }
            }

            fn read(times: u64) {
                let lock = sync::RwLock::new(0);
                for _ in 0..times {
                    black_box(*black_box(&lock).read().expect("no thread panics"));
                }
            }

            fn write(times: u64) {
                let lock = sync::RwLock::new(0);
                for _ in 0..times {
                    *black_box(&lock).write().expect("no thread panics") += 1;
                }
            }

            fn unbounded(times: u64) {
                let (tx, rx) = sync::mpsc::channel();
                for n in 0..times {
                    tx.send(n).expect("the receiver lives");
                    black_box(rx.recv().expect("the sender lives"));
                }
            }

            fn bounded(times: u64) {
                let (tx, rx) = sync::mpsc::sync_channel(16);
                for n in 0..times {
                    tx.send(n).expect("the receiver lives");
                    black_box(rx.recv().expect("the sender lives"));
                }
            }

            fn notify(times: u64) {
                let condvar = sync::Condvar::new();
                for _ in 0..times {
                    black_box(&condvar).notify_one();
                }
            }
        }
    };
}

blocking!(plain, std::sync,);
blocking!(twin, leakguard::sync::blocking, #[leakguard::must_terminate]);
