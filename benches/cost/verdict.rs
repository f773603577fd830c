//! Measures the end of a scope, and the time from a deadline to its verdict.

use crate::crowd::{Crowd, current_thread, two_workers};
use crate::forms::{FORM, watched};
use crate::fresh;
use crate::pair::{Effort, median};
use crate::table::{self, figure, number, row};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const FOREIGN: usize = 10_000;
const GRACE: Duration = Duration::from_millis(50);

/// Tasks of another scope, which is still open.
#[leakguard::must_terminate(grace = "1h")]
fn foreign(gate: Arc<Semaphore>) -> JoinHandle<()> {
    watched::idle::<0>(gate)
}

/// The end of a clean scope, with and without other tasks alive.
pub fn end_of_scope(effort: Effort) {
    let what = format!(
        "{FORM}. `leakguard::find` around a body that leaves nothing behind; ns on the clock."
    );
    let columns = ["body", "nothing else alive", "10,000 tasks of other scopes alive"];
    table::head("End-of-scope check", &what, &columns);
    let runtime = current_thread();
    let both = |effort: Effort| [find_empty(effort, &runtime), find_spawning(effort, &runtime)];
    let alone = both(effort);
    let mut crowd = Crowd::new(&runtime, FOREIGN);
    crowd.grow(FOREIGN, foreign);
    let crowded = both(effort);
    for (n, name) in ["empty", "spawns a task and joins it"].into_iter().enumerate() {
        row(&[name.to_owned(), number(alone[n]), format!("**{}**", number(crowded[n]))]);
        figure(&format!("find/{name}/alone"), alone[n] / 1e3);
        figure(&format!("find/{name}/crowded"), crowded[n] / 1e3);
    }
}

fn find_empty(effort: Effort, runtime: &Runtime) -> f64 {
    each(effort, runtime, async || leakguard::find(async {}).await.expect("nothing is left"))
}

fn find_spawning(effort: Effort, runtime: &Runtime) -> f64 {
    each(effort, runtime, async || {
        leakguard::find(watched::spawn_join(1)).await.expect("nothing is left")
    })
}

fn each(effort: Effort, runtime: &Runtime, work: impl AsyncFn()) -> f64 {
    const TIMES: u32 = 1_000;
    median((0..effort.rounds).map(|_| {
        let start = Instant::now();
        runtime.block_on(async {
            for _ in 0..TIMES {
                work().await;
            }
        });
        start.elapsed().as_nanos() as f64 / f64::from(TIMES)
    }))
}

/// The time from the end of the grace until `find` returns the report.
pub fn delay(effort: Effort) {
    let what = format!(
        "{FORM}. One task that outlives `Scope::new(..).grace(..)`; milliseconds from the end of the grace until \
         `find` returns the report."
    );
    table::head(
        "Verdict",
        &what,
        &["runtime", "first in its process", "a later one", "slowest later one"],
    );
    for name in ["current_thread", "two workers"] {
        let runs: Vec<_> =
            (0..effort.rounds.min(5)).map(|_| fresh::run(&["delay", name])).collect();
        let [first, later, slowest] = [0, 1, 2].map(|n| median(runs.iter().map(|run| run[n])));
        row(&[
            name.to_owned(),
            format!("**{}**", number(first)),
            format!("**{}**", number(later)),
            number(slowest),
        ]);
        figure(&format!("verdict/{name}/first"), first);
        figure(&format!("verdict/{name}/later"), later);
    }
}

/// The first delay of this process, and the median and maximum of later ones.
pub fn in_this_process(runtime: &str) -> Vec<f64> {
    let runtime = if runtime == "two workers" { two_workers() } else { current_thread() };
    let first = one_delay(&runtime);
    let mut others: Vec<_> = (0..11).map(|_| one_delay(&runtime)).collect();
    others.sort_by(f64::total_cmp);
    vec![first, others[5], others[10]]
}

fn one_delay(runtime: &Runtime) -> f64 {
    let gate = Arc::new(Semaphore::new(0));
    let mut returned = Instant::now();
    let work = async {
        let body = async {
            drop(watched::idle::<0>(gate.clone()));
            returned = Instant::now();
        };
        leakguard::Scope::new("verdict").grace(GRACE).find(body).await
    };
    let report = runtime.block_on(work).expect_err("a task is left");
    let delay = returned.elapsed().saturating_sub(GRACE).as_secs_f64() * 1e3;
    assert_eq!(report.findings().len(), 1);
    gate.close();
    delay
}
