//! Reads the arguments of an attribute, without looking at the item below it.

mod action;
mod channel;
mod duration;
mod duration_grammar;
mod number;
mod suggest;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token};

pub(crate) use action::ActionArgument;
pub(crate) use channel::Wrap;

/// Which attribute it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeKind {
    MustTerminate,
    Track,
    BoundedChannel,
    Test,
    Main,
    Monitor,
}

const COMMON: &[&str] = &["name", "allow", "crate"];
const SCOPE: &[&str] = &["timeout", "grace", "on_leak", "on_overrun"];
const CHANNEL: &[&str] = &["capacity", "wrap", "on_leak", "allow"];
const CALLS: &[&str] = &["max_active", "call_timeout", "alert_after", "cancel_abandoned"];
const TEST: &[&str] = &["strict"];
const TOKIO_MAIN: &[&str] = &["flavor", "worker_threads", "unhandled_panic"];
const TOKIO_TEST: &[&str] = &["start_paused"];

impl AttributeKind {
    /// The accepted arguments, in the order in which an error lists them.
    fn arguments(self) -> Vec<&'static str> {
        match self {
            AttributeKind::Track => COMMON.to_vec(),
            AttributeKind::BoundedChannel => [CHANNEL, &["crate"]].concat(),
            AttributeKind::MustTerminate => [SCOPE, COMMON].concat(),
            AttributeKind::Monitor => [CALLS, &["name", "crate"]].concat(),
            AttributeKind::Main => [SCOPE, COMMON, TOKIO_MAIN].concat(),
            AttributeKind::Test => [SCOPE, TEST, COMMON, TOKIO_MAIN, TOKIO_TEST].concat(),
        }
    }
}

/// The parsed arguments. Durations are in nanoseconds.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) timeout: Option<u64>,
    pub(crate) grace: Option<u64>,
    pub(crate) on_leak: Option<ActionArgument>,
    pub(crate) on_overrun: Option<ActionArgument>,
    pub(crate) name: Option<LitStr>,
    pub(crate) allow: Option<LitStr>,
    pub(crate) krate: Option<Path>,
    /// How long the queue of an unbounded channel may grow.
    pub(crate) capacity: Option<usize>,
    pub(crate) wrap: Option<Wrap>,
    /// Maximum number of calls that run at a time.
    pub(crate) max_active: Option<usize>,
    pub(crate) call_timeout: Option<u64>,
    /// With its name, for the error if `max_active` is absent.
    pub(crate) alert_after: Option<(Ident, u64)>,
    pub(crate) cancel_abandoned: Option<bool>,
    /// Whether tasks that leakguard did not see start are a failure.
    pub(crate) strict: Option<bool>,
    /// Arguments that tokio gets as written, each with its name for the error on a sync function.
    pub(crate) tokio: Vec<(Ident, TokenStream)>,
}

impl Args {
    pub(crate) fn parse(kind: AttributeKind, tokens: TokenStream) -> Result<Self> {
        let written = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut args = Args::default();
        for argument in written {
            args.set(kind, argument)?;
        }
        Ok(args)
    }

    fn set(&mut self, kind: AttributeKind, argument: Argument) -> Result<()> {
        let Argument { name, value } = argument;
        let text = name.unraw().to_string();
        let known = kind.arguments();
        if !known.contains(&text.as_str()) {
            return Err(unknown(&name, &text, &known));
        }
        if text == "strict" {
            let strict = value.map_or(Ok(true), |value| boolean(&value))?;
            return set_once(&mut self.strict, &name, strict);
        }
        let value = value.ok_or_else(|| missing_value(&name, &text))?;
        match text.as_str() {
            "timeout" => set_once(&mut self.timeout, &name, duration::parse(&value)?),
            "grace" => set_once(&mut self.grace, &name, duration::parse(&value)?),
            "on_leak" => set_once(&mut self.on_leak, &name, action::parse(&value)?),
            "on_overrun" => set_once(&mut self.on_overrun, &name, action::parse(&value)?),
            "name" => set_once(&mut self.name, &name, string(&value, "a name")?),
            "allow" => set_once(
                &mut self.allow,
                &name,
                string(&value, "a finding, a function or a place")?,
            ),
            "capacity" => set_once(&mut self.capacity, &name, number::parse(&value, "messages")?),
            "max_active" => set_once(&mut self.max_active, &name, number::parse(&value, "calls")?),
            "call_timeout" => set_once(&mut self.call_timeout, &name, duration::parse(&value)?),
            "alert_after" => {
                let read = duration::parse(&value)?;
                set_once(&mut self.alert_after, &name, (name.clone(), read))
            }
            "cancel_abandoned" => set_once(&mut self.cancel_abandoned, &name, boolean(&value)?),
            "wrap" => set_once(&mut self.wrap, &name, channel::wrap(&value)?),
            "crate" => set_once(&mut self.krate, &name, path(&value)?),
            _ => self.pass_to_tokio(name, &value),
        }
    }

    fn pass_to_tokio(&mut self, name: Ident, value: &Expr) -> Result<()> {
        if self.tokio.iter().any(|(before, _)| *before == name) {
            return Err(duplicate(&name));
        }
        let written = quote!(#name = #value);
        self.tokio.push((name, written));
        Ok(())
    }
}

/// `name = value`. The value is optional so that a missing one gets an error of its own.
struct Argument {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an argument such as `timeout = \"100ms\"`"));
        }
        let name = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            return Ok(Argument { name, value: None });
        }
        input.parse::<Token![=]>()?;
        let value = if name == "crate" { path_value(input)? } else { input.parse()? };
        Ok(Argument { name, value: Some(value) })
    }
}

/// To syn, `crate = crate::x` is not an expression when it ends in a keyword, so the path is read as a path.
fn path_value(input: ParseStream<'_>) -> Result<Expr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let path = input.call(Path::parse_mod_style)?;
    Ok(Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path }))
}

fn set_once<T>(slot: &mut Option<T>, name: &Ident, value: T) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(duplicate(name));
    }
    Ok(())
}

fn duplicate(name: &Ident) -> Error {
    Error::new(name.span(), format!("`{name}` is given twice; keep one of them"))
}

fn unknown(name: &Ident, text: &str, known: &[&str]) -> Error {
    let hint = suggest::nearest(text, known)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Error::new(name.span(), format!("unknown argument `{text}`{hint}\nexpected one of {list}"))
}

fn missing_value(name: &Ident, text: &str) -> Error {
    let example = match text {
        "timeout" | "grace" | "call_timeout" => "\"100ms\"",
        "alert_after" => "\"1s\"",
        "max_active" => "10",
        "cancel_abandoned" => "true",
        "on_leak" | "on_overrun" => "\"log\"",
        "crate" => "::leakguard",
        "capacity" => "100",
        "wrap" => "\"auto\"",
        "worker_threads" => "2",
        "start_paused" => "true",
        "flavor" => "\"multi_thread\"",
        _ => "\"…\"",
    };
    Error::new(name.span(), format!("`{text}` needs a value: write `{text} = {example}`"))
}

fn string(value: &Expr, what: &str) -> Result<LitStr> {
    literal(value).ok_or_else(|| Error::new_spanned(value, format!("expected {what} in quotes")))
}

/// The text of a string literal, also when a macro wrapped it in an invisible group.
fn literal(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.clone()),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn boolean(value: &Expr) -> Result<bool> {
    match value {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Bool(yes), .. }) => Ok(yes.value),
        _ => Err(Error::new_spanned(value, "expected `true` or `false`")),
    }
}

fn path(value: &Expr) -> Result<Path> {
    if let Some(text) = literal(value) {
        let wrong = |_| {
            Error::new(
                text.span(),
                "expected the path of the leakguard crate, such as `\"::leakguard\"`",
            )
        };
        return text.parse_with(Path::parse_mod_style).map_err(wrong);
    }
    match value {
        Expr::Path(path) if path.qself.is_none() => Ok(path.path.clone()),
        _ => Err(Error::new_spanned(
            value,
            "expected the path of the leakguard crate, such as `::leakguard`",
        )),
    }
}
