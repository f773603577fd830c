//! Refuses arguments and items that are fine alone but not together.

use syn::{Error, ItemFn, Result};

use crate::args::{Args, Kind};
use crate::item::Annotated;

pub(crate) fn validate(kind: Kind, args: &Args, item: &Annotated) -> Result<()> {
    match item {
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
