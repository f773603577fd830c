//! The same names without anything behind them, for builds that do not watch.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

/// What happens when something is found; here nothing ever is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Says it.
    Log,
    /// Panics.
    Panic,
    /// Aborts.
    Abort,
    /// Nothing.
    Ignore,
}

/// How leakguard behaves where it is on.
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
    pub fn action(self, _: Action) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn grace(self, _: Duration) -> Self {
        self
    }
    /// Has no effect here.
    #[inline]
    pub fn allow(self, _: &str) -> Self {
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

/// The stable name of a kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// LG001.
    Overrun = 1,
    /// LG002.
    LeakedTask = 2,
    /// LG003.
    AbandonedReceiver = 3,
    /// LG004.
    ForgottenSender = 4,
    /// LG005.
    LostMessage = 5,
    /// LG006.
    BrokenPromise = 6,
    /// LG007.
    StuckTask = 7,
    /// LG008.
    LostWakeup = 8,
    /// LG009.
    Deadlock = 9,
    /// LG010.
    OverBound = 10,
    /// LG011.
    BusyExecutor = 11,
    /// LG012.
    IgnoredCancellation = 12,
    /// LG013.
    LeakedThread = 13,
    /// LG014.
    SwallowedPanic = 14,
    /// LG015.
    KeptResource = 15,
    /// LG016.
    GrowingTasks = 16,
    /// LG017.
    SpinOnClosed = 17,
    /// LG018.
    UnreapedTasks = 18,
}

impl Code {
    /// In a few words, as in the table of findings.
    #[inline]
    pub fn title(self) -> &'static str {
        const TITLES: [&str; 18] = [
            "overrun",
            "leaked task",
            "abandoned receiver",
            "forgotten sender",
            "lost message",
            "broken promise",
            "stuck task",
            "lost wakeup",
            "deadlock",
            "channel over its bound",
            "busy executor",
            "ignored cancellation",
            "leaked thread or blocking call",
            "swallowed panic",
            "kept resource",
            "growing tasks",
            "spin on a closed channel",
            "unreaped tasks",
        ];
        TITLES[self as usize - 1]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("LG{:03}", *self as u8))
    }
}

/// Why a wait does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// By the task itself.
    HeldByItself,
    /// By another task.
    HeldByAnother,
    /// Outside of the scope.
    HeldOutside,
    /// By one that has ended.
    LeftBehind,
    /// Tasks wait for one another.
    Cycle,
    /// To a future that is not polled.
    GrantedButNotPolled,
    /// Before the wait.
    NotifiedTooEarly,
    /// Never.
    NeverSignalled,
    /// Permits.
    TooFew,
    /// The request, before the wait.
    LostMessage,
}

/// What is known of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing can wake it.
    Stuck,
    /// It waits.
    Blocked(Duration),
    /// It waits on a timer or on I/O.
    TimerOrIo(Duration),
    /// It makes progress.
    Running,
    /// Inside one poll.
    Busy(Duration),
    /// Never polled.
    NeverBegun(Duration),
    /// It moved on without a wakeup.
    WakeupLost(Duration),
    /// It ended too late.
    Late(Duration),
    /// It panicked.
    Panicked,
    /// It happened to a channel.
    Happened(Duration),
}

/// One place in the source; none is known here.
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

never!(Site: kind -> crate::SiteKind, function -> &'static str, callee -> &'static str, module -> &'static str,
    location -> &'static Location<'static>, started -> u64, ended -> u64, leaked -> u64, alive -> u64);

/// Always empty here.
#[inline]
pub fn sites() -> Vec<&'static Site> {
    Vec::new()
}

/// One thing that is wrong; there are none here.
#[derive(Clone, Debug)]
pub struct Finding(Infallible);

never!(Finding: code -> Code, verdict -> Verdict, count -> usize, site -> &'static Site,
    wait_place -> Option<Position>, cause -> Option<Cause>, wait -> Option<crate::WaitKind>);

/// A position in the source; there are none here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(Infallible);

never!(Position: file -> &str, line -> u32, column -> Option<u32>);

/// There are no values to be shown.
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

/// What was found; there is none here.
#[derive(Clone)]
pub struct Report(Infallible);

never!(Report: findings -> &[Finding], iter -> std::slice::Iter<'_, Finding>);

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
#[derive(Clone, Debug, Default)]
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
pub fn timeout_stack_trace(_: Duration) -> StackTraceGuard {
    StackTraceGuard(())
}

/// The future itself.
pub type Background<F> = F;

/// Gives the future back.
#[inline]
pub fn background<F: Future>(future: F) -> Background<F> {
    future
}

/// The future itself.
pub type Owned<F> = F;

/// A field of a value that starts tasks; nothing here.
#[derive(Clone, Debug)]
pub struct Owner(());

impl Owner {
    /// An owner.
    #[inline]
    pub fn new(_: &'static str) -> Self {
        Owner(())
    }
    /// An owner.
    #[inline]
    pub fn with_grace(_: &'static str, _: Duration) -> Self {
        Owner(())
    }
    /// Gives the future back.
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

/// Looks for counts that only ever grow; for nothing here.
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

/// A value that must be gone by the end of its scope; the value alone here.
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

/// A scope by hand; here it only runs its body.
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
    /// Never, here.
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
    /// Never, here.
    #[inline]
    pub fn find_sync<T>(self, body: impl FnOnce() -> T) -> Result<T, Report> {
        Ok(body())
    }
}

/// Runs `body`.
///
/// # Errors
///
/// Never, here.
#[inline]
pub async fn find<F: Future>(body: F) -> Result<F::Output, Report> {
    Ok(body.await)
}

/// Runs `body`.
#[inline]
pub async fn verify<F: Future>(body: F) -> F::Output {
    body.await
}

/// std's own threads, here without twins.
pub mod thread {
    #[doc(no_inline)]
    pub use std::thread::*;
}

/// tokio's own tasks, here without twins.
pub mod task {
    #[doc(no_inline)]
    pub use tokio::task::*;
}

/// tokio's own synchronisation, here without twins.
pub mod sync {
    pub use tokio::sync::*;

    /// std's own synchronisation, here without twins.
    pub mod blocking {
        #[doc(no_inline)]
        pub use std::sync::*;
    }

    /// parking_lot's own locks, here without twins.
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
