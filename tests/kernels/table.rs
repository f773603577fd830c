//! The table of all kernels: what was reported, whether it was right, and the number of false alarms.

use crate::row::{Outcome, Row, Threads};
use crate::{plain, twins};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

const BOTH: [Threads; 2] = [Threads::One, Threads::Two];

/// Number of kernels that run at once. It exceeds the cores because a kernel mostly waits for its deadline.
const AT_ONCE: usize = 8;

/// Number of runs with each outcome, for one row or for all.
#[derive(Default)]
struct Count {
    runs: usize,
    found: usize,
    placed: usize,
    code: usize,
    cause: usize,
    late: usize,
    noise: usize,
}

impl Count {
    fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        let mut count = Count::default();
        for outcome in outcomes {
            count.runs += 1;
            count.found += usize::from(!outcome.codes.is_empty());
            count.placed += usize::from(outcome.placed);
            count.code += usize::from(outcome.code);
            count.cause += usize::from(outcome.cause);
            count.late += usize::from(outcome.late);
            count.noise += outcome.noise.len();
        }
        count
    }

    fn cells(&self) -> String {
        let of = |n: usize| format!("{n:>3}/{:<3}", self.runs);
        format!(
            "{} {} {} {} {:>5}",
            of(self.found),
            of(self.placed),
            of(self.code),
            of(self.cause),
            self.noise
        )
    }
}

fn outcomes(row: &'static Row) -> impl Iterator<Item = &'static Outcome> {
    BOTH.into_iter().map(|threads| row.outcome(threads))
}

/// Runs the rows that no other test has run yet.
fn run(rows: &[&'static Row]) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(row) = rows.get(next.fetch_add(1, Relaxed)) {
            outcomes(row).for_each(drop);
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
}

fn lines(shape: &str, rows: &[&'static Row]) -> Vec<String> {
    let mut lines = vec![format!(
        "\n{shape:<32} {:<12} {:<26} found  placed  code    cause  false",
        "reported", "expected"
    )];
    for row in rows {
        let mut codes: Vec<_> = outcomes(row).flat_map(|o| &o.codes).collect();
        codes.sort_unstable();
        codes.dedup();
        let codes: Vec<_> = codes.into_iter().map(String::as_str).collect();
        let (code, cause) = row.kernel.expected;
        lines.push(format!(
            "{row:<32} {:<12} {:<26}{}",
            codes.join(" "),
            format!("{code} {cause:?}"),
            Count::of(outcomes(row)).cells()
        ));
    }
    let all = Count::of(rows.iter().flat_map(|row| outcomes(row)));
    lines.push(format!("{:<72}{}", format!("{} rows, {} late", rows.len(), all.late), all.cells()));
    lines
}

/// Runs each row with tokio's types and with twins, on one thread and on two. `late` counts the runs that needed more
/// time.
#[test]
fn table() {
    let (plain, twins) = (plain::rows(), twins::rows());
    run(&[plain.clone(), twins.clone()].concat());
    let mut lines = lines("tokio's types", &plain);
    lines.extend(self::lines("twins", &twins));
    // Bypasses the harness, which captures the output of passing tests.
    let _ = writeln!(std::io::stdout().lock(), "{}\n", lines.join("\n"));
    for row in [plain, twins].concat() {
        BOTH.into_iter().for_each(|threads| row.check(threads));
    }
}
