//! What the tests of a process have found, printed past the harness when the process ends. A runner does not show what a
//! test printed that passes.

use crate::at_exit;
use crate::config;
use crate::lock::Lock;
use crate::report::tally::TestTally;
use crate::report::{Report, emit};
use crate::site::Site;
use std::panic::catch_unwind;
use std::sync::Once;

static TALLY: Lock<TestTally> = Lock::new(TestTally::new());

/// Counts what was found in `test`. `is_logged` if the test passes all the same.
pub(crate) fn add(test: &'static Site, report: &Report, is_logged: bool) {
    if config::is_json_only() {
        return;
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        emit::prepare();
        at_exit::call(print);
    });
    let mut tally = TALLY.lock();
    report.iter().for_each(|finding| tally.add(test, finding, is_logged));
}

extern "C" fn print() {
    // The process ends anyhow, and a panic would abort it.
    let _ = catch_unwind(|| {
        let text = TALLY.lock().text();
        if !text.is_empty() {
            emit::line(&text);
            emit::finish();
        }
    });
}
