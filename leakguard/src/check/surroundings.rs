//! What a judgement needs to know beside the tasks of the scope.

use crate::fact::id::ResourceId;
use crate::fact::resource::ResourceFacts;
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::judge::closed::ClosedChannels;
use crate::judge::waiters::Observation;
use crate::ledger;
use crate::record::resource::channel_state::ChannelState;
use crate::record::scope::ScopeRecord;

pub(super) struct Surroundings {
    pub(super) alive: Vec<TaskFacts>,
    /// Threads outside of every task that hold a lock and wait.
    pub(super) threads: Vec<TaskFacts>,
    pub(super) resources: Vec<ResourceFacts>,
    pub(super) closed: ClosedChannels,
}

impl Surroundings {
    pub(super) fn observed_from<'a>(
        &'a self,
        scope: &'a ScopeFacts,
        probed: &'a [TaskFacts],
    ) -> Observation<'a> {
        Observation {
            scope,
            probed,
            alive: &self.alive,
            threads: &self.threads,
            resources: &self.resources,
            closed: &self.closed,
        }
    }
}

pub(super) fn resources() -> Vec<ResourceFacts> {
    let all = ledger::global().resources();
    all.iter().map(|r| r.facts()).collect()
}

/// Those channels that a message came out of, or that returned that the other side is gone.
pub(super) fn used_channels() -> Vec<ResourceFacts> {
    let all = ledger::global().resources();
    let used = all.iter().filter(|r| r.channel().is_some_and(ChannelState::is_used));
    used.map(|r| r.facts()).collect()
}

/// `true` if no scope has reported a deadlock of threads on this lock.
pub(super) fn report_once(lock: ResourceId) -> bool {
    let all = ledger::global().resources();
    all.iter().find(|resource| resource.id == lock).is_some_and(|resource| resource.report_once())
}

/// The facts of `scope`, with the places where it created channels that are only observed.
pub(super) fn scope_facts(scope: &ScopeRecord) -> ScopeFacts {
    let mut facts = scope.facts();
    facts.observed = ledger::global().observed();
    let observed = &mut facts.observed;
    observed.retain(|place| place.scopes.contains(&facts.id));
    facts.sleeps = ledger::global().sleeps();
    facts
}
