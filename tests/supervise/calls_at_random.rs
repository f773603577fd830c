//! Random calls, ends, timeouts and dropped callers, compared with a model that advances by single milliseconds.
//!
//! Times are `8k + r` with a different `r` for each kind of event. Two kinds never meet in one millisecond, so the model
//! does not depend on their order.

use crate::support::{Inside, ms, paused, settle};
use leakguard::supervise::{CallError, Monitor, Tally};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tokio::task::JoinHandle;
use tokio::time::sleep;

const END: u64 = 1;
const TIMEOUT: u64 = 2;
const LEAVE: u64 = 3;
const ALERT: u64 = 5;
const DROP: u64 = 6;
const LOOK: u64 = 7;
const HORIZON: u64 = 8 * 40;

#[derive(Clone, Debug)]
struct Call {
    at: u64,
    /// How long the call runs. `None` never ends.
    duration: Option<u64>,
    /// When its caller is dropped, counted from `at`.
    leaves: Option<u64>,
    panics: bool,
}

#[derive(Clone, Debug)]
struct Plan {
    max_active: usize,
    timeout: Option<u64>,
    alert_after: u64,
    cancels: bool,
    dropped_at: Option<u64>,
    calls: Vec<Call>,
}

fn call() -> impl Strategy<Value = Call> {
    let duration = option::weighted(0.85, (0..10_u64).prop_map(|k| 8 * k + END));
    let leaves = option::weighted(0.2, (0..10_u64).prop_map(|k| 8 * k + LEAVE));
    (0..30_u64, duration, leaves, prop::bool::weighted(0.1))
        .prop_map(|(at, duration, leaves, panics)| Call { at: 8 * at, duration, leaves, panics })
}

fn plan() -> impl Strategy<Value = Plan> {
    let timeout = option::of((0..6_u64).prop_map(|k| 8 * k + TIMEOUT));
    let alert_after = (0..6_u64).prop_map(|k| 8 * k + ALERT);
    let dropped_at = option::weighted(0.3, (0..30_u64).prop_map(|k| 8 * k + DROP));
    (1..4_usize, timeout, alert_after, any::<bool>(), dropped_at, vec(call(), 0..24)).prop_map(
        |(max_active, timeout, alert_after, cancels, dropped_at, mut calls)| {
            calls.sort_by_key(|call| call.at);
            Plan { max_active, timeout, alert_after, cancels, dropped_at, calls }
        },
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Value,
    Panicked,
    Failed(CallError),
    /// Its caller was dropped or still waits.
    Unknown,
}

/// What is observed at the end of each eighth millisecond.
#[derive(Debug, PartialEq)]
struct Look {
    running: usize,
    /// `None` once the monitor has been dropped.
    tally: Option<Tally>,
    alerts: u64,
}

struct Active {
    number: usize,
    abandoned: bool,
}

/// Performs the plan as documented.
struct Model<'a> {
    plan: &'a Plan,
    active: Vec<Active>,
    tally: Tally,
    full_since: Option<u64>,
    outcomes: Vec<Outcome>,
    gone: bool,
}

impl Model<'_> {
    fn remove(&mut self, gone: impl Fn(&Call, &Active) -> bool) -> Vec<Active> {
        let calls = &self.plan.calls;
        let (gone, active) =
            self.active.drain(..).partition(|active| gone(&calls[active.number], active));
        self.active = active;
        if !Vec::is_empty(&gone) {
            self.full_since = None;
            self.tally.ended += gone.len() as u64;
        }
        gone
    }

    fn end(&mut self, now: u64) {
        let over = |call: &Call, _: &Active| {
            call.duration.is_some_and(|duration| call.at + duration == now)
        };
        for active in self.remove(over) {
            if active.abandoned {
                self.tally.ended_late += 1;
                continue;
            }
            let panics = self.plan.calls[active.number].panics;
            self.outcomes[active.number] = if panics { Outcome::Panicked } else { Outcome::Value };
        }
    }

    fn abandon(&mut self, abandons: impl Fn(&Call) -> bool, outcome: Outcome) -> u64 {
        let mut count = 0;
        for active in &mut self.active {
            if !active.abandoned && abandons(&self.plan.calls[active.number]) {
                active.abandoned = true;
                self.outcomes[active.number] = outcome;
                count += 1;
            }
        }
        if self.plan.cancels {
            self.tally.cancelled += self.remove(|_, active| active.abandoned).len() as u64;
        }
        count
    }

    fn begin(&mut self, number: usize, now: u64) {
        if self.active.len() == self.plan.max_active {
            self.tally.busy += 1;
            self.outcomes[number] = Outcome::Failed(CallError::Busy);
            return;
        }
        self.tally.started += 1;
        self.active.push(Active { number, abandoned: false });
        if self.active.len() == self.plan.max_active {
            self.full_since = Some(now);
        }
    }

    fn step(&mut self, now: u64) -> Look {
        let plan = self.plan;
        self.end(now);
        if let Some(timeout) = plan.timeout {
            let late = |call: &Call| call.at + timeout == now;
            self.tally.timed_out += self.abandon(late, Outcome::Failed(CallError::TimedOut));
        }
        let leaves = |call: &Call| call.leaves.is_some_and(|leaves| call.at + leaves == now);
        self.tally.dropped += self.abandon(leaves, Outcome::Unknown);
        if !self.gone && self.full_since.is_some_and(|since| since + plan.alert_after == now) {
            self.tally.alerts += 1;
        }
        if plan.dropped_at == Some(now) {
            self.gone = true;
            self.abandon(|_| true, Outcome::Unknown);
        }
        for number in 0..plan.calls.len() {
            if plan.calls[number].at == now && !self.gone {
                self.begin(number, now);
            }
        }
        self.tally.active = self.active.len();
        Look {
            running: self.active.len(),
            tally: (!self.gone).then_some(self.tally),
            alerts: self.tally.alerts,
        }
    }
}

fn predict(plan: &Plan) -> (Vec<Look>, Vec<Outcome>) {
    let mut model = Model {
        plan,
        active: Vec::new(),
        tally: Tally::default(),
        full_since: None,
        outcomes: vec![Outcome::Unknown; plan.calls.len()],
        gone: false,
    };
    let mut looks = Vec::new();
    for now in 0..HORIZON {
        let look = model.step(now);
        if now % 8 == LOOK {
            looks.push(look);
        }
    }
    (looks, model.outcomes)
}

type Caller = JoinHandle<Result<(), CallError>>;

async fn work(call: Call) {
    match call.duration {
        Some(duration) => sleep(ms(duration)).await,
        None => std::future::pending().await,
    }
    if call.panics {
        // Skips the panic hook and its message.
        std::panic::resume_unwind(Box::new("as planned"));
    }
}

fn begin(monitor: &Monitor, inside: &Inside, call: &Call) -> Caller {
    let (monitor, inside, call) = (monitor.clone(), inside.clone(), call.clone());
    tokio::spawn(async move { monitor.call(inside.around(work(call))).await })
}

fn build(plan: &Plan, alerts: &Arc<AtomicU64>) -> Monitor {
    let alerts = alerts.clone();
    let mut builder = Monitor::builder()
        .max_active(plan.max_active)
        .alert_after(ms(plan.alert_after))
        .cancel_abandoned(plan.cancels)
        .on_alert(move |_| _ = alerts.fetch_add(1, SeqCst));
    if let Some(timeout) = plan.timeout {
        builder = builder.call_timeout(ms(timeout));
    }
    builder.build()
}

async fn perform(plan: &Plan) -> (Vec<Look>, Vec<Outcome>) {
    let (alerts, inside) = (Arc::default(), Inside::default());
    let mut monitor = Some(build(plan, &alerts));
    let mut callers: Vec<Option<Caller>> = plan.calls.iter().map(|_| None).collect();
    let mut looks = Vec::new();
    for now in 0..HORIZON {
        for (call, caller) in plan.calls.iter().zip(&mut callers) {
            if let (true, Some(monitor)) = (call.at == now, &monitor) {
                *caller = Some(begin(monitor, &inside, call));
            }
            let leaves = call.leaves.is_some_and(|leaves| call.at + leaves == now);
            if let Some(caller) = caller.as_ref().filter(|_| leaves) {
                caller.abort();
            }
        }
        if plan.dropped_at == Some(now) {
            monitor = None;
            callers.iter().flatten().for_each(|caller| caller.abort());
        }
        settle().await;
        if now % 8 == LOOK {
            looks.push(Look {
                running: inside.count(),
                tally: monitor.as_ref().map(Monitor::tally),
                alerts: alerts.load(SeqCst),
            });
        }
        sleep(ms(1)).await;
    }
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(outcome(caller).await);
    }
    (looks, outcomes)
}

async fn outcome(caller: Option<Caller>) -> Outcome {
    let Some(caller) = caller.filter(JoinHandle::is_finished) else {
        return Outcome::Unknown;
    };
    match caller.await {
        Ok(Ok(())) => Outcome::Value,
        Ok(Err(error)) => Outcome::Failed(error),
        Err(error) if error.is_panic() => Outcome::Panicked,
        Err(_) => Outcome::Unknown,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn monitor_behaves_as_documented(plan in plan()) {
        let (looks, outcomes) = paused().block_on(perform(&plan));
        for (look, real) in looks.iter().enumerate() {
            prop_assert!(real.running <= plan.max_active, "at {}: {real:?}", 8 * look);
            if let Some(tally) = real.tally {
                prop_assert_eq!(tally.started, tally.active as u64 + tally.ended);
                let abandoned = tally.timed_out + tally.dropped - tally.ended_late - tally.cancelled;
                prop_assert!(abandoned <= tally.active as u64);
            }
        }
        let (expected, ends) = predict(&plan);
        prop_assert_eq!(looks, expected);
        prop_assert_eq!(outcomes, ends);
    }
}

/// The plans cover each kind of event, so the test above does not depend on chance.
#[test]
fn plans_cover_every_kind_of_event() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut sum = Tally::default();
    for _ in 0..128 {
        let plan = plan().new_tree(&mut runner).unwrap().current();
        let last = predict(&plan).0.into_iter().filter_map(|look| look.tally).next_back();
        let last = last.unwrap_or_default();
        sum.busy += last.busy;
        sum.timed_out += last.timed_out;
        sum.dropped += last.dropped;
        sum.ended_late += last.ended_late;
        sum.cancelled += last.cancelled;
        sum.alerts += last.alerts;
    }
    let seen = [sum.busy, sum.timed_out, sum.dropped, sum.ended_late, sum.cancelled, sum.alerts];
    assert!(seen.iter().all(|&times| times > 20), "{sum:?}");
}
