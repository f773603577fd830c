//! Rewrites the arguments of macros whose grammar is known. Other macros, and tokens that do not parse, stay as they are.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, Macro, Pat, Result, Token};

use super::Rewriter;
use super::select::{self, mode};
use crate::fragment::KeepFragments;
use crate::syntax::last_name;

/// Returns whether anything was rewritten.
pub(super) fn rewrite(rewriter: &mut Rewriter<'_>, mac: &mut Macro) -> bool {
    let Some(rewrite) = last_name(&mac.path).and_then(|name| grammar(&name)) else {
        return false;
    };
    let before = std::mem::replace(&mut rewriter.changed, false);
    let rewritten = rewrite(rewriter, mac.tokens.clone());
    let changed = std::mem::replace(&mut rewriter.changed, before);
    match rewritten {
        // Tokens are printed anew only where something changed; all others stay the user's own.
        Ok(tokens) if changed => mac.tokens = tokens,
        _ => return false,
    }
    true
}

type Grammar = fn(&mut Rewriter<'_>, TokenStream) -> Result<TokenStream>;

fn grammar(name: &str) -> Option<Grammar> {
    match name {
        "select" | "select_biased" => Some(select::rewrite),
        "join" | "try_join" => Some(join),
        "vec" => Some(vec),
        "matches" | "assert_matches" | "debug_assert_matches" => Some(matches),
        "pin" => Some(pin),
        // Of the crate `async-stream`.
        "stream" | "try_stream" => Some(statements),
        "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq"
        | "debug_assert_ne" => Some(list),
        "print" | "println" | "eprint" | "eprintln" | "write" | "writeln" | "format"
        | "format_args" => Some(list),
        "panic" | "todo" | "unreachable" | "unimplemented" | "dbg" => Some(list),
        "bail" | "ensure" | "anyhow" | "ready" | "poll" => Some(list),
        _ => None,
    }
}

/// `a, b, name = c`
fn list(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let mut items = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens)?;
    items.iter_mut().for_each(|item| rewriter.parsed(item));
    Ok(items.into_token_stream())
}

/// `biased; a, b`
fn join(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let (mode, rest) = mode.parse2(tokens)?;
    let rest = list(rewriter, rest)?;
    Ok(quote!(#mode #rest))
}

/// The body of a block that runs later.
fn statements(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let mut statements = Block::parse_within.parse2(tokens)?;
    rewriter.unguarded(|rewriter| {
        for statement in &mut statements {
            KeepFragments.visit_stmt_mut(statement);
            rewriter.visit_stmt_mut(statement);
        }
    });
    Ok(quote!(#(#statements)*))
}

/// `a, b` or `a; n`
fn vec(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let repeated = |input: ParseStream<'_>| {
        let parts: (Expr, Token![;], Expr) = (input.parse()?, input.parse()?, input.parse()?);
        Ok(parts)
    };
    let Ok((mut item, semicolon, mut count)) = repeated.parse2(tokens.clone()) else {
        return list(rewriter, tokens);
    };
    rewriter.parsed(&mut item);
    rewriter.parsed(&mut count);
    Ok(quote!(#item #semicolon #count))
}

/// `a, pattern if guard`: only the first part can spawn.
fn matches(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let first = |input: ParseStream<'_>| {
        let parts: (Expr, Token![,], TokenStream) =
            (input.parse()?, input.parse()?, input.parse()?);
        Ok(parts)
    };
    let (mut item, comma, rest) = first.parse2(tokens)?;
    rewriter.parsed(&mut item);
    Ok(quote!(#item #comma #rest))
}

/// `a`, or `let x = a;` any number of times
fn pin(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let Ok(mut bindings) = bindings.parse2(tokens.clone()) else {
        return list(rewriter, tokens);
    };
    let printed = bindings.iter_mut().map(|(head, value, semicolon)| {
        rewriter.parsed(value);
        quote!(#head #value #semicolon)
    });
    Ok(printed.collect())
}

fn bindings(input: ParseStream<'_>) -> Result<Vec<(TokenStream, Expr, Token![;])>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        let (word, pattern, equals): (Token![let], Pat, Token![=]) =
            (input.parse()?, Pat::parse_single(input)?, input.parse()?);
        found.push((quote!(#word #pattern #equals), input.parse()?, input.parse()?));
    }
    Ok(found)
}
