//! Finds the sources below `src/` and says which module a file is, and which are there for tests
//! alone.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenTree;
use syn::Attribute;

/// One file of the package: its path from the package's root, with `/`, and its text.
pub struct Source {
    pub file: String,
    pub text: String,
}

/// Reads every Rust file below `src/`.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    files.iter().map(|path| read(root, path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder below src/ is readable") {
        let path = entry.expect("a directory entry is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let parts: Vec<_> = path
        .strip_prefix(root)
        .expect("the walk starts at the root")
        .iter()
        .map(|part| part.to_string_lossy())
        .collect();
    Source {
        file: parts.join("/"),
        text: fs::read_to_string(path).expect("a source file is UTF-8"),
    }
}

/// The module that a file is: `src/aws/guard.rs` is `aws::guard`, `src/aws/mod.rs` is `aws`, `src/lib.rs` is the root.
/// `main.rs` is the root of another crate; it counts as a room called `main`.
pub fn module_of(file: &str) -> Vec<String> {
    let inner = file.strip_prefix("src/").unwrap_or(file);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if module.len() > 1 && module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

/// Returns the modules that other files declare as `#[cfg(test)] mod name;`.
pub fn test_modules(sources: &[Source]) -> HashSet<Vec<String>> {
    let declared_in = |source: &Source| -> Vec<Vec<String>> {
        let items = syn::parse_file(&source.text)
            .map(|tree| tree.items)
            .unwrap_or_default();
        let module = module_of(&source.file);
        items
            .iter()
            .filter_map(|item| {
                let syn::Item::Mod(item) = item else {
                    return None;
                };
                let is_file_of_tests = item.content.is_none() && is_test_only(&item.attrs);
                is_file_of_tests.then(|| [module.clone(), vec![item.ident.to_string()]].concat())
            })
            .collect()
    };
    sources.iter().flat_map(declared_in).collect()
}

/// Tells whether something is there for tests alone.
pub fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| {
                let mut words = list.tokens.clone().into_iter();
                matches!(words.next(), Some(TokenTree::Ident(word)) if word == "test")
                    && words.next().is_none()
            })
    })
}

#[test]
fn a_file_is_the_module_that_rust_takes_it_for() {
    let cases: [(&str, &[&str]); 5] = [
        ("src/lib.rs", &[]),
        ("src/main.rs", &["main"]),
        ("src/runner.rs", &["runner"]),
        ("src/tui/mod.rs", &["tui"]),
        (
            "src/tui/screens/run/view.rs",
            &["tui", "screens", "run", "view"],
        ),
    ];
    for (file, module) in cases {
        assert_eq!(module_of(file), module, "{file}");
    }
}
