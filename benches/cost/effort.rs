//! How much effort a run is worth.

use crate::pair::Effort;
use std::time::Duration;

/// `BENCH_ROUNDS` shortens a run while something is tried out.
pub fn effort(in_earnest: bool) -> Effort {
    let rounds = std::env::var("BENCH_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok());
    Effort {
        rounds: rounds.unwrap_or(if in_earnest { 101 } else { 1 }),
        slice: Duration::from_millis(if in_earnest { 5 } else { 0 }),
    }
}
