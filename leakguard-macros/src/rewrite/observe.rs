//! Makes the constructors of channels note where they are called; their results pass through, whatever they are.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprLit, Lit, LitStr};

use super::constructor::is_of;
use crate::path::Root;
use crate::syntax::{bare, first_span};

/// What the source says of a channel at its constructor.
pub(super) struct ObservedConstructor {
    function: LitStr,
    wants_twins: bool,
    capacity: Capacity,
    span: Span,
}

enum Capacity {
    Unknown,
    Written(usize),
    /// The channel itself may report it.
    ByType,
}

impl ObservedConstructor {
    pub(super) fn new(function: &str, wants_twins: bool, constructor: &Expr) -> Self {
        let span = first_span(constructor);
        ObservedConstructor {
            function: LitStr::new(function, span),
            wants_twins,
            capacity: capacity(constructor),
            span,
        }
    }

    /// All tokens carry the callee's span, because the runtime reads the location from there.
    pub(super) fn around(&self, root: &Root, constructor: impl ToTokens) -> TokenStream {
        let (span, function) = (self.span, &self.function);
        let (with, capacity) = match self.capacity {
            Capacity::ByType => ("observed_capacity", None),
            Capacity::Written(capacity) => ("observed", Some(capacity)),
            Capacity::Unknown => ("observed", None),
        };
        let observed = root.private(with, span);
        let why = match self.wants_twins {
            true => Ident::new("EscapesFunction", span),
            false => Ident::new("NotRequested", span),
        };
        quote_spanned!(span=> #observed!(#function, #why, [#capacity], #constructor))
    }
}

/// The type of what `mpsc::channel(n)` returns is known at once, and may report its capacity. The type of another
/// `channel(n)` may follow only from later uses of the result, so that asking for it could break the build.
fn capacity(constructor: &Expr) -> Capacity {
    let Expr::Call(call) = bare(constructor) else {
        return Capacity::Unknown;
    };
    let mut arguments = call.args.iter();
    match (arguments.next().map(bare), arguments.next()) {
        (Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })), None) => {
            number.base10_parse().map_or(Capacity::Unknown, Capacity::Written)
        }
        (Some(_), None) if is_of(constructor, &["mpsc"]) => Capacity::ByType,
        _ => Capacity::Unknown,
    }
}
