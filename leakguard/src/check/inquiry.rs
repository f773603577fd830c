//! Asking tasks where they wait, and putting their answers together as facts.

use crate::clock::{self, Moment};
use crate::context;
use crate::record::ask::{Ask, PollReply, Reply};
use crate::record::facts::{Answer, State, TaskFacts, Waits};
use crate::record::id::TaskId;
use crate::record::task::Task;
use crate::stack;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A task that has not answered by then is busy, or its executor is.
const PATIENCE: Duration = Duration::from_millis(250);
/// A task that has been inside one poll for so long is known to be busy without waiting for it.
const IN_POLL: Duration = Duration::from_millis(50);
/// A question under way.
pub(crate) struct Inquiry {
    ask: Arc<Ask>,
    tasks: Vec<Arc<Task>>,
    until: Moment,
}

impl Inquiry {
    /// Asks all of `tasks` that can answer; `bell` rings when the last one has.
    pub(crate) fn put(
        tasks: Vec<Arc<Task>>,
        judges: bool,
        bell: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let now = clock::now();
        let can: Vec<_> = tasks.iter().filter(|t| can_answer(t, now)).collect();
        let ask = Arc::new(Ask::new(now, judges, can.len(), bell));
        for task in can {
            if !task.ask(&ask) {
                ask.reply(Reply {
                    task: task.id,
                    poll: None,
                });
            }
        }
        Inquiry {
            ask,
            tasks,
            until: now.plus(PATIENCE),
        }
    }

    /// When it is over at the latest.
    pub(crate) fn until(&self) -> Moment {
        self.until
    }

    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.ask.is_complete() || now >= self.until
    }

    /// How long the slowest of those that answered by a poll took to begin it.
    pub(crate) fn slowest_answer(&self) -> Duration {
        self.ask.slowest()
    }

    /// The tasks that were asked about, as they are now, with what they answered.
    pub(crate) fn facts(self) -> Vec<TaskFacts> {
        let mut replies: HashMap<_, _> = self
            .ask
            .take()
            .into_iter()
            .map(|r| (r.task, r.poll))
            .collect();
        let mut all = facts_of(&self.tasks);
        for facts in &mut all {
            match replies.remove(&facts.id) {
                None if facts.kind.is_polled() => {
                    facts.answer = Answer::Silent;
                }
                None => {}
                Some(None) => facts.answer = Answer::Ended,
                Some(Some(poll)) => understand(&poll, facts),
            }
        }
        all
    }
}

/// One that was never polled has no waker yet; one that is stuck in a poll will not come.
fn can_answer(task: &Task, now: Moment) -> bool {
    let has_waker = task.kind.is_polled() && task.polls() > 0;
    has_waker && !(task.is_polling() && now.since(task.since()) > IN_POLL)
}

fn understand(poll: &PollReply, facts: &mut TaskFacts) {
    facts.answer = if poll.ready {
        Answer::Ended
    } else {
        Answer::Waits(Waits {
            stacks: stack::resolve_all(&poll.capture.stacks)
                .into_iter()
                .map(Arc::new)
                .collect(),
            registered: poll.capture.clones,
            woke_itself: poll.capture.wakes,
        })
    };
}

/// What is known of `tasks` without asking. A helper's second record of a future is left out.
pub(crate) fn facts_of(tasks: &[Arc<Task>]) -> Vec<TaskFacts> {
    let sites: HashMap<TaskId, _> = tasks.iter().map(|t| (t.id, t.site)).collect();
    let mut all = Vec::with_capacity(tasks.len());
    for task in tasks {
        let mut facts = task.facts();
        let twin = facts.twin.and_then(|id| sites.get(&id)).copied();
        if task.is_covered() && twin.is_some() {
            continue;
        }
        facts.through = twin;
        if let State::Polling { .. } = facts.state {
            facts.thread = context::thread_inside(task.id);
        }
        all.push(facts);
    }
    all
}
