//! Sees without parsing that there is nothing to rewrite: most functions of a large code base are so, and parsing them
//! would be most of what an attribute costs.

use proc_macro::{TokenStream, TokenTree};

use super::aliases::Names;

/// Whether the item is a function for sure, none that an attribute must refuse, and none that starts or awaits
/// anything or makes a channel. The text is the compiler's work, whose code is optimised, where this crate's often is not.
pub(crate) fn is_plain(item: &TokenStream) -> bool {
    let text = item.to_string();
    let names = Names::of_file(proc_macro2::Span::call_site());
    let has_work = text.contains("await")
        || text.contains("spawn")
        || super::observe::may_make_channel(&text)
        || names.new_ones().any(|name| text.contains(name));
    !has_work && is_function(item)
}

fn is_function(item: &TokenStream) -> bool {
    let words = item.clone().into_iter().filter_map(|token| match token {
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
