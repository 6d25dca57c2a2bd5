//! Small sources under pretended paths, with the answer that each must get. The answers are written
//! down here a second time, on purpose: a line lost from a table, or a way to name a path that is
//! overlooked, shows as a fixture with the wrong answer.

use crate::spellings::{Spelling, of_library, of_module};
use crate::verdict::complaints;

/// Rows use columns: `yes`, or not. Every pair of rooms is tried in every spelling.
const GRID: &str = "
            domain clock config report aws  sim  journal catalog restore runner tui  cli
    domain  yes    -     -      -      -    -    -       -       -       -      -    -
    clock   -      yes   -      -      -    -    -       -       -       -      -    -
    config  yes    yes   yes    -      -    -    -       -       -       -      -    -
    report  yes    yes   yes    yes    yes  yes  yes     yes     yes     yes    yes  yes
    aws     yes    yes   yes    -      yes  -    -       -       -       -      -    -
    sim     yes    yes   -      -      -    yes  -       -       -       -      -    -
    journal yes    yes   -      -      -    -    yes     -       -       -      -    -
    catalog yes    yes   -      -      yes  -    -       yes     -       -      -    -
    restore yes    yes   -      -      yes  -    yes     -       yes     -      -    -
    runner  yes    yes   yes    yes    yes  -    yes     -       yes     yes    -    -
    tui     yes    yes   yes    yes    -    -    -       -       -       -      yes  -
    cli     yes    yes   yes    yes    yes  yes  yes     yes     yes     yes    yes  yes
    main    yes    yes   yes    yes    yes  yes  yes     yes     yes     yes    yes  yes
";

/// File, module it names, whether it may: the edges that are finer than a room.
const FINER_EDGES: &[(&str, &str, bool)] = &[
    ("src/aws/connect.rs", "sim", true),
    ("src/aws/connect/endpoint.rs", "sim", true),
    ("src/aws/mod.rs", "sim", false),
    ("src/aws/guard.rs", "sim", false),
    ("src/aws/connect.rs", "catalog", false),
    ("src/catalog/connect.rs", "sim", false),
    ("src/journal/dynamodb.rs", "aws", true),
    ("src/journal/mod.rs", "aws", false),
    ("src/journal/sqlite.rs", "aws", false),
    ("src/journal/dynamodb.rs", "restore", false),
    ("src/catalog/ebs_snapshot.rs", "restore::engine", false),
    ("src/restore/flows/volume_swap.rs", "catalog::scan", false),
    (
        "src/restore/operations/dynamodb.rs",
        "journal::dynamodb",
        true,
    ),
    ("src/tui/screens/browser/view.rs", "catalog::store", true),
    ("src/tui/screens/browser/update.rs", "catalog::filter", true),
    ("src/tui/screens/browser/view.rs", "catalog::scan", false),
    (
        "src/tui/screens/browser/view.rs",
        "catalog::storehouse",
        false,
    ),
    ("src/tui/update.rs", "restore::flow", false),
    ("src/tui/view.rs", "journal", false),
    ("src/tui/runtime.rs", "runner", false),
    ("src/tui/effects.rs", "catalog::scan", true),
    ("src/tui/effects.rs", "restore::flow", true),
    ("src/tui/effects.rs", "journal", true),
    ("src/tui/effects.rs", "runner", true),
    ("src/tui/effects.rs", "aws::connect", true),
    ("src/tui/runtime.rs", "aws", false),
    ("src/tui/effects.rs", "sim", false),
    ("src/tui/effects.rs", "cli", false),
];

const AWS: &[&str] = &[
    "aws_config",
    "aws_credential_types",
    "aws_runtime",
    "aws_sdk_ec2",
    "aws_sdk_sts",
    "aws_smithy_runtime_api",
    "aws_smithy_types",
    "aws_types",
];

/// Libraries, files that may name them, files that may not.
const LIBRARIES: &[(&[&str], &[&str], &[&str])] = &[
    (
        AWS,
        &[
            "src/aws/failure.rs",
            "src/catalog/ami.rs",
            "src/journal/dynamodb.rs",
            "src/restore/observations/ec2.rs",
            "src/restore/operations/ec2_volume.rs",
            "src/sim/world.rs",
        ],
        &[
            "src/cli/points.rs",
            "src/clock.rs",
            "src/config.rs",
            "src/domain/ids.rs",
            "src/journal/sqlite.rs",
            "src/main.rs",
            "src/report.rs",
            "src/restore/engine.rs",
            "src/restore/flows/volume_swap.rs",
            "src/restore/operation.rs",
            "src/runner.rs",
            "src/tui/effects.rs",
        ],
    ),
    (
        &["crossterm", "ratatui", "ratatui_core"],
        &["src/tui/view.rs"],
        &["src/cli/mod.rs", "src/domain/plan.rs", "src/main.rs"],
    ),
    (
        &["rusqlite", "libsqlite3_sys"],
        &["src/journal/sqlite.rs"],
        &["src/restore/engine.rs", "src/runner.rs"],
    ),
    (
        &["clap", "clap_complete", "clap_mangen"],
        &["src/cli/mod.rs", "src/main.rs"],
        &["src/config.rs", "src/restore/flow.rs"],
    ),
    (
        &["jiff", "serde"],
        &["src/domain/plan.rs", "src/tui/view.rs"],
        &[],
    ),
];

/// File, source, and a part of the complaint it must draw.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    // Handing on what is another room's, or a library's.
    ("src/cli/mod.rs", "pub use crate::domain::Plan;", "hands on"),
    (
        "src/cli/mod.rs",
        "pub(crate) use crate::domain::Plan;",
        "hands on",
    ),
    (
        "src/aws/mod.rs",
        "pub(super) use {std::fmt, super::domain::{Plan as P}};",
        "hands on",
    ),
    (
        "src/restore/mod.rs",
        "pub use crate::journal::*;",
        "hands on",
    ),
    (
        "src/restore/mod.rs",
        "wrap! { pub use crate::journal::Event; }",
        "hands on",
    ),
    (
        "src/restore/mod.rs",
        "wrap! { pub(crate) use crate::journal::Event; }",
        "hands on",
    ),
    ("src/aws/mod.rs", "pub use aws_sdk_ec2::Client;", "hands on"),
    ("src/tui/mod.rs", "pub use ratatui;", "hands on"),
    // The crate's root, from which every room can be reached.
    ("src/domain/ids.rs", "use crate as root;", "root"),
    ("src/domain/ids.rs", "use crate::{self as root};", "root"),
    ("src/domain/ids.rs", "use super::super as root;", "root"),
    ("src/domain/ids.rs", "use crate::*;", "root"),
    ("src/clock.rs", "use super::*;", "root"),
    (
        "src/domain/ids.rs",
        "macro_rules! m { ($room:ident) => { crate::$room::thing() } }",
        "root",
    ),
    ("src/main.rs", "use defib as root;", "root"),
    ("src/clock.rs", "mod inner {} use super::*;", "root"),
    // Ways around the reading.
    (
        "src/domain/ids.rs",
        "extern crate self as root;",
        "extern crate",
    ),
    (
        "src/domain/ids.rs",
        "extern crate aws_sdk_ec2 as ec2;",
        "extern crate",
    ),
    (
        "src/domain/mod.rs",
        "#[path = \"../sim/world.rs\"] mod world;",
        "#[path]",
    ),
    (
        "src/domain/mod.rs",
        "include!(\"../sim/world.rs\");",
        "include!",
    ),
    (
        "src/domain/mod.rs",
        "use crate::r#sim::World;",
        "may not use",
    ),
    (
        "src/domain/mod.rs",
        "fn f() { call!(crate::r#sim::world()) }",
        "may not use",
    ),
    (
        "src/domain/mod.rs",
        "#[cfg(test)] mod tests { use crate::sim::World; }",
        "may not use",
    ),
    ("src/domain/mod.rs", "use crate::helpers::Thing;", "no room"),
    ("src/helpers.rs", "", "no room"),
    ("src/bin/extra.rs", "fn main() {}", "no room"),
    ("src/domain/mod.rs", "fn f( {", "cannot be read"),
    (
        "src/domain/mod.rs",
        "use crate::{{sim::{*}}};",
        "may not use",
    ),
    (
        "src/domain/mod.rs",
        "wrap! { use crate::{{sim::World}}; }",
        "may not use",
    ),
    (
        "src/domain/mod.rs",
        "wrap! { use crate::sim::{*}; }",
        "may not use",
    ),
    // The roots.
    ("src/lib.rs", "pub mod aws; fn thing() {}", "declarations"),
    (
        "src/lib.rs",
        "pub mod aws; pub use aws::Clients;",
        "declarations",
    ),
    ("src/lib.rs", "pub mod util { }", "declarations"),
    (
        "src/main.rs",
        "mod helpers; fn main() {}",
        "module of its own",
    ),
];

const ALLOWED: &[(&str, &str)] = &[
    ("src/lib.rs", "//! The map.\npub mod aws;\npub mod domain;"),
    (
        "src/main.rs",
        "//! The door.\nuse defib::cli; fn main() { cli::run(); }",
    ),
    (
        "src/main.rs",
        "fn f() {} #[cfg(test)] mod tests { use super::*; use crate::f; }",
    ),
    (
        "src/aws/mod.rs",
        "mod connect; pub use connect::Clients; pub use self::connect::Place; pub use crate::aws::guard::Mode;",
    ),
    ("src/domain/mod.rs", "pub use jiff::Timestamp;"),
    ("src/clock.rs", "#[cfg(test)] mod tests { use super::*; }"),
    (
        "src/restore/engine.rs",
        "pub(in crate::restore) fn f() {} pub(crate) struct S; pub(super) struct T;",
    ),
    (
        "src/restore/engine.rs",
        "wrap! { pub(crate) fn f(&self) -> u8 { self.clap } }",
    ),
    (
        "src/domain/ids.rs",
        "/// Becomes a `crate::sim::World`, by `aws_sdk_ec2::Client`.\nstruct S;",
    ),
    (
        "src/domain/ids.rs",
        "const TEXT: &str = \"crate::sim::World\"; fn f() { println!(\"crate::sim::World\") }",
    ),
    (
        "src/domain/ids.rs",
        "fn f(clap: u8) -> u8 { let ratatui = clap; call!(ratatui, clap) }",
    ),
    (
        "src/domain/ids.rs",
        "fn f() -> Self { use Kind::*; Self::new(Kind::Volume, vec![<T as Kind>::clap::<u8>()]) }",
    ),
    (
        "src/tui/mod.rs",
        "const KEYS: &str = include_str!(\"../../keymaps/default.toml\");",
    ),
    ("src/domain/ids.rs", "/// See crate::sim::World.\nstruct S;"),
];

/// The file that stands for a room in the grid.
fn file_of(room: &str) -> String {
    match room {
        "clock" | "config" | "report" | "runner" | "main" => format!("src/{room}.rs"),
        _ => format!("src/{room}/inner/leaf.rs"),
    }
}

/// Tries every spelling and tells which got the wrong answer.
fn wrong_answers(file: &str, spellings: Vec<Spelling>, allowed: bool) -> Vec<String> {
    spellings
        .into_iter()
        .filter(|spelling| complaints(file, &spelling.source).is_empty() != allowed)
        .map(|spelling| {
            let answer = if allowed { "refused" } else { "overlooked" };
            format!(
                "{answer}: {} in {file}: {} {:?}",
                spelling.way,
                spelling.source,
                complaints(file, &spelling.source)
            )
        })
        .collect()
}

#[test]
fn every_pair_of_rooms_gets_the_answer_of_the_grid() {
    let mut rows = GRID
        .trim()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let columns = rows.next().expect("the grid has a heading");
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for row in rows {
        let (from, cells) = row.split_first().expect("a row has a name");
        assert_eq!(cells.len(), columns.len(), "the row {from} is complete");
        for (to, cell) in columns.iter().zip(cells) {
            let file = file_of(from);
            wrong.extend(wrong_answers(&file, of_module(&file, to), *cell == "yes"));
            pairs += 1;
        }
    }
    assert_eq!(
        pairs,
        13 * 12,
        "twelve rooms and main, each with twelve rooms"
    );
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn edges_finer_than_a_room_hold_for_their_file_alone() {
    let wrong: Vec<String> = FINER_EDGES
        .iter()
        .flat_map(|(file, target, allowed)| wrong_answers(file, of_module(file, target), *allowed))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_library_is_named_only_where_it_lives() {
    let mut wrong = Vec::new();
    for (names, homes, elsewhere) in LIBRARIES {
        for name in *names {
            wrong.extend(
                homes
                    .iter()
                    .flat_map(|file| wrong_answers(file, of_library(name), true)),
            );
            wrong.extend(
                elsewhere
                    .iter()
                    .flat_map(|file| wrong_answers(file, of_library(name), false)),
            );
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn each_way_around_the_rules_draws_its_complaint() {
    for (file, source, expected) in FORBIDDEN {
        let complaints = complaints(file, source);
        assert!(
            complaints
                .iter()
                .any(|complaint| complaint.contains(expected)),
            "{file}: {source}\nshould draw a complaint with `{expected}`, not {complaints:?}"
        );
    }
}

#[test]
fn what_only_looks_like_a_forbidden_path_passes() {
    for (file, source) in ALLOWED {
        let complaints = complaints(file, source);
        assert!(complaints.is_empty(), "{file}: {source}\n{complaints:?}");
    }
}

#[test]
fn a_complaint_names_the_file_the_line_and_the_edge() {
    let complaints = complaints(
        "src/domain/ids.rs",
        "struct S;\n\nfn f() { crate::sim::world() }",
    );
    assert_eq!(
        complaints,
        ["src/domain/ids.rs:3: `domain::ids` may not use `crate::sim::world`"]
    );
}
