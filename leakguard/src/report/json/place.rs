//! Places in the source as JSON.

use super::word;
use crate::fact::position::Position;
use crate::fact::task::TaskFacts;
use crate::json::{Json, Object, fields};
use crate::report::block::Mark;
use crate::site::{CallSite, Site};
use crate::stack::{Frame, FrameOrigin};

/// File, line and column of any place.
pub(super) fn position(o: &mut Object<'_>, at: &Position) {
    o.field("file", at.file());
    o.field("line", at.line());
    o.field("column", at.column());
}

pub(super) fn location(at: CallSite) -> impl Json {
    fields(move |o| position(o, &Position::of_location(at)))
}

pub(super) fn mark(mark: &Mark) -> impl Json {
    fields(|o| {
        position(o, &mark.at);
        o.field("label", mark.label.as_str());
    })
}

/// The place where a task was spawned, a function begins, or a channel or value was created.
pub(super) fn site(site: &'static Site, kind: &'static str) -> impl Json {
    fields(move |o| {
        position(o, &Position::of_location(site.location()));
        o.field("function", site.function());
        o.field("module", site.module());
        o.field("callee", site.callee());
        o.field("kind", kind);
    })
}

/// The user's line where a task waits, and what it waits for, if either is known.
pub(super) fn wait(task: &TaskFacts) -> Option<impl Json> {
    let (at, kind) = (Position::of_wait(task), task.wait());
    (at.is_some() || kind.is_some()).then(|| {
        fields(move |o| {
            o.field("file", at.as_ref().map(Position::file));
            o.field("line", at.as_ref().map(Position::line));
            o.field("column", at.as_ref().and_then(Position::column));
            o.field("function", function(task));
            o.field("kind", kind.map(|kind| kind.to_string()));
        })
    })
}

/// The function of that line, if a stack has it.
fn function(task: &TaskFacts) -> Option<&str> {
    let places = task.stacks().iter().filter_map(|stack| stack.place());
    let mut own = places.filter(|frame| frame.origin() == FrameOrigin::User);
    own.next().map(Frame::function)
}

pub(super) fn frame(frame: &Frame) -> impl Json {
    fields(|o| {
        let at = Position::of_frame(frame);
        o.field("function", frame.function());
        o.field("file", at.as_ref().map(Position::file));
        o.field("line", at.as_ref().map(Position::line));
        o.field("column", at.as_ref().and_then(Position::column));
        o.field("origin", word::origin(frame.origin()));
    })
}
