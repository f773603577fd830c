//! The last line of the file: what the process has found and what it has missed.

use super::header::TOKIO;
use super::tally::{FoundCounts, Loss, counts};
use crate::json::{Object, fields, object};
use crate::site;
use crate::vocabulary::Certainty;
use std::time::Duration;

/// The file was open for `time`.
pub(super) fn line(time: Duration) -> String {
    let tally = counts();
    object(|o| {
        o.field("type", "footer");
        o.field("tokio", tally.tokio.as_deref().or(TOKIO));
        o.field("findings", tally.codes.values().sum::<u64>());
        o.field("by_code", fields(|o| codes(o, &tally)));
        o.field("by_certainty", fields(|o| certainties(o, &tally)));
        o.field("repeats", tally.repeats);
        o.field("tasks", fields(|o| tasks(o, &tally)));
        o.field("losses", fields(|o| losses(o, &tally)));
        o.field("elapsed_ns", time.as_nanos() as u64);
    })
}

fn codes(o: &mut Object<'_>, tally: &FoundCounts) {
    for (code, count) in &tally.codes {
        o.field(&code.to_string(), *count);
    }
}

fn certainties(o: &mut Object<'_>, tally: &FoundCounts) {
    for certainty in Certainty::ALL.into_iter().rev() {
        let count = tally.certainties.get(&certainty).copied();
        o.field(&certainty.to_string(), count.unwrap_or_default());
    }
}

fn tasks(o: &mut Object<'_>, tally: &FoundCounts) {
    let seen = site::spawns().into_iter().map(|site| site.started());
    o.field("seen", seen.sum::<u64>());
    o.field("unseen", tally.unseen);
}

fn losses(o: &mut Object<'_>, tally: &FoundCounts) {
    let named = [
        ("lines", Loss::Line),
        ("texts", Loss::Text),
        ("stacks", Loss::Stack),
        ("probes", Loss::Probe),
    ];
    for (name, loss) in named {
        o.field(name, tally.losses.get(&loss).copied().unwrap_or_default());
    }
}
