//! Makes the constructors of channels note where they stand; their results pass, whatever they are.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path};

use super::{Rewriter, bare};
use crate::path::Root;

const CONSTRUCTORS: &[&str] = &[
    "bounded",
    "channel",
    "rendezvous",
    "sync_channel",
    "unbounded",
    "unbounded_channel",
];

/// Each of them has one of these in it.
pub(super) const PARTS: [&str; 3] = ["bounded", "channel", "rendezvous"];

pub(super) fn is_constructor(name: &str) -> bool {
    CONSTRUCTORS.contains(&name)
}

/// By the name alone; the type of what comes back decides.
pub(super) fn makes_channel(expr: &Expr) -> bool {
    let last = path(expr).and_then(|path| path.segments.last());
    last.is_some_and(|last| is_constructor(&last.ident.to_string()))
}

/// The path of what is called.
pub(super) fn path(expr: &Expr) -> Option<&Path> {
    let Expr::Call(call) = bare(expr) else {
        return None;
    };
    match bare(&call.func) {
        Expr::Path(path) if call.attrs.is_empty() => Some(&path.path),
        _ => None,
    }
}

/// The module or type that a called function is named with.
pub(super) fn owner(expr: &Expr) -> Option<&Ident> {
    let owner = path(expr)?.segments.iter().rev().nth(1);
    owner.map(|segment| &segment.ident)
}

pub(super) fn rewrite(rewriter: &mut Rewriter<'_>, expr: &mut Expr) {
    let place = Place::of(&rewriter.function, rewriter.asked, expr);
    *expr = Expr::Verbatim(place.around(rewriter.root, expr.to_token_stream()));
    rewriter.changed = true;
}

/// What is written there of a channel.
pub(super) struct Place {
    function: LitStr,
    asked: bool,
    capacity: Capacity,
    span: Span,
}

enum Capacity {
    Unknown,
    Written(usize),
    /// The channel itself may tell.
    ByType,
}

impl Place {
    /// Of what calls a constructor.
    pub(super) fn of(function: &str, asked: bool, made: &Expr) -> Self {
        let span = super::wait::first(made);
        Place {
            function: LitStr::new(function, span),
            asked,
            capacity: capacity(made),
            span,
        }
    }

    /// All tokens carry the callee's span: the location is taken from there.
    pub(super) fn around(&self, root: &Root, made: TokenStream) -> TokenStream {
        let (span, function) = (self.span, &self.function);
        let with = match self.capacity {
            Capacity::ByType => "observed_capacity",
            _ => "observed",
        };
        let observed = root.private(with, span);
        let why = syn::Ident::new(
            if self.asked {
                "EscapesFunction"
            } else {
                "NotRequested"
            },
            span,
        );
        let capacity = match self.capacity {
            Capacity::Written(capacity) => Some(capacity),
            _ => None,
        };
        quote_spanned!(span=> #observed!(#function, #why, [#capacity], #made))
    }
}

/// A function `mpsc::channel(n)` gives something whose type can be asked at once. Of another `channel(n)` the type may
/// follow only from what is done with the result, so that asking could break the build.
fn capacity(made: &Expr) -> Capacity {
    let Expr::Call(call) = bare(made) else {
        return Capacity::Unknown;
    };
    let mut arguments = call.args.iter();
    match (arguments.next().map(bare), arguments.next()) {
        (
            Some(Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            })),
            None,
        ) => number
            .base10_parse()
            .map_or(Capacity::Unknown, Capacity::Written),
        (Some(_), None) if owner(made).is_some_and(|owner| owner == "mpsc") => Capacity::ByType,
        _ => Capacity::Unknown,
    }
}
