//! Chooses, by type alone, how one argument of a spawn-like call is watched. It knows nothing of what a watch records.
//!
//! The expansion of `__private::watch!` has this form, with `$detached` being `true` or `false`:
//!
//! ```text
//! $crate::__private::adapt($argument, |probe| {
//!     #[allow(unused_imports)]
//!     use $crate::__private::tags::*;
//!     static SITE: $crate::__private::Site = $crate::__private::Site::new(…);
//!     (&&&&&&&probe).leakguard_tag().wrap(probe, &SITE, /* detached: */ false)
//! })
//! ```
//!
//! `__private::watch_job!` uses `job_tags` for `tags`, where a callable value is watched too. That is only done if the
//! callee is known to want an `FnOnce()`, because a wrapped value is no longer `Fn`, `FnMut` or `Clone`.
//!
//! Why it keeps types: rustc infers `W` from the type that the callee expects before it checks the closure, so a callee
//! with a plain parameter (`fn spawn(task: Pin<Box<dyn Future + Send>>)`) has fixed `W` when a tag is chosen. A generic
//! callee leaves `W` open, and the first tag that fits determines it.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::site::Site;
use crate::watch::closure::WatchedClosure;
use crate::watch::future::{SelfWatched, Watched};

/// The argument and the type that the callee wants for it.
pub struct Candidate<X, W>(X, PhantomData<fn() -> W>);

/// Evaluates the argument in place, as a call's argument, so that its temporaries live as long as they did.
pub fn adapt<X, W>(argument: X, choose: fn(Candidate<X, W>) -> W) -> W {
    choose(Candidate(argument, PhantomData))
}

/// A future of leakguard's own, which watches itself.
pub struct SelfWatchedTag;
/// Any other future.
pub struct FutureTag;
/// A boxed future that must come back as `Pin<Box<dyn Future + Send>>`.
pub struct SendBoxTag;
/// A boxed future that must come back as `Pin<Box<dyn Future>>`.
pub struct BoxTag;
/// A boxed closure that must come back as `Box<dyn FnOnce() + Send>`.
pub struct SendFnTag;
/// A callable value for a callee that wants an `FnOnce()`.
pub struct JobTag;
/// Any other value, which is returned as it is. Typed by `X`, because a coercion at the end of the closure fails otherwise.
pub struct PassTag<X>(PhantomData<X>);

impl SelfWatchedTag {
    /// Has the future watch itself.
    pub fn wrap<K: SelfWatched, W>(
        self,
        probe: Candidate<K, W>,
        site: &'static Site,
        detached: bool,
    ) -> Watched<K::Future> {
        probe.0.watched(site, detached)
    }
}

impl FutureTag {
    /// Watches a future.
    pub fn wrap<F: Future, W>(
        self,
        probe: Candidate<F, W>,
        site: &'static Site,
        detached: bool,
    ) -> Watched<F> {
        Watched::new(probe.0, site, detached)
    }
}

impl SendBoxTag {
    /// Watches a boxed future and boxes it again, because the callee's type is fixed.
    pub fn wrap<'a, F, W>(
        self,
        probe: Candidate<Pin<Box<F>>, W>,
        site: &'static Site,
        detached: bool,
    ) -> Pin<Box<dyn Future<Output = F::Output> + Send + 'a>>
    where
        F: Future + Send + ?Sized + 'a,
    {
        Box::pin(Watched::new(probe.0, site, detached))
    }
}

impl BoxTag {
    /// Watches a boxed future that stays on its thread and boxes it again.
    pub fn wrap<'a, F, W>(
        self,
        probe: Candidate<Pin<Box<F>>, W>,
        site: &'static Site,
        detached: bool,
    ) -> Pin<Box<dyn Future<Output = F::Output> + 'a>>
    where
        F: Future + ?Sized + 'a,
    {
        Box::pin(Watched::new(probe.0, site, detached))
    }
}

impl SendFnTag {
    /// Watches a boxed closure and boxes it again.
    pub fn wrap<'a, F, O, W>(
        self,
        probe: Candidate<Box<F>, W>,
        site: &'static Site,
        detached: bool,
    ) -> Box<dyn FnOnce() -> O + Send + 'a>
    where
        F: FnOnce() -> O + Send + ?Sized + 'a,
    {
        watched_job(probe.0, site, detached)
    }
}

impl JobTag {
    /// Watches a callable value. It is boxed, because the type of a closure cannot be named where `W` is determined.
    pub fn wrap<'a, F, O, W>(
        self,
        probe: Candidate<F, W>,
        site: &'static Site,
        detached: bool,
    ) -> Box<dyn FnOnce() -> O + Send + 'a>
    where
        F: FnOnce() -> O + Send + 'a,
    {
        watched_job(probe.0, site, detached)
    }
}

impl<X> PassTag<X> {
    /// Returns the argument.
    pub fn wrap<W>(self, probe: Candidate<X, W>, _site: &'static Site, _detached: bool) -> X {
        probe.0
    }
}

fn watched_job<'a, O>(
    job: impl FnOnce() -> O + Send + 'a,
    site: &'static Site,
    detached: bool,
) -> Box<dyn FnOnce() -> O + Send + 'a> {
    let closure = WatchedClosure::new(site, detached);
    Box::new(move || {
        let _running = closure.begin();
        job()
    })
}

/// The tags, for callees of which only the name is known. A trait with more `&` is tried earlier.
pub mod tags {
    use super::*;

    /// Tried first.
    pub trait TrySelfWatched {
        /// Chooses `SelfWatchedTag`.
        fn leakguard_tag(&self) -> SelfWatchedTag {
            SelfWatchedTag
        }
    }
    impl<K: SelfWatched> TrySelfWatched for &&&&&&Candidate<K, Watched<K::Future>> {}

    /// Tried second.
    pub trait TryFuture {
        /// Chooses `FutureTag`.
        fn leakguard_tag(&self) -> FutureTag {
            FutureTag
        }
    }
    impl<F: Future> TryFuture for &&&&&Candidate<F, Watched<F>> {}

    /// Tried third.
    pub trait TrySendBox {
        /// Chooses `SendBoxTag`.
        fn leakguard_tag(&self) -> SendBoxTag {
            SendBoxTag
        }
    }
    impl<'a, F, O> TrySendBox
        for &&&&Candidate<Pin<Box<F>>, Pin<Box<dyn Future<Output = O> + Send + 'a>>>
    where
        F: Future<Output = O> + Send + ?Sized + 'a,
    {
    }

    /// Tried fourth.
    pub trait TryBox {
        /// Chooses `BoxTag`.
        fn leakguard_tag(&self) -> BoxTag {
            BoxTag
        }
    }
    impl<'a, F, O> TryBox for &&&Candidate<Pin<Box<F>>, Pin<Box<dyn Future<Output = O> + 'a>>> where
        F: Future<Output = O> + ?Sized + 'a
    {
    }

    /// Tried fifth.
    pub trait TrySendFn {
        /// Chooses `SendFnTag`.
        fn leakguard_tag(&self) -> SendFnTag {
            SendFnTag
        }
    }
    impl<'a, F, O> TrySendFn for &&Candidate<Box<F>, Box<dyn FnOnce() -> O + Send + 'a>> where
        F: FnOnce() -> O + Send + ?Sized + 'a
    {
    }

    /// Tried last. It always fits.
    pub trait TryPass<X> {
        /// Chooses `PassTag`.
        fn leakguard_tag(&self) -> PassTag<X> {
            PassTag(PhantomData)
        }
    }
    impl<X, W> TryPass<X> for Candidate<X, W> {}
}

/// The same with one more tag, for callees that are known to want an `FnOnce()`.
pub mod job_tags {
    pub use super::tags::*;
    use super::*;

    /// Tried before [`TryPass`].
    pub trait TryJob {
        /// Chooses `JobTag`.
        fn leakguard_tag(&self) -> JobTag {
            JobTag
        }
    }
    impl<'a, F, O> TryJob for &Candidate<F, Box<dyn FnOnce() -> O + Send + 'a>> where
        F: FnOnce() -> O + Send + 'a
    {
    }
}
