//! A resolved stack, and the part of it that a user wants to read.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use super::frame::Frame;
use super::origin::FrameOrigin;
use super::wait;
use crate::vocabulary::WaitKind;

/// The functions in which a thread waits for leakguard's own records.
const OWN_LOCKS: [&str; 2] = ["leakguard::registry::", "leakguard::lock::"];
/// How the functions begin that start a panic, and call its hook. Others of `std::panicking` catch one.
const PANICS: [&str; 4] = [
    "core::panicking::",
    "std::panicking::begin_panic",
    "std::panicking::rust_panic",
    "std::panicking::panic_with_hook",
];

/// Where a future waits: the calls from the leaf, innermost first, out to the task that polls it.
///
/// Two stacks are equal if they look equal to the user, that is in their [`user_frames`](Self::user_frames) and in
/// their [`wait`](Self::wait): a leaf may take different paths inside its library the first and the second time.
#[derive(Clone, Default)]
pub struct Stack {
    frames: Box<[Frame]>,
    /// Stored, because finding it searches the whole table, and dumps compare every stack with every other.
    wait: WaitKind,
}

impl Stack {
    pub(super) fn new(frames: Vec<Frame>) -> Self {
        let leaf = frames.iter().take_while(|frame| frame.origin() != FrameOrigin::User);
        let wait = wait::of_task(leaf.map(Frame::function));
        Self { frames: frames.into(), wait }
    }

    /// The stack of a thread, which need not wait.
    pub(super) fn of_thread(frames: Vec<Frame>) -> Self {
        let mut stack = Self::new(frames);
        let leaf = stack.frames.iter().take_while(|frame| frame.origin() != FrameOrigin::User);
        let leaf: Vec<_> = leaf.map(Frame::function).collect();
        // What leakguard's own locks wait for is no wait of the user's.
        let is_own = |function: &&str| OWN_LOCKS.iter().any(|lock| function.contains(lock));
        let own = leaf.iter().rposition(is_own).map_or(0, |at| at + 1);
        stack.wait = wait::of_thread(leaf[own..].iter().copied());
        stack
    }

    /// A stack for tests of judgements and reports: functions, innermost first, each with the file, line and column if
    /// it has any.
    #[cfg(test)]
    #[expect(clippy::type_complexity, reason = "a literal table in tests")]
    pub(crate) fn of_table(frames: &[(&str, Option<(&str, u32, u32)>)]) -> Self {
        let frame = |&(function, source): &(&str, Option<(&str, u32, u32)>)| {
            let file = source.map(|(file, ..)| file.as_ref());
            Frame::new(function, file, source.map(|at| at.1), source.map(|at| at.2))
        };
        Self::new(frames.iter().map(frame).collect())
    }

    /// Every frame, innermost first, including those of the runtime.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The frames worth reading: the user's own. If there is none, those of other libraries. If there is none
    /// either, those of the runtime, without the standard library's and leakguard's.
    pub fn user_frames(&self) -> impl Iterator<Item = &Frame> {
        let shown = [FrameOrigin::User, FrameOrigin::Library]
            .into_iter()
            .find(|&origin| self.frames.iter().any(|frame| frame.origin() == origin))
            .unwrap_or(FrameOrigin::Runtime);
        self.frames.iter().filter(move |frame| frame.origin() == shown && !frame.is_glue())
    }

    /// The user's await: the innermost of the [`user_frames`](Self::user_frames).
    pub fn place(&self) -> Option<&Frame> {
        self.user_frames().next()
    }

    /// What the debug information lacks, and the setting that leaves it out.
    pub(crate) fn gap(&self) -> Option<&'static str> {
        if self.frames.is_empty() {
            return Some("unknown: no symbols were found, as with `strip = true`");
        }
        let mut shown = self.user_frames().peekable();
        shown.peek()?;
        let (mut has_lines, mut has_guesses) = (false, false);
        for frame in shown {
            has_lines |= frame.line().is_some();
            has_guesses |= frame.is_guessed();
        }
        match (has_lines, has_guesses) {
            (false, _) => Some("no lines were found, as with `debug = false`"),
            (true, true) => Some("inlined functions lack names, as with `line-tables-only`"),
            (true, false) => None,
        }
    }

    /// Whether a thread is in a panic, which may print the stack for a second.
    pub(crate) fn is_panicking(&self) -> bool {
        let is_panic = |frame: &Frame| PANICS.iter().any(|part| frame.function().starts_with(part));
        self.frames.iter().any(is_panic)
    }

    /// Whether a thread runs, without waiting, inside of what the user's innermost frame awaits.
    pub(crate) fn runs_in_await(&self) -> bool {
        let inside = self.frames.iter().take_while(|frame| frame.origin() != FrameOrigin::User);
        let polls = |frame: &Frame| {
            let last = frame.function().rsplit("::").next();
            last.is_some_and(|last| last == "poll" || last.starts_with("poll_"))
        };
        self.wait == WaitKind::Running && inside.into_iter().any(polls)
    }

    /// What the leaf waits for.
    pub fn wait(&self) -> WaitKind {
        self.wait
    }
}

/// The stacks of one poll in the order of their lines: a `select!` polls its branches in another order each time.
///
/// Those of a library alone come last: the first one gives a finding its words, and they must fit the user's line.
pub(crate) fn in_order(mut stacks: Vec<Arc<Stack>>) -> Vec<Arc<Stack>> {
    fn is_foreign(stack: &Stack) -> bool {
        stack.place().is_none_or(|place| place.origin() != FrameOrigin::User)
    }
    fn line(stack: &Stack) -> Option<(&Path, Option<u32>, Option<u32>)> {
        let place = stack.place()?;
        Some((place.source()?, place.line(), place.column()))
    }
    stacks.sort_by(|a, b| (is_foreign(a), line(a)).cmp(&(is_foreign(b), line(b))));
    stacks
}

impl PartialEq for Stack {
    fn eq(&self, other: &Self) -> bool {
        self.user_frames().eq(other.user_frames()) && self.wait == other.wait
    }
}

impl Eq for Stack {}

impl Hash for Stack {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.user_frames().for_each(|frame| frame.hash(state));
        self.wait.hash(state);
    }
}

/// One line for each frame.
impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self
            .frames
            .iter()
            .map(|frame| format_args!("{:?} {frame}", frame.origin()).to_string());
        f.debug_list().entries(lines).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_stand_in_the_order_of_their_lines() {
        let at =
            |line| Arc::new(Stack::of_table(&[("pool::take", Some(("/w/src/lib.rs", line, 9)))]));
        let lines = |all: &[u32]| {
            let sorted = in_order(all.iter().map(|line| at(*line)).collect());
            sorted.iter().filter_map(|stack| stack.place()?.line()).collect::<Vec<_>>()
        };
        assert_eq!(lines(&[9, 4, 7]), [4, 7, 9]);
        assert_eq!(lines(&[4, 9, 7]), [4, 7, 9]);
    }

    #[test]
    fn branch_of_a_library_comes_after_those_of_the_user() {
        let registry =
            "/home/.cargo/registry/src/index.crates.io-0/tokio-1.54.1/src/sync/notify.rs";
        let foreign = [("tokio::sync::notify::Notified::poll", Some((registry, 3, 9)))];
        let own = [("pool::take", Some(("/w/src/lib.rs", 41, 9)))];
        let all = [foreign, own].map(|frames| Arc::new(Stack::of_table(&frames)));
        let first = in_order(all.into()).swap_remove(0);
        assert_eq!(first.place().and_then(|place| place.line()), Some(41));
    }

    #[test]
    fn lock_of_leakguards_own_is_no_wait_of_the_user() {
        let wait = |functions: &[&str]| {
            let own = functions.iter().map(|function| Frame::new(function, None, None, None));
            let user = Frame::new("pool::take", Some("/w/src/lib.rs".as_ref()), Some(4), Some(9));
            Stack::of_thread(own.chain([user]).collect()).wait()
        };
        let sleep = "std::thread::functions::sleep";
        let relax =
            "<leakguard::registry::shard::SpinThenSleep as spin::relax::RelaxStrategy>::relax";
        let receive = "leakguard::sync::mpsc::bounded::Receiver::recv";
        assert_eq!(wait(&[sleep, relax, receive]), WaitKind::Running);
        assert_eq!(wait(&[sleep]), WaitKind::ThreadSleep);
        let lock = "std::sync::poison::mutex::Mutex::lock";
        assert_eq!(wait(&[lock, "leakguard::lock::Lock::lock", receive]), WaitKind::Running);
        assert_eq!(wait(&[lock, "leakguard::sync::blocking::Mutex::lock"]), WaitKind::StdMutexLock);
    }

    #[test]
    fn thread_that_catches_panics_is_in_none() {
        let is_panicking =
            |function| Stack::of_table(&[("pool::take", None), (function, None)]).is_panicking();
        assert!(is_panicking("core::panicking::panic_fmt"));
        assert!(!is_panicking("std::panicking::catch_unwind"));
    }

    #[test]
    fn gap_names_what_the_build_leaves_out() {
        let gap = |frames: &[_]| Stack::of_table(frames).gap().unwrap_or_default().to_owned();
        let at = Some(("/w/pool/src/lib.rs", 4, 9));
        assert!(gap(&[]).contains("`strip = true`"));
        assert!(gap(&[("pool::take", None)]).contains("`debug = false`"));
        assert!(gap(&[("{async_fn#0}", at), ("pool::serve", at)]).contains("`line-tables-only`"));
        assert_eq!(gap(&[("pool::take", None), ("pool::serve", at)]), "");
    }
}
