//! Makes channels whose endpoints stay inside the function leakguard's own, whose records are exact.
//!
//! Only the constructor changes, and by that the endpoints' types; so every use of them must be one that the twins
//! have too, and none may show the type to anybody else. What is not sure stays tokio's.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Block, Expr, LitStr, Local, Pat, PatIdent, Stmt};

use super::observe::{Place, owner, path};
use crate::args::Wrap;
use crate::path::Root;

/// What the attribute asks for the channels of a function.
pub(crate) struct Channels {
    pub(crate) wrap: Wrap,
    /// How long the queue of an unbounded one may grow.
    pub(crate) capacity: Option<usize>,
    /// What is done with findings, as an expression.
    pub(crate) options: TokenStream,
    /// The name of the function.
    pub(crate) function: String,
}

/// The kinds of channels, each as a bit and with the trait that makes it a twin.
const KINDS: [&str; 5] = [
    "Mpsc",
    "UnboundedMpsc",
    "Oneshot",
    "Broadcast",
    "WatchValue",
];
const MPSC: u8 = 1;
const UNBOUNDED: u8 = 2;
const ONESHOT: u8 = 4;
const BROADCAST: u8 = 8;
const WATCH: u8 = 16;
const QUEUE: u8 = MPSC | UNBOUNDED;
const ALL: u8 = QUEUE | ONESHOT | BROADCAST | WATCH;

/// Methods whose result is the same type with a twin, and the kinds whose sender and whose receiver have one of that
/// name: where tokio's has none, it is that of a trait, which the twin does not have. A clone is another endpoint,
/// and looked at apart.
#[rustfmt::skip]
const METHODS: &[(&str, u8, u8)] = &[
    ("await", 0, ONESHOT),
    ("blocking_recv", 0, QUEUE | ONESHOT | BROADCAST),
    ("blocking_recv_many", 0, QUEUE),
    ("blocking_send", MPSC, 0),
    ("borrow", WATCH, WATCH),
    ("borrow_and_update", 0, WATCH),
    ("capacity", MPSC, MPSC),
    ("changed", 0, WATCH),
    ("close", 0, QUEUE | ONESHOT),
    ("closed", ALL, 0),
    ("has_changed", 0, WATCH),
    ("is_closed", QUEUE | ONESHOT | WATCH, QUEUE | BROADCAST),
    ("is_empty", BROADCAST, QUEUE | ONESHOT | BROADCAST),
    ("len", BROADCAST, QUEUE | BROADCAST),
    ("max_capacity", MPSC, MPSC),
    ("receiver_count", BROADCAST | WATCH, 0),
    ("recv", 0, QUEUE | BROADCAST),
    ("recv_many", 0, QUEUE),
    ("send", ALL, 0),
    ("send_if_modified", WATCH, 0),
    ("send_modify", WATCH, 0),
    ("send_replace", WATCH, 0),
    ("send_timeout", MPSC, 0),
    ("sender_strong_count", 0, QUEUE | BROADCAST),
    ("strong_count", QUEUE | BROADCAST, 0),
    ("try_recv", 0, QUEUE | ONESHOT | BROADCAST),
    ("try_send", MPSC, 0),
    ("wait_for", 0, WATCH),
];

/// Methods that make another endpoint, of which side, and the kinds whose sender and whose receiver have them.
const COPIES: &[Copied] = &[
    ("clone", None, ALL - ONESHOT, WATCH),
    ("resubscribe", None, 0, BROADCAST),
    ("subscribe", Some(Side::Receiver), BROADCAST | WATCH, 0),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Sender,
    Receiver,
}

impl Side {
    fn of(self, (sender, receiver): (u8, u8)) -> u8 {
        match self {
            Side::Sender => sender,
            Side::Receiver => receiver,
        }
    }
}

/// Rewrites the constructors in the statements of `block` and of the blocks inside. `true` if there was one.
pub(crate) fn rewrite(root: &Root, channels: &Channels, block: &mut Block) -> bool {
    let body = block.to_token_stream();
    let ends = super::result::ends(block);
    let mut walk = Walk {
        root,
        channels,
        body,
        changed: false,
    };
    syn::visit_mut::VisitMut::visit_block_mut(&mut walk, block);
    // The last, since a twin is made only where nothing else has been made of its uses.
    walk.changed | super::result::rewrite(root, channels, &ends, block)
}

struct Walk<'a> {
    root: &'a Root,
    channels: &'a Channels,
    body: TokenStream,
    changed: bool,
}

impl syn::visit_mut::VisitMut for Walk<'_> {
    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        // What nobody keeps is no channel; and the warning that nobody does is not ours to silence.
        if !matches!(statement, Stmt::Expr(expr, Some(_)) if may_have_twin(expr)) {
            syn::visit_mut::visit_stmt_mut(self, statement);
        }
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        let init = local.init.as_mut().filter(|init| init.diverge.is_none());
        let pair = matches!(local.pat, Pat::Tuple(_));
        match init.filter(|init| may_have_twin(&init.expr)) {
            Some(_) if matches!(local.pat, Pat::Wild(_)) => {}
            Some(init) if pair => match self.twins(&local.pat) {
                0 => self.call("channel", 0, &mut init.expr),
                kinds => self.call("twin", kinds, &mut init.expr),
            },
            _ => syn::visit_mut::visit_local_mut(self, local),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Const(_) | Expr::Path(_) | Expr::Lit(_) | Expr::Verbatim(_) => {}
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            _ if may_have_twin(expr) && is_known(expr) => self.call("channel", 0, expr),
            _ => syn::visit_mut::visit_expr_mut(self, expr),
        }
    }

    // A function inside has a body of its own, and attributes if it wants them.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    // What follows can hold expressions only as constants.
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
}

impl Walk<'_> {
    /// The kinds that may become twins where they are bound to `pat`.
    fn twins(&self, pat: &Pat) -> u8 {
        let Some([sender, receiver]) = names(pat) else {
            return 0;
        };
        match self.channels.wrap {
            Wrap::Auto => {
                stays_inside(&self.body, &sender, Side::Sender, 0)
                    & stays_inside(&self.body, &receiver, Side::Receiver, 0)
            }
            Wrap::Always => ALL,
            Wrap::Never => 0,
        }
    }

    /// One of the runtime's macros around the constructor.
    fn call(&mut self, name: &str, kinds: u8, made: &mut Expr) {
        let span = super::wait::first(made);
        let path = self.root.private(name, span);
        let (function, options) = (&self.channels.function, &self.channels.options);
        let function = LitStr::new(function, span);
        let capacity = match self.channels.capacity {
            Some(capacity) => quote_spanned!(span=> ::core::option::Option::Some(#capacity)),
            None => quote_spanned!(span=> ::core::option::Option::None),
        };
        let asked = self.channels.wrap != Wrap::Never;
        let place = Place::of(&self.channels.function, asked, made);
        let kinds = (0..KINDS.len()).filter(|kind| kinds & 1 << kind != 0);
        let kinds = kinds.map(|kind| Ident::new(KINDS[kind], span));
        let made_now =
            quote_spanned!(span=> #path!(#function, #options, #capacity, [#(#kinds)*], #made));
        // What has no twin passes, and is observed.
        *made = Expr::Verbatim(place.around(self.root, made_now));
        self.changed = true;
    }
}

/// By the name alone; the type of what comes back decides.
fn may_have_twin(expr: &Expr) -> bool {
    let name = path(expr).and_then(|path| path.segments.last());
    name.is_some_and(|name| name.ident == "channel" || name.ident == "unbounded_channel")
}

/// Whether the type of what it gives is known at once. That of another `channel()` may follow only from what is done
/// with the result, and whatever asks for it earlier breaks the build.
fn is_known(expr: &Expr) -> bool {
    let modules = ["broadcast", "mpsc", "oneshot", "watch"];
    owner(expr).is_some_and(|owner| modules.iter().any(|module| owner == module))
}

/// The names in `(tx, mut rx)`.
pub(super) fn names(pat: &Pat) -> Option<[Ident; 2]> {
    let Pat::Tuple(pair) = pat else {
        return None;
    };
    let name = |pat: &Pat| match pat {
        Pat::Ident(PatIdent {
            by_ref: None,
            subpat: None,
            ident,
            ..
        }) => Some(ident.clone()),
        _ => None,
    };
    let mut names = pair.elems.iter().map(name);
    match (names.next(), names.next(), names.next()) {
        (Some(Some(sender)), Some(Some(receiver)), None) => Some([sender, receiver]),
        _ => None,
    }
}

/// Clones of clones are followed so far.
const GENERATIONS: usize = 4;

/// The kinds for which every mention of `name` but the one that binds it calls a method that twins have, drops it, or
/// binds a clone that stays inside too.
fn stays_inside(body: &TokenStream, name: &Ident, side: Side, generation: usize) -> u8 {
    let mut seen = Seen {
        name,
        side,
        kinds: ALL,
        clones: Vec::new(),
        bindings: 0,
    };
    seen.walk(body.clone());
    if seen.bindings != 1 || generation == GENERATIONS {
        return 0;
    }
    let stays = |(clone, side): &(Ident, Side)| stays_inside(body, clone, *side, generation + 1);
    let clones = seen.clones.iter().map(stays);
    clones.fold(seen.kinds, |kinds, of_clone| kinds & of_clone)
}

/// What the mentions of one endpoint tell.
struct Seen<'a> {
    name: &'a Ident,
    side: Side,
    kinds: u8,
    clones: Vec<(Ident, Side)>,
    bindings: usize,
}

impl Seen<'_> {
    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let before = &tokens[..at];
            match token {
                TokenTree::Group(group) => {
                    let dropped = is_only(group.stream(), self.name) && is_drop(before);
                    if !dropped && !is_bound(before, group, self.name, &mut self.bindings) {
                        self.walk(group.stream());
                    }
                }
                TokenTree::Ident(ident)
                    if ident == self.name
                        && !is_field(before)
                        && !binds(before, &mut self.bindings) =>
                {
                    self.kinds &= self.used(&tokens, at);
                }
                _ => {}
            }
        }
    }

    /// The kinds for which this use of it is one that twins allow.
    fn used(&mut self, tokens: &[TokenTree], at: usize) -> u8 {
        if let Some((clone, copy)) = clone_of(tokens, at) {
            let (_, side, of_sender, of_receiver) = copy;
            self.clones.push((clone, side.unwrap_or(self.side)));
            return self.side.of((*of_sender, *of_receiver));
        }
        let method = method(&tokens[at + 1..]);
        method.map_or(0, |(_, sender, receiver)| {
            self.side.of((*sender, *receiver))
        })
    }
}

/// `(name)`
fn is_only(tokens: TokenStream, name: &Ident) -> bool {
    let mut tokens = tokens.into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(only)), None) if only == *name)
}

/// `drop` or `mem::drop`; a method or a function elsewhere of that name may ask for a type.
fn is_drop(before: &[TokenTree]) -> bool {
    let texts: Vec<String> = before.iter().rev().take(4).map(|t| t.to_string()).collect();
    match texts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["drop", ":", ":", owner] => owner == "mem",
        ["drop", before, ..] => before != "." && before != ":",
        ["drop"] => true,
        _ => false,
    }
}

/// `let (name, ..)`: its own binding.
fn is_bound(
    before: &[TokenTree],
    group: &proc_macro2::Group,
    name: &Ident,
    bindings: &mut usize,
) -> bool {
    let after_let = matches!(before.last(), Some(TokenTree::Ident(word)) if word == "let");
    let bound = after_let
        && group.delimiter() == Delimiter::Parenthesis
        && group
            .stream()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == *name));
    *bindings += usize::from(bound);
    bound
}

/// `x.name` is something else; `x..name` is not.
fn is_field(before: &[TokenTree]) -> bool {
    let is_dot = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(dot)) if dot.as_char() == '.');
    let mut back = before.iter().rev();
    is_dot(back.next()) && !is_dot(back.next())
}

/// `let name` and `let mut name`: the binding of a clone.
fn binds(before: &[TokenTree], bindings: &mut usize) -> bool {
    let word = |token: Option<&TokenTree>| match token {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    let mut back = before.iter().rev();
    let last = word(back.next());
    let bound = last == "let" || last == "mut" && word(back.next()) == "let";
    *bindings += usize::from(bound);
    bound
}

/// `.method` with a method that twins have.
fn method(after: &[TokenTree]) -> Option<&'static (&'static str, u8, u8)> {
    match after {
        [TokenTree::Punct(dot), TokenTree::Ident(method), ..] if dot.as_char() == '.' => {
            METHODS.iter().find(|(name, ..)| method == name)
        }
        _ => None,
    }
}

type Copied = (&'static str, Option<Side>, u8, u8);

/// The new name in `let new = name.clone();`, or in what else makes an endpoint of one.
fn clone_of(tokens: &[TokenTree], at: usize) -> Option<(Ident, &'static Copied)> {
    let text = |index: usize| tokens.get(index).map(TokenTree::to_string);
    let is = |index: usize, expected: &str| text(index).is_some_and(|text| text == expected);
    let copy = COPIES.iter().find(|(name, ..)| is(at + 2, name))?;
    if !is(at + 1, ".") || !is(at + 3, "()") || !is(at + 4, ";") || !is(at.checked_sub(1)?, "=") {
        return None;
    }
    let start = at.checked_sub(2)?;
    let TokenTree::Ident(new) = &tokens[start] else {
        return None;
    };
    let before = start.checked_sub(1)?;
    let is_let = is(before, "let") || is(before, "mut") && before > 0 && is(before - 1, "let");
    is_let.then(|| (new.clone(), copy))
}
