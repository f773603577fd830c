//! One finding as a block of lines, laid out as rustc does; chooses no words.

use crate::fact::finding::Finding;
use crate::report::color::{Ink, Paint};
use crate::report::help::help;
use crate::report::note::{Note, notes};
use crate::report::source::{self, SourceLine};
use crate::report::words::{self, Anchor};

/// The block, ended by a line break; what else was found may be a hint at the remedy.
pub(crate) fn block(finding: &Finding, found: &[Finding], paint: Paint) -> String {
    let spot = Anchor::of(finding);
    let source = source::read(&spot.point);
    let page = Page {
        paint,
        gutter: spot.point.line().to_string().len(),
    };
    let mut lines = page.head(finding, &spot);
    let label = words::label(finding, &spot);
    lines.extend(
        source
            .iter()
            .flat_map(|s| page.source(spot.point.line(), s, &label)),
    );
    lines.push(page.bar("|", ""));
    for note in notes(finding, &spot, source.is_some()) {
        lines.extend(page.note(&note));
    }
    lines.push(page.bar(
        "=",
        &format!(
            "{}: {}",
            paint.with(Ink::Help, "help"),
            help(finding, &spot, found)
        ),
    ));
    lines.join("\n") + "\n"
}

/// What, where and on what it waits, in one line.
pub(crate) fn in_short(finding: &Finding) -> String {
    let spot = Anchor::of(finding);
    let noun = words::noun(finding.code);
    let (title, label) = (words::title(finding), words::label(finding, &spot));
    format!(
        "{noun}[{}]: {title}, at {}: {label}",
        finding.code, spot.point
    )
}

struct Page {
    paint: Paint,
    /// Digits of the line number.
    gutter: usize,
}

impl Page {
    fn head(&self, finding: &Finding, spot: &Anchor) -> Vec<String> {
        let code = format!("{}[{}]", words::noun(finding.code), finding.code);
        let title = format!(": {}", words::title(finding));
        let arrow = format!("{}-->", " ".repeat(self.gutter));
        vec![
            self.paint.with(Ink::Alarm, code) + &self.paint.with(Ink::Title, title),
            format!("{} {}", self.paint.with(Ink::Frame, arrow), spot.point),
        ]
    }

    fn source(&self, number: u32, source: &SourceLine, label: &str) -> [String; 3] {
        let numbered = format!("{number:>width$} |", width = self.gutter);
        let mark = format!("{} {label}", "^".repeat(source.width));
        let under = format!(
            "{}{}",
            " ".repeat(source.indent),
            self.paint.with(Ink::Alarm, mark)
        );
        [
            self.bar("|", ""),
            format!("{} {}", self.paint.with(Ink::Frame, numbered), source.text),
            self.bar("|", &under),
        ]
    }

    /// The word with its colon takes ten columns, so that what follows is aligned.
    fn note(&self, (word, lines): &Note) -> Vec<String> {
        let indent = " ".repeat(self.gutter + 13);
        let first = self.bar("=", &format!("{:<10}{}", format!("{word}: "), lines[0]));
        let rest = lines[1..].iter().map(|line| format!("{indent}{line}"));
        std::iter::once(first).chain(rest).collect()
    }

    fn bar(&self, bar: &str, text: &str) -> String {
        let bar = self
            .paint
            .with(Ink::Frame, format!("{} {bar}", " ".repeat(self.gutter)));
        if text.is_empty() {
            bar
        } else {
            format!("{bar} {text}")
        }
    }
}
