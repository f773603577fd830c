//! Watches for spawns whose live tasks only ever grow in number.

use crate::clock;
use crate::config;
use crate::deadline::{self, Alarm};
use crate::judge::growth::{Course, LOOKS};
use crate::judge::{allow, leak};
use crate::record::facts::TaskFacts;
use crate::record::story::GrowthStory;
use crate::registry;
use crate::report::{Report, emit};
use crate::site::{self, Site, SiteKind};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many of the tasks are asked where they wait.
const ASKED: usize = 8;

/// Looks for spawns whose live tasks only ever grow in number, for the length of a program: requests
/// that pile up, workers that are started again and never end.
///
/// Nothing looks unless this is asked for. Four times in each window all spawns of annotated
/// functions are counted. Where every count of a window is higher than the one before, and the last
/// by at least the threshold than the first, that is [LG016](crate::findings::lg016); once, and again
/// whenever the number has doubled.
///
/// ```
/// use std::time::Duration;
///
/// // As long as this lives.
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
        Growth {
            window: Duration::from_secs(60),
            threshold: 100,
        }
    }

    /// How long the number must have grown, at least 4 ms.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window.max(Duration::from_millis(4));
        self
    }

    /// By how many live tasks it must have grown in a window.
    pub fn threshold(mut self, tasks: u64) -> Self {
        self.threshold = tasks;
        self
    }

    /// Looks until what it gives is dropped, and says what it finds as other findings are said.
    pub fn watch(self) -> GrowthWatch {
        self.watch_with(emit::log)
    }

    /// The same, and gives what it finds to `tell`, on leakguard's own thread.
    pub fn watch_with(self, tell: impl Fn(&Report) + Send + Sync + 'static) -> GrowthWatch {
        let watch = Arc::new(Watch {
            rule: self,
            state: Mutex::default(),
            tell: Box::new(tell),
        });
        if !config::is_off() {
            watch.look_later();
        }
        GrowthWatch(watch)
    }
}

/// A watch on growth; it ends when this is dropped.
#[must_use = "dropped at once, it never looks"]
pub struct GrowthWatch(Arc<Watch>);

impl fmt::Debug for GrowthWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GrowthWatch").field(&self.0.rule).finish()
    }
}

struct Watch {
    rule: Growth,
    state: Mutex<State>,
    tell: Box<dyn Fn(&Report) + Send + Sync>,
}

#[derive(Default)]
struct State {
    /// By the address of the site, which is a static.
    courses: HashMap<usize, Course>,
    /// The next look.
    alarm: Option<Alarm>,
}

fn address(site: &'static Site) -> usize {
    std::ptr::from_ref(site) as usize
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_later(self: &Arc<Self>) {
        // What waits for its moment must not keep alive what it is for.
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
        let spawns = site::sites().into_iter();
        let spawns = spawns.filter(|site| site.kind() == SiteKind::Spawn);
        let growing: Vec<_> = {
            let courses = &mut self.state().courses;
            let course = |site: &'static Site| {
                let course = courses.entry(address(site)).or_default();
                let counts = course.add(site.alive(), self.rule.threshold)?;
                Some((site, counts))
            };
            spawns.filter_map(course).collect()
        };
        for (site, counts) in growing {
            self.ask(site, counts);
        }
    }

    /// Asks the eldest of the tasks where they wait, and tells.
    fn ask(self: &Arc<Self>, site: &'static Site, counts: Vec<u64>) {
        let tasks = registry::global().tasks().into_iter();
        let tasks = tasks.filter(|task| address(task.site) == address(site));
        let watch = Arc::downgrade(self);
        deadline::inquire(tasks.take(ASKED).collect(), move |facts| {
            if let Some(watch) = watch.upgrade() {
                watch.tell(facts, counts);
            }
        });
    }

    fn tell(&self, facts: Vec<TaskFacts>, counts: Vec<u64>) {
        let story = GrowthStory {
            counts,
            window: self.rule.window,
        };
        let finding = leak::growth(facts, story, clock::now());
        let said = finding.filter(|finding| !allow::is_allowed(finding, &config::allowed()));
        if let Some(finding) = said {
            (self.tell)(&Report::new(vec![finding], 0));
        }
    }
}
