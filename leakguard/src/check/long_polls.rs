//! Polls that kept the thread of an executor for a second, and then ended. The watchdog finds them while they last, so that
//! no poll has to read a clock.

use crate::check::native;
use crate::clock::share::Share;
use crate::clock::{self, Instant, pulse};
use crate::context;
use crate::fact::task::NativeStack;
use crate::judge::verdict::LONG_POLL;
use crate::lock::Lock;
use crate::record::event::{BusyPoll, Event};
use crate::record::live::Live;
use crate::registry::Registry;
use crate::stack::Resolver;
use crate::stack::thread::{Missing, RawStack};
use crate::vocabulary::WaitKind;
use std::sync::Arc;
use std::time::Duration;

/// Shortest and longest pause before the next look at a poll that goes on.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(1)];
/// A poll of a process that got less than this part of the processor may only have waited for it: a half.
const PART: u32 = 2;

/// The function in which a task hands its executor over to another thread.
const HANDED_OVER: &str = "block_in_place";

/// A long poll under way.
struct LongPoll {
    task: Live,
    visit: (u32, Instant, u16),
    began: Instant,
    /// When it was last seen to go on.
    seen: Instant,
    raw: Result<RawStack, Missing>,
    share: Arc<Share>,
}

static UNDER_WAY: Lock<Vec<LongPoll>> = Lock::new(Vec::new());
/// Live tasks with the longest poll that was noted of each.
static NOTED: Lock<Vec<(Live, Duration)>> = Lock::new(Vec::new());

/// Looks for long polls, and notes those that have ended. Returns when to look again.
pub(crate) fn look(registry: &Registry) -> Instant {
    note_ended(registry);
    let now = clock::now();
    let mut next = Instant::FAR;
    for task in registry.polled_tasks() {
        let since = task.since();
        let long_at = since.plus(least(&task));
        if long_at > now {
            next = next.min(long_at);
            continue;
        }
        let [shortest, longest] = PAUSES;
        next = next.min(now.plus((now.since(since) / 4).clamp(shortest, longest)));
        let is_known = |known: &LongPoll| known.task.id == task.id;
        if !UNDER_WAY.lock().iter().any(is_known)
            && let Some(found) = LongPoll::of(task, now)
        {
            UNDER_WAY.lock().push(found);
        }
    }
    next
}

/// How long a poll of `task` must last: longer than what was noted of it, so that a loop is not reported again and again.
fn least(task: &Live) -> Duration {
    let noted = NOTED.lock();
    let own = noted.iter().find(|(noted, _)| noted.id == task.id);
    own.map_or(LONG_POLL, |(_, time)| *time * 2)
}

/// Notes the long polls that have ended since the last look.
pub(crate) fn note_ended(registry: &Registry) {
    NOTED.lock().retain(|(task, _)| !task.has_ended());
    let ended: Vec<_> = {
        let mut under_way = UNDER_WAY.lock();
        let now = clock::now();
        let has_ended = |poll: &mut LongPoll| {
            let ended = poll.task.visit() != Some(poll.visit);
            if !ended {
                poll.seen = now;
            }
            ended
        };
        under_way.extract_if(.., has_ended).collect()
    };
    for poll in ended {
        let task = poll.task.clone();
        if let Some(busy) = poll.end().filter(|_| !task.is_reported()) {
            let mut noted = NOTED.lock();
            noted.retain(|(noted, _)| noted.id != task.id);
            noted.push((task.clone(), busy.time));
            drop(noted);
            registry.note(task, Event::WasBusy(Box::new(busy)));
        }
    }
}

impl LongPoll {
    /// `None` if the poll has just ended.
    fn of(task: Live, now: Instant) -> Option<Self> {
        let visit = task.visit()?;
        let raw = native::capture_one(&task);
        let (began, share) = (task.since(), Share::now());
        let goes_on = task.visit() == Some(visit);
        goes_on.then_some(LongPoll { task, visit, began, seen: now, raw, share })
    }

    /// What to say of it. `None` if the system may have kept it from running.
    fn end(self) -> Option<BusyPoll> {
        let is_last = self.task.polls() == self.visit.0 && !self.task.is_polling();
        let ended = if is_last { self.task.since() } else { self.seen };
        let time = ended.since(self.began);
        // Without a stack it is not known whether the thread was the executor's all the time.
        let stack = Resolver::resolve_thread(&self.raw.ok()?, true);
        let is_handed_over = stack.frames().iter().any(|f| f.function().contains(HANDED_OVER));
        let blocks = stack.wait() != WaitKind::Running;
        let share = Share::now();
        let window = share.at().since(self.share.at());
        let withheld = share.withheld_since(&self.share);
        let ran = || pulse::overslept_since(self.began) < time / PART && withheld <= window / PART;
        let thread = context::thread(self.visit.2);
        let is_excluded = is_handed_over || stack.is_panicking();
        let is_busy = time >= LONG_POLL && !is_excluded && (blocks || ran());
        let native = NativeStack::Captured(stack);
        is_busy.then_some(BusyPoll { time, thread, native })
    }
}
