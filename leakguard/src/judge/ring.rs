//! The cycles of a graph. However many tasks there are, each edge is followed a few times at most.

use crate::fact::cause::Edge;
use crate::fact::id::TaskId;
use crate::fact::task_map::TaskMap;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Up to this size a search for each task is cheap, and finds its shortest cycle.
const FEW: usize = 64;

/// A step to the task with that place in the list, or from it.
type RingStep = (usize, Edge);

/// A cycle, and the place in it of the task that it was found for.
pub(super) type CycleAt = (Arc<[Edge]>, usize);

/// Tasks, and what each waits for. A part is a set of tasks each of which waits, through others, for each.
pub(super) struct Rings {
    places: TaskMap<usize>,
    steps: Vec<Vec<RingStep>>,
    /// The part of each task.
    parts: Vec<usize>,
    /// The tasks of each part.
    members: Vec<Vec<usize>>,
    /// The ways through each part that is not small.
    ways: RefCell<HashMap<usize, Ways>>,
    /// Long cycles, by each task on them, because a copy for each would take too much room.
    long: RefCell<HashMap<usize, CycleAt>>,
}

/// The shortest ways from one task to all others of its part, and back.
struct Ways {
    hub: usize,
    /// The step that leads to a task, with the task that it starts from.
    from_hub: HashMap<usize, RingStep>,
    /// The next step of the way to the hub, with the task that it leads to.
    to_hub: HashMap<usize, RingStep>,
}

impl Rings {
    /// `tasks` are in order. A step to a task that is not among them is left out.
    pub(super) fn new(tasks: &[TaskId], edges: impl Fn(TaskId) -> Vec<(TaskId, Edge)>) -> Self {
        let places: TaskMap<_> = tasks.iter().enumerate().map(|(n, task)| (*task, n)).collect();
        let known = |(to, edge)| Some((*places.get(&to)?, edge));
        let steps = |task| edges(task).into_iter().filter_map(known).collect();
        let steps: Vec<Vec<RingStep>> = tasks.iter().copied().map(steps).collect();
        let parts = parts(&steps);
        let mut members = vec![Vec::new(); steps.len()];
        parts.iter().enumerate().for_each(|(place, part)| members[*part].push(place));
        let (ways, long) = (RefCell::default(), RefCell::default());
        Rings { places, steps, parts, members, ways, long }
    }

    /// A cycle through `task`: the shortest, unless the task waits for very many through each other.
    pub(super) fn cycle(&self, task: TaskId) -> Option<CycleAt> {
        let place = *self.places.get(&task)?;
        if let Some(known) = self.long.borrow().get(&place) {
            return Some(known.clone());
        }
        let own = self.steps[place].iter().find(|(to, _)| *to == place);
        if let Some((_, edge)) = own {
            return Some((Arc::new([*edge]), 0));
        }
        match self.members[self.parts[place]].len() {
            0 | 1 => None,
            2..=FEW => self.shortest(place),
            _ => Some(self.through_hub(place)),
        }
    }

    /// The steps inside the part of their task.
    fn steps(&self, from: usize) -> impl Iterator<Item = RingStep> + '_ {
        let part = self.parts[from];
        self.steps[from].iter().copied().filter(move |(to, _)| self.parts[*to] == part)
    }

    fn shortest(&self, from: usize) -> Option<CycleAt> {
        let came = self.search(from);
        came.contains_key(&from).then(|| self.keep(way(&came, from, from)))
    }

    /// The step that leads to each task on a shortest way from `from`, which is among them if a way leads back.
    fn search(&self, from: usize) -> HashMap<usize, RingStep> {
        let mut came = HashMap::new();
        let mut next = VecDeque::from([from]);
        while let Some(at) = next.pop_front() {
            for (to, edge) in self.steps(at) {
                came.entry(to).or_insert_with(|| {
                    next.extend((to != from).then_some(to));
                    (at, edge)
                });
            }
        }
        came
    }

    /// The ways through the task of a part that waits for the most others.
    fn ways(&self, members: &[usize]) -> Ways {
        let hub = members.iter().copied().max_by_key(|at| self.steps[*at].len());
        let hub = hub.unwrap_or_default();
        let mut before: HashMap<usize, Vec<RingStep>> = HashMap::new();
        for &at in members {
            let steps = self.steps(at);
            steps.for_each(|(to, edge)| before.entry(to).or_default().push((at, edge)));
        }
        let (mut to_hub, mut next) = (HashMap::new(), VecDeque::from([hub]));
        while let Some(at) = next.pop_front() {
            for &(from, edge) in before.get(&at).into_iter().flatten() {
                to_hub.entry(from).or_insert_with(|| {
                    next.extend((from != hub).then_some(from));
                    (at, edge)
                });
            }
        }
        Ways { hub, from_hub: self.search(hub), to_hub }
    }

    /// From `task` towards the hub, until a task of the way from the hub to `task` is met, and along that way.
    fn through_hub(&self, task: usize) -> CycleAt {
        let part = self.parts[task];
        let mut ways = self.ways.borrow_mut();
        let Ways { hub, from_hub, to_hub } =
            ways.entry(part).or_insert_with(|| self.ways(&self.members[part]));
        let back = way(from_hub, *hub, task);
        if task == *hub {
            return self.keep(back);
        }
        let places: HashMap<usize, usize> =
            back.iter().enumerate().map(|(n, (at, _))| (*at, n)).collect();
        let (mut cycle, mut at) = (Vec::new(), task);
        let met = loop {
            let (to, edge) = to_hub[&at];
            cycle.push((at, edge));
            at = to;
            if let Some(met) = places.get(&at) {
                break *met;
            }
        };
        cycle.extend_from_slice(&back[met..]);
        self.keep(cycle)
    }

    fn keep(&self, cycle: Vec<RingStep>) -> CycleAt {
        let edges: Arc<[Edge]> = cycle.iter().map(|(_, edge)| *edge).collect();
        if cycle.len() > FEW {
            let places = cycle.iter().enumerate().map(|(n, (at, _))| (*at, (edges.clone(), n)));
            self.long.borrow_mut().extend(places);
        }
        (edges, 0)
    }
}

/// The steps from `from` to `to`, each with the task that it starts from.
fn way(came: &HashMap<usize, RingStep>, from: usize, to: usize) -> Vec<RingStep> {
    let (mut steps, mut at) = (Vec::new(), to);
    loop {
        let (before, edge) = came[&at];
        steps.push((before, edge));
        at = before;
        if at == from {
            break;
        }
    }
    steps.reverse();
    steps
}

/// The part of each task, by Tarjan's algorithm. Without recursion, because a chain of waits may be long.
fn parts(steps: &[Vec<RingStep>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let count = steps.len();
    let (mut parts, mut numbers, mut lows) = (vec![NONE; count], vec![NONE; count], vec![0; count]);
    let (mut number, mut part) = (0, 0);
    let (mut open, mut visits) = (Vec::new(), Vec::new());
    for first in 0..count {
        if numbers[first] == NONE {
            visits.push((first, 0));
        }
        while let Some((at, next)) = visits.pop() {
            if next == 0 {
                (numbers[at], lows[at]) = (number, number);
                number += 1;
                open.push(at);
            }
            if let Some(&(to, _)) = steps[at].get(next) {
                visits.push((at, next + 1));
                match numbers[to] {
                    NONE => visits.push((to, 0)),
                    seen if parts[to] == NONE => lows[at] = lows[at].min(seen),
                    _ => {}
                }
                continue;
            }
            if let Some(&(above, _)) = visits.last() {
                lows[above] = lows[above].min(lows[at]);
            }
            if lows[at] == numbers[at] {
                let start = open.iter().rposition(|one| *one == at).unwrap_or_default();
                open.drain(start..).for_each(|one| parts[one] = part);
                part += 1;
            }
        }
    }
    parts
}
