//! How many bytes an idle task holds.

use crate::crowd::{Crowd, current_thread};
use crate::forms::{FORM, plain, watched};
use crate::memory;
use crate::table::{self, figure, number, row};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

pub type Idle = fn(Arc<Semaphore>) -> JoinHandle<()>;

const TASKS: usize = 100_000;

/// The same task with more and more in it.
macro_rules! sizes {
    ($form:ident) => {
        [
            $form::idle::<0>,
            $form::idle::<16>,
            $form::idle::<32>,
            $form::idle::<48>,
            $form::idle::<64>,
            $form::idle::<80>,
            $form::idle::<96>,
            $form::idle::<112>,
        ] as [$crate::heap::Idle; 8]
    };
}

pub fn heap() {
    let what = format!(
        "{FORM}. Heap bytes of each of {TASKS} waiting tasks. tokio rounds each task up to a multiple of 128 bytes, so \
         one more byte costs a task nothing or 128. A program can expect the mean over eight sizes of task; a single \
         size shows one or the other."
    );
    table::head("Heap per idle task", &what, &["task", "plain", "added"]);
    let (bare, with) = (sizes!(plain), sizes!(watched));
    show("holds nothing else", "heap/smallest", per_task(bare[0]), per_task(with[0]));
    show("holds 0, 16, … 112 bytes, mean", "heap/mean", mean(bare), mean(with));
}

fn show(name: &str, key: &str, bare: f64, with: f64) {
    row(&[name.to_owned(), number(bare), format!("**{}**", number(with - bare))]);
    figure(key, with - bare);
}

/// Over the sizes of task.
pub fn mean(idles: [Idle; 8]) -> f64 {
    idles.map(per_task).iter().sum::<f64>() / 8.0
}

fn per_task(idle: Idle) -> f64 {
    let runtime = current_thread();
    // Excludes what is allocated once and what is recycled for later tasks.
    drop({
        let mut first = Crowd::new(&runtime, TASKS);
        first.grow(1_000, idle);
        first
    });
    let mut crowd = Crowd::new(&runtime, TASKS);
    let ((), grown) = memory::grown(|| crowd.grow(TASKS, idle));
    grown as f64 / TASKS as f64
}
