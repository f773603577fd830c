//! A task acquires a lock that it already holds.

use super::sync::{Mutex, RwLock};
use crate::kernel::Cause::HeldByItself;
use crate::kernel::{Kernel, LG002, LG009, body, form, task};
use crate::row::{Row, rows};
use leakguard::track;

rows! { cockroach_584 cockroach_9935 etcd_6708 moby_36114 }

// A `break` left a loop with the lock held, and the code after the loop locked again.
#[track]
mod cockroach_584 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#584",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG009, HeldByItself),
        silent: &[form!(mended), form!(saved)],
    };

    struct Gossip {
        closed: Mutex<bool>,
    }

    impl Gossip {
        async fn bootstrap(self) {
            let closed = self.closed.lock().await;
            for _ in 0..3 {
                if *closed {
                    break;
                }
            }
            self.manage().await;
        }

        async fn bootstrap_mended(self) {
            let closed = self.closed.lock().await;
            for _ in 0..3 {
                if *closed {
                    break;
                }
            }
            drop(closed);
            self.manage().await;
        }

        /// The form of the Go program. In Rust the loop drops the guard.
        async fn bootstrap_saved(self) {
            for _ in 0..3 {
                let closed = self.closed.lock().await;
                if *closed {
                    break;
                }
            }
            self.manage().await;
        }

        async fn manage(&self) {
            *self.closed.lock().await = true; // wait
        }
    }

    fn gossip() -> Gossip {
        Gossip { closed: Mutex::new(true) }
    }

    async fn leaking() {
        tokio::spawn(gossip().bootstrap()); // spawn
    }

    async fn mended() {
        tokio::spawn(gossip().bootstrap_mended());
    }

    async fn saved() {
        tokio::spawn(gossip().bootstrap_saved());
    }
}

// The locked logger failed to write and called its exit, which locks.
#[track]
mod cockroach_9935 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#9935",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG009, HeldByItself),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Log {
        lines: Mutex<Vec<&'static str>>,
    }

    impl Log {
        fn write(_: &str) -> Result<(), ()> {
            Err(())
        }

        async fn output(self) {
            let mut lines = self.lines.lock().await;
            match Log::write("started") {
                Ok(()) => lines.push("started"),
                Err(()) => self.exit().await,
            }
        }

        async fn output_mended(self) {
            let mut lines = self.lines.lock().await;
            match Log::write("started") {
                Ok(()) => lines.push("started"),
                Err(()) => {
                    drop(lines);
                    self.exit().await;
                }
            }
        }

        async fn exit(&self) {
            self.lines.lock().await.push("exit"); // wait
        }
    }

    async fn leaking() {
        tokio::spawn(Log::default().output()); // spawn
    }

    async fn mended() {
        tokio::spawn(Log::default().output_mended());
    }
}

// `sync` held the endpoints for writing and called `members`, which reads the endpoints.
#[track]
mod etcd_6708 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "etcd#6708",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG009, HeldByItself),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Client {
        endpoints: RwLock<Vec<u16>>,
    }

    impl Client {
        async fn members(&self) -> Vec<u16> {
            self.endpoints.read().await.clone() // wait
        }
    }

    async fn leaking() {
        let client = Client::default();
        let mut endpoints = client.endpoints.write().await;
        *endpoints = client.members().await;
    }

    async fn mended() {
        let client = Client::default();
        let members = client.members().await;
        *client.endpoints.write().await = members;
    }
}

// Adding disks to a running machine locked it and called the function that adds disks at its start, which also locks it.
#[track]
mod moby_36114 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "moby#36114",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG009, HeldByItself),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Machine {
        disks: Mutex<Vec<u32>>,
    }

    impl Machine {
        async fn add(self) {
            let _disks = self.disks.lock().await;
            self.add_at_start().await;
        }

        async fn add_mended(self) {
            self.add_at_start().await;
        }

        async fn add_at_start(&self) {
            self.disks.lock().await.push(1); // wait
        }
    }

    async fn leaking() {
        tokio::spawn(Machine::default().add()); // spawn
    }

    async fn mended() {
        tokio::spawn(Machine::default().add_mended());
    }
}
