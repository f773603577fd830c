//! Not public API. All that generated code may call.

pub use crate::call::apart::apart;
pub use crate::call::await_scope::{AwaitScope, await_scope, wait_in};
pub use crate::call::guard::{CallGuard, call_guard};
pub use crate::call::output::{keep_tags, output_of};
pub use crate::call::root::{main as main_async, main_sync as main_in_sync, scope as scope_of};
pub use crate::call::root::{test as test_async, test_sync as test_in_sync};
pub use crate::fact::observed::PlainReason;
pub use crate::fact::options::{Action, Options};
pub use crate::record::observed::Observed;
pub use crate::record::resource::channel::ChannelRule;
pub use crate::site::{Site, SiteKind, SiteTable};
pub use crate::supervise::Monitor;
pub use crate::supervise::attribute::{Duration, Lazy, outcome, supervised};
pub use crate::sync::adopt::{created, made_tags, seen};
pub use crate::sync::given::given_tags;
pub use crate::sync::observe::{capacity_tags, observe, observe_with};
pub use crate::watch::adapt::{adapt, job_tags, tags};
pub use crate::watch::closure::WatchedClosure;
pub use crate::watch::registered::mark_discarded;
pub use crate::watch::result::{inspect_await, inspect_send, sender_of};
pub use crate::watch::wait::wait;
pub use crate::{
    __aside as detached_scope, __channel as channel, __discarded as discarded, __given as given,
    __main as main, __main_sync as main_sync, __monitored as monitored, __observe as observed,
    __observe_capacity as observed_capacity, __scope as scope, __test as test,
    __test_sync as test_sync, __ticket as ticket, __track as track, __twin as twin,
    __watch as watch, __watch_call as watch_call, __watch_job as watch_job, __way as way,
};
use crate::{deadline, registry};
pub use core::{module_path, option::Option::None};
pub use inventory::{self, submit};
pub use tokio;

/// Whether a spawn throws its handle away.
#[doc(hidden)]
#[macro_export]
macro_rules! __is_detached {
    (kept) => {
        false
    };
    (detached) => {
        true
    };
}

/// One argument of a call that starts something.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch {
    ($site:expr, $handle:tt, $argument:expr) => {
        $crate::private::adapt($argument, |probe| {
            #[allow(unused_imports)]
            use $crate::private::tags::*;
            (&&&&&&&probe)
                .leakguard_tag()
                .wrap(probe, $site, $crate::__is_detached!($handle))
        })
    };
}

/// As `__watch`, where the callee is known to want an `FnOnce()`.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch_job {
    ($site:expr, $handle:tt, $argument:expr) => {
        $crate::private::adapt($argument, |probe| {
            #[allow(unused_imports)]
            use $crate::private::job_tags::*;
            (&&&&&&&probe)
                .leakguard_tag()
                .wrap(probe, $site, $crate::__is_detached!($handle))
        })
    };
}

/// A literal closure; the closure around it is `Fn`, `FnMut` or `FnOnce` as that one is.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch_call {
    ($site:expr, $handle:tt, $closure:expr) => {
        match (
            $crate::private::WatchedClosure::new($site, $crate::__is_detached!($handle)),
            $closure,
        ) {
            (call, mut job) => move || {
                let _running = call.begin();
                job()
            },
        }
    };
}

/// A call of a method that starts something, and whose result is thrown away. A macro, or clippy would take the call for
/// the user's own, and minds a `()` that is passed on.
#[doc(hidden)]
#[macro_export]
macro_rules! __discarded {
    ($call:expr, $site:expr) => {
        $crate::private::mark_discarded($call, $site)
    };
}

/// A channel's constructor whose endpoints stay inside the function.
#[doc(hidden)]
#[macro_export]
macro_rules! __twin {
    ($function:expr, $options:expr, $bound:expr, [$($kind:ident)*], $created:expr) => {
        match $created {
            pair => {
                #[allow(unused_imports)]
                use $crate::private::made_tags::{*, kind::{$($kind),*}};
                let rule = $crate::__rule!($function, $options, $bound);
                (&&$crate::private::created(&pair)).leakguard_adopt(pair, rule)
            }
        }
    };
}

/// Any other one: its endpoints keep their types.
#[doc(hidden)]
#[macro_export]
macro_rules! __channel {
    ($function:expr, $options:expr, $bound:expr, [], $created:expr) => {
        $crate::private::seen($created, |pair| {
            #[allow(unused_imports)]
            use $crate::private::made_tags::*;
            let rule = $crate::__rule!($function, $options, $bound);
            (&&$crate::private::created(pair)).leakguard_watch(pair, rule)
        })
    };
}

/// What is asked of the channels that one call makes.
#[doc(hidden)]
#[macro_export]
macro_rules! __rule {
    ($function:expr, $options:expr, $bound:expr) => {{
        static RULE: $crate::private::ChannelRule = $crate::private::ChannelRule::new(
            $function,
            $crate::private::module_path!(),
            $options,
            $bound,
        );
        $crate::private::attended(&RULE)
    }};
}

/// Likewise, at one use of an end that keeps its type.
#[doc(hidden)]
#[macro_export]
macro_rules! __way {
    ($function:expr, $options:expr) => {{
        static RULE: $crate::private::ChannelRule = $crate::private::ChannelRule::new(
            $function,
            $crate::private::module_path!(),
            $options,
            $crate::private::None,
        );
        $crate::private::attended(&RULE)
    }};
}

/// The static of a place where a channel is made.
#[doc(hidden)]
#[macro_export]
macro_rules! __made_at {
    ($function:expr, $why:ident, $capacity:tt) => {{
        static PLACE: $crate::private::Observed = $crate::private::Observed::new(
            $function,
            $crate::private::PlainReason::$why,
            &$capacity,
        );
        &PLACE
    }};
}

/// What may be a channel's constructor, and is left as it is.
#[doc(hidden)]
#[macro_export]
macro_rules! __observe {
    ($function:expr, $why:ident, $capacity:tt, $created:expr) => {
        $crate::private::observe($crate::__made_at!($function, $why, $capacity), $created)
    };
}

/// As `__observe`, where the capacity is to be asked for.
#[doc(hidden)]
#[macro_export]
macro_rules! __observe_capacity {
    ($function:expr, $why:ident, $capacity:tt, $created:expr) => {
        match $created {
            pair => {
                #[allow(unused_imports)]
                use $crate::private::capacity_tags::*;
                let capacity = (&&$crate::private::created(&pair)).leakguard_capacity(&pair);
                let place = $crate::__made_at!($function, $why, $capacity);
                $crate::private::observe_with(place, pair, capacity)
            }
        }
    };
}

/// A parameter of a function that may be the first of a task.
#[doc(hidden)]
#[macro_export]
macro_rules! __given {
    ($parameter:ident) => {{
        #[allow(unused_imports)]
        use $crate::private::given_tags::*;
        (&&$crate::private::created(&$parameter)).leakguard_given(&$parameter)
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
                use $crate::private::keep_tags::*;
                let keep = (&&$crate::private::output_of(&body)).leakguard_keep();
                $crate::private::scope_of($site, const { &$options }, keep, body)
            }
        }
    };
}

/// The guard of a sync function.
#[doc(hidden)]
#[macro_export]
macro_rules! __ticket {
    ($site:expr, $options:expr) => {
        $crate::private::call_guard($site, const { &$options })
    };
}

/// The guard of an async function whose body cannot be wrapped.
#[doc(hidden)]
#[macro_export]
macro_rules! __aside {
    ($site:expr, $options:expr) => {
        $crate::private::await_scope($site, $options)
    };
}

/// Lists a function that opens no scope.
#[doc(hidden)]
#[macro_export]
macro_rules! __track {
    ($site:expr, $options:expr) => {
        $crate::private::track_call($site)
    };
}

/// The body of an async test.
#[doc(hidden)]
#[macro_export]
macro_rules! __test {
    ($site:expr, $options:expr, $body:expr) => {
        $crate::private::test_async($site, $options, $body)
    };
}

/// The body of a sync test.
#[doc(hidden)]
#[macro_export]
macro_rules! __test_sync {
    ($site:expr, $options:expr, $body:expr) => {
        $crate::private::test_in_sync($site, $options, $body)
    };
}

/// The body of an async `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __main {
    ($site:expr, $options:expr, $body:expr) => {{
        $crate::dump_on_signal();
        $crate::private::main_async($site, $options, $body)
    }};
}

/// The body of a sync `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __main_sync {
    ($site:expr, $options:expr, $body:expr) => {{
        $crate::dump_on_signal();
        $crate::private::main_in_sync($site, $options, $body)
    }};
}

/// Channels are made by this rule, and the watchdog speaks of what happens to them.
pub fn attended(rule: &'static ChannelRule) -> &'static ChannelRule {
    deadline::enable();
    rule
}

/// A call of a function that only registers.
pub fn track_call(site: &'static Site) {
    deadline::enable();
    site.count_pass(registry::shard_of_thread());
}
