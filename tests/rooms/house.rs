//! What every file owes its reader: a few lines on what it is for, a length that can be read,
//! and no unfinished work.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::ItemMod;
use syn::visit::{self, Visit};

use crate::tree::{Source, is_test_only, module_of, test_modules};

/// The most lines that a file may have, its tests not counted.
const MOST_LINES: usize = 600;
const UNFINISHED: &[&str] = &["dbg", "todo", "unimplemented"];

/// Everything that is amiss with these files, one sentence each.
pub fn complaints(sources: &[Source]) -> Vec<String> {
    let tests = test_modules(sources);
    sources
        .iter()
        .flat_map(|source| complaints_about(source, &tests))
        .collect()
}

fn complaints_about(source: &Source, tests: &HashSet<Vec<String>>) -> Vec<String> {
    let Source { file, text } = source;
    let module = module_of(file);
    let is_test = (1..=module.len()).any(|length| tests.contains(&module[..length]));
    let length = if is_test { None } else { overlong(text) };
    [opening(file, text), length, unfinished(text)]
        .into_iter()
        .flatten()
        .map(|complaint| format!("{file}: {complaint}"))
        .collect()
}

/// A file opens with two to six lines; the crate's own page holds the map and may be longer.
fn opening(file: &str, text: &str) -> Option<String> {
    let lines = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .count();
    let most = if file == "src/lib.rs" { usize::MAX } else { 6 };
    (!(2..=most).contains(&lines))
        .then(|| format!("opens with {lines} `//!` lines; say in two to six what it is for"))
}

fn overlong(text: &str) -> Option<String> {
    let tree = syn::parse_file(text).ok()?;
    let mut tests = TestLines::default();
    tests.visit_file(&tree);
    let lines = text.lines().count() - tests.lines;
    (lines > MOST_LINES).then(|| format!("has {lines} lines without its tests, over {MOST_LINES}; it is about more than one thing"))
}

fn unfinished(text: &str) -> Option<String> {
    let found = unfinished_in(text.parse().ok()?)?;
    Some(format!("holds `{found}!`"))
}

fn unfinished_in(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().find_map(|(at, token)| match token {
        TokenTree::Group(group) => unfinished_in(group.stream()),
        TokenTree::Ident(ident) => {
            let called = matches!(tokens.get(at + 1), Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
                && matches!(tokens.get(at + 2), Some(TokenTree::Group(_)));
            UNFINISHED.iter().find(|name| called && ident == **name).map(ToString::to_string)
        }
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// Adds up the lines of inline test modules.
#[derive(Default)]
struct TestLines {
    lines: usize,
}

impl<'ast> Visit<'ast> for TestLines {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        match &item.content {
            Some((brace, _)) if is_test_only(&item.attrs) => {
                let start = item.attrs[0].pound_token.spans[0].start().line;
                self.lines += brace.span.close().end().line + 1 - start;
            }
            _ => visit::visit_item_mod(self, item),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENING: &str = "//! Does one thing.\n//! Does no other.\n";

    fn amiss(file: &str, text: String) -> Vec<String> {
        complaints(&[Source {
            file: file.to_owned(),
            text,
        }])
    }

    #[test]
    fn an_opening_has_two_to_six_lines() {
        for (lines, passes) in [(0, false), (1, false), (2, true), (6, true), (7, false)] {
            let text = "//! A line.\n".repeat(lines) + "fn f() {}\n";
            assert_eq!(
                amiss("src/domain/ids.rs", text).is_empty(),
                passes,
                "{lines} lines"
            );
        }
    }

    #[test]
    fn an_opening_is_at_the_top() {
        assert_eq!(amiss("src/domain/ids.rs", format!("\n{OPENING}")).len(), 1);
    }

    #[test]
    fn the_map_may_be_long_but_not_missing() {
        assert!(amiss("src/lib.rs", "//! A line.\n".repeat(60)).is_empty());
        assert_eq!(amiss("src/lib.rs", "//! A line.\n".to_owned()).len(), 1);
    }

    #[test]
    fn a_file_has_at_most_six_hundred_lines_without_its_tests() {
        let code = |lines: usize| OPENING.to_owned() + &"struct S;\n".repeat(lines - 2);
        let tests =
            "#[cfg(test)]\nmod tests {\n".to_owned() + &"    struct S;\n".repeat(100) + "}\n";
        assert!(amiss("src/domain/ids.rs", code(600)).is_empty());
        assert!(amiss("src/domain/ids.rs", code(600) + &tests).is_empty());
        assert_eq!(amiss("src/domain/ids.rs", code(601)).len(), 1);
        assert_eq!(amiss("src/domain/ids.rs", code(601) + &tests).len(), 1);
        assert_eq!(
            amiss(
                "src/domain/ids.rs",
                code(600) + &tests.replace("(test)", "(unix)")
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_file_of_tests_may_be_long() {
        let file = |file: &str, text: String| Source {
            file: file.to_owned(),
            text,
        };
        let long = OPENING.to_owned() + &"struct S;\n".repeat(700);
        let with = |declaration: &str| {
            complaints(&[
                file("src/domain/mod.rs", format!("{OPENING}{declaration}")),
                file("src/domain/tests/run.rs", long.clone()),
            ])
        };
        assert!(with("#[cfg(test)]\nmod tests;\n").is_empty());
        assert_eq!(with("mod tests;\n").len(), 1);
    }

    #[test]
    fn unfinished_work_is_found_wherever_it_hides() {
        for body in [
            "todo!()",
            "std::unimplemented![]",
            "vec![dbg!(1)]",
            "match it { _ => todo!(\"later\") }",
        ] {
            assert_eq!(
                amiss("src/domain/ids.rs", format!("{OPENING}fn f() {{ {body} }}")).len(),
                1,
                "{body}"
            );
        }
        let finished = "// todo!()\nfn todo() -> &'static str { dbg(todo != 1); \"todo!()\" }";
        assert!(amiss("src/domain/ids.rs", format!("{OPENING}{finished}")).is_empty());
    }
}
