//! The closed channel on which a task turns round, in words.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::kind::ResourceKind;
use crate::fact::kind::{Refusal, Side};
use crate::fact::position::Position;
use crate::fact::story::SpinStory;
use crate::report::blockage::noun;
use crate::report::note::Note;
use crate::time::readable;

pub(crate) fn notes(finding: &Finding) -> Vec<Note> {
    let Some(spin) = finding.spin() else {
        return Vec::new();
    };
    let told = format!(
        "`{}`, {} times in a row, at {}",
        answer(spin),
        spin.end.refused,
        Position::of_location(spin.at())
    );
    vec![
        ("channel", vec![channel(spin, finding.now)]),
        (other(spin.end.side), gone(spin).into_iter().collect()),
        ("told", vec![told]),
    ]
}

fn channel(spin: &SpinStory, now: Instant) -> String {
    let capacity = spin.capacity.filter(|_| spin.kind == ResourceKind::Mpsc);
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let created = Position::of_location(spin.created);
    let last = match spin.end.side {
        Side::Receiver if spin.kind != ResourceKind::Oneshot => "last ",
        _ => "",
    };
    let closed = match (spin.is_gone, spin.ended) {
        (false, _) => "its receiver has closed it".to_owned(),
        (true, None) => format!("its {last}{} is gone", other(spin.end.side)),
        (true, Some(at)) => format!(
            "its {last}{} went {} ago",
            other(spin.end.side),
            readable(now.since(at))
        ),
    };
    format!(
        "{}{capacity}, created at {created}; {closed}",
        noun(spin.kind)
    )
}

/// What stands beside the underline.
pub(crate) fn label(spin: &SpinStory, here: &Position) -> String {
    let at = Position::of_location(spin.at()).seen_from(here);
    format!("told `{}` at {at}, again and again", answer(spin))
}

/// The side that is gone.
fn other(side: Side) -> &'static str {
    match side {
        Side::Sender => "receiver",
        _ => "sender",
    }
}

/// Of several only the first is still known.
fn gone(spin: &SpinStory) -> Option<String> {
    let end = spin.other.filter(|_| spin.is_gone)?;
    let place = |at| Position::of_location(at).to_string();
    let used = end.last_at.filter(|_| !end.is_unused()).map(place);
    let used = used.map_or_else(
        || "never used since it was created".to_owned(),
        |at| format!("last used at {at}"),
    );
    Some(format!("gone, {used}"))
}

/// In the user's code.
fn answer(spin: &SpinStory) -> &'static str {
    match spin.end.refusal {
        Refusal::None => "None",
        Refusal::Zero => "0",
        Refusal::Err => "Err",
        Refusal::Closed => "Closed",
        Refusal::Disconnected => "Disconnected",
    }
}

/// What to do about it, naming the user's own line.
pub(crate) fn remedy(spin: &SpinStory, here: &Position) -> String {
    let at = Position::of_location(spin.at()).seen_from(here);
    let for_ever = match spin.end.side {
        Side::Sender => "the channel is closed, and nobody will receive what it sends",
        _ => "the channel is closed, and it will never give anything else",
    };
    format!(
        "leave the loop when {at} gives `{}`: {for_ever}",
        answer(spin)
    )
}
