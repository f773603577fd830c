//! Every kernel with tokio's own types and no attribute. Each form is a test, whose thread and runtime are its own.
#![cfg(test)]
#![allow(dead_code, unused_imports, unused_macros)]

mod kernel;
mod leakguard;
mod row;

use crate::leakguard as track;

mod sync {
    pub use tokio::sync::*;
    pub use tokio_util::sync::CancellationToken;
}

mod channel;
mod count;
mod guard_across_send;
mod guard_across_wait;
mod guard_kept;
mod lock_order;
mod lock_twice;
mod read_again;
mod real_body;
mod real_task;
mod receiver_kept;
mod signal;
mod timeout;
