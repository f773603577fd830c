//! Decides by the tokens of a function whether an endpoint stays inside it.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::method::{ALL, Half};

/// Maximum number of clones of clones that are followed.
const GENERATIONS: usize = 4;

/// The kinds of channels for which the endpoint bound to `name` stays inside and is used as a twin allows.
pub(super) fn kinds(body: &TokenStream, name: &Ident, half: Half) -> u8 {
    stays_inside(body, name, half, 0)
}

/// Every mention of `name` except its binding must call a method that the twins have, drop the endpoint, or bind a clone
/// that stays inside too.
fn stays_inside(body: &TokenStream, name: &Ident, half: Half, generation: usize) -> u8 {
    let mut mentions = Mentions { name, half, kinds: ALL, clones: Vec::new(), bindings: 0 };
    mentions.collect(body.clone());
    if mentions.bindings != 1 || generation == GENERATIONS {
        return 0;
    }
    let stays = |(clone, half): &(Ident, Half)| stays_inside(body, clone, *half, generation + 1);
    let clones = mentions.clones.iter().map(stays);
    clones.fold(mentions.kinds, |kinds, of_clone| kinds & of_clone)
}

/// How a function uses one endpoint.
struct Mentions<'a> {
    name: &'a Ident,
    half: Half,
    kinds: u8,
    clones: Vec<(Ident, Half)>,
    bindings: usize,
}

impl Mentions<'_> {
    fn collect(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let before = &tokens[..at];
            match token {
                TokenTree::Group(group) => {
                    let dropped = is_only(group.stream(), self.name) && is_drop(before);
                    let bound = binds_in_tuple(before, group, self.name);
                    self.bindings += usize::from(!dropped && bound);
                    if !dropped && !bound {
                        self.collect(group.stream());
                    }
                }
                TokenTree::Ident(ident) if ident == self.name && !is_field(before) => {
                    match binds(before) {
                        true => self.bindings += 1,
                        false => self.kinds &= self.use_at(&tokens, at),
                    }
                }
                _ => {}
            }
        }
    }

    /// The kinds whose twins allow this use.
    fn use_at(&mut self, tokens: &[TokenTree], at: usize) -> u8 {
        let method = match &tokens[at + 1..] {
            [TokenTree::Punct(dot), TokenTree::Ident(method), ..] if dot.as_char() == '.' => {
                method.to_string()
            }
            _ => return 0,
        };
        let copied = self.half.copied_by(&method);
        if let (Some((half, kinds)), Some(clone)) = (copied, clone_name(tokens, at)) {
            self.clones.push((clone, half));
            return kinds;
        }
        self.half.kinds_with(&method)
    }
}

/// `(name)`
fn is_only(tokens: TokenStream, name: &Ident) -> bool {
    let mut tokens = tokens.into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(only)), None) if only == *name)
}

/// `drop` or `mem::drop`. A method or another function of that name may expect tokio's type.
fn is_drop(before: &[TokenTree]) -> bool {
    let texts: Vec<String> = before.iter().rev().take(4).map(|t| t.to_string()).collect();
    match texts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["drop", ":", ":", owner] => owner == "mem",
        ["drop", before, ..] => before != "." && before != ":",
        ["drop"] => true,
        _ => false,
    }
}

/// `let (name, ..)`
fn binds_in_tuple(before: &[TokenTree], group: &Group, name: &Ident) -> bool {
    let is = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == name);
    before.last().is_some_and(|last| last.to_string() == "let")
        && group.delimiter() == Delimiter::Parenthesis
        && group.stream().into_iter().any(|token| is(&token))
}

/// `x.name`, which is another thing; but not `x..name`.
fn is_field(before: &[TokenTree]) -> bool {
    let is_dot = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(dot)) if dot.as_char() == '.');
    let mut back = before.iter().rev();
    is_dot(back.next()) && !is_dot(back.next())
}

/// `let name` and `let mut name`, which bind a clone.
fn binds(before: &[TokenTree]) -> bool {
    let mut words = before.iter().rev().map(TokenTree::to_string);
    match words.next().as_deref() {
        Some("let") => true,
        Some("mut") => words.next().is_some_and(|word| word == "let"),
        _ => false,
    }
}

/// The new name in `let new = name.clone();`
fn clone_name(tokens: &[TokenTree], at: usize) -> Option<Ident> {
    let is = |index: usize, expected: &str| {
        tokens.get(index).is_some_and(|token| token.to_string() == expected)
    };
    if !is(at + 3, "()") || !is(at + 4, ";") || !is(at.checked_sub(1)?, "=") {
        return None;
    }
    let start = at.checked_sub(2)?;
    match &tokens[start] {
        TokenTree::Ident(new) if binds(&tokens[..start]) => Some(new.clone()),
        _ => None,
    }
}
