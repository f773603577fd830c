//! One finding as a block of lines, laid out as rustc does. Chooses no words.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::report::help::help;
use crate::report::label::{Label, labels};
use crate::report::note::notes;
use crate::report::source;
use crate::report::words::{self, Anchor};
use annotate_snippets::renderer::DEFAULT_EMPHASIS_STYLE;
use annotate_snippets::{AnnotationKind, Element, Level, Message, Origin, Renderer, Snippet};
use std::ops::Range;

/// Maximum number of columns of a line, unless one word is longer.
pub(crate) const WIDTH: usize = 110;

/// The block, ended by a line break. The other findings may be a hint at the remedy.
pub(crate) fn block(finding: &Finding, found: &[Finding], color: bool) -> String {
    let anchor = Anchor::of(finding);
    let labels = labels(finding, &anchor);
    let excerpts = excerpts(&labels);
    let noun = words::noun(finding.code);
    let prefix = format!("{noun}[{}]: ", finding.code).len();
    let title = wrap(&words::title(finding), WIDTH - prefix);
    let title = Level::ERROR.with_name(noun).primary_title(title);
    let elements = match excerpts.is_empty() {
        true => vec![origin(&anchor.point)],
        false => excerpts.iter().map(Excerpt::element).collect(),
    };
    let mut group = title.id(finding.code.to_string()).elements(elements);
    let lines = labels.iter().map(|label| label.position.line());
    let gutter = lines.max().unwrap_or_default().to_string().len();
    for (word, lines) in notes(finding, &anchor, !excerpts.is_empty()) {
        group = group.element(note(word, &lines, gutter));
    }
    let help = help(finding, &anchor, found);
    let width = WIDTH - gutter - " = help: ".len();
    group = group.element(Level::HELP.message(wrap(&help, width)));
    let renderer = match color {
        true => Renderer::styled().note(DEFAULT_EMPHASIS_STYLE),
        false => Renderer::plain(),
    };
    renderer.term_width(WIDTH).render(&[group]) + "\n"
}

/// What, where and on what it waits, in one line.
pub(crate) fn in_short(finding: &Finding) -> String {
    let anchor = Anchor::of(finding);
    let noun = words::noun(finding.code);
    let (title, label) = (words::title(finding), words::label(finding, &anchor));
    format!(
        "{noun}[{}]: {title}, at {}: {label}",
        finding.code, anchor.point
    )
}

/// The labelled lines of one file.
struct Excerpt<'a> {
    file: &'a str,
    text: String,
    labels: Vec<(Range<usize>, &'a Label)>,
}

impl<'a> Excerpt<'a> {
    fn element(&self) -> Element<'_> {
        let labels = self.labels.iter().map(|(span, label)| {
            let kind = match label.is_primary {
                true => AnnotationKind::Primary,
                false => AnnotationKind::Context,
            };
            kind.span(span.clone()).label(&label.text)
        });
        let snippet = Snippet::source(&self.text).path(self.file);
        snippet.annotations(labels).into()
    }
}

/// One for each file whose source is there; the primary label's first. Empty if that one is not there.
fn excerpts(labels: &[Label]) -> Vec<Excerpt<'_>> {
    let mut all: Vec<Excerpt<'_>> = Vec::new();
    for label in labels {
        let file = label.position.file();
        let index = all.iter().position(|excerpt| excerpt.file == file);
        let text = match index {
            Some(index) => Some(all[index].text.clone()),
            None => source::read(&label.position),
        };
        let span = text
            .as_deref()
            .and_then(|text| source::span(text, &label.position));
        match (index, text.zip(span)) {
            (_, None) if label.is_primary => return Vec::new(),
            (_, None) => {}
            (Some(index), Some((_, span))) => all[index].labels.push((span, label)),
            (None, Some((text, span))) => all.push(Excerpt {
                file,
                text,
                labels: vec![(span, label)],
            }),
        }
    }
    all
}

/// The arrow to a place whose source is not there.
fn origin(position: &Position) -> Element<'_> {
    let origin = Origin::path(position.file()).line(position.line() as usize);
    match position.column() {
        Some(column) => origin.char_column(column as usize).into(),
        None => origin.into(),
    }
}

/// The word with its colon takes ten columns, so that what follows is aligned.
fn note<'a>(word: &'a str, lines: &[String], gutter: usize) -> Message<'a> {
    let indent = " ".repeat(8usize.saturating_sub(word.len()));
    let width = WIDTH - gutter - 13;
    let lines = lines
        .iter()
        .map(|line| wrap(line, width).replace('\n', "\n  "));
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = format!("{indent}{}", text.replace('\n', &format!("\n{indent}")));
    Level::NOTE.with_name(word).message(text)
}

/// Breaks a text between words.
fn wrap(text: &str, width: usize) -> String {
    let (mut wrapped, mut column) = (String::new(), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        match column {
            0 => column = length,
            _ if column + 1 + length > width => {
                wrapped.push('\n');
                column = length;
            }
            _ => {
                wrapped.push(' ');
                column += 1 + length;
            }
        }
        wrapped += word;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_wrap_between_words() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(wrap("one", 2), "one");
        assert_eq!(wrap("", 2), "");
    }
}
