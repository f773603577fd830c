//! A channel that keeps its type, and the guess that a task waits on it.

use crate::fact::finding::Finding;
use crate::fact::observed::{ObservedFacts, PlainReason};
use crate::fact::task::TaskFacts;
use crate::report::note::Note;

/// `mpsc (capacity 5)`.
pub(crate) fn what(place: &ObservedFacts) -> String {
    let capacity = place.capacity.map(|c| format!(" (capacity {c})"));
    place.family.noun.to_owned() + &capacity.unwrap_or_default()
}

/// Why nothing more is known of it.
pub(crate) fn reason(place: &ObservedFacts) -> String {
    match place.why {
        _ if !place.family.has_twin => "leakguard has no drop-in type for it".to_owned(),
        PlainReason::EscapesFunction => format!("its halves may leave `{}`", place.function),
        PlainReason::NotRequested => format!("a plain type in `{}`", place.function),
    }
}

/// The one place where the scope created a channel, only observed, on which the task may wait.
pub(crate) fn note(finding: &Finding, task: &TaskFacts) -> Option<Note> {
    let wait = task.wait()?;
    let created = finding.scope.iter().flat_map(|scope| &scope.observed);
    let mut fitting = created.filter(|place| place.family.is_waited_on(wait));
    let place = fitting.next().filter(|_| fitting.next().is_none())?;
    let (what, created, reason) = (what(place), place.created, reason(place));
    let of = match place.times {
        1 => String::new(),
        times => format!(", one of {times}"),
    };
    let text = format!("perhaps the {what} created at {created}{of}; observed only: {reason}");
    Some(("channel", vec![text]))
}
