//! Reads from the user's file which functions that spawn are imported by another name, and which take a bare `fn()`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{FnArg, ItemUse, Signature, Type, UseTree};

use super::names::is_spawn_name;
use crate::item::Annotated;

/// What names of functions mean in one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases {
    /// New names, with the old name and the module of each.
    renamed: HashMap<String, (String, String)>,
    /// Function and argument position of each parameter of type `fn(..)`.
    pointers: HashSet<(String, usize)>,
    file: Option<PathBuf>,
}

impl Aliases {
    /// From the item itself and from the file around it. A file that cannot be read adds nothing.
    pub(crate) fn collect(item: &Annotated, at: Span) -> Self {
        let mut aliases = (*Aliases::of_file(at)).clone();
        aliases.file = at.local_file();
        match item {
            Annotated::Function(function) => aliases.visit_item_fn(function),
            Annotated::Functions(item) => aliases.visit_item(item),
            Annotated::Untouched => {}
        }
        aliases
    }

    /// From the file alone, which is read once for each thread of the compiler.
    pub(super) fn of_file(at: Span) -> Rc<Self> {
        let Some(path) = at.local_file() else {
            return Rc::default();
        };
        let known = FILES.with_borrow(|files| files.get(&path).cloned());
        known.unwrap_or_else(|| {
            let aliases = Rc::new(read(&path));
            FILES.with_borrow_mut(|files| files.insert(path, aliases.clone()));
            aliases
        })
    }

    /// The new names of renamed functions.
    pub(super) fn new_names(&self) -> impl Iterator<Item = &str> {
        self.renamed.keys().map(String::as_str)
    }

    pub(super) fn renamed(&self, name: &str) -> Option<&(String, String)> {
        self.renamed.get(name)
    }

    pub(super) fn wants_pointer(&self, function: &str, index: usize) -> bool {
        self.pointers.contains(&(function.to_owned(), index))
    }

    /// Whether `tokio` may be something else in the file than the crate. Reads the file anew, because it is rarely needed.
    pub(super) fn hides_tokio(&self) -> bool {
        let text = self.file.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        let file = text.and_then(|text| syn::parse_file(&text).ok());
        file.is_none_or(|file| {
            let mut other = OtherTokio(false);
            other.visit_file(&file);
            other.0
        })
    }

    fn note_use(&mut self, tree: &UseTree, module: &str) {
        match tree {
            UseTree::Path(path) => self.note_use(&path.tree, &path.ident.to_string()),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.note_use(tree, module))
            }
            UseTree::Rename(rename) if is_spawn_name(&rename.ident.to_string()) => {
                let old = (rename.ident.to_string(), module.to_owned());
                self.renamed.insert(rename.rename.to_string(), old);
            }
            _ => {}
        }
    }
}

impl Visit<'_> for Aliases {
    fn visit_item_use(&mut self, item: &ItemUse) {
        self.note_use(&item.tree, "");
    }

    fn visit_signature(&mut self, sig: &Signature) {
        let name = sig.ident.to_string();
        if is_spawn_name(&name) {
            let typed = sig.inputs.iter().filter_map(|input| match input {
                FnArg::Typed(input) => Some(&*input.ty),
                FnArg::Receiver(_) => None,
            });
            let pointers = typed.enumerate().filter(|(_, ty)| matches!(ty, Type::FnPtr(_)));
            self.pointers.extend(pointers.map(|(index, _)| (name.clone(), index)));
        }
        visit::visit_signature(self, sig);
    }
}

/// Whether a file gives the name `tokio` to something.
struct OtherTokio(bool);

impl Visit<'_> for OtherTokio {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.0 |= item.ident == "tokio";
        visit::visit_item_mod(self, item);
    }

    fn visit_item_extern_crate(&mut self, item: &syn::ItemExternCrate) {
        let new = item.rename.as_ref().map(|(_, name)| name == "tokio");
        self.0 |= new.unwrap_or_default();
    }

    /// `use other::tokio` and `use other::tokio::{self}`, not `use tokio` alone.
    fn visit_use_path(&mut self, path: &syn::UsePath) {
        let is_other = |tree: &UseTree| match tree {
            UseTree::Name(name) => name.ident == "tokio",
            UseTree::Path(path) => path.ident == "tokio",
            _ => false,
        };
        self.0 |= match &*path.tree {
            UseTree::Group(group) => group.items.iter().any(is_other),
            tree => is_other(tree),
        };
        visit::visit_use_path(self, path);
    }

    fn visit_use_rename(&mut self, rename: &syn::UseRename) {
        self.0 |= rename.rename == "tokio";
    }
}

thread_local! {
    static FILES: RefCell<HashMap<PathBuf, Rc<Aliases>>> = RefCell::default();
}

fn read(path: &Path) -> Aliases {
    let mut aliases = Aliases::default();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // Parsing is expensive, so a text without such a name is not parsed.
    if may_have_aliases(&text)
        && let Ok(file) = syn::parse_file(&text)
    {
        aliases.visit_file(&file);
    }
    aliases
}

/// Whether `text` may import a function that spawns by another name, or contain the signature of one that takes a bare
/// `fn()`.
fn may_have_aliases(text: &str) -> bool {
    let is_alias = |(at, _)| {
        let (before, after) = text.split_at(at);
        if before.ends_with("fn ") {
            let head = head(after);
            return ["fn(", "//", "/*"].iter().any(|part| head.contains(part));
        }
        let end = after.find(ends_word);
        let (word, after) = after.split_at(end.unwrap_or(after.len()));
        is_spawn_name(word) && after.starts_with(" as ")
    };
    // Most texts have no match, and `contains` finds that out faster than `match_indices`.
    text.contains("spawn") && text.match_indices("spawn").any(is_alias)
}

pub(super) fn ends_word(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_')
}

/// The signature up to the brace of its body, or the semicolon in its place, which is in no brackets. Since a comment may
/// contain any character, a signature with a comment may be cut short.
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
    use super::may_have_aliases;

    #[test]
    fn a_renamed_import_is_found() {
        assert!(may_have_aliases("use tokio::{spawn as go};"));
        assert!(!may_have_aliases("use tokio::spawn; let n = spawn() as u8;"));
        assert!(!may_have_aliases("use pool::spawner as go;"));
    }

    #[test]
    fn only_a_signature_with_a_function_pointer_is_found() {
        assert!(may_have_aliases("fn f(); pub fn spawn(job: extern \"C\" fn()) {}"));
        assert!(may_have_aliases("fn spawn_all<T>(\n    one: T,\n    job: fn(T),\n);"));
        assert!(may_have_aliases("fn spawn_task(pad: [u8; 3], job: fn()) {}"));
        assert!(may_have_aliases("fn spawn(\n // a) not {\n job: fn()) {}"));
        for other in [
            "fn spawn<F: Fn()>(job: F) { let f: fn() = || (); }",
            "fn spawn(); fn other(job: fn());",
            "fn other(job: fn()) {}",
        ] {
            assert!(!may_have_aliases(other), "{other}");
        }
    }
}
