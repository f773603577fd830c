//! One finding as a block of lines, laid out as rustc does. Chooses no words.

use crate::fact::position::Position;
use crate::report::block::{Block, Mark};
use crate::report::source;
use annotate_snippets::renderer::DEFAULT_EMPHASIS_STYLE;
use annotate_snippets::{
    AnnotationKind, Element, Level, Message, Origin, Padding, Renderer, Snippet,
};
use std::ops::Range;

/// Maximum number of columns of a line, unless one word is longer.
pub(crate) const WIDTH: usize = 110;

/// The block, ended by a line break.
pub(crate) fn lines(block: &Block, color: bool) -> String {
    let code = block.code.to_string();
    let prefix = format!("{}[{code}]: ", block.word).len();
    let title = wrap(&block.title, WIDTH - prefix);
    let title_lines = title.lines().count();
    let title = Level::ERROR.with_name(block.word).primary_title(title);
    let lines = block.marks.iter().map(|mark| mark.at.line());
    let gutter = lines.max().unwrap_or_default().to_string().len();
    let (excerpts, unmarked) = excerpts(&block.marks, gutter);
    let elements = match excerpts.is_empty() {
        true => vec![origin(&block.marks[0].at), Padding.into()],
        false => excerpts.iter().map(Excerpt::element).collect(),
    };
    let mut group = title.id(code).elements(elements);
    let unmarked = block.label_note.map(|word| (word, unmarked));
    let all = unmarked.iter().chain(&block.notes);
    for (word, lines) in all.filter(|(_, lines)| !lines.is_empty()) {
        group = group.element(note(word, lines, gutter));
    }
    let width = WIDTH - gutter - " = help: ".len();
    group = group.element(Level::HELP.message(wrap(&block.help, width)));
    let renderer = match color {
        true => Renderer::styled().note(DEFAULT_EMPHASIS_STYLE),
        false => Renderer::plain(),
    };
    let text = renderer.term_width(WIDTH).render(&[group]) + "\n";
    match excerpts.is_empty() {
        true => indented(&text, gutter, title_lines),
        false => text,
    }
}

/// Moves all but the title to where it is below a line of source.
fn indented(text: &str, gutter: usize, title: usize) -> String {
    let indent = |at| if at < title { 0 } else { gutter };
    let lines = text.lines().enumerate();
    let line = |(at, line)| format!("{}{line}\n", " ".repeat(indent(at)));
    lines.map(line).collect()
}

/// What, where and on what it waits, in one sentence.
pub(crate) fn in_short(block: &Block) -> String {
    let mark = block.marks.first();
    let mark = mark.map_or_else(String::new, |m| format!(", at {}: {}", m.at, m.label));
    let code = format!("{}[{}]: ", block.word, block.code);
    sentence(&code, &format!("{}{mark}", block.title))
}

/// What is wrong and where, without times.
pub(crate) fn head(block: &Block) -> String {
    let at = block.marks.first().map_or_else(String::new, |mark| format!(", at {}", mark.at));
    format!("{}[{}]: {}{at}", block.word, block.code, block.title)
}

/// A sentence behind a word, such as `note: `.
pub(crate) fn sentence(word: &str, text: &str) -> String {
    let indent = format!("\n{}", " ".repeat(word.len()));
    word.to_owned() + &wrap(text, WIDTH - word.len()).replace('\n', &indent)
}

/// The marked lines of one file.
struct Excerpt<'a> {
    file: &'a str,
    text: String,
    marks: Vec<(Range<usize>, Option<&'a str>, AnnotationKind)>,
}

impl Excerpt<'_> {
    fn element(&self) -> Element<'_> {
        let marks = self.marks.iter();
        let marks = marks.map(|(span, label, kind)| kind.span(span.clone()).label(*label));
        let snippet = Snippet::source(&self.text).path(self.file);
        snippet.annotations(marks).into()
    }
}

/// One for each file whose source is at hand, that of the first mark first, and the labels that stand in no excerpt. If
/// there is no source of the first mark, there is no excerpt at all.
fn excerpts(marks: &[Mark], gutter: usize) -> (Vec<Excerpt<'_>>, Vec<String>) {
    let (mut all, mut unmarked): (Vec<Excerpt<'_>>, _) = (Vec::new(), Vec::new());
    for (at, mark) in marks.iter().enumerate() {
        let file = mark.at.file();
        let index = all.iter().position(|excerpt| excerpt.file == file);
        let index = index.or_else(|| {
            let text = source::read(&mark.at).filter(|_| at == 0 || !all.is_empty())?;
            let marks = Vec::new();
            all.push(Excerpt { file, text, marks });
            Some(all.len() - 1)
        });
        let found =
            index.and_then(|index| Some((index, source::span(&all[index].text, &mark.at)?)));
        let kind = match at {
            0 => AnnotationKind::Primary,
            _ => AnnotationKind::Context,
        };
        let fits = |index: usize, span: &Range<usize>| {
            fits(&all[index].text, span, &mark.label, WIDTH - gutter - 3)
        };
        let place = match &found {
            Some((index, span)) if fits(*index, span) => None,
            Some(_) => Some(format!("line {}", mark.at.line())),
            None => Some(mark.at.to_string()),
        };
        let label = place.is_none().then_some(mark.label.as_str());
        unmarked.extend(place.map(|place| match marks.len() {
            1 => mark.label.clone(),
            _ => format!("{place}: {}", mark.label),
        }));
        if let Some((index, span)) = found {
            all[index].marks.push((span, label, kind));
        }
    }
    all.retain(|excerpt| !excerpt.marks.is_empty());
    (all, unmarked)
}

/// Whether a label beside the marked span ends within `room` cells. A longer line of source is cut around its marks.
fn fits(text: &str, span: &Range<usize>, label: &str, room: usize) -> bool {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let before = match source::cells(line) {
        long if long > room => 0,
        _ => source::cells(&text[start..span.start]),
    };
    before + source::cells(&text[span.clone()]) + 1 + source::cells(label) <= room
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
    let lines = lines.iter().map(|line| wrap_hanging(line, width, 2));
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = format!("{indent}{}", text.replace('\n', &format!("\n{indent}")));
    Level::NOTE.with_name(word).message(text)
}

/// Breaks a text between words. Its indent stays.
fn wrap(text: &str, width: usize) -> String {
    wrap_hanging(text, width, 0)
}

/// Indents all lines but the first by `hang` columns.
fn wrap_hanging(text: &str, width: usize, hang: usize) -> String {
    let indent = text.len() - text.trim_start().len();
    let (mut wrapped, mut column) = (text[..indent].to_owned(), indent);
    for word in text.split_whitespace() {
        let length = source::cells(word);
        if column == indent {
            column += length;
        } else if column + 1 + length > width {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', hang));
            column = hang + length;
        } else {
            wrapped.push(' ');
            column += 1 + length;
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
        assert_eq!(wrap_hanging("one two three", 7, 2), "one two\n  three");
        assert_eq!(wrap_hanging("one two of", 7, 2), "one two\n  of");
        assert_eq!(wrap_hanging("three two six", 7, 2), "three\n  two\n  six");
        assert_eq!(wrap("one", 2), "one");
        assert_eq!(wrap("", 2), "");
        assert_eq!(wrap("  one two", 5), "  one\ntwo");
    }
}
