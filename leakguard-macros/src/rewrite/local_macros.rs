//! Rewrites the calls of `tokio::spawn` that a `macro_rules!` of the body expands to. What it expands to cannot be parsed,
//! so only a call that is spelled with its whole path and has one argument is recognized.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{ItemMacro, LitBool, LitStr};

use crate::path::Root;

/// Those of a task that take a future and nothing else.
const PATHS: [&[&str]; 3] =
    [&["tokio", "spawn"], &["tokio", "task", "spawn"], &["tokio", "task", "spawn_local"]];

/// Returns whether anything was rewritten.
///
/// Where another attribute reads the definition, or exports it, it stays as it is.
pub(super) fn rewrite(root: &Root, function: &str, definition: &mut ItemMacro) -> bool {
    if !definition.mac.path.is_ident("macro_rules") || !definition.attrs.is_empty() {
        return false;
    }
    let mut rewriter = DefinitionRewriter { root, function, changed: false };
    let tokens = rewriter.rules(definition.mac.tokens.clone());
    if rewriter.changed {
        definition.mac.tokens = tokens;
    }
    rewriter.changed
}

struct DefinitionRewriter<'a> {
    root: &'a Root,
    function: &'a str,
    changed: bool,
}

impl DefinitionRewriter<'_> {
    /// `(pattern) => { expansion }; …`
    fn rules(&mut self, tokens: TokenStream) -> TokenStream {
        let mut follows_arrow = false;
        let rule = |tree: TokenTree| {
            let is_expansion = std::mem::replace(&mut follows_arrow, is_punct(Some(&tree), '>'));
            match tree {
                TokenTree::Group(group) if is_expansion && !defines_macro(group.stream()) => {
                    self.group(&group)
                }
                other => other,
            }
        };
        tokens.into_iter().map(rule).collect()
    }

    fn group(&mut self, group: &Group) -> TokenTree {
        let mut new = Group::new(group.delimiter(), self.expansion(group.stream()));
        new.set_span(group.span());
        TokenTree::Group(new)
    }

    fn expansion(&mut self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut new = TokenStream::new();
        for (at, tree) in trees.iter().enumerate() {
            match tree {
                // The arguments of another macro, or of an attribute, are its own.
                TokenTree::Group(_)
                    if ['!', '#'].iter().any(|sign| is_punct(before(&trees, at), *sign)) =>
                {
                    new.extend([tree.clone()]);
                }
                TokenTree::Group(group) => match called(&trees, at) {
                    Some(call) if is_argument(group) => new.extend([self.watched(group, &call)]),
                    _ => new.extend([self.group(group)]),
                },
                other => new.extend([other.clone()]),
            }
        }
        new
    }

    /// The argument in parentheses. The site is a static of each expansion, because an expansion sees only the items of the
    /// place where it stands.
    fn watched(&mut self, argument: &Group, call: &SpawnPath) -> TokenTree {
        self.changed = true;
        let span = call.span;
        let [watch, site, kinds, module, entry, submit] =
            ["watch", "Site", "SiteKind", "module_path", "SiteTable", "submit"]
                .map(|name| self.root.private(name, span));
        let [function, callee] = [self.function, &call.text].map(|text| LitStr::new(text, span));
        let detached = LitBool::new(call.is_discarded, span);
        let argument_tokens = self.expansion(argument.stream());
        let watched = quote_spanned!(span=>
            #watch!(
                {
                    static __LEAKGUARD_SITE: [#site; 1] =
                        [#site::new(#kinds::Spawn, #function, #callee, #module!())];
                    #submit! { #entry(&__LEAKGUARD_SITE) }
                    &__LEAKGUARD_SITE[0]
                },
                #detached,
                #argument_tokens
            )
        );
        let mut new = Group::new(Delimiter::Parenthesis, watched);
        new.set_span(argument.span());
        TokenTree::Group(new)
    }
}

struct SpawnPath {
    text: String,
    span: proc_macro2::Span,
    /// The call is a statement.
    is_discarded: bool,
}

/// The path before the parentheses at `at`, if it is one that spawns.
fn called(trees: &[TokenTree], at: usize) -> Option<SpawnPath> {
    let start = |path: &&&[&str]| {
        let length = path.len() * 3 - 2;
        let start = at.checked_sub(length)?;
        let is_it = trees[start..at].iter().enumerate().all(|(place, tree)| match place % 3 {
            0 => matches!(tree, TokenTree::Ident(name) if name == path[place / 3]),
            _ => is_punct(Some(tree), ':'),
        });
        let is_whole = match before(trees, start) {
            Some(TokenTree::Punct(punct)) => !matches!(punct.as_char(), ':' | '.' | '$'),
            Some(TokenTree::Ident(word)) => word != "fn",
            _ => true,
        };
        (is_it && is_whole).then_some(start)
    };
    let (path, start) = PATHS.iter().find_map(|path| Some((path, start(&path)?)))?;
    let begins = start == 0 || is_punct(before(trees, start), ';');
    Some(SpawnPath {
        text: path.join("::"),
        span: trees[start].span(),
        is_discarded: begins && is_punct(trees.get(at + 1), ';'),
    })
}

/// One argument in parentheses.
fn is_argument(group: &Group) -> bool {
    let is_comma = |tree: TokenTree| is_punct(Some(&tree), ',');
    group.delimiter() == Delimiter::Parenthesis
        && !group.stream().is_empty()
        && !group.stream().into_iter().any(is_comma)
}

fn defines_macro(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == "macro_rules",
        TokenTree::Group(group) => defines_macro(group.stream()),
        _ => false,
    })
}

fn before(trees: &[TokenTree], at: usize) -> Option<&TokenTree> {
    trees.get(at.checked_sub(1)?)
}

fn is_punct(tree: Option<&TokenTree>, sign: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}
