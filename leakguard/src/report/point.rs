//! A place in the source that a report points at, from whichever witness knows it.

use crate::fact::task::TaskFacts;
use crate::stack::{Frame, FrameOrigin, Stack};
use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// What a column counts. Both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// Bytes, as debug information does.
    Bytes(u32),
    /// Cells on a screen where a tab takes four, as `Location::column` does.
    Cells(u32),
    Unknown,
}

/// File, line and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// As a reader sees it.
    pub(crate) file: String,
    /// As it can be opened.
    pub(crate) path: PathBuf,
    pub(crate) line: u32,
    pub(crate) column: Column,
}

impl Position {
    pub(crate) fn of_frame(frame: &Frame) -> Option<Position> {
        let column = frame.column().filter(|&c| c > 0);
        Some(Position {
            file: frame.file()?.display().to_string(),
            path: frame.source().map(Path::to_owned)?,
            line: frame.line()?,
            column: column.map_or(Column::Unknown, Column::Bytes),
        })
    }

    pub(crate) fn of_location(location: &Location<'_>) -> Position {
        Position {
            file: location.file().to_owned(),
            path: location.file().into(),
            line: location.line(),
            column: Column::Cells(location.column()),
        }
    }

    /// The user's own line where a task waits: from its stack, else its last annotated await.
    ///
    /// A line of a library is no place that the user could change; such a stack shows in a note.
    pub(crate) fn of_wait(task: &TaskFacts) -> Option<Position> {
        let places = task.stacks().iter().filter_map(|s| s.place());
        let frame = places
            .filter(|f| f.origin() == FrameOrigin::User)
            .find_map(Position::of_frame);
        frame.or_else(|| task.wait_at.map(Position::of_location))
    }

    /// `line 41` to a reader who already looks at `here`, else `src/pool.rs:41`.
    pub(crate) fn seen_from(&self, here: &Position) -> String {
        match self.file == here.file {
            true => format!("line {}", self.line),
            false => format!("{}:{}", self.file, self.line),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match self.column {
            Column::Bytes(column) | Column::Cells(column) => write!(f, ":{column}"),
            Column::Unknown => Ok(()),
        }
    }
}

/// The frames that a reader gets to see: every one only where the program asked for that.
pub(crate) fn shown(stack: &Stack, all: bool) -> Vec<&Frame> {
    if all {
        stack.frames().iter().collect()
    } else {
        stack.user_frames().collect()
    }
}
