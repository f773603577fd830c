//! Whether the user has allowed a finding, and what would allow it.

use crate::fact::finding::Finding;
use crate::fact::story::ChannelStory;
use crate::fact::subject::Subject;
use crate::site::Site;
use std::panic::Location;

/// Whether one of `items` names the finding: its code, the name of the task, the path of the function that spawned it, or its
/// spawn site. For a channel, the function and line that created it, or a line that sent.
pub(crate) fn is_allowed(finding: &Finding, items: &[String]) -> bool {
    items.iter().any(|item| names(finding, item))
}

fn names(finding: &Finding, item: &str) -> bool {
    if item.eq_ignore_ascii_case(&finding.code().to_string()) {
        return true;
    }
    if finding.task().is_some_and(|task| task.name == item) {
        return true;
    }
    let scope = finding.scope.as_ref().map(|s| s.site);
    let through = finding.task().into_iter().flat_map(|task| &task.through).copied();
    let sites = [Some(finding.site()), scope].into_iter().flatten().chain(through);
    sites.into_iter().any(|site| is_site(site, item))
        || matches!(&finding.subject, Subject::Channel(story) if is_line(story, item))
}

/// The places that allow the finding, and as few others as possible.
pub(crate) fn places(finding: &Finding) -> Vec<String> {
    let waiters = match &finding.subject {
        // Each of them was judged on its own.
        Subject::Deadlock(deadlock) => deadlock.waiters.iter().map(|task| task.site).collect(),
        _ => Vec::new(),
    };
    let place = |site: &Site| format!("{}:{}", site.location().file(), site.location().line());
    [finding.site()].into_iter().chain(waiters).map(place).collect()
}

/// The text that allows what stands at `places`.
pub(crate) fn text(mut places: Vec<String>) -> String {
    places.sort_unstable();
    places.dedup();
    places.join(", ")
}

fn is_line(story: &ChannelStory, item: &str) -> bool {
    let lines = story.lines.iter().map(|(at, _)| *at);
    lines.chain([story.place()]).any(|at| is_place(at, item))
}

/// `pool::start` names `my_crate::pool::start`; `pool.rs:27` names `src/pool.rs:27:9`.
fn is_site(site: &Site, item: &str) -> bool {
    let path = format!("{}::{}", site.module(), site.function());
    ends_with(&path, item, "::") || is_place(site.location(), item)
}

fn is_place(at: &Location<'_>, item: &str) -> bool {
    let line = format!("{}:{}", at.file(), at.line());
    ends_with(&line, item, "/") || ends_with(&at.to_string(), item, "/")
}

fn ends_with(whole: &str, end: &str, boundary: &str) -> bool {
    whole.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with(boundary))
}
