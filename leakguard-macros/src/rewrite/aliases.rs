//! Knows what the user's file says about names: renamed imports, and functions named `spawn` that want a bare `fn()`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use syn::visit::{self, Visit};
use syn::{FnArg, ItemUse, Signature, Type, UseTree};

use super::spawn::{is_starter, starters};

/// What a name stands for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The new name, with the old one and the module that it comes from.
    renamed: HashMap<String, (String, String)>,
    /// Function and argument position of each parameter of type `fn(..)`.
    pointers: HashSet<(String, usize)>,
}

impl Names {
    /// From the item itself and from the file around it. What cannot be read is not known, and nothing breaks.
    pub(crate) fn collect(item: &TokenStream, at: Span) -> Self {
        let mut names = (*Names::of_file(at)).clone();
        if let Ok(item) = syn::parse2::<syn::Item>(item.clone()) {
            names.visit_item(&item);
        } else if let Ok(method) = syn::parse2::<syn::ImplItem>(item.clone()) {
            names.visit_impl_item(&method);
        }
        names
    }

    /// From the file alone, which is read once for each thread of the compiler.
    pub(super) fn of_file(at: Span) -> Rc<Self> {
        let Some(path) = at.local_file() else {
            return Rc::default();
        };
        let known = FILES.with_borrow(|files| files.get(&path).cloned());
        known.unwrap_or_else(|| {
            let names = Rc::new(read(&path));
            FILES.with_borrow_mut(|files| files.insert(path, names.clone()));
            names
        })
    }

    /// The new names of what was renamed.
    pub(super) fn new_ones(&self) -> impl Iterator<Item = &str> {
        self.renamed.keys().map(String::as_str)
    }

    pub(super) fn renamed(&self, name: &str) -> Option<&(String, String)> {
        self.renamed.get(name)
    }

    pub(super) fn wants_pointer(&self, function: &str, index: usize) -> bool {
        self.pointers.contains(&(function.to_owned(), index))
    }

    fn note_use(&mut self, tree: &UseTree, module: &str) {
        match tree {
            UseTree::Path(path) => self.note_use(&path.tree, &path.ident.to_string()),
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|tree| self.note_use(tree, module)),
            UseTree::Rename(rename) if is_starter(&rename.ident.to_string()) => {
                let old = (rename.ident.to_string(), module.to_owned());
                self.renamed.insert(rename.rename.to_string(), old);
            }
            _ => {}
        }
    }
}

impl Visit<'_> for Names {
    fn visit_item_use(&mut self, item: &ItemUse) {
        self.note_use(&item.tree, "");
    }

    fn visit_signature(&mut self, sig: &Signature) {
        let name = sig.ident.to_string();
        if is_starter(&name) {
            let typed = sig.inputs.iter().filter_map(|input| match input {
                FnArg::Typed(input) => Some(&*input.ty),
                FnArg::Receiver(_) => None,
            });
            let pointers = typed
                .enumerate()
                .filter(|(_, ty)| matches!(ty, Type::FnPtr(_)));
            self.pointers
                .extend(pointers.map(|(index, _)| (name.clone(), index)));
        }
        visit::visit_signature(self, sig);
    }
}

thread_local! {
    static FILES: RefCell<HashMap<PathBuf, Rc<Names>>> = RefCell::default();
}

fn read(path: &Path) -> Names {
    let mut names = Names::default();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // Parsing costs, so only a text that can have something to say is parsed.
    let renames =
        text.contains("spawn") && starters().any(|name| text.contains(&format!("{name} as ")));
    let declares = text.contains("fn spawn") && text.contains("fn(");
    let of_interest = renames || declares;
    if let Some(file) = of_interest.then(|| syn::parse_file(&text).ok()).flatten() {
        names.visit_file(&file);
    }
    names
}
