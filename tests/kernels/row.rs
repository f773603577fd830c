//! Runs the forms of a kernel and holds what leakguard says against what is written beside it.

use crate::kernel::{Cause, Form, Kernel, LG003, LG004, LG009, LG017, Place};
use crate::quiet::be_quiet;
use leakguard::{Finding, Report, Scope, Verdict};
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// What is said instead of LG001, LG002 and LG011 where channels and locks are known.
const BETTER: [&str; 4] = [LG003, LG004, LG009, LG017];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    One,
    Two,
}

impl Threads {
    fn runtime(self) -> Runtime {
        let mut builder = match self {
            Threads::One => Builder::new_current_thread(),
            Threads::Two => Builder::new_multi_thread(),
        };
        builder.worker_threads(2).enable_all().build().unwrap()
    }
}

/// A kernel, where it stands, and how it ran.
pub struct Row {
    pub kernel: Kernel,
    pub module: &'static str,
    twins: bool,
    file: &'static str,
    source: &'static str,
    runs: [OnceLock<Outcome>; 2],
}

/// What came of one row on one kind of runtime.
#[derive(Default)]
pub struct Outcome {
    /// The codes of what was found in the leaking form.
    pub codes: Vec<String>,
    /// Each place was found with the expected code, and nothing else.
    pub placed: bool,
    /// The code that fits was given there.
    pub fits: bool,
    /// And the cause.
    pub cause: bool,
    /// The expected findings came only when the program was given more time.
    pub late: bool,
    /// What was said of forms in which nothing is wrong.
    pub noise: Vec<String>,
    report: String,
}

/// Limits of a leaking form, which is found only when they have passed; the second for a machine that is too busy to
/// bring the program to its waits within the first.
const SHORT: [Duration; 2] = [Duration::from_millis(120), Duration::from_secs(2)];
/// Limits of the others, which return as soon as their tasks have ended.
const LONG: Duration = Duration::from_secs(20);

impl Row {
    pub const fn new(
        kernel: Kernel,
        module: &'static str,
        twins: bool,
        file: &'static str,
        source: &'static str,
    ) -> Self {
        Row {
            kernel,
            module,
            twins,
            file,
            source,
            runs: [const { OnceLock::new() }; 2],
        }
    }

    /// Runs all forms, once in a process.
    pub fn outcome(&self, threads: Threads) -> &Outcome {
        self.runs[threads as usize].get_or_init(|| self.run(threads))
    }

    fn run(&self, threads: Threads) -> Outcome {
        let mut outcome = Outcome::default();
        for limit in SHORT {
            let report = find(self.kernel.leaking, self.limited(limit), threads);
            outcome = self.compare(report.as_ref(), limit != SHORT[0]);
            if self.is_right(&outcome) {
                break;
            }
        }
        for &form in self.kernel.silent {
            let scope = Scope::new(form.name).timeout(LONG).grace(LONG);
            if let Some(report) = find(form, scope, threads) {
                outcome.noise.push(format!("`{}`:\n{report}", form.name));
            }
            assert!(!form.loses || self.line("lost", "") > 0);
        }
        outcome
    }

    /// A timeout only where the body itself is to run into it: a busy machine delays every body.
    fn limited(&self, limit: Duration) -> Scope {
        let scope = Scope::new(self.module).grace(limit);
        if self.hangs() {
            scope.timeout(limit)
        } else {
            scope
        }
    }

    /// Whether the body of the leaking form does not return.
    fn hangs(&self) -> bool {
        self.kernel.finds.iter().any(|p| !p.spawned)
    }

    fn compare(&self, report: Option<&Report>, late: bool) -> Outcome {
        let Some(report) = report else {
            return Outcome::default();
        };
        let (code, cause) = self.kernel.fits;
        let roots = if cause == Cause::Cycle {
            self.kernel.finds
        } else {
            &self.kernel.finds[..1]
        };
        let at_root = |f: &&Finding| roots.iter().any(|p| self.is_at(f, p));
        let rooted: Vec<_> = report.iter().filter(at_root).collect();
        let fitting = rooted.iter().filter(|f| f.code().to_string() == code);
        Outcome {
            codes: report.iter().map(|f| f.code().to_string()).collect(),
            placed: self.is_as_written(report),
            fits: fitting.clone().count() > 0,
            cause: fitting.into_iter().any(|f| self.tells(f, cause)),
            late,
            noise: Vec::new(),
            report: report.to_string(),
        }
    }

    fn tells(&self, finding: &Finding, cause: Cause) -> bool {
        let (Cause::Told(texts) | Cause::Unknown(texts)) = cause else {
            return cause_of(finding) == Some(cause);
        };
        let said = finding.to_string();
        texts.iter().all(|text| said.contains(&self.filled(text)))
    }

    /// With the places of the lines that it names.
    fn filled(&self, text: &str) -> String {
        let Some((before, (mark, after))) = text
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        else {
            return text.to_owned();
        };
        let place = match mark.strip_prefix('#') {
            Some(mark) => self.line(mark, "").to_string(),
            None => format!("{}:{}:", self.file, self.line(mark, "")),
        };
        format!("{before}{place}{}", self.filled(after))
    }

    /// Whether each place was found, once, and nothing beside.
    fn is_as_written(&self, report: &Report) -> bool {
        let is = |f: &Finding, p: &Place| {
            let code = f.code().to_string();
            let better = self.twins && BETTER.contains(&code.as_str());
            (better || p.code == Some(&code)) && (!p.spawned || f.count() == p.count)
        };
        let own = self.kernel.finds.iter().filter(|p| p.code.is_some());
        let listed = self.kernel.finds.iter().filter(|p| p.code.is_none());
        // Where it is certain, the tasks beside an overrun are findings of their own.
        let beside = |f: &&Finding| {
            let code = f.code().to_string();
            let fits = BETTER.contains(&code.as_str()) || code == self.kernel.fits.0;
            self.twins && fits && listed.clone().any(|p| self.is_at(f, p))
        };
        report.iter().filter(|f| !beside(f)).count() == own.clone().count()
            && own
                .into_iter()
                .all(|p| report.iter().any(|f| is(f, p) && self.is_at(f, p)))
            && listed
                .clone()
                .into_iter()
                .all(|p| self.is_listed(report, p))
    }

    fn is_at(&self, finding: &Finding, place: &Place) -> bool {
        let spawned = finding.site().location();
        let waits = finding.wait_place();
        let at_spawn = || {
            spawned.file() == self.file && spawned.line() as usize == self.line("spawn", place.mark)
        };
        let is_wait = |(file, line): (String, u32)| {
            file == self.file && line as usize == self.line("wait", place.mark)
        };
        let at_wait = waits.map_or(place.blocks, is_wait);
        at_wait && (!place.spawned || at_spawn())
    }

    /// The report on an overrun names the tasks beside the body in words only.
    fn is_listed(&self, report: &Report, place: &Place) -> bool {
        let text = report.to_string();
        ["spawn", "wait"].iter().all(|what| {
            let place = format!("{}:{}:", self.file, self.line(what, place.mark));
            text.contains(&place)
        })
    }

    /// The number of the line of this kernel that ends in `// what: mark`, or else in `// what`.
    fn line(&self, what: &str, mark: &str) -> usize {
        let head = format!("mod {} {{", self.module);
        let mut lines = self.source.lines();
        let first = lines.position(|l| l == head).expect("the kernel's module");
        let lines: Vec<_> = lines.take_while(|l| *l != "}").collect();
        let ends = |end: &str| lines.iter().position(|l| l.ends_with(end));
        ends(&format!("// {what}: {mark}"))
            .or_else(|| ends(&format!("// {what}")))
            .map(|at| first + at + 2)
            .unwrap_or_else(|| panic!("{} has no line for {what} {mark}", self.module))
    }

    /// Runs the forms that lose a message, which is found where it was sent, and nothing else.
    pub fn check_lost(&self, threads: Threads) {
        let losing = self.kernel.silent.iter().filter(|form| form.loses);
        let check = |&form: &Form| {
            let scope = Scope::new(form.name).timeout(LONG).grace(LONG);
            let report = find(form, scope, threads).expect("a lost message");
            let [finding] = report.findings() else {
                panic!("{self}: not one finding:\n{report}");
            };
            let (file, line) = finding.wait_place().expect("the line that sent it");
            assert_eq!(finding.code(), leakguard::Code::LostMessage, "{report}");
            assert_eq!(
                (file.as_str(), line as usize),
                (self.file, self.line("lost", ""))
            );
        };
        losing.for_each(check);
    }

    /// Whether the leaking form was judged as it should be.
    pub fn is_right(&self, outcome: &Outcome) -> bool {
        // What an observer beside tokio's own types cannot see, it cannot tell.
        outcome.placed && (outcome.cause || !self.twins)
    }

    /// Fails unless all is as it should be.
    pub fn check(&self, threads: Threads) {
        let outcome = self.outcome(threads);
        let right = self.is_right(outcome);
        assert!(right, "{self} leaks, but:\n{}", outcome.report);
        assert!(outcome.noise.is_empty(), "{self}: {}", outcome.noise[0]);
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.kernel.row)
    }
}

/// The cause that a finding gives. That it waits for the world outside its verdict says.
fn cause_of(finding: &Finding) -> Option<Cause> {
    use leakguard::Cause as Said;
    if let (None, Verdict::TimerOrIo(_)) = (finding.cause(), finding.verdict()) {
        return Some(Cause::Io);
    }
    Some(match finding.cause()? {
        Said::HeldByItself => Cause::HeldByItself,
        Said::HeldOutside => Cause::HeldOutside,
        Said::LeftBehind => Cause::LeftBehind,
        Said::Cycle => Cause::Cycle,
        Said::GrantedButNotPolled => Cause::GrantedButNotPolled,
        Said::NotifiedTooEarly => Cause::NotifiedTooEarly,
        Said::NeverSignalled => Cause::NeverSignalled,
        Said::TooFew => Cause::TooFew,
        Said::LostMessage => Cause::LostMessage,
        _ => return None,
    })
}

fn find(form: Form, scope: Scope, threads: Threads) -> Option<Report> {
    be_quiet();
    let runtime = threads.runtime();
    let report = runtime.block_on(scope.find((form.run)())).err();
    // Closures that never end would be waited for.
    runtime.shutdown_background();
    report
}

/// The row of the kernel in a module.
macro_rules! row {
    ($module:ident) => {
        Row::new(
            $module::KERNEL,
            stringify!($module),
            super::TWINS,
            file!(),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
        )
    };
}
pub(crate) use row;

/// Lists the kernels of a file, and makes each a test of its own on each kind of runtime.
macro_rules! rows {
    ($($module:ident)*) => {
        pub static ROWS: [Row; [$(stringify!($module)),*].len()] = [$($crate::row::row!($module)),*];

        mod test {
            use crate::row::Threads;
            $(mod $module {
                use super::*;

                #[test]
                fn one_thread() {
                    check(stringify!($module), Threads::One);
                }

                #[test]
                fn two_threads() {
                    check(stringify!($module), Threads::Two);
                }
            })*

            fn check(module: &str, threads: Threads) {
                let row = super::ROWS.iter().find(|r| r.module == module).unwrap();
                super::super::CHECK(row, threads);
            }
        }
    };
}
pub(crate) use rows;
