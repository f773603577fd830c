//! What spawns, polls, awaits and scopes cost on top of plain tokio.

use crate::crowd;
use crate::forms::{FORM, plain, scoped, unscoped, watched};
use crate::pair::{Effort, pair};
use crate::table;
use crate::workloads::Workload;

pub fn tasks(effort: Effort) {
    compare("Tasks", plain::ALL, watched::ALL, effort);
}

pub fn scopes(effort: Effort) {
    compare("Scopes", unscoped::ALL, scoped::ALL, effort);
}

/// Both forms of each workload, on both runtimes.
fn compare(title: &str, plain: &[Workload], watched: &[Workload], effort: Effort) {
    for (runtime_name, key, runtime) in crowd::runtimes() {
        table::head(&format!("{title}, {runtime_name}"), FORM, table::PAIR);
        for ((name, bare), (_, with)) in plain.iter().zip(watched) {
            let cost = pair(effort, |n| bare(&runtime, n), |n| with(&runtime, n));
            table::pair(name, &format!("{key}/{name}"), &cost);
        }
    }
}
