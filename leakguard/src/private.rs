//! Not public API. All that generated code may call.

pub use crate::call::aside::{Aside, aside, wait_in};
pub use crate::call::keep::{keep_tags, output_of};
pub use crate::call::root::{main as main_async, main_sync as main_in_sync, scope as scope_of};
pub use crate::call::root::{test as test_async, test_sync as test_in_sync};
pub use crate::call::ticket::{Ticket, ticket as ticket_of};
pub use crate::record::options::{Action, Options};
pub use crate::site::{Entry, Site, SiteKind};
pub use crate::watch::closure::Call;
pub use crate::watch::probe::{adapt, job_tags, tags};
pub use crate::watch::wait::wait;
pub use crate::{
    __aside as detached_scope, __main as main, __main_sync as main_sync, __scope as scope,
    __test as test, __test_sync as test_sync, __ticket as ticket, __track as track,
    __watch as watch, __watch_call as watch_call, __watch_job as watch_job,
};
pub use core::module_path;
pub use inventory;
pub use tokio;

/// Gives the static site of the place where the outermost macro is called.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($kind:ident, $function:expr, $callee:expr) => {{
        static SITE: $crate::private::Site = $crate::private::Site::new(
            $crate::private::SiteKind::$kind,
            $function,
            $callee,
            $crate::private::module_path!(),
        );
        $crate::private::inventory::submit! { $crate::private::Entry(&SITE) }
        &SITE
    }};
}

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
    ($function:expr, $callee:expr, $handle:tt, $argument:expr) => {
        $crate::private::adapt($argument, |probe| {
            #[allow(unused_imports)]
            use $crate::private::tags::*;
            let site = $crate::__site!(Spawn, $function, $callee);
            (&&&&&&&probe)
                .leakguard_tag()
                .wrap(probe, site, $crate::__is_detached!($handle))
        })
    };
}

/// As `__watch`, where the callee is known to want an `FnOnce()`.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch_job {
    ($function:expr, $callee:expr, $handle:tt, $argument:expr) => {
        $crate::private::adapt($argument, |probe| {
            #[allow(unused_imports)]
            use $crate::private::job_tags::*;
            let site = $crate::__site!(Spawn, $function, $callee);
            (&&&&&&&probe)
                .leakguard_tag()
                .wrap(probe, site, $crate::__is_detached!($handle))
        })
    };
}

/// A literal closure; the closure around it is `Fn`, `FnMut` or `FnOnce` as that one is.
#[doc(hidden)]
#[macro_export]
macro_rules! __watch_call {
    ($function:expr, $callee:expr, $handle:tt, $closure:expr) => {
        match (
            $crate::private::Call::new(
                $crate::__site!(Spawn, $function, $callee),
                $crate::__is_detached!($handle),
            ),
            $closure,
        ) {
            (call, mut job) => move || {
                let _running = call.begin();
                job()
            },
        }
    };
}

/// The body of an async function.
#[doc(hidden)]
#[macro_export]
macro_rules! __scope {
    ($function:expr, $options:expr, $body:expr) => {
        match $body {
            body => {
                #[allow(unused_imports)]
                use $crate::private::keep_tags::*;
                let keep = (&&$crate::private::output_of(&body)).leakguard_keep();
                let site = $crate::__site!(Function, $function, "");
                $crate::private::scope_of(site, $options, keep, body)
            }
        }
    };
}

/// The guard of a sync function.
#[doc(hidden)]
#[macro_export]
macro_rules! __ticket {
    ($function:expr, $options:expr) => {
        $crate::private::ticket_of($crate::__site!(Function, $function, ""), $options)
    };
}

/// The guard of an async function whose body cannot be wrapped.
#[doc(hidden)]
#[macro_export]
macro_rules! __aside {
    ($function:expr, $options:expr) => {
        $crate::private::aside($crate::__site!(Function, $function, ""), $options)
    };
}

/// Lists a function that opens no scope.
#[doc(hidden)]
#[macro_export]
macro_rules! __track {
    ($function:expr, $options:expr) => {
        $crate::private::track_call($crate::__site!(Function, $function, ""))
    };
}

/// The body of an async test.
#[doc(hidden)]
#[macro_export]
macro_rules! __test {
    ($function:expr, $options:expr, $body:expr) => {
        $crate::private::test_async($crate::__site!(Function, $function, ""), $options, $body)
    };
}

/// The body of a sync test.
#[doc(hidden)]
#[macro_export]
macro_rules! __test_sync {
    ($function:expr, $options:expr, $body:expr) => {
        $crate::private::test_in_sync($crate::__site!(Function, $function, ""), $options, $body)
    };
}

/// The body of an async `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __main {
    ($function:expr, $options:expr, $body:expr) => {
        $crate::private::main_async($crate::__site!(Function, $function, ""), $options, $body)
    };
}

/// The body of a sync `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __main_sync {
    ($function:expr, $options:expr, $body:expr) => {
        $crate::private::main_in_sync($crate::__site!(Function, $function, ""), $options, $body)
    };
}

/// A call of a function that only registers.
pub fn track_call(site: &'static Site) {
    site.count_start();
    site.count_end();
}
