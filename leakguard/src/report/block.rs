//! The words of one finding before they are laid out. Knows neither findings nor columns.

use crate::fact::position::Position;
use crate::report::note::Note;
use crate::vocabulary::Code;

/// One finding in words.
pub(crate) struct Block {
    /// What comes before the code.
    pub(crate) word: &'static str,
    pub(crate) code: Code,
    pub(crate) title: String,
    /// The first one is the primary one.
    pub(crate) marks: Vec<Mark>,
    /// The word of the note that takes labels for which there is no source or no room.
    pub(crate) label_note: Option<&'static str>,
    pub(crate) notes: Vec<Note>,
    pub(crate) help: String,
}

/// A word in the source that is underlined, with a label.
pub(crate) struct Mark {
    pub(crate) at: Position,
    pub(crate) label: String,
}

impl Block {
    pub(crate) fn one_mark(at: Position, label: String) -> Vec<Mark> {
        vec![Mark { at, label }]
    }
}
