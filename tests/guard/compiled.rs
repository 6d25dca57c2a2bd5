//! Which operations the product has code for, found in its sources.
//!
//! They are the methods of SDK clients that are called in the rooms where the SDK may be named. One
//! that `requests` does not make would be one whose refusal nobody has seen.

use std::collections::BTreeSet;

use defib::aws::guard;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ExprMethodCall, ItemFn, ItemMod, Macro};

use crate::crates::operations;
use crate::requests::{ELSEWHERE, MUTATIONS, READS};
use crate::table::CONFINED;
use crate::tree::{Source, is_test_only, module_of, sources, test_modules};

/// Returns every client method that product code calls.
fn compiled() -> BTreeSet<String> {
    let methods: BTreeSet<&str> = operations().iter().map(|one| one.method.as_str()).collect();
    let all = sources();
    let tests = test_modules(&all);
    let mut calls = Calls::default();
    for source in all.iter().filter(|source| may_send(source)) {
        let module = module_of(&source.file);
        let is_test = (1..=module.len()).any(|length| tests.contains(&module[..length]));
        if !is_test {
            calls.visit_file(&syn::parse_file(&source.text).expect("a source that compiles"));
        }
    }
    assert!(
        !calls.0.contains("send_with"),
        "an input is sent without its client's method"
    );
    let known = calls.0.into_iter();
    known
        .filter(|call| methods.contains(call.as_str()))
        .collect()
}

/// Whether the SDK may be named in a file. The simulation answers and never asks.
fn may_send(source: &Source) -> bool {
    let module = module_of(&source.file).join("::");
    let (_, rooms) = CONFINED
        .iter()
        .find(|(libraries, _)| libraries.contains(&"aws_*"))
        .expect("the SDK is confined");
    let within = |room: &str| module == room || module.starts_with(&format!("{room}::"));
    rooms.iter().any(|room| *room != "sim" && within(room))
}

/// Names of methods that are called outside of tests, without arguments where that can be seen.
#[derive(Default)]
struct Calls(BTreeSet<String>);

impl<'ast> Visit<'ast> for Calls {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.args.is_empty() || call.method == "send_with" {
            self.0.insert(call.method.to_string());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.tokens(called.tokens.clone());
    }
}

impl Calls {
    /// Inside of macros: a point, a name, and empty parentheses.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for three in tokens.windows(3) {
            if let [
                TokenTree::Punct(point),
                TokenTree::Ident(name),
                TokenTree::Group(group),
            ] = three
                && point.as_char() == '.'
                && group.delimiter() == Delimiter::Parenthesis
                && group.stream().is_empty()
            {
                self.0.insert(name.to_string());
            }
        }
        for token in tokens {
            if let TokenTree::Group(group) = token {
                self.tokens(group.stream());
            }
        }
    }
}

#[test]
fn every_operation_that_the_product_has_code_for_is_asked_for_here() {
    let mut asked: BTreeSet<String> = MUTATIONS.iter().map(|one| (*one).to_owned()).collect();
    let others = READS.iter().chain(ELSEWHERE);
    asked.extend(others.map(|(_, method)| (*method).to_owned()));
    asked.extend(["get_caller_identity", "delete_tags", "assume_role"].map(str::to_owned));
    assert_eq!(compiled_or_awaited(), asked);
}

#[test]
fn the_guard_lists_what_the_product_has_code_for_and_no_more() {
    let lists = [
        guard::READS,
        guard::MUTATIONS,
        guard::DELETIONS,
        guard::LOGINS,
    ]
    .concat();
    let listed: BTreeSet<String> = lists.into_iter().map(method_of).collect();
    assert_eq!(compiled_or_awaited(), listed);
}

fn method_of((service, name): (&str, &str)) -> String {
    let mut all = operations().iter();
    let found = all.find(|one| one.service == service && one.name == name);
    found.expect("a listed operation exists").method.clone()
}

/// What there is code for, and what the guard says that code will come for. Nothing is both.
fn compiled_or_awaited() -> BTreeSet<String> {
    let awaited: BTreeSet<String> = guard::AWAITED.iter().copied().map(method_of).collect();
    let mut all = compiled();
    let come: Vec<_> = awaited.intersection(&all).collect();
    assert!(come.is_empty(), "no longer awaited: {come:?}");
    all.extend(awaited);
    all
}
