//! What the twins of channels and locks cost beside tokio's own, and an observed channel beside one that is not
//! observed. Prints Markdown. See BENCHMARKS.md.
//!
//! `cargo bench --bench sync --features always`, with `time` or `memory` for that alone. Without `--bench` it only
//! shows that it works.

use std::env;

mod blocking;
#[allow(dead_code)]
#[path = "../cost/crowd.rs"]
mod crowd;
#[path = "../cost/effort.rs"]
mod effort;
#[path = "../cost/memory.rs"]
mod memory;
mod observed;
#[allow(dead_code)]
#[path = "../cost/pair.rs"]
mod pair;
mod size;
#[path = "../cost/table.rs"]
mod table;
mod twins;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../cost/workloads.rs"]
mod workloads;

use pair::{Effort, pair};
use workloads::Workload;

const FORM: &str = "One task sends and receives, or acquires and releases, unless a row says otherwise. For the twins \
                    it is a watched task. Nothing has to wait unless a row says so.";

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let effort = effort::effort(words.iter().any(|word| word == "--bench"));
    let wanted = |part| {
        let mut words = words.iter().filter(|word| !word.starts_with('-'));
        words.clone().next().is_none() || words.any(|word| word == part)
    };
    if wanted("time") {
        compare("Twins", FORM, twins::plain::ALL, twins::twin::ALL, effort);
        compare("Twins of std", blocking::FORM, blocking::plain::ALL, blocking::twin::ALL, effort);
        compare(
            "Observed channels",
            observed::FORM,
            observed::plain::ALL,
            observed::watched::ALL,
            effort,
        );
    }
    if wanted("memory") {
        size::sizes();
    }
}

/// Both forms of each workload, on both runtimes.
fn compare(title: &str, what: &str, plain: &[Workload], other: &[Workload], effort: Effort) {
    for (runtime_name, key, runtime) in crowd::runtimes() {
        table::head(&format!("{title}, {runtime_name}"), what, table::PAIR);
        for ((name, bare), (_, with)) in plain.iter().zip(other) {
            let cost = pair(effort, |n| bare(&runtime, n), |n| with(&runtime, n));
            table::pair(name, &format!("{key}/{name}"), &cost);
        }
    }
}
