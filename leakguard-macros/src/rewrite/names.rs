//! The names by which calls that spawn and constructors of channels are recognized.

const SPAWN_NAMES: &[&str] = &[
    "spawn",
    "spawn_async",
    "spawn_blocking",
    "spawn_blocking_on",
    "spawn_boxed",
    "spawn_detached",
    "spawn_fifo",
    "spawn_future",
    "spawn_local",
    "spawn_local_on",
    "spawn_named",
    "spawn_on",
    "spawn_pinned",
    "spawn_pinned_by_idx",
    "spawn_scoped",
    "spawn_task",
    "spawn_thread",
    "spawn_unchecked",
    "spawn_with_handle",
];

const CONSTRUCTORS: &[&str] =
    &["bounded", "channel", "rendezvous", "sync_channel", "unbounded", "unbounded_channel"];

/// Each constructor's name contains one of these.
pub(super) const CONSTRUCTOR_PARTS: [&str; 3] = ["bounded", "channel", "rendezvous"];

pub(super) fn is_spawn_name(name: &str) -> bool {
    name.starts_with("spawn") && SPAWN_NAMES.contains(&name)
}

/// Whether a call of that name is known to take an `FnOnce()`.
pub(super) fn takes_job(name: &str) -> bool {
    name.starts_with("spawn_blocking")
        || matches!(name, "spawn_thread" | "spawn_unchecked" | "spawn_fifo")
}

pub(super) fn is_constructor_name(name: &str) -> bool {
    CONSTRUCTORS.contains(&name)
}
