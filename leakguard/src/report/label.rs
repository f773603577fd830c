//! The labels beside the user's source lines.

use crate::fact::cause::TaskLabel;
use crate::fact::cause::{Edge, WaitTarget};
use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::report::blockage::noun;
use crate::report::state;
use crate::report::words::{self, Anchor};

/// Maximum number of edges of a deadlock whose lines are shown.
pub(crate) const EDGES: usize = 6;

/// A text beside a place in the source.
pub(crate) struct Label {
    pub(crate) position: Position,
    pub(crate) text: String,
    /// It is what the report points at.
    pub(crate) is_primary: bool,
}

/// The label of the place that the report points at, and those of the edges of a deadlock.
pub(crate) fn labels(finding: &Finding, anchor: &Anchor) -> Vec<Label> {
    let cycle = finding.blockage.as_ref().map_or(&[][..], |b| &b.cycle);
    if cycle.len() < 2 {
        return vec![Label {
            position: anchor.point.clone(),
            text: words::label(finding, anchor),
            is_primary: true,
        }];
    }
    let edges = cycle.iter().enumerate().take(EDGES);
    let mut labels: Vec<_> = edges
        .flat_map(|(at, edge)| {
            let next = &cycle[(at + 1) % cycle.len()].waiter;
            [waits(edge, next), holds(edge, next)]
        })
        .flatten()
        .collect();
    // The place from the stack is that of the await, where the edge has that of the call.
    if let Some(first) = labels.first_mut() {
        first.position = anchor.point.clone();
        first.is_primary = true;
    }
    labels
}

fn waits(edge: &Edge, next: &TaskLabel) -> Option<Label> {
    let (waiter, next) = (short(&edge.waiter), short(next));
    let text = match (edge.wants, edge.ahead) {
        (WaitTarget::End, _) => format!("{waiter} waits for its tasks, {next} among them"),
        (WaitTarget::Thing(kind), _) if kind.is_join() => {
            format!("{waiter} waits for the end of {next}")
        }
        (WaitTarget::Thing(kind), true) => {
            format!("{waiter} waits for the {}, behind {next}", noun(kind))
        }
        (WaitTarget::Thing(kind), false) if kind.is_lock() => {
            format!("{waiter} waits for the {} that {next} holds", noun(kind))
        }
        (WaitTarget::Thing(kind), false) => {
            format!(
                "{waiter} waits on the {} that {next} holds the other half of",
                noun(kind)
            )
        }
    };
    Some(Label {
        position: Position::of_location(edge.wait_at?),
        text,
        is_primary: false,
    })
}

fn holds(edge: &Edge, next: &TaskLabel) -> Option<Label> {
    let next = short(next);
    let text = match (edge.wants, edge.ahead) {
        (WaitTarget::End, _) => format!("{next} is spawned here"),
        (WaitTarget::Thing(kind), _) if kind.is_join() => format!("{next} is spawned here"),
        // It waits there, which is labelled already.
        (WaitTarget::Thing(_), true) => return None,
        (WaitTarget::Thing(kind), false) if kind.is_lock() => {
            format!("{next} acquired the {} here", noun(kind))
        }
        (WaitTarget::Thing(kind), false) => {
            format!("{next} last used its half of the {} here", noun(kind))
        }
    };
    Some(Label {
        position: Position::of_location(edge.held_at?),
        text,
        is_primary: false,
    })
}

/// `task 7`, by the number it has in dumps.
fn short(task: &TaskLabel) -> String {
    match task.kind.is_call() {
        true => format!("`{}`", task.site.function()),
        false => format!("{} {}", state::kind(task.kind, 1), task.id),
    }
}
