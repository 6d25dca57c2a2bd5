//! Reads one source and lists every path it names, resolved to where it leads.
//! The syntax tree covers imports, expressions, types, patterns and attributes; what a macro is
//! given has no tree, so `tokens` looks for paths in it by their shape.

mod tokens;

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{Attribute, ItemExternCrate, ItemMod, ItemUse, LitStr, Macro, UseTree, Visibility};

use crate::tree::module_of;

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// Into this package: the segments below the crate's root.
    Ours(Vec<String>),
    /// Anywhere else: a library, a name in scope, a child module.
    Other(Vec<String>),
}

/// One path that a source names.
#[derive(Debug)]
pub struct Mention {
    pub line: usize,
    pub target: Target,
    /// Whether a `use` with a visibility of its own hands it on.
    pub exported: bool,
}

/// What was read from one source.
#[derive(Debug, Default)]
pub struct Reading {
    pub mentions: Vec<Mention>,
    /// Constructs that would lead around this reading.
    pub evasions: Vec<(usize, String)>,
}

/// Reads a source under the path it has, or pretends to have, in the package.
///
/// # Errors
/// The parser's message, when the source is not Rust.
pub fn read(file: &str, text: &str) -> Result<Reading, String> {
    let tree = syn::parse_file(text).map_err(|error| error.to_string())?;
    let mut reader = Reader {
        module: module_of(file),
        root: if file == "src/main.rs" {
            vec!["main".to_owned()]
        } else {
            Vec::new()
        },
        in_attribute: false,
        reading: Reading::default(),
    };
    reader.visit_file(&tree);
    Ok(reader.reading)
}

/// A path as it is written, before it is resolved.
#[derive(Debug, Clone, Default)]
struct Written {
    segments: Vec<String>,
    line: usize,
    /// It stands in a `use`, where a single word is a path too.
    imported: bool,
    exported: bool,
}

impl Written {
    fn then(&self, ident: &Ident) -> Self {
        let mut longer = self.clone();
        longer.line = ident.span().start().line;
        // `a::{self}` is `a`; at the start of a path `self` is the current module.
        if longer.segments.is_empty() || ident != "self" {
            longer.segments.push(ident.unraw().to_string());
        }
        longer
    }
}

struct Reader {
    /// The module that is being read, inline modules included.
    module: Vec<String>,
    root: Vec<String>,
    in_attribute: bool,
    reading: Reading,
}

impl Reader {
    fn note(&mut self, written: Written) {
        let Written { line, exported, .. } = written;
        let target = self.resolve(written);
        self.reading.mentions.push(Mention {
            line,
            target,
            exported,
        });
    }

    fn resolve(&self, written: Written) -> Target {
        let (first, rest) = written
            .segments
            .split_first()
            .expect("a path has a segment");
        match first.as_str() {
            "crate" => Target::Ours([&self.root, rest].concat()),
            "self" => Target::Ours([&self.module, rest].concat()),
            "super" => {
                let ups = written
                    .segments
                    .iter()
                    .take_while(|segment| *segment == "super")
                    .count();
                let kept = self.module.len().saturating_sub(ups);
                Target::Ours([&self.module[..kept], &written.segments[ups..]].concat())
            }
            _ => crate_or_other(written.segments),
        }
    }

    fn import(&mut self, so_far: &Written, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => self.import(&so_far.then(&path.ident), &path.tree),
            UseTree::Name(name) => self.note(so_far.then(&name.ident)),
            UseTree::Rename(rename) => self.note(so_far.then(&rename.ident)),
            UseTree::Glob(_) => self.note(so_far.clone()),
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|item| self.import(so_far, item)),
        }
    }

    fn scan(&mut self, tokens: TokenStream) {
        let mut found = Vec::new();
        tokens::paths(tokens, self.in_attribute, &mut found);
        for written in found {
            self.note(written);
        }
    }

    fn evasion(&mut self, line: usize, what: &str) {
        self.reading.evasions.push((line, what.to_owned()));
    }
}

/// The package calls itself `defib` from `main.rs`.
fn crate_or_other(segments: Vec<String>) -> Target {
    match segments.split_first() {
        Some((first, rest)) if first == "defib" => Target::Ours(rest.to_vec()),
        _ => Target::Other(segments),
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let start = Written {
            imported: true,
            exported: !matches!(item.vis, Visibility::Inherited),
            ..Written::default()
        };
        self.import(&start, &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        let line = item.ident.span().start().line;
        self.evasion(
            line,
            "`extern crate` gives a library another name; `use` it",
        );
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.unraw().to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single word is a local name, a prelude type or `self`.
        if path.segments.len() > 1 {
            let words = path.segments.iter().map(|segment| &segment.ident);
            let written = words.fold(Written::default(), |so_far, word| so_far.then(word));
            self.note(written);
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // `pub(in path)` names an ancestor; it imports nothing.
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        if let Some(last) = node.path.segments.last()
            && last.ident == "include"
        {
            self.evasion(
                last.ident.span().start().line,
                "`include!` hides a source from this test; make it a module",
            );
        }
        visit::visit_macro(self, node);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if attribute.path().is_ident("path") {
            let line = attribute.pound_token.spans[0].start().line;
            self.evasion(
                line,
                "`#[path]` moves a module out of its room; put the file where its name says",
            );
        }
        let outer = std::mem::replace(&mut self.in_attribute, true);
        visit::visit_attribute(self, attribute);
        self.in_attribute = outer;
    }

    fn visit_lit_str(&mut self, literal: &'ast LitStr) {
        // `#[serde(with = "…")]` and its kin name paths in strings.
        if self.in_attribute {
            self.scan(tokens::of_string(literal));
        }
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.scan(tokens.clone());
    }
}
