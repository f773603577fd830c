//! Every kernel with tokio's own types, where leakguard knows only what attributes record.

use crate::row::{Row, Threads};
use leakguard::track;

mod sync {
    pub use tokio::sync::*;
    pub use tokio_util::sync::CancellationToken;
    pub mod blocking {
        pub use std::sync::mpsc;
    }
}

const CHECK: fn(&Row, Threads) = Row::check;
const TWINS: bool = false;

#[path = "channel.rs"]
mod channel;
#[path = "count.rs"]
mod count;
#[path = "guard_across_send.rs"]
mod guard_across_send;
#[path = "guard_across_wait.rs"]
mod guard_across_wait;
#[path = "guard_kept.rs"]
mod guard_kept;
#[path = "later.rs"]
mod later;
#[path = "lock_order.rs"]
mod lock_order;
#[path = "lock_twice.rs"]
mod lock_twice;
#[path = "read_again.rs"]
mod read_again;
#[path = "real_body.rs"]
mod real_body;
#[path = "real_task.rs"]
mod real_task;
#[path = "receiver_kept.rs"]
mod receiver_kept;
#[path = "signal.rs"]
mod signal;
#[path = "timeout.rs"]
mod timeout;

/// The rows of the table.
pub fn rows() -> Vec<&'static Row> {
    let files = [
        &lock_order::ROWS[..],
        &lock_twice::ROWS,
        &guard_kept::ROWS,
        &read_again::ROWS,
        &channel::ROWS,
        &receiver_kept::ROWS,
        &timeout::ROWS,
        &signal::ROWS,
        &guard_across_send::ROWS,
        &guard_across_wait::ROWS,
        &count::ROWS,
        &real_task::ROWS,
        &real_body::ROWS,
    ];
    files.into_iter().flatten().collect()
}
