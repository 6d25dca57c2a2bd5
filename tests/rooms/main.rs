//! Holds the source tree to its plan: who may import whom, where a library may be named,
//! and what every file owes its reader. The rules are data in `table`; everything else
//! here only reads sources and compares. Each rule has fixtures that must fail.

mod fixtures;
mod house;
mod paths;
mod spellings;
mod table;
mod tree;
mod verdict;

use tree::sources;

#[test]
fn the_walk_sees_the_whole_tree() {
    let files: Vec<String> = sources().into_iter().map(|source| source.file).collect();
    for expected in ["src/lib.rs", "src/main.rs"] {
        assert!(
            files.iter().any(|file| file == expected),
            "{expected} is missing from {files:?}"
        );
    }
}

#[test]
fn every_path_stays_within_what_its_room_may_use() {
    let complaints: Vec<String> = sources()
        .iter()
        .flat_map(|source| verdict::complaints(&source.file, &source.text))
        .collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_file_is_short_finished_and_says_what_it_is_for() {
    let complaints = house::complaints(&sources());
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
