//! Knows what the user's file says about names: renamed imports, and functions named `spawn` that want a bare `fn()`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{FnArg, ItemUse, Signature, Type, UseTree};

use super::spawn::is_starter;
use crate::item::Annotated;

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
    pub(crate) fn collect(item: &Annotated, at: Span) -> Self {
        let mut names = (*Names::of_file(at)).clone();
        match item {
            Annotated::Function(function) => names.visit_item_fn(function),
            Annotated::Functions(item) => names.visit_item(item),
            Annotated::Untouched => {}
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
    if tells_of_starters(&text)
        && let Ok(file) = syn::parse_file(&text)
    {
        names.visit_file(&file);
    }
    names
}

/// Whether `text` may import a function that starts something by another name, or have a signature of one named
/// `spawn` that wants a bare `fn()`.
fn tells_of_starters(text: &str) -> bool {
    let tells = |(at, _)| {
        let (before, after) = text.split_at(at);
        if before.ends_with("fn ") {
            let head = head(after);
            return ["fn(", "//", "/*"].iter().any(|part| head.contains(part));
        }
        let end = after.find(ends_word);
        let (word, after) = after.split_at(end.unwrap_or(after.len()));
        is_starter(word) && after.starts_with(" as ")
    };
    // Most texts have none at all, and to see that is quicker than to look for each.
    text.contains("spawn") && text.match_indices("spawn").any(tells)
}

pub(super) fn ends_word(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_')
}

/// What comes before the body, whose brace, or the semicolon in its place, stands in no brackets. In a comment anything may
/// stand: one that has a comment may be cut short.
fn head(rest: &str) -> &str {
    let mut depth = 0;
    let end = rest.find(|c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        depth <= 0 && matches!(c, '{' | ';')
    });
    &rest[..end.unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::tells_of_starters;

    #[test]
    fn an_import_gives_a_starter_another_name() {
        assert!(tells_of_starters("use tokio::{spawn as go};"));
        assert!(!tells_of_starters(
            "use tokio::spawn; let n = spawn() as u8;"
        ));
        assert!(!tells_of_starters("use pool::spawner as go;"));
    }

    #[test]
    fn only_a_signature_tells_that_a_pointer_is_wanted() {
        assert!(tells_of_starters(
            "fn f(); pub fn spawn(job: extern \"C\" fn()) {}"
        ));
        assert!(tells_of_starters(
            "fn spawn_all<T>(\n    one: T,\n    job: fn(T),\n);"
        ));
        assert!(tells_of_starters(
            "fn spawn_task(pad: [u8; 3], job: fn()) {}"
        ));
        assert!(tells_of_starters("fn spawn(\n // a) not {\n job: fn()) {}"));
        for other in [
            "fn spawn<F: Fn()>(job: F) { let f: fn() = || (); }",
            "fn spawn(); fn other(job: fn());",
            "fn other(job: fn()) {}",
        ] {
            assert!(!tells_of_starters(other), "{other}");
        }
    }
}
