//! Compares what a source names with the tables. The two readings a rule can get wrong are
//! kept apart: `table` says what is allowed, `paths` says what is there.

use crate::paths::{self, Mention, Target};
use crate::table::{CONFINED, MAY_USE, ROOMS};
use crate::tree::module_of;

/// Everything that a source does against the tables, one sentence each.
pub fn complaints(file: &str, text: &str) -> Vec<String> {
    let module = module_of(file);
    if let Some(room) = module.first()
        && !MAY_USE.iter().any(|(key, _)| key == room)
    {
        return vec![format!(
            "{file}: `{room}` is no room; add it to the plan and the table, or find the room it belongs to"
        )];
    }
    let reading = match paths::read(file, text) {
        Ok(reading) => reading,
        Err(error) => return vec![format!("{file}: cannot be read as Rust: {error}")],
    };
    let evasions = reading
        .evasions
        .iter()
        .map(|(line, what)| format!("{file}:{line}: {what}"));
    let edges = reading.mentions.iter().filter_map(|mention| {
        objection(&module, mention).map(|what| format!("{file}:{}: {what}", mention.line))
    });
    evasions
        .chain(edges)
        .chain(beyond_declarations(file, text))
        .collect()
}

fn objection(from: &[String], mention: &Mention) -> Option<String> {
    match &mention.target {
        Target::Ours(path) => ours(from, path, mention.exported),
        Target::Other(path) => library(from, path, mention.exported),
    }
}

fn ours(from: &[String], path: &[String], exported: bool) -> Option<String> {
    let shown = format!("crate::{}", path.join("::"));
    let Some(room) = path.first() else {
        return Some(
            "names the crate's root, from which every room can be reached; name the room"
                .to_owned(),
        );
    };
    if from.first() == Some(room) {
        return None;
    }
    if !ROOMS.contains(&room.as_str()) {
        return Some(format!("`{shown}` leads to no room"));
    }
    if exported {
        return Some(format!(
            "hands on `{shown}` of another room; use it where it is needed"
        ));
    }
    let allowed = MAY_USE
        .iter()
        .filter(|(key, _)| is_below(from, key))
        .flat_map(|(_, targets)| *targets)
        .any(|target| is_below(path, target));
    (!allowed).then(|| format!("`{}` may not use `{shown}`", from.join("::")))
}

fn library(from: &[String], path: &[String], exported: bool) -> Option<String> {
    let name = path.first()?;
    let (_, homes) = CONFINED
        .iter()
        .find(|(names, _)| names.iter().any(|pattern| is_like(name, pattern)))?;
    if !homes.iter().any(|home| is_below(from, home)) {
        return Some(format!(
            "`{}` may not name the library `{name}`",
            from.join("::")
        ));
    }
    exported.then(|| {
        format!(
            "hands on `{}` of a library that is kept to few rooms",
            path.join("::")
        )
    })
}

/// Whether `module` is `key` or lies below it.
fn is_below(module: &[String], key: &str) -> bool {
    let mut module = module.iter();
    key.split("::")
        .all(|part| module.next().is_some_and(|segment| segment == part))
}

fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// The crate's root only declares rooms, and the program's root has no modules of its own.
fn beyond_declarations(file: &str, text: &str) -> Vec<String> {
    let items = syn::parse_file(text)
        .map(|tree| tree.items)
        .unwrap_or_default();
    let is_declaration =
        |item: &syn::Item| matches!(item, syn::Item::Mod(module) if module.content.is_none());
    match file {
        "src/lib.rs" if !items.iter().all(is_declaration) => {
            vec![format!("{file}: holds more than declarations of rooms")]
        }
        "src/main.rs" if items.iter().any(is_declaration) => {
            vec![format!(
                "{file}: declares a module of its own; rooms are declared in src/lib.rs"
            )]
        }
        _ => Vec::new(),
    }
}
