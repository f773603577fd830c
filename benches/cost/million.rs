//! Whether a spawn and a poll cost with a million tasks alive what they cost with a thousand.

use crate::crowd::{Crowd, current_thread};
use crate::forms::{FORM, plain, watched};
use crate::pair::{Effort, Pair, pair};
use crate::table::{self, figure, number, row};
use crate::workloads::{POLL, SPAWN, find};
use tokio::runtime::Runtime;

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;

/// A spawn and a poll among few and among many live watched tasks.
pub fn million(effort: Effort) {
    let what = format!(
        "{FORM}, current_thread. The other tasks are watched and idle in both forms; ns of CPU time for the whole \
         operation."
    );
    let columns = ["operation", "form", "1,000 alive", "1,000,000 alive", "ratio"];
    table::head("A million live tasks", &what, &columns);
    let runtime = current_thread();
    let mut crowd = Crowd::new(&runtime, MANY);
    let mut costs = |alive| {
        crowd.grow(alive, watched::idle::<0>);
        [SPAWN, POLL].map(|name| among(effort, &runtime, name))
    };
    let (few, many) = (costs(FEW), costs(MANY));
    for (n, name) in [SPAWN, POLL].into_iter().enumerate() {
        compare(name, "plain", few[n].cpu.plain, many[n].cpu.plain);
        let ratio = compare(name, "watched", few[n].cpu.other(), many[n].cpu.other());
        figure(&format!("million/{name}"), ratio);
    }
}

fn among(effort: Effort, runtime: &Runtime, name: &str) -> Pair {
    let (bare, with) = (find(plain::ALL, name), find(watched::ALL, name));
    pair(effort, |n| bare(runtime, n), |n| with(runtime, n))
}

fn compare(name: &str, form: &str, few: f64, many: f64) -> f64 {
    let ratio = many / few;
    row(&[name.to_owned(), form.to_owned(), number(few), number(many), format!("**{ratio:.2}**")]);
    ratio
}
