//! `annotate [--above] ATTRIBUTE DIR…`: puts `ATTRIBUTE` on every function below the directories, in place.
//!
//! It knows nothing of leakguard: the attribute is text. Line numbers stay, because the text goes into the line of the
//! function's first token (`pub`, `async`, `fn`), or with `--above` of its first attribute or doc comment.
//!
//! Not annotated: `const fn`, declarations without a body, what `macro_rules!` defines, and files that are not items
//! (fragments for `include!`). Functions inside calls of `cfg_…! { … }` macros are annotated like any others.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, ImplItemFn, ItemFn, Signature, TraitItemFn};

/// Where the attribute goes in one file, and how many functions get none.
#[derive(Default)]
struct Places {
    above: bool,
    offsets: Vec<usize>,
    constant: usize,
}

impl Places {
    fn note(&mut self, attrs: &[Attribute], sig: &Signature, bare: TokenStream) {
        if sig.constness.is_some() {
            self.constant += 1;
            return;
        }
        let outer = |attr: &&Attribute| matches!(attr.style, AttrStyle::Outer);
        let first = match attrs.iter().find(outer) {
            Some(attr) if self.above => attr.pound_token.spans[0],
            _ => bare.into_iter().next().expect("a function").span(),
        };
        self.offsets.push(first.byte_range().start);
    }
}

impl<'ast> Visit<'ast> for Places {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        let mut bare = item.clone();
        bare.attrs.clear();
        self.note(&item.attrs, &item.sig, bare.into_token_stream());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        let mut bare = item.clone();
        bare.attrs.clear();
        self.note(&item.attrs, &item.sig, bare.into_token_stream());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        let mut bare = item.clone();
        bare.attrs.clear();
        if item.default.is_some() {
            self.note(&item.attrs, &item.sig, bare.into_token_stream());
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let name = item.mac.path.segments.last();
        if name.is_some_and(|name| name.ident.to_string().starts_with("cfg_"))
            && let Ok(file) = item.mac.parse_body::<syn::File>()
        {
            file.items.iter().for_each(|item| self.note_inside(item));
        }
    }
}

impl Places {
    /// The items are a copy, but their spans are those of the file.
    fn note_inside(&mut self, item: &syn::Item) {
        let mut inside = Places {
            above: self.above,
            ..Places::default()
        };
        inside.visit_item(item);
        self.offsets.extend(inside.offsets);
        self.constant += inside.constant;
    }
}

fn annotate(file: &Path, attribute: &str, above: bool) -> Option<Places> {
    let text = fs::read_to_string(file).ok()?;
    let syntax = syn::parse_file(&text).ok()?;
    // syn skips a byte order mark and a `#!` line. Both are too rare to correct the offsets for.
    if text.starts_with('\u{feff}') || syntax.shebang.is_some() {
        return None;
    }
    let mut places = Places {
        above,
        ..Places::default()
    };
    places.visit_file(&syntax);
    places.offsets.sort_unstable();
    let mut annotated = text;
    for offset in places.offsets.iter().rev() {
        annotated.insert_str(*offset, &format!("{attribute} "));
    }
    fs::write(file, annotated).ok()?;
    Some(places)
}

fn sources(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("readable directory");
        entries.for_each(|entry| sources(&entry.expect("readable entry").path(), found));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.push(path.to_owned());
    }
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let above = arguments.first().is_some_and(|first| first == "--above");
    arguments.drain(..usize::from(above));
    let (attribute, directories) = arguments.split_first().expect("ATTRIBUTE DIR…");
    let mut files = Vec::new();
    directories
        .iter()
        .for_each(|directory| sources(Path::new(directory), &mut files));
    files.sort();
    let (mut functions, mut constant) = (0, 0);
    for file in &files {
        match annotate(file, attribute, above) {
            Some(places) => {
                functions += places.offsets.len();
                constant += places.constant;
            }
            None => eprintln!("annotate: not annotated: {}", file.display()),
        }
    }
    println!("{functions} {constant}");
}
