//! Rewrites the branches of `select!`, of tokio and of futures.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Pat, Result, Token};

use super::Rewriter;

/// One branch, cut where it can contain the user's code.
struct Branch {
    /// `pattern =`, or nothing for `else` and `complete`.
    head: TokenStream,
    future: Option<Expr>,
    condition: Option<(Token![,], Token![if], Expr)>,
    arrow: Token![=>],
    handler: Expr,
    comma: Option<Token![,]>,
}

pub(super) fn rewrite(rewriter: &mut Rewriter<'_>, tokens: TokenStream) -> Result<TokenStream> {
    let (mode, rest) = mode.parse2(tokens)?;
    let mut branches = branches.parse2(rest)?;
    branches.iter_mut().for_each(|branch| branch.visit(rewriter));
    Ok(quote!(#mode #(#branches)*))
}

/// `biased;` and what follows it.
pub(super) fn mode(input: ParseStream<'_>) -> Result<(TokenStream, TokenStream)> {
    if input.peek(Ident) && input.peek2(Token![;]) {
        let (mode, semicolon) = (input.parse::<Ident>()?, input.parse::<Token![;]>()?);
        return Ok((quote!(#mode #semicolon), input.parse()?));
    }
    Ok((TokenStream::new(), input.parse()?))
}

fn branches(input: ParseStream<'_>) -> Result<Vec<Branch>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        found.push(branch(input)?);
    }
    Ok(found)
}

fn branch(input: ParseStream<'_>) -> Result<Branch> {
    let (head, future) = head(input)?;
    let condition = if input.peek(Token![,]) {
        Some((input.parse()?, input.parse()?, input.parse()?))
    } else {
        None
    };
    let arrow = input.parse()?;
    // As in the arm of a `match`, a block needs no comma after it.
    let handler = Expr::parse_with_earlier_boundary_rule(input)?;
    Ok(Branch { head, future, condition, arrow, handler, comma: input.parse()? })
}

fn head(input: ParseStream<'_>) -> Result<(TokenStream, Option<Expr>)> {
    if input.peek(Token![else]) {
        return Ok((input.parse::<Token![else]>()?.into_token_stream(), None));
    }
    if input.peek(Ident) && input.peek2(Token![=>]) {
        return Ok((input.parse::<Ident>()?.into_token_stream(), None));
    }
    let (pattern, equals) =
        (Pat::parse_multi_with_leading_vert(input)?, input.parse::<Token![=]>()?);
    Ok((quote!(#pattern #equals), Some(input.parse()?)))
}

impl Branch {
    fn visit(&mut self, rewriter: &mut Rewriter<'_>) {
        if let Some(future) = &mut self.future {
            rewriter.parsed(future);
        }
        if let Some((_, _, condition)) = &mut self.condition {
            rewriter.parsed(condition);
        }
        rewriter.parsed(&mut self.handler);
    }
}

impl ToTokens for Branch {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Branch { head, future, condition, arrow, handler, comma } = self;
        let condition = condition.as_ref().map(|(comma, word, value)| quote!(#comma #word #value));
        tokens.extend(quote!(#head #future #condition #arrow #handler #comma));
    }
}
