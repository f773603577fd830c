//! Functions with and without a scope. The loops that call them are not annotated.

use tokio::runtime::Runtime;

/// `scopes!(name_of_form, [attribute], [attribute with a timeout])`.
macro_rules! scopes {
    ($form:ident, [$($bare:meta)?], [$($timed:meta)?]) => {
        pub mod $form {
            use crate::scopes::in_task;
            use crate::workloads::Workload;
            use std::hint::black_box;

            pub const ALL: &[Workload] = &[
                ("sync scope", |runtime, times| in_task(runtime, async move {
                    for n in 0..times {
                        sync(n);
                    }
                })),
                ("sync scope, timeout", |runtime, times| in_task(runtime, async move {
                    for n in 0..times {
                        timed_sync(n);
                    }
                })),
                ("async scope", |runtime, times| in_task(runtime, async move {
                    for n in 0..times {
                        future(n).await;
                    }
                })),
                ("async scope, timeout", |runtime, times| in_task(runtime, async move {
                    for n in 0..times {
                        timed_future(n).await;
                    }
                })),
                ("sync scope in a scope", |runtime, times| in_task(runtime, calls(times))),
                ("spawn + join in a scope", |runtime, times| in_task(runtime, spawns(times))),
            ];

            $(#[$bare])?
            #[inline(never)]
            fn sync(n: u64) {
                black_box(n);
            }

            $(#[$timed])?
            #[inline(never)]
            fn timed_sync(n: u64) {
                black_box(n);
            }

            $(#[$bare])?
            async fn future(n: u64) {
                black_box(n);
            }

            $(#[$timed])?
            async fn timed_future(n: u64) {
                black_box(n);
            }

            $(#[$bare])?
            async fn calls(times: u64) {
                for n in 0..times {
                    sync(n);
                }
            }

            $(#[$bare])?
            async fn spawns(times: u64) {
                for _ in 0..times {
                    tokio::spawn(async {}).await.expect("it does nothing");
                }
            }
        }
    };
}
pub(crate) use scopes;

/// Runs one as a task that is not watched.
pub fn in_task(runtime: &Runtime, work: impl Future<Output = ()> + Send + 'static) {
    runtime.block_on(runtime.spawn(work)).expect("it does not panic");
}
