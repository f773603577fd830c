//! A channel that keeps its type, in words: a guess where it is made, said as one.

use crate::fact::finding::Finding;
use crate::fact::observed::{ObservedFacts, PlainReason};
use crate::fact::position::Position;
use crate::report::note::Note;

/// `mpsc (capacity 5)`.
pub(crate) fn what(place: &ObservedFacts) -> String {
    let capacity = place.capacity.map(|c| format!(" (capacity {c})"));
    place.family.noun.to_owned() + &capacity.unwrap_or_default()
}

/// Why nothing more is known of it.
pub(crate) fn reason(place: &ObservedFacts) -> String {
    match place.why {
        _ if !place.family.has_twin => "leakguard has no twin of it".to_owned(),
        PlainReason::EscapesFunction => format!("its ends may leave `{}`", place.function),
        PlainReason::NotRequested => format!("a plain type in `{}`", place.function),
    }
}

/// The one channel that the task may wait on, as far as its scope made any.
pub(super) fn note(finding: &Finding) -> Note {
    let guess = finding.perhaps().map(|place| {
        let (what, created) = (what(place), Position::of_location(place.created));
        let of = match place.times {
            1 => String::new(),
            times => format!(", one of {times}"),
        };
        let reason = reason(place);
        format!("perhaps the {what} created at {created}{of}; observed only: {reason}")
    });
    ("channel", guess.into_iter().collect())
}
