//! The kernels that `Drop` ends but that lose a message, under `bounded_channel`, which reports the loss. In `plain` and
//! `twins` the same programs are silent.

use crate::row::{Row, Threads};
use leakguard::bounded_channel as track;

mod sync {
    pub use leakguard::sync::*;
}

const CHECK: fn(&Row, Threads) = |row, threads| {
    row.check_lost(threads);
};
const TWINS: bool = true;

#[path = "count.rs"]
mod count;
#[path = "receiver_kept.rs"]
mod receiver_kept;
#[path = "timeout.rs"]
mod timeout;

/// Each row is a test of its own. This checks that none is missing.
#[test]
fn five_kernels_lose_messages() {
    let rows = [&count::ROWS[..], &receiver_kept::ROWS, &timeout::ROWS];
    let forms = rows.into_iter().flatten().flat_map(|row| row.kernel.silent);
    assert_eq!(forms.filter(|form| form.loses).count(), 5);
}
