//! Recognizes without parsing that a function has nothing to rewrite. Most functions of a large code base have nothing,
//! and parsing them would be most of the cost of an attribute.

use proc_macro::{TokenStream, TokenTree};

use super::aliases::{Aliases, ends_word};
use super::names::{CONSTRUCTOR_PARTS, is_constructor_name, is_spawn_name};

/// Whether the item is certainly a function that the attribute accepts and that spawns nothing, awaits nothing and
/// creates no channel and no sleep. The compiler makes the text of the body, and its code is optimised; this crate's often is not.
pub(crate) fn is_plain(item: &TokenStream) -> bool {
    let tokens: Vec<_> = item.clone().into_iter().collect();
    let Some(body) = tokens.last() else {
        return false;
    };
    is_function(&tokens) && !has_work(&body.to_string())
}

fn has_work(text: &str) -> bool {
    let aliases = Aliases::of_file(proc_macro2::Span::call_site());
    let has_constructor = |part: &&str| words(text, part).any(is_constructor_name);
    text.contains("await")
        || text.contains("JoinSet")
        || words(text, "spawn").any(is_spawn_name)
        || words(text, "sleep").any(|word| word == "sleep")
        || CONSTRUCTOR_PARTS.iter().any(has_constructor)
        || aliases.new_names().any(|name| text.contains(name))
}

/// The words of `text` that contain `part`.
fn words<'a>(text: &'a str, part: &str) -> impl Iterator<Item = &'a str> {
    text.match_indices(part).map(|(at, _)| {
        let start = text[..at]
            .rfind(ends_word)
            .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
        let word = &text[start..];
        &word[..word.find(ends_word).unwrap_or(word.len())]
    })
}

fn is_function(item: &[TokenTree]) -> bool {
    let words = item.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let is_qualifier =
        |word: &String| matches!(word.as_str(), "pub" | "default" | "async" | "unsafe" | "extern");
    let mut others = words.filter(|word| !is_qualifier(word));
    others.next().is_some_and(|word| word == "fn")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_part_is_extended_to_the_whole_word() {
        let text = "é.spawn_on(spawner, respawn);spawn";
        let found: Vec<_> = words(text, "spawn").collect();
        assert_eq!(found, ["spawn_on", "spawner", "respawn", "spawn"]);
    }
}
