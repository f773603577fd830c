//! Finds what a function borrows, where it may use only what is its own.

use syn::visit::{self, Visit};
use syn::{
    Error, FnArg, Lifetime, ParenthesizedGenericArguments, Receiver, ReceiverKind, Result,
    Signature, TypeFnPtr, TypeReference,
};

/// An error at the first argument that is borrowed.
pub(super) fn check(sig: &Signature) -> Result<()> {
    for input in &sig.inputs {
        let mut seen = Borrowed(None);
        match input {
            FnArg::Receiver(receiver) => {
                by_reference(receiver)?;
                seen.visit_receiver(receiver);
            }
            FnArg::Typed(input) => seen.visit_type(&input.ty),
        }
        seen.0.map_or(Ok(()), Err)?;
    }
    Ok(())
}

fn by_reference(receiver: &Receiver) -> Result<()> {
    if matches!(receiver.kind, ReceiverKind::Reference(..)) {
        let message = "`self` is borrowed here, and a call that is given up outlives its caller: take `self: std::sync::Arc<Self>`, or `self`";
        return Err(Error::new_spanned(receiver, message));
    }
    Ok(())
}

struct Borrowed(Option<Error>);

impl Borrowed {
    fn note(&mut self, at: impl quote::ToTokens) {
        let message = "this is borrowed, and a call that is given up outlives its caller: take it owned, in an `Arc`, or `&'static`";
        self.0
            .get_or_insert_with(|| Error::new_spanned(at, message));
    }
}

impl Visit<'_> for Borrowed {
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

    // What a function is called with it does not keep.
    fn visit_type_fn_ptr(&mut self, _: &TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &ParenthesizedGenericArguments) {}
}
