//! tokio's own channels, created in an annotated function.

use std::hint::black_box;
use tokio::sync::mpsc;

pub const FORM: &str = "tokio's own types, created in a function with `#[must_terminate]`. The last row also sends and \
                        receives in that function.";

macro_rules! observed {
    ($form:ident, $(#[$attribute:meta])*) => {
        pub mod $form {
            use crate::workloads::Workload;
            use std::hint::black_box;
            use tokio::sync::mpsc;

            pub const ALL: &[Workload] = &[
                ("observed mpsc message", |runtime, times| runtime.block_on(bounded(times))),
                ("observed mpsc message, unbounded", |runtime, times| runtime.block_on(unbounded(times))),
                ("observed mpsc message, in the function itself", |runtime, times| runtime.block_on(inside(times))),
            ];

            $(#[$attribute])*
            async fn bounded(times: u64) {
                let (tx, rx) = mpsc::channel(16);
                super::bounded(tx, rx, times).await;
            }

            $(#[$attribute])*
            async fn unbounded(times: u64) {
                let (tx, rx) = mpsc::unbounded_channel();
                super::unbounded(tx, rx, times).await;
            }

            $(#[$attribute])*
            async fn inside(times: u64) {
                let (tx, mut rx) = mpsc::channel(16);
                for n in 0..times {
                    tx.send(n).await.expect("the receiver lives");
                    black_box(rx.recv().await);
                }
            }
        }
    };
}

observed!(plain,);
observed!(watched, #[leakguard::must_terminate]);

async fn bounded(tx: mpsc::Sender<u64>, mut rx: mpsc::Receiver<u64>, times: u64) {
    for n in 0..times {
        tx.send(n).await.expect("the receiver lives");
        black_box(rx.recv().await);
    }
}

async fn unbounded(
    tx: mpsc::UnboundedSender<u64>,
    mut rx: mpsc::UnboundedReceiver<u64>,
    times: u64,
) {
    for n in 0..times {
        tx.send(n).expect("the receiver lives");
        black_box(rx.recv().await);
    }
}
