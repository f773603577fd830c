//! What a judgement needs to know beside the tasks of the scope.

use crate::fact::resource::ResourceFacts;
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::judge::closed::ClosedChannels;
use crate::judge::waiters::Observation;
use crate::ledger;
use crate::record::scope::ScopeRecord;

pub(super) struct Surroundings {
    pub(super) alive: Vec<TaskFacts>,
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
            resources: &self.resources,
            closed: &self.closed,
        }
    }
}

pub(super) fn resources() -> Vec<ResourceFacts> {
    let all = ledger::global().resources();
    all.iter().map(|r| r.facts()).collect()
}

/// The facts of `scope`, with the places where it created channels that are only observed.
pub(super) fn scope_facts(scope: &ScopeRecord) -> ScopeFacts {
    let mut facts = scope.facts();
    facts.observed = ledger::global().observed();
    let observed = &mut facts.observed;
    observed.retain(|place| place.scopes.contains(&facts.id));
    facts
}
