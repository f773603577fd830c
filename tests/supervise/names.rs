//! Code that reads findings compiles in every build, including those that never have one.

use leakguard::{Action, Cause, Code, Config, Finding, Report, Site, SiteKind, Verdict, WaitKind};
use std::error::Error;
use std::fmt::{Debug, Display};

fn shown(_: &(impl Display + Debug)) {}

/// Calls every accessor of a finding.
fn read(finding: &Finding) -> (Code, &'static Site) {
    shown(finding);
    shown(finding.site());
    let _: (Verdict, usize) = (finding.verdict(), finding.count());
    let _: (Option<Cause>, Option<WaitKind>) = (finding.cause(), finding.wait());
    let _: Option<leakguard::Position> = finding.wait_place();
    (finding.code(), finding.site())
}

fn read_all(report: Report) -> Box<dyn Error + Send + Sync> {
    shown(&report);
    let _: String = report.render(true);
    for site in report.iter().chain(report.findings()).map(read) {
        let _: SiteKind = site.1.kind();
    }
    for finding in &report {
        read(finding);
    }
    for finding in report.clone() {
        read(&finding);
    }
    report.into()
}

#[tokio::test]
async fn findings_can_be_read() {
    let found = leakguard::find(async { 1 }).await;
    assert_eq!(found.map_err(read_all).unwrap(), 1);
    leakguard::configure(Config::new().on_leak(Action::Log));
    leakguard::sites().into_iter().for_each(shown);
}

#[test]
fn codes_and_causes_have_the_same_names_in_every_build() {
    let titles = [
        (Code::Overrun, "LG001 overrun"),
        (Code::LeakedTask, "LG002 leaked task"),
        (Code::AbandonedReceiver, "LG003 abandoned receiver"),
        (Code::ForgottenSender, "LG004 forgotten sender"),
        (Code::LostMessage, "LG005 lost message"),
        (Code::BrokenPromise, "LG006 broken promise"),
        (Code::StuckTask, "LG007 stuck task"),
        (Code::LostWakeup, "LG008 lost wakeup"),
        (Code::Deadlock, "LG009 deadlock"),
        (Code::OverBound, "LG010 channel over its bound"),
        (Code::BusyExecutor, "LG011 busy executor"),
        (Code::IgnoredCancellation, "LG012 ignored cancellation"),
        (Code::LeakedThread, "LG013 leaked thread or blocking call"),
        (Code::SwallowedPanic, "LG014 swallowed panic"),
        (Code::KeptResource, "LG015 kept resource"),
        (Code::GrowingTasks, "LG016 growing tasks"),
        (Code::SpinOnClosed, "LG017 spin on a closed channel"),
        (Code::UnreapedTasks, "LG018 unreaped tasks"),
    ];
    for (code, title) in titles {
        assert_eq!(format!("{code} {}", code.title()), title);
    }
    let causes = [
        Cause::HeldByItself,
        Cause::HeldByAnother,
        Cause::HeldOutside,
        Cause::LeftBehind,
        Cause::Cycle,
        Cause::GrantedButNotPolled,
        Cause::NotifiedTooEarly,
        Cause::NeverSignalled,
        Cause::TooFew,
        Cause::LostMessage,
    ];
    assert!(causes.is_sorted());
}
