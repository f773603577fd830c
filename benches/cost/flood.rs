//! What a log of very many equal leaks costs: text, memory and the watchdog's time.

use crate::crowd::current_thread;
use crate::forms::FORM;
use crate::fresh;
use crate::pair::Effort;
use crate::table::{self, figure, number, row};
use cpu_time::ProcessTime;
use std::future::pending;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::Instant;

/// Runs in a process of its own, whose standard error is read to its end.
pub fn flood(_: Effort) {
    let what = format!(
        "{FORM}, current_thread. Calls of one function that leaks a task in each; the log goes to standard error. CPU \
         time from the first call until the last leak was judged."
    );
    table::head("A log of equal leaks", &what, &["calls", "CPU time, ms", "kB per leaked task"]);
    for calls in ["2000", "20000"] {
        let [cpu, memory] = fresh::run(&["flood", calls])[..] else {
            panic!("two figures");
        };
        figure(&format!("flood/{calls}/cpu"), cpu);
        figure(&format!("flood/{calls}/memory"), memory);
        row(&[calls.to_owned(), number(cpu), number(memory)]);
    }
}

/// Milliseconds of CPU time, and kilobytes for each leaked task.
pub fn in_this_process(calls: u64) -> Vec<f64> {
    let (began, before) = (ProcessTime::now(), resident());
    current_thread().block_on(async {
        for _ in 0..calls {
            handle().await;
            yield_now().await;
        }
        while leaked() < calls {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    vec![began.elapsed().as_secs_f64() * 1e3, (resident() - before) / calls as f64]
}

/// The same calls spread over `seconds`; each leaked task ends a second later, so that what remains is leakguard's own.
/// Milliseconds of CPU time, kilobytes in memory after a tenth, at the end and at most, bytes of text if standard error is
/// a file, and leaks counted. For a run by hand, because it takes long: see `benches/notes.md`.
pub fn spread(calls: u64, seconds: u64) -> Vec<f64> {
    let began = ProcessTime::now();
    let (mut sizes, tenth) = (Vec::new(), (calls / 10).max(1));
    current_thread().block_on(async {
        let start = Instant::now();
        for call in 0..calls {
            let due = seconds as f64 * call as f64 / calls as f64;
            tokio::time::sleep_until(start + Duration::from_secs_f64(due)).await;
            late_handle().await;
            if call % tenth == tenth - 1 {
                sizes.push(resident());
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    });
    let (first, last) = (sizes[0], resident());
    let most = sizes.into_iter().fold(last, f64::max);
    let text = std::fs::metadata("/proc/self/fd/2").map_or(0, |file| file.len());
    let leaked = leaked();
    vec![began.elapsed().as_secs_f64() * 1e3, first, last, most, text as f64, leaked as f64]
}

fn leaked() -> u64 {
    let sites = leakguard::sites();
    let handles = sites.iter().filter(|site| site.function().ends_with("handle"));
    handles.map(|site| site.leaked()).sum()
}

#[leakguard::must_terminate(grace = "5ms")]
async fn handle() {
    tokio::spawn(pending::<()>());
}

#[leakguard::must_terminate(grace = "5ms")]
async fn late_handle() {
    tokio::spawn(async { tokio::time::sleep(Duration::from_secs(1)).await });
}

/// Kilobytes in memory. 0 where the system does not tell.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}
