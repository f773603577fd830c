//! The closed channel on which a task busy-loops.

use crate::clock::Instant;
use crate::fact::kind::{Refusal, ResourceKind, Side};
use crate::fact::position::Position;
use crate::fact::story::SpinStory;
use crate::report::note::Note;
use crate::report::noun::noun;
use crate::time::readable;

pub(crate) fn notes(spin: &SpinStory, now: Instant) -> Vec<Note> {
    let (result, times) = (result(spin), spin.end.refused);
    let times = if times == 1 { String::new() } else { format!(", {times} times in a row") };
    let result = format!("`{result}`{times}, at {}", spin.at());
    vec![
        ("channel", vec![channel(spin, now)]),
        (other(spin.end.side), gone(spin).into_iter().collect()),
        ("result", vec![result]),
    ]
}

fn channel(spin: &SpinStory, now: Instant) -> String {
    let capacity = spin.capacity.filter(|_| spin.kind == ResourceKind::Mpsc);
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let created = spin.created;
    let last = match spin.end.side {
        Side::Receiver if spin.kind != ResourceKind::Oneshot => "last ",
        _ => "",
    };
    let closed = match (spin.is_gone, spin.ended) {
        (false, _) => "its receiver has closed it".to_owned(),
        (true, None) => format!("its {last}{} is gone", other(spin.end.side)),
        (true, Some(at)) => format!(
            "its {last}{} was dropped {} ago",
            other(spin.end.side),
            readable(now.since(at))
        ),
    };
    format!("{}{capacity}, created at {created}; {closed}", noun(spin.kind))
}

/// The words beside the marked source.
pub(crate) fn label(spin: &SpinStory, here: &Position) -> String {
    let at = Position::of_location(spin.at()).seen_from(here);
    format!("returned `{}` at {at}, again and again", result(spin))
}

/// The side that is gone.
fn other(side: Side) -> &'static str {
    match side {
        Side::Sender => "receiver",
        _ => "sender",
    }
}

/// Of several endpoints only the first is known.
fn gone(spin: &SpinStory) -> Option<String> {
    let end = spin.other.filter(|_| spin.is_gone)?;
    let used = end.last_at.filter(|_| !end.is_unused());
    let used = used.map_or_else(
        || "never used since it was created".to_owned(),
        |at| format!("last used at {at}"),
    );
    Some(format!("gone, {used}"))
}

/// The result as the user's code has it.
fn result(spin: &SpinStory) -> &'static str {
    match spin.end.refusal {
        Refusal::None => "None",
        Refusal::Zero => "0",
        Refusal::Err => "Err",
        Refusal::Closed => "Closed",
        Refusal::Disconnected => "Disconnected",
    }
}

/// What to change, with the user's own line.
pub(crate) fn remedy(spin: &SpinStory, here: &Position) -> String {
    let at = Position::of_location(spin.at()).seen_from(here);
    let why = match spin.end.side {
        Side::Sender => "the channel is closed, and what it sends is never received",
        _ => "the channel is closed, and it will never return anything else",
    };
    format!("leave the loop when {at} returns `{}`: {why}", result(spin))
}

/// What to change about a task that waits although its channel has ended.
pub(crate) fn remedy_of_end(closed: &SpinStory, here: &Position) -> String {
    let at = Position::of_location(closed.at()).seen_from(here);
    format!(
        "return when {at} returns `{}`: the channel is closed, and nothing will wake a task that waits for more",
        result(closed)
    )
}
