//! The twin of `tokio::runtime::Builder`.

use crate::runtime::Runtime;
use std::time::Duration;
use std::{fmt, io};
use tokio::runtime as tokio_runtime;

/// Instrumented drop-in for [`tokio::runtime::Builder`].
pub struct Builder {
    inner: tokio_runtime::Builder,
}

/// Methods that set something in the builder of tokio's.
macro_rules! settings {
    ($($(#[$meta:meta])* fn $name:ident(&mut self $(, $value:ident: $type:ty)?);)*) => {
        $(
            #[doc = concat!("Same as [`tokio::runtime::Builder::", stringify!($name), "`].")]
            $(#[$meta])*
            pub fn $name(&mut self $(, $value: $type)?) -> &mut Self {
                self.inner.$name($($value)?);
                self
            }
        )*
    };
}

/// Methods that set what is called at some point.
macro_rules! hooks {
    ($($(#[$meta:meta])* fn $name:ident(Fn($($argument:ty)?) $(-> $out:ty)?);)*) => {
        $(
            #[doc = concat!("Same as [`tokio::runtime::Builder::", stringify!($name), "`].")]
            $(#[$meta])*
            pub fn $name<F>(&mut self, f: F) -> &mut Self
            where
                F: Fn($($argument)?) $(-> $out)? + Send + Sync + 'static,
            {
                self.inner.$name(f);
                self
            }
        )*
    };
}

impl Builder {
    /// Same as [`tokio::runtime::Builder::new_current_thread`].
    pub fn new_current_thread() -> Builder {
        Builder::from(tokio_runtime::Builder::new_current_thread())
    }

    /// Same as [`tokio::runtime::Builder::new_multi_thread`].
    #[cfg(feature = "rt-multi-thread")]
    pub fn new_multi_thread() -> Builder {
        Builder::from(tokio_runtime::Builder::new_multi_thread())
    }

    /// Same as `tokio::runtime::Builder::new_multi_thread_alt`.
    #[cfg(all(tokio_unstable, feature = "rt-multi-thread", leakguard_tokio_before = "1.45"))]
    pub fn new_multi_thread_alt() -> Builder {
        Builder::from(tokio_runtime::Builder::new_multi_thread_alt())
    }

    /// Returns tokio's own builder.
    pub fn into_inner(self) -> tokio_runtime::Builder {
        self.inner
    }

    /// Same as [`tokio::runtime::Builder::build`].
    ///
    /// # Errors
    ///
    /// If the system refuses what the runtime needs.
    pub fn build(&mut self) -> io::Result<Runtime> {
        self.inner.build().map(Runtime::rooted)
    }

    /// Same as [`tokio::runtime::Builder::build_local`].
    ///
    /// # Errors
    ///
    /// If the system refuses what the runtime needs.
    ///
    /// # Panics
    ///
    /// If the builder is one of a runtime with several threads.
    #[cfg(any(
        not(leakguard_tokio_before = "1.51"),
        all(tokio_unstable, not(leakguard_tokio_before = "1.46"))
    ))]
    pub fn build_local(
        &mut self,
        options: tokio_runtime::LocalOptions,
    ) -> io::Result<crate::runtime::LocalRuntime> {
        self.inner.build_local(options).map(crate::runtime::LocalRuntime::rooted)
    }

    /// Same as `tokio::runtime::Builder::build_local`.
    #[cfg(all(
        tokio_unstable,
        leakguard_tokio_before = "1.46",
        not(leakguard_tokio_before = "1.41")
    ))]
    pub fn build_local(
        &mut self,
        options: &tokio_runtime::LocalOptions,
    ) -> io::Result<crate::runtime::LocalRuntime> {
        self.inner.build_local(options).map(crate::runtime::LocalRuntime::rooted)
    }

    settings! {
        fn enable_all(&mut self);
        #[cfg(any(not(leakguard_tokio_before = "1.54"), feature = "io-driver"))]
        fn enable_io(&mut self);
        fn enable_time(&mut self);
        #[track_caller]
        fn worker_threads(&mut self, val: usize);
        #[track_caller]
        fn max_blocking_threads(&mut self, val: usize);
        fn thread_name(&mut self, val: impl Into<String>);
        #[cfg(not(leakguard_tokio_before = "1.51"))]
        #[track_caller]
        fn name(&mut self, val: impl Into<String>);
        fn thread_stack_size(&mut self, val: usize);
        fn thread_keep_alive(&mut self, duration: Duration);
        #[track_caller]
        fn global_queue_interval(&mut self, val: u32);
        #[track_caller]
        fn event_interval(&mut self, val: u32);
        #[cfg(any(not(leakguard_tokio_before = "1.54"), feature = "io-driver"))]
        #[track_caller]
        fn max_io_events_per_tick(&mut self, capacity: usize);
        #[cfg(not(leakguard_tokio_before = "1.54"))]
        #[track_caller]
        fn max_io_events_per_busy_tick(&mut self, capacity: usize);
        #[cfg(feature = "test-util")]
        fn start_paused(&mut self, start_paused: bool);
    }

    hooks! {
        fn thread_name_fn(Fn() -> String);
        fn on_thread_start(Fn());
        fn on_thread_stop(Fn());
        fn on_thread_park(Fn());
        fn on_thread_unpark(Fn());
    }
}

#[cfg(tokio_unstable)]
impl Builder {
    settings! {
        #[cfg(all(feature = "rt-multi-thread", not(leakguard_tokio_before = "1.49")))]
        fn enable_alt_timer(&mut self);
        #[cfg(all(feature = "rt-multi-thread", not(leakguard_tokio_before = "1.52")))]
        fn enable_eager_driver_handoff(&mut self);
        #[cfg(not(leakguard_tokio_before = "1.54"))]
        fn enable_sharded_blocking_queue(&mut self);
        fn unhandled_panic(&mut self, behavior: tokio_runtime::UnhandledPanic);
        fn disable_lifo_slot(&mut self);
        fn rng_seed(&mut self, seed: tokio_runtime::RngSeed);
        #[cfg(not(leakguard_tokio_before = "1.41"))]
        fn enable_metrics_poll_time_histogram(&mut self);
        #[deprecated(note = "`poll_count_histogram` related methods have been renamed `poll_time_histogram` to better reflect their functionality.")]
        #[doc(hidden)]
        #[allow(deprecated)]
        fn enable_metrics_poll_count_histogram(&mut self);
        #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
        #[allow(deprecated)]
        fn metrics_poll_count_histogram_scale(&mut self, scale: tokio_runtime::HistogramScale);
        #[cfg(not(leakguard_tokio_before = "1.41"))]
        fn metrics_poll_time_histogram_configuration(&mut self, configuration: tokio_runtime::HistogramConfiguration);
        #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
        #[allow(deprecated)]
        fn metrics_poll_count_histogram_resolution(&mut self, resolution: Duration);
        #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
        #[allow(deprecated)]
        fn metrics_poll_count_histogram_buckets(&mut self, buckets: usize);
        #[cfg(all(feature = "io-uring", target_os = "linux"))]
        fn enable_io_uring(&mut self);
        #[cfg(feature = "schedule-latency")]
        fn track_task_schedule_latency(&mut self);
        #[cfg(feature = "schedule-latency")]
        fn enable_metrics_schedule_latency_histogram(&mut self);
        #[cfg(feature = "schedule-latency")]
        fn metrics_schedule_latency_histogram_configuration(&mut self, configuration: tokio_runtime::HistogramConfiguration);
    }

    hooks! {
        #[cfg(not(leakguard_tokio_before = "1.40"))]
        fn on_task_spawn(Fn(&tokio_runtime::TaskMeta<'_>));
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn on_before_task_poll(Fn(&tokio_runtime::TaskMeta<'_>));
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn on_after_task_poll(Fn(&tokio_runtime::TaskMeta<'_>));
        #[cfg(not(leakguard_tokio_before = "1.40"))]
        fn on_task_terminate(Fn(&tokio_runtime::TaskMeta<'_>));
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_runtime::Builder> for Builder {
    fn from(inner: tokio_runtime::Builder) -> Self {
        Builder { inner }
    }
}

impl From<Builder> for tokio_runtime::Builder {
    fn from(builder: Builder) -> Self {
        builder.into_inner()
    }
}
