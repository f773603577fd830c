//! Reads the user's own source line and finds the word in it that a report underlines.

use crate::fact::position::{Column, Position};
use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;

/// The text of the file at `position`, if it is there and was not edited since the build.
pub(crate) fn read(position: &Position) -> Option<String> {
    let (path, _) = position.source();
    candidates(path).iter().find_map(|path| {
        let bytes = fs::read(path).ok().filter(|_| !is_newer(path))?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// Where the word at `position` stands in the text. `None` if the text has no such line and column: then it is another
/// file than was compiled.
pub(crate) fn span(text: &str, position: &Position) -> Option<Range<usize>> {
    let number = usize::try_from(position.line()).ok()?.checked_sub(1)?;
    let mut start = 0;
    let mut lines = text.split_inclusive('\n');
    start += lines.by_ref().take(number).map(str::len).sum::<usize>();
    let line = lines.next()?.trim_end();
    let word = mark(line, position.source().1)?;
    Some(start + word.start..start + word.end)
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

fn mark(line: &str, column: Column) -> Option<Range<usize>> {
    match column {
        Column::Unknown => Some(line.len() - line.trim_start().len()..line.len()),
        Column::Bytes(column) => word_at(line, usize::try_from(column).ok()?.checked_sub(1)?),
        Column::Cells(column) => word_at(line, byte_at_cell(line, column)?),
    }
}

/// From `start` to the end of the path there, as in `tokio::spawn`, or that one character.
fn word_at(line: &str, start: usize) -> Option<Range<usize>> {
    let first = line.get(start..)?.chars().next()?;
    let mut end = word_end(line, start);
    while line[end..].starts_with("::") && word_end(line, end + 2) > end + 2 {
        end = word_end(line, end + 2);
    }
    Some(start..end.max(start + first.len_utf8()))
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

pub(crate) fn cells(text: &str) -> usize {
    text.chars().map(cell).sum()
}

/// How wide rustc takes a character to be in a column, near enough.
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

    fn word(line: &str, column: Column) -> Option<&str> {
        mark(line, column).map(|word| &line[word])
    }

    #[test]
    fn the_word_at_the_column_is_marked() {
        let line = "    while let Some(r) = input.lock().await.recv().await {";
        assert_eq!(mark(line, Column::Bytes(44)), Some(43..47));
        assert_eq!(mark(line, Column::Cells(44)), Some(43..47));
    }

    #[test]
    fn a_path_is_one_word_without_its_generics() {
        let marked = |line, column| word(line, Column::Bytes(column)).unwrap();
        assert_eq!(marked("  tokio::task::spawn(x);", 3), "tokio::task::spawn");
        assert_eq!(marked("pending::<()>().await", 1), "pending");
        assert_eq!(marked("(a)", 1), "(");
    }

    #[test]
    fn tabs_and_wide_letters_count_as_in_each_column_unit() {
        // Both columns of `bt` are what rustc 1.95 gives for this line.
        let line = "\t/* é日 */ bt();";
        assert_eq!(word(line, Column::Bytes(14)), Some("bt"));
        assert_eq!(word(line, Column::Cells(15)), Some("bt"));
    }

    #[test]
    fn the_whole_line_is_marked_without_a_column() {
        assert_eq!(word("  a.await;", Column::Unknown), Some("a.await;"));
    }

    #[test]
    fn a_column_beyond_the_line_marks_nothing() {
        assert_eq!(word("short", Column::Bytes(40)), None);
        assert_eq!(word("short", Column::Cells(40)), None);
        assert_eq!(word("é", Column::Bytes(2)), None);
        assert_eq!(word("", Column::Bytes(1)), None);
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
        let text = read(&at(file!(), 1)).unwrap();
        assert_eq!(span(&text, &at(file!(), 1_000_000)), None);
        assert_eq!(span(&text, &at(file!(), 0)), None);
        let first = span(&text, &at(file!(), 1)).unwrap();
        assert!(text[first].starts_with("//! Reads"));
    }
}
