//! Random runs that beat, end, panic, hang and ignore their token, compared with a model of the whole supervision.
//!
//! All times are multiples of 8 ms, limits are 4 ms longer, and the stop comes at an odd millisecond. No event meets a
//! limit exactly.

use crate::support::{Inside, ms, paused, settle};
use leakguard::supervise::{Beat, Stop};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use tokio::time::{Instant, sleep};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Returns,
    Fails,
    Panics,
    Hangs,
}

#[derive(Clone, Debug)]
struct Script {
    /// The time before each beat.
    beats: Vec<u64>,
    /// The time from the last of them to the end.
    then: u64,
    ending: Ending,
    /// How long the run ignores its stop token.
    ignores: u64,
}

#[derive(Clone, Debug)]
struct Plan {
    timeout: u64,
    grace: u64,
    restarts: usize,
    period: u64,
    pause: u64,
    longest_pause: u64,
    permanent: bool,
    aborts: bool,
    stop_at: Option<u64>,
    scripts: Vec<Script>,
}

fn eights(range: std::ops::Range<u64>) -> impl Strategy<Value = u64> {
    range.prop_map(|k| 8 * k)
}

fn script() -> impl Strategy<Value = Script> {
    let ending = prop_oneof![
        1 => Just(Ending::Returns),
        3 => Just(Ending::Fails),
        2 => Just(Ending::Panics),
        3 => Just(Ending::Hangs),
    ];
    let ignores = prop_oneof![2 => Just(0), 1 => eights(1..20)];
    (vec(eights(1..6), 0..4), eights(1..6), ending, ignores)
        .prop_map(|(beats, then, ending, ignores)| Script { beats, then, ending, ignores })
}

fn plan() -> impl Strategy<Value = Plan> {
    let limits = (eights(2..7), eights(0..8), 0..5_usize, eights(4..60));
    let pauses = (eights(0..4), eights(0..12), any::<bool>(), any::<bool>());
    let stop_at = option::of((0..400_u64).prop_map(|k| 2 * k + 1));
    (limits, pauses, stop_at, vec(script(), 1..8)).prop_map(
        |(
            (timeout, grace, restarts, period),
            (pause, longest, permanent, aborts),
            stop_at,
            scripts,
        )| Plan {
            timeout: timeout + 4,
            grace: grace + 4,
            restarts,
            period,
            pause,
            longest_pause: longest,
            // A permanent supervision ends only by a stop.
            permanent: permanent && stop_at.is_some(),
            aborts,
            stop_at,
            scripts,
        },
    )
}

/// The script of a run. After the last script, runs return at once, so that the supervision ends.
fn script_of(plan: &Plan, run: usize) -> Script {
    plan.scripts.get(run).cloned().unwrap_or(Script {
        beats: Vec::new(),
        then: 8,
        ending: Ending::Returns,
        ignores: 0,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    GaveUp,
}

/// When each run started and ended, and how and when the supervision ended, in milliseconds.
#[derive(Debug, PartialEq)]
struct Story {
    runs: Vec<(u64, u64)>,
    outcome: Outcome,
    over: u64,
}

/// When and how a run ends if it is not stopped. A missed beat is a hang.
fn course(plan: &Plan, script: &Script, start: u64) -> (u64, Ending) {
    let mut last = start;
    for gap in &script.beats {
        if *gap > plan.timeout {
            return (last + plan.timeout, Ending::Hangs);
        }
        last += gap;
    }
    match script.ending {
        Ending::Hangs => (last + plan.timeout, Ending::Hangs),
        _ if script.then > plan.timeout => (last + plan.timeout, Ending::Hangs),
        ending => (last + script.then, ending),
    }
}

/// When the supervision continues and when the run is gone, after a stop at `at`.
fn stopped(plan: &Plan, script: &Script, at: u64) -> (u64, u64) {
    let heeds = at + script.ignores;
    let limit = at + plan.grace;
    match script.ignores > plan.grace {
        true if plan.aborts => (limit, limit),
        true => (limit, heeds),
        false => (heeds, heeds),
    }
}

fn predict(plan: &Plan) -> Story {
    let stop = plan.stop_at.unwrap_or(u64::MAX);
    let (mut runs, mut restarts, mut now) = (Vec::new(), Vec::new(), 0);
    let story = |runs, outcome, over| Story { runs, outcome, over };
    loop {
        let script = script_of(plan, runs.len());
        let (at, ending) = course(plan, &script, now);
        if stop < at {
            let (over, gone) = stopped(plan, &script, stop);
            runs.push((now, gone));
            return story(runs, Outcome::Ok, over);
        }
        let (failed, gone) = match ending {
            Ending::Hangs => stopped(plan, &script, at),
            _ => (at, at),
        };
        runs.push((now, gone));
        if stop < failed || ending == Ending::Returns && !plan.permanent {
            return story(runs, Outcome::Ok, failed);
        }
        let recent = |then: u64| restarts.iter().filter(|&&r| then - r < plan.period).count();
        let doubled = plan.pause << recent(failed);
        let next = failed + doubled.min(plan.longest_pause);
        if recent(next) >= plan.restarts {
            return story(runs, Outcome::GaveUp, failed);
        }
        if stop < next {
            return story(runs, Outcome::Ok, stop);
        }
        restarts.push(next);
        now = next;
    }
}

/// The start and end of each run, in the order of their starts.
#[derive(Clone)]
struct Log {
    origin: Instant,
    runs: Arc<Mutex<Vec<(u64, u64)>>>,
}

impl Log {
    fn now(&self) -> u64 {
        self.origin.elapsed().as_millis() as u64
    }

    fn start(&self) -> Entry {
        let mut runs = self.runs.lock().unwrap();
        runs.push((self.now(), 0));
        Entry(self.clone(), runs.len() - 1)
    }
}

/// One run. Records its end on drop.
struct Entry(Log, usize);

impl Drop for Entry {
    fn drop(&mut self) {
        self.0.runs.lock().unwrap()[self.1].1 = self.0.now();
    }
}

async fn play(script: Script, beat: Beat, stop: Stop) -> Result<(), &'static str> {
    let act = async {
        for gap in script.beats {
            sleep(ms(gap)).await;
            beat.beat();
        }
        sleep(ms(script.then)).await;
        match script.ending {
            Ending::Returns => Ok(()),
            Ending::Fails => Err("as planned"),
            Ending::Panics => std::panic::resume_unwind(Box::new("as planned")),
            Ending::Hangs => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = stop.stopped() => {
            sleep(ms(script.ignores)).await;
            Ok(())
        }
        done = act => done,
    }
}

async fn perform(plan: &Plan) -> (Story, Vec<bool>) {
    let log = Log { origin: Instant::now(), runs: Arc::default() };
    let (inside, alone) = (Inside::default(), Arc::new(Mutex::new(Vec::new())));
    let stop = Stop::new();
    if let Some(at) = plan.stop_at {
        let stop = stop.clone();
        tokio::spawn(async move {
            sleep(ms(at)).await;
            stop.stop();
        });
    }
    let mut runs = 0;
    let (own, seen) = (log.clone(), alone.clone());
    let supervision = leakguard::supervise::restart(|beat, stop| {
        let script = script_of(plan, runs);
        runs += 1;
        let (inside, log, alone) = (inside.clone(), own.clone(), seen.clone());
        async move {
            alone.lock().unwrap().push(inside.count() == 0);
            let _entry = log.start();
            inside.around(play(script, beat, stop)).await
        }
    });
    let ended = supervision
        .timeout(ms(plan.timeout))
        .grace(ms(plan.grace))
        .at_most(plan.restarts, ms(plan.period))
        .back_off(ms(plan.pause), ms(plan.longest_pause))
        .permanent(plan.permanent)
        .abort_ignoring(plan.aborts)
        .stop_on(stop)
        .on_failure(|_| {})
        .run()
        .await;
    let over = log.now();
    let outcome = if ended.is_ok() { Outcome::Ok } else { Outcome::GaveUp };
    // Runs that ignore their token end on their own.
    sleep(ms(1_000)).await;
    settle().await;
    assert_eq!(inside.count(), 0);
    let runs = log.runs.lock().unwrap().clone();
    let alone = alone.lock().unwrap().clone();
    (Story { runs, outcome, over }, alone)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn supervision_behaves_as_documented(plan in plan()) {
        let (story, alone) = paused().block_on(perform(&plan));
        for (run, alone) in alone.iter().enumerate().skip(1) {
            let before = (0..run).map(|run| script_of(&plan, run));
            let ignored = before.into_iter().any(|script| script.ignores > plan.grace);
            prop_assert!(*alone || ignored && !plan.aborts, "run {run} overlaps");
        }
        let restarts: Vec<u64> = story.runs.iter().skip(1).map(|run| run.0).collect();
        for pair in restarts.windows(plan.restarts + 1) {
            prop_assert!(pair[plan.restarts] - pair[0] >= plan.period, "{restarts:?}");
        }
        if let Some(stop) = plan.stop_at {
            prop_assert!(story.runs.iter().all(|run| run.0 <= stop));
            prop_assert!(story.over <= stop + plan.grace);
        }
        prop_assert_eq!(story, predict(&plan));
    }
}
