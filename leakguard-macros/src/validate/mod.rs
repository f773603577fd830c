//! Refuses arguments and items that are valid alone but not together.

mod owned;

use syn::{Error, ItemFn, Result, ReturnType};

use crate::args::{Args, AttributeKind};
use crate::item::Annotated;
use crate::syntax::is_named;

pub(crate) fn validate(kind: AttributeKind, args: &Args, item: &Annotated) -> Result<()> {
    match item {
        Annotated::Function(function) if kind == AttributeKind::Monitor => {
            monitored(args, function)
        }
        Annotated::Function(function)
            if matches!(kind, AttributeKind::Test | AttributeKind::Main) =>
        {
            one_runtime(kind, function)?;
            runtime_for_async(args, function)
        }
        _ => Ok(()),
    }
}

/// A second attribute of the same kind would run the function twice, or not at all.
fn one_runtime(kind: AttributeKind, function: &ItemFn) -> Result<()> {
    let name = if kind == AttributeKind::Test { "test" } else { "main" };
    let second = function.attrs.iter().find(|other| is_named(other, name));
    second.map_or(Ok(()), |second| {
        let message = format!("`#[leakguard::{name}]` does this already; remove one of the two");
        Err(Error::new_spanned(second, message))
    })
}

/// A call that its caller abandons goes on, so it runs as a task and must own what it uses.
fn monitored(args: &Args, function: &ItemFn) -> Result<()> {
    let sig = &function.sig;
    if sig.asyncness.is_none() {
        let message = "a caller cannot abandon a blocking function: write `async fn`, or put the call into `leakguard::supervise::Monitor::call_blocking`";
        return Err(Error::new(sig.fn_token.span, message));
    }
    if matches!(sig.output, ReturnType::Default) {
        let message = "a call that is refused or times out returns an error: return a `Result<_, E>` where `E: From<leakguard::supervise::CallError>`";
        return Err(Error::new(sig.ident.span(), message));
    }
    if let (Some((name, _)), None) = (&args.alert_after, args.max_active) {
        let message =
            "`alert_after` needs `max_active`: without a limit there is always a free slot";
        return Err(Error::new(name.span(), message));
    }
    owned::check(sig)
}

fn runtime_for_async(args: &Args, function: &ItemFn) -> Result<()> {
    match args.tokio.first() {
        Some((name, _)) if function.sig.asyncness.is_none() => {
            let message = format!(
                "`{name}` configures the runtime of an async function; write `async fn`, or remove it"
            );
            Err(Error::new(name.span(), message))
        }
        _ => Ok(()),
    }
}
