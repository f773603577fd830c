//! Refuses borrowed arguments of a function that must own what it uses.

use syn::visit::{self, Visit};
use syn::{
    Error, FnArg, Lifetime, ParenthesizedGenericArguments, Receiver, ReceiverKind, Result,
    Signature, TypeFnPtr, TypeReference,
};

/// Returns an error at the first borrowed argument.
pub(super) fn check(sig: &Signature) -> Result<()> {
    for input in &sig.inputs {
        let mut finder = BorrowFinder(None);
        match input {
            FnArg::Receiver(receiver) => {
                by_reference(receiver)?;
                finder.visit_receiver(receiver);
            }
            FnArg::Typed(input) => finder.visit_type(&input.ty),
        }
        finder.0.map_or(Ok(()), Err)?;
    }
    Ok(())
}

fn by_reference(receiver: &Receiver) -> Result<()> {
    if matches!(receiver.kind, ReceiverKind::Reference(..)) {
        let message = "`self` is borrowed here, but an abandoned call outlives its caller: take `self: std::sync::Arc<Self>`, or `self`";
        return Err(Error::new_spanned(receiver, message));
    }
    Ok(())
}

struct BorrowFinder(Option<Error>);

impl BorrowFinder {
    fn note(&mut self, at: impl quote::ToTokens) {
        let message = "this is borrowed, but an abandoned call outlives its caller: take it by value, in an `Arc`, or as `&'static`";
        self.0.get_or_insert_with(|| Error::new_spanned(at, message));
    }
}

impl Visit<'_> for BorrowFinder {
    fn visit_type_reference(&mut self, ty: &TypeReference) {
        match &ty.lifetime {
            Some(lifetime) if lifetime.ident == "static" => visit::visit_type(self, &ty.elem),
            _ => self.note(ty),
        }
    }

    fn visit_lifetime(&mut self, lifetime: &Lifetime) {
        if lifetime.ident != "static" {
            self.note(lifetime);
        }
    }

    // The function does not keep the arguments of a callback.
    fn visit_type_fn_ptr(&mut self, _: &TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &ParenthesizedGenericArguments) {}
}
