//! How long a dump of many idle tasks takes, from the call to the finished text.

use crate::crowd::{Crowd, current_thread, two_workers};
use crate::forms::{FORM, watched};
use crate::fresh;
use crate::pair::{Effort, median};
use crate::table::{self, figure, number, row};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const TASKS: usize = 100_000;
const FORMS: [&str; 2] = ["grouped", "in full"];

/// The first dump of a process also reads its symbols, and a process seldom makes a second one. Each figure is measured in
/// a new process, together with that of a later dump.
pub fn dump(effort: Effort) {
    let what = format!(
        "{FORM}. {TASKS} idle tasks, `dump_with_stacks` and its text; milliseconds on the clock."
    );
    table::head(
        "Dump",
        &what,
        &[
            "text",
            "runtime",
            "first in its process",
            "of which text",
            "a later one",
            "MB of text",
            "tasks with a stack",
        ],
    );
    for runtime in ["current_thread", "two workers"] {
        for form in FORMS {
            let runs: Vec<_> =
                (0..effort.rounds.min(5)).map(|_| fresh::run(&["dump", runtime, form])).collect();
            let [first, text, later, bytes, stacks] =
                [0, 1, 2, 3, 4].map(|n| median(runs.iter().map(|run| run[n])));
            row(&[
                format!("`dump_with_stacks`, {form}"),
                runtime.to_owned(),
                format!("**{}**", number(first)),
                number(text),
                number(later),
                number(bytes / 1e6),
                number(stacks),
            ]);
            let key = format!("dump/{runtime}/{form}");
            figure(&key, first);
            // Shows whether a dump is fast because it omits tasks.
            figure(&format!("{key}/stacks"), 100.0 * stacks / TASKS as f64);
        }
    }
}

/// Milliseconds of this process's first dump, of its text alone and of a later dump, the length of the first text and the
/// number of tasks with a stack in it.
pub fn in_this_process(runtime: &str, form: &str) -> Vec<f64> {
    let runtime = if runtime == "two workers" { two_workers() } else { current_thread() };
    let mut crowd = Crowd::new(&runtime, TASKS);
    crowd.grow(TASKS, watched::idle::<0>);
    let (first, text, dump) = once(&runtime, form);
    let (later, ..) = once(&runtime, form);
    let stacks: usize = dump.lines().map(waiting).sum();
    vec![first, text, later, dump.len() as f64, stacks as f64]
}

/// Number of tasks that a line of a dump shows with a wait known only from a stack.
fn waiting(line: &str) -> usize {
    match line.split_once(" [semaphore acquire") {
        Some((tasks, _)) if tasks.starts_with("task ") => 1,
        Some((tasks, _)) => tasks.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0),
        None => 0,
    }
}

/// Milliseconds of the dump and of its text alone, and the text.
fn once(runtime: &Runtime, form: &str) -> (f64, f64, String) {
    let start = Instant::now();
    let dump = runtime.block_on(leakguard::dump_with_stacks());
    let captured = start.elapsed();
    let text = if form == FORMS[0] { format!("{dump:#}") } else { dump.to_string() };
    let took = start.elapsed();
    assert!(dump.len() >= TASKS, "every task is in it");
    let millis = |took: Duration| took.as_secs_f64() * 1e3;
    (millis(took), millis(took - captured), text)
}
