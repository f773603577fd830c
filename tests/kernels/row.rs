//! Runs the forms of a kernel and compares the reports with its description.

use crate::kernel::{Cause, Form, Kernel, LG003, LG004, LG009, LG017, Place};
use crate::quiet::silence_reports;
use leakguard::{Finding, Report, Scope, Verdict};
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Codes that replace LG001, LG002 and LG011 if channels and locks are known.
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

/// A kernel, its source position and its outcomes.
pub struct Row {
    pub kernel: Kernel,
    pub module: &'static str,
    twins: bool,
    file: &'static str,
    source: &'static str,
    runs: [OnceLock<Outcome>; 2],
}

/// The outcome of one row on one kind of runtime.
#[derive(Default)]
pub struct Outcome {
    /// The codes of the findings in the leaking form.
    pub codes: Vec<String>,
    /// Each place was found, and nothing else.
    pub placed: bool,
    /// The expected code was reported there.
    pub code: bool,
    /// The expected cause was reported there.
    pub cause: bool,
    /// The findings were right only after the program got more time.
    pub late: bool,
    /// Reports on forms that have no bug.
    pub noise: Vec<String>,
    report: String,
}

/// Limits of a leaking form, which is reported only when its limit has passed. The second is for a machine that is too
/// busy to reach the waits within the first.
const SHORT: [Duration; 2] = [Duration::from_millis(120), Duration::from_secs(2)];
/// Limit of the silent forms, which return as soon as their tasks have ended.
const LONG: Duration = Duration::from_secs(20);

impl Row {
    pub const fn new(
        kernel: Kernel,
        module: &'static str,
        twins: bool,
        file: &'static str,
        source: &'static str,
    ) -> Self {
        Row { kernel, module, twins, file, source, runs: [const { OnceLock::new() }; 2] }
    }

    /// Runs all forms, once per process.
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

    /// Has a timeout only if the body itself hangs, because a busy machine delays every body.
    fn limited(&self, limit: Duration) -> Scope {
        let scope = Scope::new(self.module).grace(limit);
        if self.hangs() { scope.timeout(limit) } else { scope }
    }

    /// Whether the body of the leaking form does not return.
    fn hangs(&self) -> bool {
        self.kernel.finds.iter().any(|p| !p.spawned)
    }

    fn compare(&self, report: Option<&Report>, late: bool) -> Outcome {
        let Some(report) = report else {
            return Outcome::default();
        };
        let (code, cause) = self.kernel.expected;
        let roots = if cause == Cause::Cycle { self.kernel.finds } else { &self.kernel.finds[..1] };
        let at_root = |f: &&Finding| roots.iter().any(|p| self.is_at(f, p));
        let rooted: Vec<_> = report.iter().filter(at_root).collect();
        let matching = rooted.iter().filter(|f| f.code().to_string() == code);
        Outcome {
            codes: report.iter().map(|f| f.code().to_string()).collect(),
            placed: self.has_all_places(report),
            code: matching.clone().count() > 0,
            cause: matching.into_iter().any(|f| self.has_cause(f, cause)),
            late,
            noise: Vec::new(),
            report: report.to_string(),
        }
    }

    fn has_cause(&self, finding: &Finding, cause: Cause) -> bool {
        let (Cause::Reported(texts) | Cause::Unknown(texts)) = cause else {
            return cause_of(finding) == Some(cause);
        };
        // A report breaks its lines between words.
        let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let report = joined(&finding.to_string());
        let is_in = |text: &&str| report.contains(&joined(&self.expand_marks(text)));
        texts.iter().all(is_in)
    }

    /// Replaces the marks in `text` by the positions of their lines.
    fn expand_marks(&self, text: &str) -> String {
        let Some((before, (mark, after))) =
            text.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        else {
            return text.to_owned();
        };
        let place = match mark.strip_prefix('#') {
            Some(mark) => self.line(mark, "").to_string(),
            None => format!("{}:{}:", self.file, self.line(mark, "")),
        };
        format!("{before}{place}{}", self.expand_marks(after))
    }

    /// Whether each place was found once, and nothing else.
    fn has_all_places(&self, report: &Report) -> bool {
        let is = |f: &Finding, p: &Place| {
            let code = f.code().to_string();
            let better = self.twins && BETTER.contains(&code.as_str());
            let is_code = better || p.code == Some(&code);
            // A deadlock is one finding on tasks of several places.
            is_code && (!p.spawned || f.count() == p.count || is_deadlock(f))
        };
        // Tasks that live only because another one does are a line of its finding.
        let is_behind = |p: &&Place| {
            p.spawned && self.is_behind(report, p) && !report.iter().any(|f| self.is_at(f, p))
        };
        let all = || self.kernel.finds.iter();
        let is_listed = |p: &&Place| p.code.is_none() || self.twins && is_behind(p);
        let own = all().filter(|p| !is_listed(p));
        let listed = all().filter(is_listed);
        // A deadlock counts for the places that no other finding is about.
        let is_free = |p: &Place| !report.iter().any(|f| !is_deadlock(f) && self.is_at(f, p));
        let places = |f: &Finding| match is_deadlock(f) {
            true => own.clone().filter(|p| is_free(p) && self.is_at(f, p)).count(),
            false => 1,
        };
        // Tasks that are certainly stuck are findings of their own beside an overrun.
        let beside = |f: &&Finding| {
            let code = f.code().to_string();
            let expected = BETTER.contains(&code.as_str()) || code == self.kernel.expected.0;
            let is_own = is_deadlock(f) && places(f) > 0;
            self.twins && expected && !is_own && listed.clone().any(|p| self.is_at(f, p))
        };
        let found: usize = report.iter().filter(|f| !beside(f)).map(places).sum();
        found == own.clone().count()
            && own.into_iter().all(|p| report.iter().any(|f| is(f, p) && self.is_at(f, p)))
            && listed.clone().into_iter().all(|p| self.is_listed(report, p))
    }

    fn is_at(&self, finding: &Finding, place: &Place) -> bool {
        if is_deadlock(finding) {
            return self.is_in_deadlock(finding, place);
        }
        let spawned = finding.site().location();
        let waits = finding.wait_place();
        let at_spawn = || {
            spawned.file() == self.file && spawned.line() as usize == self.line("spawn", place.mark)
        };
        let is_wait = |at: leakguard::Position| {
            at.file() == self.file && at.line() as usize == self.line("wait", place.mark)
        };
        let at_wait = waits.map_or(place.blocks, is_wait);
        at_wait && (!place.spawned || at_spawn())
    }

    /// Whether the text of a deadlock names the spawn and shows the line that waits.
    fn is_in_deadlock(&self, finding: &Finding, place: &Place) -> bool {
        let text = finding.to_string();
        let named =
            |what| text.contains(&format!("{}:{}:", self.file, self.line(what, place.mark)));
        let source = format!("{} | ", self.line("wait", place.mark));
        let is_shown = text.lines().any(|l| l.trim_start().starts_with(&source));
        (!place.spawned || named("spawn")) && (is_shown || named("wait"))
    }

    /// Whether the text of the report names the place. An overrun lists tasks beside the body only there.
    fn is_listed(&self, report: &Report, place: &Place) -> bool {
        if report.iter().any(|f| is_deadlock(f) && self.is_in_deadlock(f, place)) {
            return true;
        }
        let text = report.to_string();
        ["spawn", "wait"].iter().all(|what| {
            let place = format!("{}:{}:", self.file, self.line(what, place.mark));
            text.contains(&place)
        })
    }

    /// Whether another finding lists the tasks of a place.
    fn is_behind(&self, report: &Report, place: &Place) -> bool {
        let text = report.to_string();
        let words: Vec<_> = text.split_whitespace().collect();
        let (count, spawn) = (place.count, self.line("spawn", place.mark));
        let tasks = if count == 1 { "task" } else { "tasks" };
        let line = format!("because of it: {count} {tasks} of {}:{spawn}:", self.file);
        words.join(" ").contains(&line)
    }

    /// The number of the line of this kernel that ends in `// what: mark` or, without such a line, in `// what`.
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

    /// Checks that each form that loses a message has one finding, at the line that sent it.
    pub fn check_lost(&self, threads: Threads) {
        let losing = self.kernel.silent.iter().filter(|form| form.loses);
        let check = |&form: &Form| {
            let scope = Scope::new(form.name).timeout(LONG).grace(LONG);
            let report = find(form, scope, threads).expect("a lost message");
            let [finding] = report.findings() else {
                panic!("{self}: not one finding:\n{report}");
            };
            let at = finding.wait_place().expect("the line that sent it");
            assert_eq!(finding.code(), leakguard::Code::LostMessage, "{report}");
            assert_eq!((at.file(), at.line() as usize), (self.file, self.line("lost", "")));
        };
        losing.for_each(check);
    }

    /// Whether the leaking form was reported correctly.
    pub fn is_right(&self, outcome: &Outcome) -> bool {
        // Without twins the cause cannot be known.
        outcome.placed && (outcome.cause || !self.twins)
    }

    /// Fails unless the leaking form is reported correctly and the others are silent.
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

fn is_deadlock(finding: &Finding) -> bool {
    finding.code() == leakguard::Code::Deadlock
}

/// The cause of a finding. A wait for I/O is known by its verdict.
fn cause_of(finding: &Finding) -> Option<Cause> {
    use leakguard::Cause as Reported;
    if let (None, Verdict::TimerOrIo(_)) = (finding.cause(), finding.verdict()) {
        return Some(Cause::Io);
    }
    Some(match finding.cause()? {
        Reported::HeldByItself => Cause::HeldByItself,
        Reported::HeldOutside => Cause::HeldOutside,
        Reported::LeftBehind => Cause::LeftBehind,
        Reported::Cycle => Cause::Cycle,
        Reported::GrantedButNotPolled => Cause::GrantedButNotPolled,
        Reported::NotifiedTooEarly => Cause::NotifiedTooEarly,
        Reported::NeverSignalled => Cause::NeverSignalled,
        Reported::TooFew => Cause::TooFew,
        Reported::LostMessage => Cause::LostMessage,
        _ => return None,
    })
}

fn find(form: Form, scope: Scope, threads: Threads) -> Option<Report> {
    silence_reports();
    let runtime = threads.runtime();
    let report = runtime.block_on(scope.find((form.run)())).err();
    // A plain drop would wait for closures that never end.
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

/// Lists the kernels of a file and defines a test for each of them on each kind of runtime.
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
