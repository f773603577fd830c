//! Number and length of rounds for a run.

use crate::pair::Effort;
use std::time::Duration;

/// `BENCH_ROUNDS` shortens a trial run.
pub fn effort(is_bench: bool) -> Effort {
    let rounds = std::env::var("BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    Effort {
        rounds: rounds.unwrap_or(if is_bench { 101 } else { 1 }),
        slice: Duration::from_millis(if is_bench { 5 } else { 0 }),
    }
}
