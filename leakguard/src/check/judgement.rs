//! Turns the responses of a scope's tasks into findings, and passes those that are not allowed on to `act`.

use crate::check::act;
use crate::check::repeat::{OpenLikeness, TaskLikeness};
#[cfg(not(miri))]
use crate::check::singleton;
use crate::check::surroundings::{self, Surroundings, scope_facts};
use crate::clock;
use crate::fact::finding::Finding;
use crate::fact::id::{Role, ScopeId};
use crate::fact::subject::Subject;
use crate::fact::task::{ProbeOutcome, ScopeFacts, TaskFacts};
use crate::fact::task_map::TaskMap;
use crate::judge::derive::derive;
use crate::judge::graph::{Graph, named};
use crate::judge::{leak, outside, value};
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::report::Report;
use crate::vocabulary::{Action, Code};
use std::cell::LazyCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

pub(super) struct Judgement<'a> {
    pub(super) scope: &'a Arc<ScopeRecord>,
    pub(super) tasks: &'a TaskMap<Live>,
    pub(super) facts: &'a [TaskFacts],
    pub(super) surroundings: &'a Surroundings,
    pub(super) likeness: &'a OpenLikeness,
}

impl Judgement<'_> {
    /// Reports that the function still runs at its timeout, and what is proven of its tasks.
    pub(super) fn overrun(&self) {
        let (scope, own, now) = (self.scope, scope_facts(self.scope), clock::now());
        let known = self.surroundings.observed_from(&own, self.facts);
        let graph = Graph::new(&known);
        // It ran at its timeout. If it has returned since, that was too late as well, and the limit judges the rest.
        let running = leak::overrun(&own, self.facts, &graph, now);
        let finding = running.unwrap_or_else(|| leak::late(&own, now));
        let certain = leak::certain(&own, self.facts, &graph, now).into_iter();
        // What is reported here is not reported again at the limit, unless the limit has another action.
        let once = scope.rule.on_overrun == scope.rule.on_leak;
        let certain: Vec<_> =
            certain.filter(|f| self.is_wanted(f) && (!once || self.report_once(f))).collect();
        let is_used = scope.rule.on_overrun != Action::Ignore;
        let finding = Some(finding).filter(|f| is_used && !act::is_allowed(Some(scope), f));
        let finding = finding.filter(|f| self.is_news(f));
        // The watchdog has told of a deadlock by then, and a runtime has no other overrun.
        let is_root = self.scope.role == Role::Root;
        let finding = finding.filter(|f| !is_root || self.report_once(f));
        let mut threads = self.deadlocked_threads(&own, &graph);
        let finding = finding.and_then(|f| outside::join(f, &mut threads));
        act::overrun(scope, finding.into_iter().chain(certain).chain(threads).collect());
    }

    /// Stops a test that can never go on. This has to be proven whatever unwatched code does, so two probes have to agree,
    /// and a mere possibility waits for a deadline.
    pub(super) fn still(&self) {
        let (own, now) = (self.scope.facts(), clock::now());
        let known = self.surroundings.observed_from(&own, self.facts);
        let graph = Graph::new(&known);
        let polls = poll_fingerprint(self.tasks.values());
        if !self.scope.progress.respond(polls, graph.is_dead()) {
            return;
        }
        let mut findings = leak::deadlocks(&own, self.facts, &graph, now);
        findings.retain(|f| self.is_wanted(f));
        if !findings.is_empty() {
            // What a call inside it has reported already stops it as well.
            findings.retain(|f| self.report_once(f));
            if self.scope.role == Role::Root {
                // Nothing stops it, so nothing else would tell of this.
                act::tell(&Report::new(std::mem::take(&mut findings), 0));
            }
            self.scope.progress.set_deadlocked(findings);
        }
    }

    /// Reports the tasks and values that are alive at the limit.
    pub(super) fn limit(&self) {
        if self.scope.rule.on_leak == Action::Ignore {
            // Its tasks are not marked as reported either.
            return self.scope.progress.set_judged(Vec::new());
        }
        let (own, around) = (scope_facts(self.scope), self.surroundings);
        let known = around.observed_from(&own, self.facts);
        let graph = Graph::new(&known);
        let mut findings = leak::leaks(&own, self.facts, &graph, clock::now());
        // An inner scope or the overrun may have reported the task already.
        findings.retain(|f| !self.has_ended(f) && self.is_wanted(f) && self.report_once(f));
        let findings = self.without_singletons(findings);
        // What is not wanted as a finding explains no other one.
        let mut findings = derive(findings, &graph, |_| true);
        findings.extend(self.loose_calls(&graph));
        let alive =
            LazyCell::new(|| around.alive.iter().map(|t| (t.id, named(t))).collect::<TaskMap<_>>());
        let name = |task| alive.get(&task).copied();
        let mut kept = value::kept(&own, &around.resources, name, clock::now());
        kept.retain(|f| !act::is_allowed(Some(self.scope), f));
        for finding in &findings {
            let like = self.task(finding).and_then(|task| TaskLikeness::of(self.scope, task));
            self.likeness.learn(like, finding);
        }
        findings.extend(kept);
        act::leaks(self.scope, findings);
    }

    /// Leaves out what the initialiser of a static has started, which is a note of the test.
    #[cfg(not(miri))]
    fn without_singletons(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let Some(collector) = self.scope.collector.as_ref().filter(|_| !findings.is_empty()) else {
            return findings;
        };
        let all = self.surroundings.alive.iter().chain(self.facts);
        let parents: HashMap<_, _> = all.filter_map(|task| Some((task.id, task.parent?))).collect();
        singleton::sort_out(findings, collector, |task| parents.get(&task).copied())
    }

    /// Miri cannot unwind.
    #[cfg(miri)]
    fn without_singletons(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings
    }

    /// The functions of the scope that run in tasks which leakguard did not see start. The runtime that ends next would drop
    /// them.
    fn loose_calls(&self, graph: &Graph<'_>) -> Vec<Finding> {
        let is_loose = |call: &&TaskFacts| {
            let is_open = !matches!(call.answer, ProbeOutcome::Ended);
            let is_inner = call.kind.is_call() && call.scope != Some(self.scope.id());
            is_inner && is_open && call.parent.is_none()
        };
        let scopes = self.facts.iter().filter(is_loose).filter_map(|call| {
            let scope = self.tasks.get(&call.id)?.scope()?;
            (scope.rule.on_leak != Action::Ignore && scope.claim_overrun()).then_some(scope)
        });
        let scopes: Vec<_> = scopes.collect();
        let inside = self.inside(&scopes);
        let finding = |scope: &Arc<ScopeRecord>| {
            let tasks = inside.get(&scope.id())?;
            let finding = leak::outlives_test(&scope.facts(), tasks, graph, clock::now())?;
            (!act::is_allowed(Some(scope), &finding)).then_some(finding)
        };
        scopes.into_iter().filter_map(finding).collect()
    }

    /// The tasks inside each of `scopes`, which may be as many as there are tasks.
    fn inside(&self, scopes: &[&Arc<ScopeRecord>]) -> HashMap<ScopeId, Vec<TaskFacts>> {
        let mut inside: HashMap<_, Vec<_>> = scopes.iter().map(|s| (s.id(), Vec::new())).collect();
        for task in self.facts.iter().filter(|_| !scopes.is_empty()) {
            let mut around = self.tasks.get(&task.id).and_then(|t| t.scope()).map(|s| &**s);
            while let Some(scope) = around {
                inside.entry(scope.id()).and_modify(|tasks| tasks.push(task.clone()));
                around = scope.parent.as_deref();
            }
        }
        inside
    }

    /// The deadlocks of threads that leakguard did not see start. It is not known which scope such a thread belongs to, so
    /// the first function that overran while the thread waited reports it.
    fn deadlocked_threads(&self, own: &ScopeFacts, graph: &Graph<'_>) -> Vec<Finding> {
        let threads = &self.surroundings.threads;
        let mut found = outside::deadlocks(own, threads, graph, clock::now());
        found.retain(|f| !act::is_allowed(Some(self.scope), f));
        let once = |f: &Finding| match &f.subject {
            Subject::Deadlock(deadlock) => surroundings::report_once(deadlock.blockage.resource.id),
            _ => true,
        };
        found.retain(once);
        found
    }

    fn task(&self, finding: &Finding) -> Option<&Live> {
        self.tasks.get(&finding.task()?.id)
    }

    /// Whether the task ended while stacks were resolved: within what its own scope allows, or by a panic, which is
    /// what there is to tell of it.
    fn has_ended(&self, finding: &Finding) -> bool {
        self.task(finding).is_some_and(|task| {
            let is_inner = || task.scope().is_some_and(|s| s.id() != self.scope.id());
            task.has_panicked() || task.has_ended() && is_inner()
        })
    }

    /// Whether neither the task's own scope nor the judged one allows the finding.
    fn is_wanted(&self, finding: &Finding) -> bool {
        let own = self.task(finding).and_then(|t| t.scope().map(|s| &**s));
        !act::is_allowed(own, finding) && !act::is_ignored(own, self.scope)
    }

    /// `true` for the first of several findings on one task.
    fn report_once(&self, finding: &Finding) -> bool {
        let behind = finding.subject.behind().iter().filter_map(|task| self.tasks.get(&task.id));
        behind.for_each(|task| _ = task.report_once());
        let Some(own) = self.task(finding) else {
            return false;
        };
        let is_own = self.waiting_call(finding).is_some_and(|call| call.id == own.id);
        own.report_once() && (is_own || self.is_news(finding))
    }

    /// Whether the test has heard nothing of the call that waits. The calls around that one wait for the same.
    fn is_news(&self, finding: &Finding) -> bool {
        self.waiting_call(finding).is_none_or(|call| call.report_once())
    }

    /// The call of a test whose wait a finding is about. That a function overruns tells nothing of its wait.
    fn waiting_call(&self, finding: &Finding) -> Option<&Live> {
        let waiter = finding.waiting_call().filter(|_| finding.code() != Code::Overrun);
        let live = self.tasks.get(&waiter?)?;
        let in_test = live.scope().is_some_and(|s| s.collector.is_some());
        (live.kind().is_call() && in_test).then_some(live)
    }
}

/// A number that changes with every poll of every task.
pub(super) fn poll_fingerprint<'a>(tasks: impl IntoIterator<Item = &'a Live>) -> u64 {
    let mut all: Vec<_> = tasks.into_iter().map(|t| (t.id, t.polls())).collect();
    all.sort_unstable();
    let mut hasher = DefaultHasher::new();
    all.hash(&mut hasher);
    hasher.finish()
}
