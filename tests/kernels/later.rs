//! Tasks that run and never end, and threads. These kernels do not depend on channels and locks, so they are not in the
//! table.

use super::sync::{Notify, mpsc};
use crate::kernel::Cause::{Reported, Unknown};
use crate::kernel::{Kernel, LG002, LG011, LG013, LG017, blocking, form, task};
use crate::row::{Row, Threads, row, rows};
use leakguard::track;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

rows! { r19 r22 }

/// A single-threaded runtime would block the test itself.
#[test]
fn r17_on_two_threads() {
    static ROW: Row = row!(r17);
    ROW.check(Threads::Two);
}

// A task looped over a std channel and kept its worker busy.
#[track]
mod r17 {
    use super::super::sync::blocking::mpsc::{Receiver, Sender, channel};
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r17 blocks in a task",
        leaking: form!(leaking),
        finds: &[blocking(LG011, "")],
        expected: (
            LG011,
            Reported(&[
                "keeps its executor busy",
                "std channel receive, busy for ",
                "r17::count at {wait}",
                "unbounded mpsc, created at {created}",
                "; 0 queued, 0 sent, 0 received",
                "alive, given to the waiting task itself at ",
            ]),
        ),
        silent: &[form!(mended)],
    };

    fn count(numbers: &Receiver<u32>) -> usize {
        numbers.iter().count() // wait
    }

    /// Ends when its own sender is dropped, which is after the loop.
    async fn work(sender: Sender<u32>, numbers: Receiver<u32>) {
        tokio::task::yield_now().await;
        count(&numbers);
        drop(sender);
    }

    async fn leaking() {
        let (sender, numbers) = channel(); // created
        tokio::spawn(work(sender, numbers)); // spawn
    }

    async fn mended() {
        let (sender, numbers) = channel();
        tokio::task::spawn_blocking(move || count(&numbers));
        sender.send(1).unwrap();
    }
}

// The loop received from a closed channel, again and again.
#[track]
mod r19 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r19 spins on a closed channel",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (
            LG017,
            Reported(&[
                "task `run`, spawned by `leaking`, busy-loops on a closed channel",
                "mpsc, capacity 1, created at {created}",
                "; its last sender was dropped ",
                "gone, last used at {sent}",
                "`None`, ",
                " times in a row, at {wait}",
                "leave the loop when line {#wait} returns `None`",
            ]),
        ),
        silent: &[form!(mended), form!(trap)],
    };

    async fn run(tick: Arc<Notify>, mut messages: mpsc::Receiver<u32>) {
        loop {
            // On one line, because a machine that is too busy to probe the task knows only where it received.
            tokio::select! { biased; () = tick.notified() => {}, m = messages.recv() => if m == Some(0) { return } } // wait
        }
    }

    async fn run_mended(tick: Arc<Notify>, mut messages: mpsc::Receiver<u32>) {
        loop {
            tokio::select! {
                biased;
                () = tick.notified() => {}
                message = messages.recv() => if message.is_none() { return },
            }
        }
    }

    async fn leaking() {
        let (sender, messages) = mpsc::channel(1); // created
        tokio::spawn(run(Arc::default(), messages)); // spawn
        sender.send(1).await.unwrap(); // sent
    }

    async fn mended() {
        let (sender, messages) = mpsc::channel(1);
        tokio::spawn(run_mended(Arc::default(), messages));
        sender.send(1).await.unwrap();
    }

    /// A busy channel that is open.
    async fn trap() {
        let (sender, messages) = mpsc::channel(1);
        tokio::spawn(run(Arc::default(), messages));
        for message in (0..1000).rev() {
            sender.send(message).await.unwrap();
        }
    }
}

// A blocking closure did not look at its stop flag.
#[track]
mod r22 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r22 blocking call that never returns",
        leaking: form!(leaking),
        finds: &[blocking(LG013, "")],
        // Its stop flag is an atomic of the user, so its state cannot be known.
        expected: (
            LG013,
            Unknown(&[
                "a blocking call spawned by `leaking` has not ended",
                "thread park, for ",
                "--> {wait}",
                "spawned:  {spawn}",
                "r22::work at {wait}",
                "still running after ",
                "give the closure of line {#spawn} a stop flag or a time limit",
            ]),
        ),
        silent: &[form!(mended)],
    };

    fn work(_: &AtomicBool) {
        loop {
            std::thread::park(); // wait
        }
    }

    fn work_mended(stop: &AtomicBool) {
        while !stop.load(SeqCst) {
            std::thread::yield_now();
        }
    }

    async fn leaking() {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        tokio::task::spawn_blocking(move || work(&stopped)); // spawn
        stop.store(true, SeqCst);
    }

    async fn mended() {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        tokio::task::spawn_blocking(move || work_mended(&stopped));
        stop.store(true, SeqCst);
    }
}
