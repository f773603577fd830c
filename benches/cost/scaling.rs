//! Whether two threads that spawn at once get in each other's way.

use crate::crowd::{current_thread, two_workers};
use crate::forms::{FORM, plain, watched};
use crate::pair::{Effort, median};
use crate::table::{self, figure, row};
use crate::workloads::{Run, SPAWN, find};
use cpu_time::ProcessTime;
use std::hint::black_box;
use std::thread;
use std::time::Instant;
use tokio::runtime::Runtime;

/// How much more two spawning tasks get done than one, watched against plain.
pub fn scaling(effort: Effort) {
    let what = format!(
        "{FORM}. Spawns and joins per second of two concurrent spawners, divided by those of one; 2 is ideal if two \
         processors are free. Two runtimes share only leakguard's registry and the allocator. The CPU time of a \
         spawn beside another spawner, divided by that of a spawn alone, does not depend on other load; 1 is ideal. \
         The first row is the control, arithmetic that shares nothing."
    );
    let columns = ["where", "plain", "watched", "watched / plain", "CPU: plain", "watched"];
    table::head("Two spawn at once", &what, &columns);
    let forms = [find(plain::ALL, SPAWN), find(watched::ALL, SPAWN)];
    let shared = two_workers();
    let own = (current_thread(), current_thread());
    scale("arithmetic", "control", effort, [spin, spin], [&shared, &shared]);
    scale("two workers of one runtime", "workers", effort, forms, [&shared, &shared]);
    scale("two current_thread runtimes", "runtimes", effort, forms, [&own.0, &own.1]);
}

fn scale(name: &str, key: &str, effort: Effort, forms: [Run; 2], runtimes: [&Runtime; 2]) {
    let rounds: Vec<_> =
        (0..effort.rounds).map(|_| forms.map(|form| Scaled::measure(form, runtimes))).collect();
    let middle = |of: &dyn Fn(&[Scaled; 2]) -> f64| median(rounds.iter().map(of));
    let ratio = middle(&|[bare, with]| with.speedup / bare.speedup);
    row(&[
        name.to_owned(),
        format!("{:.2}", middle(&|[bare, _]| bare.speedup)),
        format!("{:.2}", middle(&|[_, with]| with.speedup)),
        format!("**{ratio:.2}**"),
        format!("{:.2}", middle(&|[bare, _]| bare.cpu)),
        format!("{:.2}", middle(&|[_, with]| with.cpu)),
    ]);
    figure(&format!("scaling/{key}"), ratio);
}

fn spin(_: &Runtime, times: u64) {
    for n in 0..times * 400 {
        black_box(n);
    }
}

/// Two spawners against one.
struct Scaled {
    speedup: f64,
    cpu: f64,
}

impl Scaled {
    fn measure(form: Run, [first, second]: [&Runtime; 2]) -> Self {
        const TIMES: u64 = 100_000;
        let one = took(|| form(first, TIMES));
        let two = took(|| {
            thread::scope(|scope| {
                scope.spawn(|| form(first, TIMES));
                form(second, TIMES);
            });
        });
        Scaled { speedup: 2.0 * one.1 / two.1, cpu: two.0 / one.0 / 2.0 }
    }
}

/// Seconds of CPU time and on the clock.
fn took(work: impl FnOnce()) -> (f64, f64) {
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    work();
    (cpu.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64())
}
