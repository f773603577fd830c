//! Sees without parsing that there is nothing to rewrite: most functions of a large code base are so, and parsing them
//! would be most of what an attribute costs.

use proc_macro::{TokenStream, TokenTree};

use super::aliases::{Names, ends_word};
use super::observe::{PARTS, is_constructor};
use super::spawn::is_starter;

/// Whether the item is a function for sure, none that an attribute must refuse, and none that starts or awaits
/// anything or makes a channel. The body's text is the compiler's work, whose code is optimised, where this crate's often
/// is not.
pub(crate) fn is_plain(item: &TokenStream) -> bool {
    let tokens: Vec<_> = item.clone().into_iter().collect();
    let Some(body) = tokens.last() else {
        return false;
    };
    is_function(&tokens) && !has_work(&body.to_string())
}

fn has_work(text: &str) -> bool {
    let names = Names::of_file(proc_macro2::Span::call_site());
    text.contains("await")
        || words(text, "spawn").any(is_starter)
        || PARTS
            .iter()
            .any(|part| words(text, part).any(is_constructor))
        || names.new_ones().any(|name| text.contains(name))
}

/// The words of `text` that have `part` in them.
fn words<'a>(text: &'a str, part: &str) -> impl Iterator<Item = &'a str> {
    text.match_indices(part).map(|(at, _)| {
        let start = text[..at].rfind(ends_word).map_or(0, |before| {
            before + text[before..].chars().next().map_or(1, char::len_utf8)
        });
        let word = &text[start..];
        &word[..word.find(ends_word).unwrap_or(word.len())]
    })
}

fn is_function(item: &[TokenTree]) -> bool {
    let words = item.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let is_qualifier = |word: &String| {
        matches!(
            word.as_str(),
            "pub" | "default" | "async" | "unsafe" | "extern"
        )
    };
    let mut others = words.filter(|word| !is_qualifier(word));
    others.next().is_some_and(|word| word == "fn")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_part_gives_the_whole_word() {
        let text = "é.spawn_on(spawner, respawn);spawn";
        let found: Vec<_> = words(text, "spawn").collect();
        assert_eq!(found, ["spawn_on", "spawner", "respawn", "spawn"]);
    }
}
