//! Compares leakguard with other tools that watch tokio's tasks and prints Markdown. Run it with `benches/run peers`.

#[path = "../cost/crowd.rs"]
mod crowd;
#[expect(dead_code, reason = "no peer has scopes")]
#[path = "../cost/forms.rs"]
mod forms;
#[macro_use]
#[expect(dead_code, reason = "its table is for one tool")]
#[path = "../cost/heap.rs"]
mod heap;
#[path = "../cost/memory.rs"]
mod memory;
#[path = "../cost/pair.rs"]
mod pair;
#[path = "../cost/scopes.rs"]
mod scopes;
#[expect(dead_code, reason = "its columns are for one tool")]
#[path = "../cost/table.rs"]
mod table;
mod tools;
#[expect(dead_code, reason = "other measurements use the names")]
#[path = "../cost/workloads.rs"]
mod workloads;

use crowd::Crowd;
use heap::Idle;
use pair::{Effort, median, pair};
use std::time::{Duration, Instant};
use table::{number, row};
use workloads::{Workload, workloads};

use forms::{plain, watched};
use tools::{backtrace_each, backtrace_root, metrics, tree_each, tree_root};

mod peer {
    use super::*;

    workloads!(framed_root, backtrace_root,);
    workloads!(framed_each, backtrace_each,);
    workloads!(tree, tree_root,);
    workloads!(tree_with_each, tree_each,);
    workloads!(metered, metrics,);
}

struct Peer {
    name: &'static str,
    workloads: &'static [Workload],
    idle: [Idle; 8],
    dump: fn(&tokio::runtime::Runtime) -> String,
}

macro_rules! peer {
    ($name:literal, $form:ident, $tool:ident) => {{
        use peer::$form;
        Peer {
            name: $name,
            workloads: $form::ALL,
            idle: sizes!($form),
            dump: |_| $tool::dump(),
        }
    }};
}

fn peers() -> [Peer; 6] {
    [
        Peer {
            name: "leakguard, every await",
            workloads: watched::ALL,
            idle: sizes!(watched),
            dump: |runtime| runtime.block_on(leakguard::dump_with_stacks()).to_string(),
        },
        peer!("async-backtrace, framed root", framed_root, backtrace_root),
        peer!(
            "async-backtrace, each await too",
            framed_each,
            backtrace_each
        ),
        peer!("await-tree, root", tree, tree_root),
        peer!("await-tree, each await too", tree_with_each, tree_each),
        peer!("tokio-metrics", metered, metrics),
    ]
}

fn main() {
    let rounds = std::env::var("BENCH_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok());
    let effort = Effort {
        rounds: rounds.unwrap_or(101),
        slice: Duration::from_millis(5),
    };
    for (name, _, runtime) in crowd::runtimes() {
        compare(name, &runtime, effort);
    }
    memory_and_dump();
}

/// CPU time that each tool adds to each workload.
fn compare(name: &str, runtime: &tokio::runtime::Runtime, effort: Effort) {
    let names = plain::ALL.iter().map(|(name, _)| *name);
    let columns: Vec<_> = ["added CPU time, ns"].into_iter().chain(names).collect();
    table::head(
        &format!("Beside its peers, {name}"),
        "Release; leakguard with feature `always`.",
        &columns,
    );
    let mut bare = vec![Vec::new(); plain::ALL.len()];
    for peer in peers() {
        let mut cells = vec![peer.name.to_owned()];
        for (n, ((_, plain), (_, with))) in plain::ALL.iter().zip(peer.workloads).enumerate() {
            let cost = pair(effort, |n| plain(runtime, n), |n| with(runtime, n)).cpu;
            bare[n].push(cost.plain);
            cells.push(number(cost.added));
        }
        row(&cells);
    }
    let itself = bare.into_iter().map(|figures| number(median(figures)));
    row(&["plain tokio itself".to_owned()]
        .into_iter()
        .chain(itself)
        .collect::<Vec<_>>());
}

fn memory_and_dump() {
    let what = "Bytes added to an idle task, mean over eight sizes of task; a dump of 100,000 idle tasks as text, in \
                full, the second one of the process, milliseconds on the clock.";
    table::head(
        "Beside its peers, idle tasks",
        what,
        &["", "bytes added", "dump, ms", "MB of text"],
    );
    let plain = heap::mean(sizes!(plain));
    for peer in peers() {
        let (took, length) = dump(&peer);
        let text = if length == 0 {
            ["-".to_owned(), "-".to_owned()]
        } else {
            [number(took), number(length as f64 / 1e6)]
        };
        let [took, length] = text;
        row(&[
            peer.name.to_owned(),
            number(heap::mean(peer.idle) - plain),
            took,
            length,
        ]);
    }
}

fn dump(peer: &Peer) -> (f64, usize) {
    let runtime = crowd::current_thread();
    let mut crowd = Crowd::new(&runtime, 100_000);
    crowd.grow(100_000, peer.idle[0]);
    (peer.dump)(&runtime);
    let start = Instant::now();
    let text = (peer.dump)(&runtime);
    (start.elapsed().as_secs_f64() * 1e3, text.len())
}
