//! Watches for spawns with ever more live tasks, and for results that are never taken.

use crate::deadline::{self, Alarm};
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::resource::SetFacts;
use crate::fact::story::{GrowthStory, ResultHolder, UnreapedStory};
use crate::fact::task::TaskFacts;
use crate::judge::growth::{self, CountHistory, LOOKS, Pile};
use crate::judge::{allow, leak};
use crate::lock::Lock;
use crate::record::live::Live;
use crate::record::resource::Creation;
use crate::record::resource::set::JoinSetState;
use crate::report::{Report, emit};
use crate::site::{self, Site};
use crate::vocabulary::SiteKind;
use crate::{clock, config, ledger, registry};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

/// Maximum number of growing tasks that are probed for where they wait.
const PROBED: usize = 8;

/// Looks for counts that only ever grow: requests that pile up, workers that are restarted and never end, results that are
/// never taken.
///
/// It only looks after a call of [`watch`](Growth::watch). Four times in each window it counts
///
/// - the live tasks of each spawn, in annotated functions and by [`task`](crate::task) and [`thread`](crate::thread);
/// - in each [`JoinSet`](crate::task::JoinSet), and among the handles of each [`task::spawn`](crate::task::spawn), the
///   tasks that have ended and whose results have not been taken.
///
/// It reports [LG016](crate::findings::lg016) for live tasks and [LG018](crate::findings::lg018) for results if every
/// count of a window is higher than the one before, and the last exceeds the first by at least the threshold. It reports
/// again whenever the number has doubled. Results are only reported while tasks are still being spawned, because tasks
/// that are spawned all at once may be joined in the end.
///
/// ```
/// use std::time::Duration;
///
/// // Looks until it is dropped.
/// let _watch = leakguard::Growth::new()
///     .window(Duration::from_secs(300))
///     .threshold(1000)
///     .watch();
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "it looks for nothing until `watch` is called"]
pub struct Growth {
    window: Duration,
    threshold: u64,
}

impl Default for Growth {
    fn default() -> Self {
        Growth::new()
    }
}

impl Growth {
    /// A window of 60 s and a threshold of 100 tasks.
    pub fn new() -> Self {
        Growth { window: Duration::from_secs(60), threshold: 100 }
    }

    /// How long the number must have grown. The minimum is 4 ms.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window.max(Duration::from_millis(4));
        self
    }

    /// By how many tasks it must have grown in a window.
    pub fn threshold(mut self, tasks: u64) -> Self {
        self.threshold = tasks;
        self
    }

    /// Looks until the returned guard is dropped, and reports what it finds as other findings.
    pub fn watch(self) -> GrowthWatch {
        self.watch_with(emit::log)
    }

    /// The same, and passes what it finds to `report`, on leakguard's own thread.
    pub fn watch_with(self, report: impl Fn(&Report) + Send + Sync + 'static) -> GrowthWatch {
        let watch =
            Arc::new(Watcher { rule: self, state: Lock::default(), report: Box::new(report) });
        if !config::is_off() {
            watch.look_later();
        }
        GrowthWatch(watch)
    }
}

/// A watch on growth, which ends when this is dropped.
#[must_use = "dropped at once, it never looks"]
pub struct GrowthWatch(Arc<Watcher>);

impl fmt::Debug for GrowthWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GrowthWatch").field(&self.0.rule).finish()
    }
}

struct Watcher {
    rule: Growth,
    state: Lock<Observations>,
    report: Box<dyn Fn(&Report) + Send + Sync>,
}

#[derive(Default)]
struct Observations {
    /// By the address of the site, which is a static.
    courses: HashMap<usize, CountHistory>,
    sets: HashMap<ResourceId, Pile>,
    handles: HashMap<usize, Pile>,
    /// The next look.
    alarm: Option<Alarm>,
}

fn address(site: &'static Site) -> usize {
    std::ptr::from_ref(site) as usize
}

impl Watcher {
    fn state(&self) -> MutexGuard<'_, Observations> {
        self.state.lock()
    }

    fn look_later(self: &Arc<Self>) {
        // The alarm must not keep the watcher alive.
        let watch = Arc::downgrade(self);
        let at = clock::now().plus(self.rule.window / LOOKS as u32);
        let alarm = Alarm::set(at, move || {
            if let Some(watch) = watch.upgrade() {
                watch.look();
                watch.look_later();
            }
        });
        let before = self.state().alarm.replace(alarm);
        drop(before);
    }

    fn look(self: &Arc<Self>) {
        let spawns = site::spawns();
        self.look_at_live(&spawns);
        for story in self.sets().into_iter().chain(self.handles(&spawns)) {
            self.report_finding(Some(growth::unreaped(story, clock::now())));
        }
    }

    fn look_at_live(self: &Arc<Self>, spawns: &[&'static Site]) {
        let growing: Vec<_> = {
            let courses = &mut self.state().courses;
            let course = |&site: &&'static Site| {
                let course = courses.entry(address(site)).or_default();
                let counts = course.add(site.alive(), self.rule.threshold)?;
                Some((site, counts))
            };
            spawns.iter().filter_map(course).collect()
        };
        for (site, counts) in growing {
            self.probe(site, counts);
        }
    }

    /// Probes the oldest of the tasks for where they wait, and reports.
    fn probe(self: &Arc<Self>, site: &'static Site, counts: Vec<u64>) {
        let tasks = registry::global().tasks().into_iter();
        let tasks = tasks.filter(|task| address(task.site) == address(site));
        let watch = Arc::downgrade(self);
        deadline::probe(tasks.take(PROBED).collect(), move |facts| {
            if let Some(watch) = watch.upgrade() {
                watch.report_live(facts, counts);
            }
        });
    }

    fn report_live(&self, facts: Vec<TaskFacts>, counts: Vec<u64>) {
        let story = self.story(counts);
        self.report_finding(leak::growth(facts, story, clock::now()));
    }

    fn story(&self, counts: Vec<u64>) -> GrowthStory {
        let window = self.rule.window;
        GrowthStory { counts, window }
    }

    /// The join sets in which results pile up.
    fn sets(&self) -> Vec<UnreapedStory> {
        let mut before = std::mem::take(&mut self.state().sets);
        let (mut piles, mut piled) = (HashMap::new(), Vec::new());
        for resource in ledger::global().resources() {
            let Some(set) = resource.set().map(JoinSetState::facts) else {
                continue;
            };
            let started = set.spawned.map_or(0, |mark| mark.times);
            let mut pile = before.remove(&resource.id).unwrap_or_default();
            let counts = pile.add(set.unjoined, started, self.rule.threshold);
            piles.insert(resource.id, pile);
            piled.extend(counts.map(|counts| self.of_set(resource.origin, set, counts)));
        }
        self.state().sets = piles;
        piled
    }

    fn of_set(&self, origin: Creation, set: SetFacts, counts: Vec<u64>) -> UnreapedStory {
        UnreapedStory {
            site: Site::at(SiteKind::Function, "JoinSet", "", origin.created),
            keeper: ResultHolder::Set(set, origin.by.and_then(named)),
            growth: self.story(counts),
        }
    }

    /// The spawns whose handles pile up.
    fn handles(&self, spawns: &[&'static Site]) -> Vec<UnreapedStory> {
        let piles = &mut self.state().handles;
        let pile = |&site: &&'static Site| {
            let pile = piles.entry(address(site)).or_default();
            let counts = pile.add(site.unreaped(), site.started(), self.rule.threshold)?;
            Some(UnreapedStory { site, keeper: ResultHolder::Handles, growth: self.story(counts) })
        };
        spawns.iter().filter_map(pile).collect()
    }

    fn report_finding(&self, finding: Option<Finding>) {
        let finding = finding.filter(|finding| !allow::is_allowed(finding, &config::allowed()));
        if let Some(finding) = finding {
            (self.report)(&Report::new(vec![finding], 0));
        }
    }
}

/// A task, if it is alive.
fn named(id: TaskId) -> Option<TaskLabel> {
    let tasks = registry::global().tasks();
    tasks.iter().find(|task| task.id == id).map(Live::named)
}
