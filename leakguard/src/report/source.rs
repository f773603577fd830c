//! Reads the user's own source line and finds the word in it that a report underlines.

use crate::fact::position::{Column, Position};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;

/// One line of source as a terminal shows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SourceLine {
    /// With four spaces for a tab.
    pub(crate) text: String,
    /// Cells before the word.
    pub(crate) indent: usize,
    /// Cells of the word; at least 1.
    pub(crate) width: usize,
}

/// The line at `point`, if a file is found there that has such a line and column and that was not edited since.
pub(crate) fn read(point: &Position) -> Option<SourceLine> {
    let (path, column) = point.source();
    candidates(path).iter().find_map(|path| {
        let bytes = fs::read(path).ok().filter(|_| !is_newer(path))?;
        let text = String::from_utf8_lossy(&bytes);
        let line = text
            .lines()
            .nth(usize::try_from(point.line()).ok()?.checked_sub(1)?)?;
        mark(line, column)
    })
}

/// Whether the file was edited after this program was built: then its lines may have moved.
fn is_newer(path: &Path) -> bool {
    static BUILT: LazyLock<Option<SystemTime>> =
        LazyLock::new(|| modified(&env::current_exe().ok()?));
    BUILT.is_some_and(|built| modified(path).is_some_and(|edited| edited > built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Where the file may lie: cargo gives the compiler paths relative to the workspace, and runs tests in the package.
fn candidates(path: &Path) -> Vec<PathBuf> {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let current = env::current_dir().ok();
    let bases = [package, current].into_iter().flatten();
    let above = bases.flat_map(|b| b.ancestors().map(Path::to_owned).collect::<Vec<_>>());
    let mut all = vec![path.to_owned()];
    if path.is_relative() {
        all.extend(above.map(|base| base.join(path)));
    }
    all
}

/// `None` if the line has no such column: then the file is another one than was compiled.
fn mark(line: &str, column: Column) -> Option<SourceLine> {
    let blank = line.len() - line.trim_start().len();
    let (start, end) = match column {
        Column::Unknown => (blank, line.trim_end().len()),
        Column::Bytes(column) => word_at(line, usize::try_from(column).ok()?.checked_sub(1)?)?,
        Column::Cells(column) => word_at(line, byte_at_cell(line, column)?)?,
    };
    Some(SourceLine {
        text: line.trim_end().replace('\t', "    "),
        indent: cells(&line[..start]),
        width: cells(&line[start..end]).max(1),
    })
}

/// From `start` to the end of the path there, as in `tokio::spawn`; else that one character.
fn word_at(line: &str, start: usize) -> Option<(usize, usize)> {
    let first = line.get(start..)?.chars().next()?;
    let mut end = word_end(line, start);
    while line[end..].starts_with("::") && word_end(line, end + 2) > end + 2 {
        end = word_end(line, end + 2);
    }
    Some((start, end.max(start + first.len_utf8())))
}

fn word_end(line: &str, start: usize) -> usize {
    let rest = &line[start..];
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    start + end.unwrap_or(rest.len())
}

fn byte_at_cell(line: &str, column: u32) -> Option<usize> {
    let before = usize::try_from(column).ok()?.checked_sub(1)?;
    let starts = line.char_indices().map(|(at, _)| at);
    starts.into_iter().find(|&at| cells(&line[..at]) >= before)
}

fn cells(text: &str) -> usize {
    text.chars().map(cell).sum()
}

/// How wide a terminal shows a character, near enough: the tables of the `unicode-width` crate are not worth their size
/// for the place of an underline.
fn cell(c: char) -> usize {
    match u32::from(c) {
        0x09 => 4,
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => 2,
        0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn underlined(line: &str, column: Column) -> Option<String> {
        let found = mark(line, column)?;
        Some(format!(
            "{}\n{}{}",
            found.text,
            " ".repeat(found.indent),
            "^".repeat(found.width)
        ))
    }

    #[test]
    fn the_word_at_the_column() {
        let line = "    while let Some(r) = input.lock().await.recv().await {";
        let expected = format!("{line}\n{}^^^^", " ".repeat(43));
        assert_eq!(underlined(line, Column::Bytes(44)), Some(expected.clone()));
        assert_eq!(underlined(line, Column::Cells(44)), Some(expected));
    }

    #[test]
    fn a_path_is_one_word_and_its_generics_are_not() {
        let marked = |line: &str, column| underlined(line, Column::Bytes(column)).unwrap();
        assert_eq!(
            marked("  tokio::task::spawn(x);", 3),
            "  tokio::task::spawn(x);\n  ^^^^^^^^^^^^^^^^^^"
        );
        assert_eq!(
            marked("pending::<()>().await", 1),
            "pending::<()>().await\n^^^^^^^"
        );
        assert_eq!(marked("(a)", 1), "(a)\n^");
    }

    #[test]
    fn tabs_and_wide_letters_are_counted_as_their_witness_counts() {
        // Both columns of `bt` are what rustc 1.95 gives for this line.
        let expected = Some(format!("    /* é日 */ bt();\n{}^^", " ".repeat(14)));
        assert_eq!(underlined("\t/* é日 */ bt();", Column::Bytes(14)), expected);
        assert_eq!(underlined("\t/* é日 */ bt();", Column::Cells(15)), expected);
    }

    #[test]
    fn no_column_means_the_whole_line() {
        assert_eq!(
            underlined("  a.await;  ", Column::Unknown),
            Some("  a.await;\n  ^^^^^^^^".into())
        );
    }

    #[test]
    fn a_line_that_does_not_fit_is_not_shown() {
        assert_eq!(underlined("short", Column::Bytes(40)), None);
        assert_eq!(underlined("short", Column::Cells(40)), None);
        assert_eq!(underlined("é", Column::Bytes(2)), None);
        assert_eq!(underlined("", Column::Bytes(1)), None);
    }

    #[test]
    fn a_file_that_was_edited_after_the_build_is_not_shown() {
        let name = format!("leakguard-{}-edited.rs", std::process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, "a.await;\n").unwrap();
        let point = Position::new(&path, 1, Column::Bytes(3));
        let edited = |time| {
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
            read(&point).is_some()
        };
        let built = modified(&env::current_exe().unwrap()).unwrap();
        let minute = std::time::Duration::from_secs(60);
        let shown = [edited(built - minute), edited(built + minute)];
        fs::remove_file(&path).unwrap();
        assert_eq!(shown, [true, false]);
    }

    #[test]
    fn a_missing_file_or_line_is_no_source() {
        let at = |path: &str, line| Position::new(Path::new(path), line, Column::Unknown);
        assert_eq!(read(&at("no/such/file.rs", 1)), None);
        assert_eq!(read(&at(file!(), 1_000_000)), None);
        assert_eq!(read(&at(file!(), 0)), None);
        assert_eq!(read(&at(file!(), 1)).unwrap().indent, 0);
    }
}
