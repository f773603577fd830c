//! Whether the user has said to keep silent about a finding.

use crate::record::finding::Finding;
use crate::site::Site;

/// Whether one of `items` names the finding: by code, by the path of the function that started the
/// task, or by its spawn site.
pub(crate) fn is_allowed(finding: &Finding, items: &[String]) -> bool {
    items.iter().any(|item| names(finding, item))
}

fn names(finding: &Finding, item: &str) -> bool {
    if item.eq_ignore_ascii_case(&finding.code.to_string()) {
        return true;
    }
    let scope = finding.scope.as_ref().map(|s| s.site);
    let task = finding.task();
    let sites = [Some(task.site), task.through, scope];
    sites.into_iter().flatten().any(|site| is_site(site, item))
}

/// `pool::start` names `my_crate::pool::start`; `pool.rs:27` names `src/pool.rs:27:9`.
fn is_site(site: &Site, item: &str) -> bool {
    let path = format!("{}::{}", site.module(), site.function());
    let at = site.location();
    let line = format!("{}:{}", at.file(), at.line());
    ends_with(&path, item, "::")
        || ends_with(&line, item, "/")
        || ends_with(&at.to_string(), item, "/")
}

fn ends_with(whole: &str, end: &str, boundary: &str) -> bool {
    whole
        .strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with(boundary))
}
