//! How each peer wraps spawned and awaited futures, and how it dumps.

/// `#[async_backtrace::framed]` on spawned futures only.
pub mod backtrace_root {
    pub use crate::forms::bare::wait;

    pub fn root<F: Future>(future: F) -> impl Future<Output = F::Output> {
        async_backtrace::location!().frame(future)
    }

    pub fn dump() -> String {
        async_backtrace::taskdump_tree(false)
    }
}

/// `#[async_backtrace::framed]` on awaited futures as well.
pub mod backtrace_each {
    pub use super::backtrace_root::{dump, root};

    pub fn wait<F: Future>(future: F) -> impl Future<Output = F::Output> {
        async_backtrace::location!().frame(future)
    }
}

/// A tree per task.
pub mod tree_root {
    pub use crate::forms::bare::wait;
    use await_tree::{Config, Registry};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new(Config::default()));

    pub fn root<F: Future>(future: F) -> impl Future<Output = F::Output> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        REGISTRY
            .register(NEXT.fetch_add(1, Relaxed), "task")
            .instrument(future)
    }

    pub fn dump() -> String {
        use std::fmt::Write;
        let mut text = String::new();
        for (key, tree) in REGISTRY.collect::<u64>() {
            writeln!(text, "task {key}\n{tree}").expect("a string grows");
        }
        text
    }
}

/// A tree per task and a span per await.
pub mod tree_each {
    pub use super::tree_root::{dump, root};
    use await_tree::InstrumentAwait;

    pub fn wait<F: Future>(future: F) -> impl Future<Output = F::Output> {
        future.instrument_await("await")
    }
}

/// One monitor for all tasks, as its documentation shows.
pub mod metrics {
    pub use crate::forms::bare::wait;
    use std::sync::LazyLock;
    use tokio_metrics::TaskMonitor;

    static MONITOR: LazyLock<TaskMonitor> = LazyLock::new(TaskMonitor::new);

    pub fn root<F: Future>(future: F) -> impl Future<Output = F::Output> {
        MONITOR.instrument(future)
    }

    /// tokio-metrics only counts, so it has no dump.
    pub fn dump() -> String {
        String::new()
    }
}
