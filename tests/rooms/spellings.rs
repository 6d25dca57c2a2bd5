//! Every way that Rust offers to name the same thing: the fixtures run each edge through all of them.

use crate::tree::module_of;

/// A source that names a target in one particular way.
pub struct Spelling {
    pub way: &'static str,
    pub source: String,
}

fn spelling(way: &'static str, source: String) -> Spelling {
    Spelling { way, source }
}

/// All ways to name the module `target` of this package from `file`.
pub fn of_module(file: &str, target: &str) -> Vec<Spelling> {
    let root = if file == "src/main.rs" {
        "defib"
    } else {
        "crate"
    };
    let mut all = of_path(&format!("{root}::{target}"));
    all.push(spelling(
        "nested group",
        format!("use {root}::{{{target}::{{deep::{{Thing, Other as Another}}}}}};"),
    ));
    all.push(spelling(
        "group from nothing",
        format!("use {{std::fmt, {root}::{target}::Thing}};"),
    ));
    all.push(spelling(
        "group in a macro",
        format!("wrap! {{ use {root}::{{{target}::{{Thing}}}}; }}"),
    ));
    if root == "crate" {
        let up = "super::".repeat(module_of(file).len());
        all.push(spelling(
            "super in an import",
            format!("use {up}{target}::Thing;"),
        ));
        all.push(spelling(
            "super in an expression",
            format!("fn f() {{ {up}{target}::thing() }}"),
        ));
        all.push(spelling(
            "super in a macro",
            format!("fn f() {{ call!({up}{target}::thing()) }}"),
        ));
        all.push(spelling(
            "super in an inline module",
            format!("mod inner {{ use super::{up}{target}::Thing; }}"),
        ));
        all.push(spelling(
            "$crate",
            format!("macro_rules! m {{ () => {{ $crate::{target}::thing() }} }}"),
        ));
    }
    all
}

/// All ways to name the library `name`.
pub fn of_library(name: &str) -> Vec<Spelling> {
    let mut all = of_path(name);
    all.extend(of_path(&format!("::{name}")));
    all.push(spelling("the library alone", format!("use {name};")));
    all.push(spelling(
        "the library alone in a macro",
        format!("wrap! {{ use ::{name}; }}"),
    ));
    all.push(spelling(
        "after an arrow in a macro",
        format!("wrap! {{ fn f() -> ::{name}::Thing; }}"),
    ));
    all
}

/// The ways that are the same for any path, absolute or not.
fn of_path(path: &str) -> Vec<Spelling> {
    [
        imports(path),
        inline(path),
        in_macros(path),
        in_attributes(path),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn imports(path: &str) -> Vec<Spelling> {
    vec![
        spelling("import", format!("use {path}::Thing;")),
        spelling("renamed import", format!("use {path}::Thing as Other;")),
        spelling("renamed module", format!("use {path} as elsewhere;")),
        spelling("glob", format!("use {path}::*;")),
        spelling("group", format!("use {path}::{{self, Thing}};")),
        spelling(
            "import in a function",
            format!("fn f() {{ use {path}::Thing; }}"),
        ),
        spelling(
            "import in an inline module",
            format!("mod inner {{ use {path}::Thing; }}"),
        ),
    ]
}

fn inline(path: &str) -> Vec<Spelling> {
    vec![
        spelling("call", format!("fn f() {{ let _ = {path}::thing(); }}")),
        spelling("constant", format!("const LIMIT: u8 = {path}::LIMIT;")),
        spelling(
            "type",
            format!("struct S {{ field: Option<Vec<{path}::Thing>> }}"),
        ),
        spelling(
            "struct literal",
            format!("fn f() {{ {path}::Thing {{ field: 1 }}; }}"),
        ),
        spelling(
            "pattern",
            format!("fn f() {{ if let {path}::Thing {{ .. }} = it {{}} }}"),
        ),
        spelling(
            "variant pattern",
            format!("fn f() {{ match it {{ {path}::Thing(_) => 1 }} }}"),
        ),
        spelling("trait", format!("impl {path}::Trait for S {{}}")),
        spelling("bound", format!("fn f<T: {path}::Trait>(it: T) {{}}")),
        spelling(
            "where clause",
            format!("fn f<T>(it: T) where T: {path}::Trait {{}}"),
        ),
        spelling("dyn", format!("fn f(it: Box<dyn {path}::Trait>) {{}}")),
        spelling(
            "qualified type",
            format!("fn f() {{ <{path}::Thing as Default>::default() }}"),
        ),
        spelling(
            "qualified trait",
            format!("fn f() {{ <S as {path}::Trait>::thing() }}"),
        ),
        spelling(
            "turbofish",
            format!("fn f() {{ it.parse::<{path}::Thing>() }}"),
        ),
    ]
}

fn in_macros(path: &str) -> Vec<Spelling> {
    vec![
        spelling("macro of the room", format!("{path}::shout!();")),
        spelling(
            "macro argument",
            format!("fn f() {{ println!(\"{{}}\", {path}::thing()) }}"),
        ),
        spelling(
            "generics in a macro",
            format!("fn f() {{ vec![Vec::<{path}::Thing>::new()] }}"),
        ),
        spelling(
            "cast in a macro",
            format!("fn f() {{ vec![<{path}::Thing>::new()] }}"),
        ),
        spelling(
            "body of macro_rules",
            format!("macro_rules! m {{ () => {{ {path}::thing() }} }}"),
        ),
        spelling(
            "keyword before it in a macro",
            format!("fn f() {{ call!(return {path}::thing()) }}"),
        ),
        spelling(
            "import in a macro",
            format!("wrap! {{ use {path}::Thing; }}"),
        ),
        spelling("glob in a macro", format!("wrap! {{ use {path}::*; }}")),
    ]
}

fn in_attributes(path: &str) -> Vec<Spelling> {
    vec![
        spelling(
            "derive",
            format!("#[derive(Debug, {path}::Derive)] struct S;"),
        ),
        spelling("attribute macro", format!("#[{path}::main] fn f() {{}}")),
        spelling(
            "attribute on a field",
            format!("struct S {{ #[serde(with = \"{path}::form\")] field: u8 }}"),
        ),
        spelling(
            "value of an attribute",
            format!("#[with = \"{path}::form\"] struct S;"),
        ),
        spelling(
            "bound in an attribute",
            format!("#[serde(bound = \"T: {path}::Trait\")] struct S<T>(T);"),
        ),
    ]
}
