//! Measures two forms of one operation side by side. It does not know tasks.
//!
//! criterion and divan measure one form for seconds and then the other, and a machine that drifts by 10 % in between
//! (a neighbour, a clock rate) shows a difference of tens of nanoseconds that is not there. Here the forms take turns
//! every few milliseconds, the order changes each round, and what counts is the median of the differences within a
//! round. CPU time is that of the whole process: what a form makes other threads do counts as well.

use cpu_time::ProcessTime;
use std::time::{Duration, Instant};

/// Number and length of the rounds.
#[derive(Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    /// Approximate time of both forms in one round.
    pub slice: Duration,
}

/// Nanoseconds per operation: medians over the rounds, and the quartiles of the difference.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    pub plain: f64,
    pub added: f64,
    pub quartiles: (f64, f64),
}

impl Difference {
    fn of(rounds: &[[f64; 2]]) -> Self {
        let added = sorted(rounds.iter().map(|[plain, other]| other - plain));
        Difference {
            plain: at(&sorted(rounds.iter().map(|[plain, _]| *plain)), 0.5),
            added: at(&added, 0.5),
            quartiles: (at(&added, 0.25), at(&added, 0.75)),
        }
    }

    pub fn ratio(self) -> f64 {
        self.other() / self.plain
    }

    /// Time of the form that is compared with the plain one.
    pub fn other(self) -> f64 {
        self.plain + self.added
    }
}

/// CPU time and clock time.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub cpu: Difference,
    pub wall: Difference,
}

/// Runs two forms in turns. Each gets the number of operations.
pub fn pair(effort: Effort, mut plain: impl FnMut(u64), mut other: impl FnMut(u64)) -> Pair {
    let times = times_in(effort.slice, &mut |times| {
        plain(times);
        other(times);
    });
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for round in 0..effort.rounds {
        let [first, second]: [&mut dyn FnMut(u64); 2] = match round % 2 {
            0 => [&mut plain, &mut other],
            _ => [&mut other, &mut plain],
        };
        let mut took = [measure(times, first), measure(times, second)];
        if round % 2 == 1 {
            took.reverse();
        }
        cpu.push(took.map(|(cpu, _)| cpu));
        wall.push(took.map(|(_, wall)| wall));
    }
    Pair { cpu: Difference::of(&cpu), wall: Difference::of(&wall) }
}

/// Number of operations that fill a slice.
fn times_in(slice: Duration, run: &mut dyn FnMut(u64)) -> u64 {
    let mut times = 16;
    loop {
        let start = Instant::now();
        run(times);
        if start.elapsed() >= slice {
            return times;
        }
        times *= 2;
    }
}

/// CPU and clock time of one operation, in nanoseconds.
fn measure(times: u64, run: &mut dyn FnMut(u64)) -> (f64, f64) {
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    run(times);
    let took = (cpu.elapsed(), wall.elapsed());
    let each = |took: Duration| took.as_nanos() as f64 / times as f64;
    (each(took.0), each(took.1))
}

/// The median of some figures.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    at(&sorted(figures), 0.5)
}

fn sorted(figures: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures
}

fn at(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
