//! What generated code may call where leakguard watches.

pub use crate::call::apart::apart;
pub use crate::call::await_scope::{AwaitScope, await_scope as detached_scope, wait_in};
pub use crate::call::guard::{CallGuard, call_guard, panic_with};
pub use crate::call::output::{keep_tags, output_of};
use crate::call::root;
pub use crate::call::root::scope as scope_of;
pub use crate::call::test::{test, test_sync, test_sync_with_result, test_with_result};
pub use crate::fact::observed::PlainReason;
pub use crate::fact::options::Options;
pub use crate::record::observed::Observed;
pub use crate::record::resource::channel::ChannelRule;
pub use crate::record::sleep_place::SleepPlace;
pub use crate::site::{Site, SiteTable};
pub use crate::sync::adopt::{channel_tags, inspect};
pub use crate::sync::handover::handover_tags;
pub use crate::sync::observe::{capacity_tags, observe, observe_with};
pub use crate::sync::type_of::type_of;
pub use crate::vocabulary::Action;
pub use crate::vocabulary::SiteKind;
pub use crate::watch::adapt::{adapt, job_tags, tags};
pub use crate::watch::closure::WatchedClosure;
pub use crate::watch::registered::mark_discarded;
pub use crate::watch::result::{inspect_await, inspect_send, sender_of};
pub use crate::watch::sleep::sleep_tags;
pub use crate::watch::wait::wait;
pub use crate::{
    __channel as channel, __discarded as discarded, __gate as gate, __given as given,
    __observe as observed, __observe_capacity as observed_capacity, __scope as scope,
    __sleep as sleep, __ticket as ticket, __twin as twin, __watch as watch,
    __watch_call as watch_call, __watch_job as watch_job, __way as way,
};
use crate::{deadline, snapshot, stripe};
pub use core::{future::Future, module_path, option::Option::None};
pub use inventory::{self, submit};

/// Keeps the first of two forms of an item.
#[doc(hidden)]
#[macro_export]
macro_rules! __gate {
    ({ $($on:tt)* } { $($off:tt)* }) => { $($on)* };
}

/// An argument of a call that spawns.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch {
    ($site:expr, $detached:expr, $argument:expr $(,)?) => {
        $crate::__private::adapt($argument, |probe| {
            #[allow(unused_imports)]
            use $crate::__private::tags::*;
            (&&&&&&&probe).leakguard_tag().wrap(probe, $site, $detached)
        })
    };
}

/// As `__watch`, where the callee is known to take an `FnOnce()`.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch_job {
    ($site:expr, $detached:expr, $argument:expr) => {
        $crate::__private::adapt($argument, |probe| {
            #[allow(unused_imports)]
            use $crate::__private::job_tags::*;
            (&&&&&&&probe).leakguard_tag().wrap(probe, $site, $detached)
        })
    };
}

/// A literal closure. The closure around it is `Fn`, `FnMut` or `FnOnce` like the one inside.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch_call {
    ($site:expr, $detached:expr, $closure:expr) => {
        match ($crate::__private::WatchedClosure::new($site, $detached), $closure) {
            (call, mut job) => move || {
                let _running = call.begin();
                job()
            },
        }
    };
}

/// A call of a method that spawns, and whose result is dropped. It is a macro because clippy would attribute a function
/// call to the user, and warns of a `()` that is passed on.
#[doc(hidden)]
#[macro_export]
macro_rules! __discarded {
    ($call:expr, $site:expr) => {
        $crate::__private::mark_discarded($call, $site)
    };
}

/// A constructor of a channel whose endpoints stay inside the function.
#[doc(hidden)]
#[macro_export]
macro_rules! __twin {
    ($function:expr, $options:expr, $bound:expr, [$($kind:ident)*], $created:expr) => {
        match $created {
            pair => {
                #[allow(unused_imports)]
                use $crate::__private::channel_tags::{*, kind::{$($kind),*}};
                let rule = $crate::__rule!($function, $options, $bound);
                (&&$crate::__private::type_of(&pair)).leakguard_adopt(pair, rule)
            }
        }
    };
}

/// Any other constructor of a channel. Its endpoints keep their types.
#[doc(hidden)]
#[macro_export]
macro_rules! __channel {
    ($function:expr, $options:expr, $bound:expr, [], $created:expr) => {
        $crate::__private::inspect($created, |pair| {
            #[allow(unused_imports)]
            use $crate::__private::channel_tags::*;
            let rule = $crate::__rule!($function, $options, $bound);
            (&&$crate::__private::type_of(pair)).leakguard_watch(pair, rule)
        })
    };
}

/// The rule for the channels that one call creates.
#[doc(hidden)]
#[macro_export]
macro_rules! __rule {
    ($function:expr, $options:expr, $bound:expr) => {{
        static RULE: $crate::__private::ChannelRule = $crate::__private::ChannelRule::new(
            $function,
            $crate::__private::module_path!(),
            $options,
            $bound,
        );
        $crate::__private::attended(&RULE)
    }};
}

/// The rule for one use of an endpoint that keeps its type.
#[doc(hidden)]
#[macro_export]
macro_rules! __way {
    ($function:expr, $options:expr) => {
        $crate::__rule!($function, $options, $crate::__private::None)
    };
}

/// The static of a place where a channel is created.
#[doc(hidden)]
#[macro_export]
macro_rules! __made_at {
    ($function:expr, $why:ident, $capacity:tt) => {{
        static PLACE: $crate::__private::Observed = $crate::__private::Observed::new(
            $function,
            $crate::__private::PlainReason::$why,
            &$capacity,
        );
        &PLACE
    }};
}

/// What may be the constructor of a channel. Its result is unchanged.
#[doc(hidden)]
#[macro_export]
macro_rules! __observe {
    ($function:expr, $why:ident, $capacity:tt, $created:expr) => {
        $crate::__private::observe($crate::__made_at!($function, $why, $capacity), $created)
    };
}

/// As `__observe`, where the channel reports its capacity.
#[doc(hidden)]
#[macro_export]
macro_rules! __observe_capacity {
    ($function:expr, $why:ident, $capacity:tt, $created:expr) => {
        match $created {
            pair => {
                #[allow(unused_imports)]
                use $crate::__private::capacity_tags::*;
                let capacity = (&&$crate::__private::type_of(&pair)).leakguard_capacity(&pair);
                let place = $crate::__made_at!($function, $why, $capacity);
                $crate::__private::observe_with(place, pair, capacity)
            }
        }
    };
}

/// What may be a sleep. It is unchanged.
#[doc(hidden)]
#[macro_export]
macro_rules! __sleep {
    ($created:expr) => {
        match $created {
            sleep => {
                #[allow(unused_imports)]
                use $crate::__private::sleep_tags::*;
                static PLACE: $crate::__private::SleepPlace = $crate::__private::SleepPlace::new();
                (&&$crate::__private::type_of(&sleep)).leakguard_note(&sleep, &PLACE);
                sleep
            }
        }
    };
}

/// A parameter of a function that may be the first function of a task.
#[doc(hidden)]
#[macro_export]
macro_rules! __given {
    ($parameter:ident) => {{
        #[allow(unused_imports)]
        use $crate::__private::handover_tags::*;
        (&&$crate::__private::type_of(&$parameter)).leakguard_given(&$parameter)
    }};
}

/// The body of an async function.
#[doc(hidden)]
#[macro_export]
macro_rules! __scope {
    ($site:expr, $options:expr, $body:expr) => {
        match $body {
            body => {
                #[allow(unused_imports)]
                use $crate::__private::keep_tags::*;
                let keep = (&&$crate::__private::output_of(&body)).leakguard_keep();
                $crate::__private::scope_of($site, const { &$options }, keep, body)
            }
        }
    };
}

/// The guard of a sync function.
#[doc(hidden)]
#[macro_export]
macro_rules! __ticket {
    ($site:expr, $options:expr) => {
        $crate::__private::call_guard($site, const { &$options }, |report| {
            $crate::__private::panic_with(report)
        })
    };
}

/// Starts the watchdog, which reports what happens to the channels of `rule`.
pub fn attended(rule: &'static ChannelRule) -> &'static ChannelRule {
    deadline::enable();
    rule
}

/// Counts a call of a function that opens no scope.
pub fn track(site: &'static Site, _: Options) {
    deadline::enable();
    site.count_pass(stripe::of_thread());
}

/// The body of an async `main`.
pub fn main<F: Future>(
    site: &'static Site,
    options: Options,
    body: F,
) -> impl Future<Output = F::Output> {
    snapshot::dump_on_signal();
    root::main(site, options, body)
}

pub use __rust_end_short_backtrace::main_sync;

/// See `call/failure.rs`.
mod __rust_end_short_backtrace {
    use super::{Options, Site};
    use crate::call::failure::panic_at_caller;
    use crate::call::root;
    use crate::snapshot;

    /// The body of a sync `main`.
    #[track_caller]
    pub fn main_sync<T>(site: &'static Site, options: Options, body: impl FnOnce() -> T) -> T {
        snapshot::dump_on_signal();
        match root::run_sync(site, options, body) {
            Ok(output) => output,
            Err(report) => panic_at_caller(report),
        }
    }
}
