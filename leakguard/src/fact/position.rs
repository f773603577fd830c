//! A position in the source as a report shows it.

use crate::fact::task::TaskFacts;
use crate::stack::{Frame, FrameOrigin};
use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// What a column counts. Both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// Bytes, as debug information does.
    Bytes(u32),
    /// Cells on a screen where a tab takes four, as `Location::column` does.
    Cells(u32),
    Unknown,
}

/// A position in the source: file, line and, as far as known, column.
///
/// Its `Display` is `src/pool.rs:41:9`, which editors and terminals link to the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    file: String,
    line: u32,
    column: Column,
    /// The file as it can be opened.
    path: PathBuf,
}

impl Position {
    /// The file: relative to the workspace if it lies in it, as `file!()` is.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, counted from 1, if the debug information has it.
    pub fn column(&self) -> Option<u32> {
        match self.column {
            Column::Bytes(column) | Column::Cells(column) => Some(column),
            Column::Unknown => None,
        }
    }

    /// The file as it can be opened, and what the column counts.
    pub(crate) fn source(&self) -> (&Path, Column) {
        (&self.path, self.column)
    }

    /// For tests of what is shown.
    #[cfg(test)]
    pub(crate) fn new(path: &Path, line: u32, column: Column) -> Position {
        Position { file: path.display().to_string(), path: path.to_owned(), line, column }
    }

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
    /// A user cannot change a line of a library, so such a line is only shown in a note.
    pub(crate) fn of_wait(task: &TaskFacts) -> Option<Position> {
        let places = task.stacks().iter().filter_map(|s| s.place());
        let frame = places.filter(|f| f.origin() == FrameOrigin::User).find_map(Position::of_frame);
        frame.or_else(|| task.wait_at.map(Position::of_location))
    }

    /// `line 41` to a reader that already looks at `here`, else `src/pool.rs:41`.
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
        match self.column() {
            Some(column) => write!(f, ":{column}"),
            None => Ok(()),
        }
    }
}
