//! The findings on values that are alive at the limit of their scope.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::resource::{Detail, ResourceFacts};
use crate::fact::story::ValueStory;
use crate::fact::subject::Subject;
use crate::fact::task::ScopeFacts;
use crate::site::Site;
use crate::vocabulary::SiteKind;

/// One for each value that was created in `scope`. `name` knows the live tasks.
pub(crate) fn kept(
    scope: &ScopeFacts,
    resources: &[ResourceFacts],
    name: impl Fn(TaskId) -> Option<TaskLabel>,
    now: Instant,
) -> Vec<Finding> {
    let own = resources.iter().filter(|r| r.scope == Some(scope.id));
    let values = own.filter_map(|r| match r.detail {
        Detail::Value(type_name) => Some((r, type_name)),
        _ => None,
    });
    let finding = |(resource, type_name): (&ResourceFacts, &'static str)| Finding {
        subject: Subject::Value(ValueStory {
            site: Site::at(SiteKind::Function, short(type_name), "", resource.created),
            created_by: resource.created_by.and_then(&name),
            values: 1,
            age: now.since(resource.began),
        }),
        scope: Some(scope.clone()),
        now,
    };
    values.map(finding).collect()
}

/// `Body` for `my_crate::http::Body<my_crate::Stream>`.
fn short(type_name: &'static str) -> &'static str {
    if !type_name.starts_with(char::is_alphabetic) {
        return type_name;
    }
    let end = type_name.find('<').unwrap_or(type_name.len());
    let start = type_name[..end].rfind("::").map_or(0, |at| at + 2);
    &type_name[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_without_their_path() {
        assert_eq!(short("alloc::vec::Vec<alloc::string::String>"), "Vec");
        assert_eq!(short("u8"), "u8");
        assert_eq!(short("(u8, my::Type)"), "(u8, my::Type)");
    }
}
