//! Handles of tasks that have ended: a line for each spawn whose tasks were not awaited.

use super::Dump;
use std::fmt::{self, Formatter};

/// Maximum number of places shown.
const SHOWN: usize = 16;

/// Those with the most come first.
pub(super) fn write(f: &mut Formatter<'_>, dump: &Dump) -> fmt::Result {
    if dump.handles.is_empty() {
        return Ok(());
    }
    let mut all = dump.handles.clone();
    all.sort_by_key(|handles| std::cmp::Reverse(handles.unjoined));
    for handles in all.iter().take(SHOWN) {
        let (at, now, most) = (handles.started, handles.unjoined, handles.most);
        writeln!(
            f,
            "handles of tasks spawned at {at}: {now} ended and not awaited, at most {most}"
        )?;
    }
    if let Some(more @ 1..) = all.len().checked_sub(SHOWN) {
        writeln!(f, "… and {more} more places")?;
    }
    writeln!(f)
}
