//! Refuses arguments and items that are fine alone but not together.

use syn::{Error, ItemFn, Result, ReturnType};

use crate::args::{Args, Kind};
use crate::item::Annotated;

mod owned;

pub(crate) fn validate(kind: Kind, args: &Args, item: &Annotated) -> Result<()> {
    match item {
        Annotated::Function(function) if kind == Kind::Monitor => monitored(args, function),
        Annotated::Function(function) if matches!(kind, Kind::Test | Kind::Main) => {
            one_runtime(kind, function)?;
            runtime_for_async(args, function)
        }
        _ => Ok(()),
    }
}

/// A second attribute of the same kind would run the function twice, or not at all.
fn one_runtime(kind: Kind, function: &ItemFn) -> Result<()> {
    let name = if kind == Kind::Test { "test" } else { "main" };
    let second = function.attrs.iter().find(|attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == name)
    });
    second.map_or(Ok(()), |second| {
        let message = format!("`#[leakguard::{name}]` does this already; remove one of the two");
        Err(Error::new_spanned(second, message))
    })
}

/// A call goes on when its caller has given it up: so it has to be a task, and what it uses its own.
fn monitored(args: &Args, function: &ItemFn) -> Result<()> {
    let sig = &function.sig;
    if sig.asyncness.is_none() {
        let message = "a caller cannot give up a blocking function: write `async fn`, or put the call into `leakguard::Monitor::call_blocking`";
        return Err(Error::new(sig.fn_token.span, message));
    }
    if matches!(sig.output, ReturnType::Default) {
        let message = "the caller has to be told that a call was refused or timed out: return a `Result<_, E>` whose `E` is `From<leakguard::CallError>`";
        return Err(Error::new(sig.ident.span(), message));
    }
    if let (Some((name, _)), None) = (&args.alert_after, args.max_active) {
        let message = "`alert_after` needs `max_active`: without a limit there is always a place";
        return Err(Error::new(name.span(), message));
    }
    owned::check(sig)
}

fn runtime_for_async(args: &Args, function: &ItemFn) -> Result<()> {
    match args.tokio.first() {
        Some((name, _)) if function.sig.asyncness.is_none() => {
            let message = format!(
                "`{name}` is about the runtime of an async function; write `async fn`, or remove it"
            );
            Err(Error::new(name.span(), message))
        }
        _ => Ok(()),
    }
}
