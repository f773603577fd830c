//! The file of JSON lines that this process writes: a header, a line for each finding, a footer. Knows no finding.

mod footer;
mod header;
mod runner;
mod tally;
mod test_name;

pub(crate) use tally::{Loss, count_loss, count_repeat, found, noted_tokio, see_unseen};
pub(crate) use test_name::TestName;

use crate::at_exit;
use crate::lock::Lock;
use std::fs::{self, File};
use std::io::{self, Write};
use std::panic::catch_unwind;
use std::path::Path;
use std::process;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::time::{Duration, Instant, SystemTime};

/// The version of what the lines are like.
pub(crate) const SCHEMA: &str = "leakguard/1";

/// The open file. `None` before it is opened, and after the footer.
static JOURNAL: Lock<Option<Journal>> = Lock::new(None);
static IS_OPEN: AtomicBool = AtomicBool::new(false);

struct Journal {
    file: File,
    opened: Instant,
}

/// Opens the file of this process in `directory`, which is created, and writes the header. The first directory stays.
pub(crate) fn open(directory: &Path) -> io::Result<()> {
    let mut journal = JOURNAL.lock();
    if journal.is_some() {
        return Ok(());
    }
    let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut file = create(directory, started)?;
    let mut header = header::line(started);
    header.push('\n');
    file.write_all(header.as_bytes())?;
    *journal = Some(Journal { file, opened: Instant::now() });
    if !IS_OPEN.swap(true, Release) {
        at_exit::call(end);
    }
    Ok(())
}

/// A process may have the number of an earlier one, and a clock may stand still.
fn create(directory: &Path, started: Duration) -> io::Result<File> {
    fs::create_dir_all(directory)?;
    let (pid, mut micros) = (process::id(), started.as_micros());
    loop {
        let path = directory.join(format!("leakguard-{pid}-{micros}.jsonl"));
        match File::options().append(true).create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => micros += 1,
            opened => return opened,
        }
    }
}

/// Whether lines are written.
#[inline]
pub(crate) fn is_open() -> bool {
    IS_OPEN.load(Acquire)
}

/// Writes one line by one call, so that a reader sees whole lines. A line that cannot be written counts as a loss.
pub(crate) fn append(mut line: String) {
    line.push('\n');
    let mut journal = JOURNAL.lock();
    let written = journal.as_mut().is_some_and(|it| it.file.write_all(line.as_bytes()).is_ok());
    drop(journal);
    if !written {
        count_loss(Loss::Line, 1);
    }
}

/// Writes the footer and closes the file, because the process ends or aborts.
pub(crate) fn close() {
    let mut journal = JOURNAL.lock();
    if let Some(mut journal) = journal.take() {
        let mut footer = footer::line(journal.opened.elapsed());
        footer.push('\n');
        // There is no later line that could tell.
        let _ = journal.file.write_all(footer.as_bytes());
    }
}

extern "C" fn end() {
    // The process ends anyhow, and a panic would abort it.
    let _ = catch_unwind(close);
}
