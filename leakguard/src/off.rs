//! The public names for builds that do not watch. Nothing here has an effect.

use crate::vocabulary::{Action, Cause, Certainty, Code, SiteKind, Verdict, WaitKind};
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::path::PathBuf;
use std::time::Duration;

/// How leakguard behaves in builds that watch.
#[derive(Clone, Debug, Default)]
#[must_use = "pass it to `leakguard::configure`"]
pub struct Config(());

impl Config {
    /// Nothing set.
    #[inline]
    pub fn new() -> Self {
        Config(())
    }
    /// Has no effect here.
    #[inline]
    pub fn on_leak(self, _: Action) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn grace(self, _: Duration) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn allow(self, _: &'static str) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn json(self, _: impl Into<PathBuf>) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn all_frames(self, _: bool) -> Self {
        self
    }
}

/// Has no effect here.
#[inline]
pub fn configure(_: Config) {}

/// One place in the source. There are none here.
#[derive(Debug)]
pub struct Site(Infallible);

/// Gives each method of a type that has no values its signature.
macro_rules! never {
    ($type:ident: $($name:ident -> $out:ty),* $(,)?) => {
        impl $type {
            $(
                /// Never called: there is no such value here.
                #[inline]
                pub fn $name(&self) -> $out {
                    match self.0 {}
                }
            )*
        }
    };
}

never!(Site: kind -> SiteKind, function -> &'static str, callee -> &'static str, module -> &'static str,
    location -> &'static Location<'static>, started -> u64, ended -> u64, leaked -> u64, alive -> u64);

/// Always empty here.
#[inline]
pub fn sites() -> Vec<&'static Site> {
    Vec::new()
}

/// One thing that is wrong. There are none here.
#[derive(Clone, Debug)]
pub struct Finding(Infallible);

never!(Finding: code -> Code, verdict -> Verdict, count -> usize, site -> &'static Site,
    wait_place -> Option<Position>, cause -> Option<Cause>, wait -> Option<WaitKind>,
    certainty -> Certainty, fingerprint -> String, to_json -> String);

/// A position in the source. There are none here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(Infallible);

never!(Position: file -> &str, line -> u32, column -> Option<u32>);

/// Implements `Display` for types that have no values.
macro_rules! never_shown {
    ($($type:ident)*) => {
        $(
            impl fmt::Display for $type {
                fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                    match self.0 {}
                }
            }
        )*
    };
}

never_shown!(Site Finding Position Report);

/// What was found. There is nothing here.
#[derive(Clone)]
pub struct Report(Infallible);

never!(Report: findings -> &[Finding], iter -> std::slice::Iter<'_, Finding>, to_json_lines -> String);

impl Report {
    /// Never called: there is no such value here.
    #[inline]
    pub fn render(&self, _color: bool) -> String {
        match self.0 {}
    }
}

impl IntoIterator for Report {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        match self.0 {}
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        match self.0 {}
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl std::error::Error for Report {}

/// An empty dump.
#[derive(Clone, Debug)]
pub struct Dump(());

impl Dump {
    /// Always 0 here.
    #[inline]
    pub fn len(&self) -> usize {
        0
    }
    /// Always true here.
    #[inline]
    pub fn is_empty(&self) -> bool {
        true
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Empty here.
#[inline]
pub fn dump() -> Dump {
    Dump(())
}

/// Empty here, at once.
#[inline]
pub async fn dump_with_stacks() -> Dump {
    Dump(())
}

/// Does nothing here.
#[inline]
pub fn dump_on_signal() {}

/// Does nothing here.
#[derive(Debug)]
#[must_use = "dropped at once, it never dumps"]
pub struct StackTraceGuard(());

/// Does nothing here.
#[inline]
pub fn dump_after(_: Duration) -> StackTraceGuard {
    StackTraceGuard(())
}

/// Does nothing here.
#[inline]
pub fn timeout_stack_trace(_: Duration) -> StackTraceGuard {
    StackTraceGuard(())
}

/// The future itself.
pub type Background<F> = F;

/// Returns the future.
#[inline]
pub fn background<F: Future>(future: F) -> Background<F> {
    future
}

/// The future itself.
pub type Owned<F> = F;

/// A field of a value that spawns tasks. It does nothing here.
#[derive(Clone, Debug)]
pub struct Owner(());

impl Owner {
    /// An owner.
    #[inline]
    pub fn new(_: &'static str) -> Self {
        Owner(())
    }
    /// Has no effect here.
    #[inline]
    pub fn grace(self, _: Duration) -> Self {
        self
    }
    /// Returns the future.
    #[inline]
    pub fn own<F: Future>(&self, future: F) -> Owned<F> {
        future
    }
    /// Runs it.
    #[inline]
    pub fn enter<R>(&self, start: impl FnOnce() -> R) -> R {
        start()
    }
}

/// Looks for counts that only ever grow. It does nothing here.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "it looks for nothing until `watch` is called"]
pub struct Growth(());

impl Growth {
    /// Nothing.
    #[inline]
    pub fn new() -> Self {
        Growth(())
    }
    /// Has no effect here.
    #[inline]
    pub fn window(self, _: Duration) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn threshold(self, _: u64) -> Self {
        self
    }
    /// Does nothing here.
    #[inline]
    pub fn watch(self) -> GrowthWatch {
        GrowthWatch(())
    }
    /// Does nothing here.
    #[inline]
    pub fn watch_with(self, _: impl Fn(&Report) + Send + Sync + 'static) -> GrowthWatch {
        GrowthWatch(())
    }
}

/// Does nothing here.
#[derive(Debug)]
#[must_use = "dropped at once, it never looks"]
pub struct GrowthWatch(());

/// A value that must be dropped by the end of its scope. It is only the value here.
#[repr(transparent)]
pub struct Tracked<T>(T);

impl<T> Tracked<T> {
    /// The value.
    #[inline]
    pub fn new(value: T) -> Self {
        Tracked(value)
    }
    /// The value.
    #[inline]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Tracked<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Tracked<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Tracked<T> {
    #[inline]
    fn from(value: T) -> Self {
        Tracked(value)
    }
}

impl<T: Default> Default for Tracked<T> {
    #[inline]
    fn default() -> Self {
        Tracked(T::default())
    }
}

impl<T: Clone> Clone for Tracked<T> {
    #[inline]
    fn clone(&self) -> Self {
        Tracked(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Tracked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A scope without an attribute. It only runs its body here.
#[derive(Clone, Copy, Debug)]
#[must_use = "a scope does nothing until `find` or `verify` runs a body in it"]
pub struct Scope(());

impl Scope {
    /// A scope.
    #[inline]
    pub fn new(_: &'static str) -> Self {
        Scope(())
    }
    /// Has no effect here.
    #[inline]
    pub fn timeout(self, _: Duration) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn grace(self, _: Duration) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn allow(self, _: &'static str) -> Self {
        self
    }
    /// Runs `body`.
    ///
    /// # Errors
    ///
    /// Never.
    #[inline]
    pub async fn find<F: Future>(self, body: F) -> Result<F::Output, Report> {
        Ok(body.await)
    }
    /// Runs `body`.
    #[inline]
    pub async fn verify<F: Future>(self, body: F) -> F::Output {
        body.await
    }
    /// Runs `body`.
    ///
    /// # Errors
    ///
    /// Never.
    #[inline]
    pub fn find_sync<T>(self, body: impl FnOnce() -> T) -> Result<T, Report> {
        Ok(body())
    }
    /// Runs `body`.
    #[inline]
    pub fn verify_sync<T>(self, body: impl FnOnce() -> T) -> T {
        body()
    }
}

/// Runs `body`.
///
/// # Errors
///
/// Never.
#[inline]
pub async fn find<F: Future>(body: F) -> Result<F::Output, Report> {
    Ok(body.await)
}

/// Runs `body`.
#[inline]
pub async fn verify<F: Future>(body: F) -> F::Output {
    body.await
}

/// std's threads.
pub mod thread {
    #[doc(no_inline)]
    pub use std::thread::*;
}

/// tokio's tasks.
pub mod task {
    #[doc(no_inline)]
    pub use tokio::task::*;
}

/// tokio's runtimes.
pub mod runtime {
    #[doc(no_inline)]
    pub use tokio::runtime::*;
}

/// tokio's channels and locks.
pub mod sync {
    pub use tokio::sync::*;

    /// std's channels and locks.
    pub mod blocking {
        #[doc(no_inline)]
        pub use std::sync::*;
    }

    /// parking_lot's locks.
    #[cfg(feature = "parking_lot")]
    pub mod parking_lot {
        #[doc(no_inline)]
        pub use ::parking_lot::*;
    }

    #[cfg(feature = "tokio-util")]
    pub use tokio_util::sync::{
        CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture,
        WaitForCancellationFutureOwned,
    };
}
