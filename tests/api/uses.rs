//! Uses each public name, method and trait. It is compiled in both builds, so a name that one of them lacks is an error.

use leakguard::supervise::{self, Alert, Beat, CallError, Failure, GaveUp, Monitor, Stop, Tally};
use leakguard::{
    Action, Background, Cause, Code, Config, Dump, Finding, Growth, GrowthWatch, Owned, Owner,
    Position, Report, Scope, Site, SiteKind, StackTraceGuard, Tracked, Verdict, WaitKind,
};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::{Ready, ready};
use std::hash::Hash;
use std::panic::Location;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

fn shown<T: Debug + Display>() {}
fn plain<T: Copy + Debug + Send + Sync + 'static>() {}
fn ordered<T: Copy + Ord + Hash + Send + Sync + 'static>() {}
fn shared<T: Debug + Send + Sync + 'static>() {}

#[test]
fn types_have_their_traits() {
    ordered::<Code>();
    ordered::<Cause>();
    ordered::<SiteKind>();
    ordered::<WaitKind>();
    plain::<Action>();
    plain::<Verdict>();
    plain::<Growth>();
    plain::<Scope>();
    plain::<CallError>();
    plain::<Tally>();
    shown::<Code>();
    shown::<WaitKind>();
    shown::<Position>();
    shown::<Site>();
    shown::<Finding>();
    shown::<Dump>();
    shown::<Alert>();
    shown::<Report>();
    shared::<Config>();
    shared::<Dump>();
    shared::<Finding>();
    shared::<Report>();
    shared::<GrowthWatch>();
    shared::<StackTraceGuard>();
    shared::<Owner>();
    shared::<Tracked<u8>>();
    shared::<Background<Ready<u8>>>();
    shared::<Owned<Ready<u8>>>();
    shared::<Monitor>();
}

/// Never called: findings exist in one of the builds only.
#[allow(dead_code)]
fn findings(report: Report) -> Result<(), Box<dyn Error>> {
    let _: (&[Finding], String) = (report.findings(), report.render(false));
    for finding in report.iter().chain(&report) {
        let _: (Code, Verdict, usize) = (finding.code(), finding.verdict(), finding.count());
        let _: (Option<Cause>, Option<WaitKind>) = (finding.cause(), finding.wait());
        let position: Option<Position> = finding.wait_place();
        let _ = position.map(|p| (p.file().len(), p.line(), p.column()));
        site(finding.site());
    }
    let _: Vec<Finding> = report.clone().into_iter().collect();
    Err(report.into())
}

fn site(site: &'static Site) {
    let _: (SiteKind, &'static Location<'static>) = (site.kind(), site.location());
    let _: [&'static str; 3] = [site.function(), site.callee(), site.module()];
    let _: [u64; 4] = [site.started(), site.ended(), site.leaked(), site.alive()];
}

#[test]
fn codes_have_numbers_and_titles() {
    let code = Code::Deadlock;
    assert_eq!((code.to_string().as_str(), code.title()), ("LG009", "deadlock"));
}

#[test]
fn configuration_is_accepted() {
    let config = Config::new().on_leak(Action::Log).grace(100 * MS);
    leakguard::configure(config.allow("LG000").all_frames(false).clone());
    leakguard::sites().into_iter().for_each(site);
    leakguard::dump_on_signal();
    let _guards: [StackTraceGuard; 2] = [
        leakguard::dump_after(Duration::from_secs(60)),
        leakguard::timeout_stack_trace(Duration::from_secs(60)),
    ];
    let growth = Growth::new().window(Duration::from_secs(60)).threshold(9);
    let _watches: [GrowthWatch; 2] = [growth.watch(), Growth::default().watch_with(|_| ())];
}

#[tokio::test]
async fn scopes_return_the_output_of_their_bodies() {
    let scope = Scope::new("api").timeout(Duration::from_secs(9)).grace(MS).allow("LG000");
    assert_eq!(scope.find(ready(1)).await.unwrap(), 1);
    assert_eq!(scope.verify(ready(1)).await, 1);
    assert_eq!(leakguard::find(ready(1)).await.unwrap(), 1);
    assert_eq!(leakguard::verify(ready(1)).await, 1);
    let dump: Dump = leakguard::dump_with_stacks().await;
    let tasks: usize = dump.len();
    assert_eq!(dump.is_empty(), tasks == 0);
    drop(leakguard::dump());
}

#[test]
fn scopes_of_sync_bodies_return_their_output() {
    assert_eq!(Scope::new("api").find_sync(|| 1).unwrap(), 1);
    assert_eq!(Scope::new("api").verify_sync(|| 1), 1);
}

#[tokio::test]
async fn futures_and_values_keep_their_output() {
    let owner = Owner::new("api").grace(MS);
    let owned: Owned<Ready<u8>> = owner.clone().own(ready(1));
    let background: Background<Ready<u8>> = leakguard::background(ready(1));
    assert_eq!((owned.await, background.await, owner.enter(|| 1)), (1, 1, 1));
    let mut value = Tracked::<u8>::default().clone();
    *value += *Tracked::from(1) + Tracked::new(1).into_inner();
    assert_eq!(*value, 2);
}

#[tokio::test]
async fn calls_and_runs_are_supervised() {
    let builder = Monitor::builder().name("api").max_active(1).call_timeout(1000 * MS);
    let builder = builder.alert_after(1000 * MS).cancel_abandoned(true);
    let monitor = builder.on_alert(|_: &Alert| ()).build();
    assert_eq!(monitor.call(ready(1)).await, Ok(1));
    assert_eq!(monitor.call_blocking(|| 1).await, Ok(1));
    let set = tokio::task::LocalSet::new();
    assert_eq!(set.run_until(monitor.call_local(ready(1))).await, Ok(1));
    assert_eq!(monitor.clone().tally().ended, 3);
    let run = supervise::restart(|beat: Beat, _: Stop| async move {
        beat.beat();
        Ok::<(), CallError>(())
    });
    let run = run.name("api").timeout(1000 * MS).grace(MS).at_most(1, MS).back_off(MS, MS);
    let run = run.permanent(false).abort_ignoring(false).stop_on(Stop::new());
    let ended: Result<(), GaveUp<CallError>> =
        run.on_failure(|_: &Failure<CallError>| ()).run().await;
    assert!(ended.is_ok());
    let stop = Stop::new();
    stop.stop();
    stop.stopped().await;
    assert!(stop.is_stopped());
}

#[leakguard::monitor(max_active = 1)]
async fn monitored() -> Result<u8, CallError> {
    Ok(1)
}

#[leakguard::must_terminate(timeout = "9s")]
#[leakguard::bounded_channel]
async fn annotated() -> u8 {
    tracked()
}

#[leakguard::track]
fn tracked() -> u8 {
    leakguard::thread::spawn(|| 1).join().unwrap()
}

#[leakguard::test]
async fn attributes_keep_functions() {
    assert_eq!((monitored().await, annotated().await), (Ok(1), 1));
    assert_eq!(leakguard::task::spawn(ready(1)).await.unwrap(), 1);
    let (sender, receiver) = leakguard::sync::oneshot::channel();
    sender.send(*leakguard::sync::blocking::Mutex::new(1).lock().unwrap()).unwrap();
    assert_eq!(receiver.await, Ok(1));
}
