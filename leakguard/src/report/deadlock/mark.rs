//! Every step of a deadlock at its source line.

use super::{Cycle, STEPS};
use crate::fact::cause::{Edge, TaskLabel, Trace, WaitTarget};
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::report::block::Mark;
use crate::report::blockage;
use crate::report::noun::{noun, short};

impl Cycle<'_> {
    /// Each wait and each place where the next task acquired what it is for.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let first = self.edges().first().and_then(|edge| edge.wait_at);
        let here = first.map_or_else(|| self.case.anchor(), Position::of_location);
        let mut marks =
            vec![Mark { at: here.clone(), label: self.waits(0, &self.edges()[0], &here) }];
        // Two labels at one position become one.
        let mut add = |at: Position, label: String| match marks.iter_mut().find(|m| m.at == at) {
            Some(mark) => mark.label += &format!("; {label}"),
            None => marks.push(Mark { at, label }),
        };
        let shown = || self.edges().iter().enumerate().take(STEPS);
        for (at, edge) in shown().skip(1) {
            if let Some(place) = edge.wait_at {
                add(Position::of_location(place), self.waits(at, edge, &here));
            }
        }
        // Where the next one only waits first, its own wait is marked.
        let is_marked = |edge: &Edge| {
            edge.trace == Trace::Requested && !self.is_granted()
                || edge.wants.is_lock() && edge.held_at == edge.wait_at && self.edges().len() > 1
        };
        for (at, edge) in shown().filter(|(_, edge)| !is_marked(edge)) {
            if let Some(place) = edge.held_at {
                add(Position::of_location(place), self.held(at, edge, &here));
            }
        }
        marks
    }

    fn waits(&self, at: usize, edge: &Edge, here: &Position) -> String {
        let (own, next) = (short(&edge.waiter), short(self.next(at)));
        let what = match edge.wants {
            WaitTarget::End => format!("its tasks, of which {next} is one"),
            WaitTarget::Thing(kind) if self.edges().len() == 1 => format!("the {}", noun(kind)),
            WaitTarget::Thing(ResourceKind::JoinSet) => {
                format!("the end of {next} in the join set{}", created(edge, here))
            }
            WaitTarget::Thing(kind) if kind.is_join() => format!("the end of {next}"),
            WaitTarget::Thing(kind) if kind.is_channel() => match edge.trace {
                Trace::Queued(_) => {
                    format!("the {}, whose other half {next} has still to receive", noun(kind))
                }
                _ => format!("the {}, whose other half {next} has", noun(kind)),
            },
            WaitTarget::Thing(ResourceKind::Token) => {
                format!("the cancellation token, a clone of which {next} has")
            }
            WaitTarget::Thing(kind) if edge.trace == Trace::Requested => {
                format!("the {}, for which {next} waits first", noun(kind))
            }
            WaitTarget::Thing(kind) if edge.held_at == edge.wait_at => {
                format!("the {}{} that {next} acquired here", noun(kind), created(edge, here))
            }
            WaitTarget::Thing(kind) => format!("the {} that {next} holds", noun(kind)),
        };
        format!("{own} waits for {what}")
    }

    fn held(&self, at: usize, edge: &Edge, here: &Position) -> String {
        let label = self.next(at);
        let (next, created) = (short(label), created(edge, here));
        match edge.wants {
            WaitTarget::Thing(kind) if self.is_granted() => format!(
                "the {}{created} was granted to this future, which is not polled{}",
                noun(kind),
                self.since()
            ),
            WaitTarget::Thing(kind) if kind.is_channel() => {
                self.other_half(kind, edge, here, label)
            }
            WaitTarget::Thing(ResourceKind::Token) => {
                format!("{next} used a clone of the cancellation token{created} here")
            }
            WaitTarget::Thing(kind) if kind.is_join() => format!("{next} was spawned here"),
            WaitTarget::End => format!("{next} was spawned here"),
            WaitTarget::Thing(kind) => {
                format!("{next} acquired the {}{created} here{}", noun(kind), self.since())
            }
        }
    }

    fn other_half(
        &self,
        kind: ResourceKind,
        edge: &Edge,
        here: &Position,
        next: &TaskLabel,
    ) -> String {
        let (next, noun, created) = (short(next), noun(kind), created(edge, here));
        match edge.trace {
            Trace::Queued(queue) => {
                let queue = Position::of_location(queue).seen_from(here);
                format!(
                    "the other half of the {noun}{created} was probably sent here, and lies in the queue of {queue}"
                )
            }
            Trace::Moved => format!("{next} was given the other half of the {noun}{created} here"),
            _ if edge.created == edge.held_at => {
                format!("{next} has the other half of the {noun} created here")
            }
            _ => format!("{next} used the other half of the {noun}{created} here"),
        }
    }

    /// How long ago a task acquired what it waits for itself.
    fn since(&self) -> String {
        match (&self.subject.blockage.parties[..], self.edges()) {
            ([party], [_]) => party
                .since
                .map_or_else(String::new, |since| blockage::ago(since, self.case.finding.now)),
            _ => String::new(),
        }
    }
}

/// ` of line 12`.
fn created(edge: &Edge, here: &Position) -> String {
    let at = edge.created.map(Position::of_location);
    at.map_or_else(String::new, |at| format!(" of {}", at.seen_from(here)))
}
