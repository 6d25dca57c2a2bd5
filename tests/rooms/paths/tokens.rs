//! Finds paths in tokens that have no syntax tree: what a macro is given, and what is inside attributes.
//! A path is a chain of words joined by `::`, with the groups of a `use`; generics end it and are read on their own.

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use syn::LitStr;

use super::Written;

/// Adds every path in `tokens` to `found`; with `strings`, also those that string literals hold.
pub fn paths(tokens: TokenStream, strings: bool, found: &mut Vec<Written>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        at = match &tokens[at] {
            TokenTree::Group(group) => {
                paths(group.stream(), strings, found);
                at + 1
            }
            TokenTree::Literal(literal) => {
                if strings && let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                    paths(of_string(&text), false, found);
                }
                at + 1
            }
            TokenTree::Ident(ident) if !begins(ident) => at + 1,
            TokenTree::Ident(ident) => {
                path(&tokens, at + 1, &start(&tokens, at).then(ident), found)
            }
            TokenTree::Punct(_) => after_punctuation(&tokens, at, found),
        };
    }
}

/// The tokens in a string, when its text can be read as tokens at all.
pub fn of_string(literal: &LitStr) -> TokenStream {
    literal.parse().unwrap_or_default()
}

/// Whether a path can begin with this word: in `use ::name`, `use` is not a part of it.
fn begins(ident: &Ident) -> bool {
    let opens = ["crate", "self", "super", "Self"]
        .iter()
        .any(|word| ident == word);
    opens || syn::parse_str::<Ident>(&ident.to_string()).is_ok()
}

/// Steps over punctuation; `::` before a word starts an absolute path, unless it continues `<T>::`.
fn after_punctuation(tokens: &[TokenTree], at: usize, found: &mut Vec<Written>) -> usize {
    if !joins(tokens, at) {
        return at + 1;
    }
    let continues = at > 0 && is_punct(&tokens[at - 1], '>') && !ends_arrow(tokens, at - 1);
    match tokens.get(at + 2) {
        Some(TokenTree::Ident(_)) if continues => at + 3,
        Some(TokenTree::Ident(ident)) => {
            path(tokens, at + 3, &start(tokens, at).then(ident), found)
        }
        _ => at + 2,
    }
}

/// Follows a path whose words so far are `written`, from the token after them; gives the token after the path.
fn path(tokens: &[TokenTree], mut at: usize, written: &Written, found: &mut Vec<Written>) -> usize {
    let mut written = written.clone();
    while joins(tokens, at) {
        match tokens.get(at + 2) {
            Some(TokenTree::Ident(ident)) => {
                written = written.then(ident);
                at += 3;
            }
            Some(TokenTree::Group(group)) => {
                branches(group.stream(), &written, found);
                return at + 3;
            }
            // A glob, generics, or a macro's variable: what is known so far is the path.
            _ => {
                found.push(written);
                return at + 2;
            }
        }
    }
    if written.segments.len() > 1 || written.imported {
        found.push(written);
    }
    at
}

/// Follows each branch of `prefix::{…, …}`.
fn branches(group: TokenStream, prefix: &Written, found: &mut Vec<Written>) {
    let tokens: Vec<TokenTree> = group.into_iter().collect();
    for branch in tokens.split(|token| is_punct(token, ',')) {
        match branch.first() {
            Some(TokenTree::Ident(ident)) => {
                path(branch, 1, &prefix.then(ident), found);
            }
            Some(TokenTree::Group(nested)) => branches(nested.stream(), prefix, found),
            Some(_) => found.push(prefix.clone()),
            None => {}
        }
    }
}

/// What stands before a path: nothing, `use`, or `pub use`.
fn start(tokens: &[TokenTree], at: usize) -> Written {
    let imported = at > 0 && is_word(&tokens[at - 1], "use");
    let exported = imported
        && (at > 1 && is_word(&tokens[at - 2], "pub")
            || at > 2
                && matches!(tokens[at - 2], TokenTree::Group(_))
                && is_word(&tokens[at - 3], "pub"));
    Written {
        imported,
        exported,
        ..Written::default()
    }
}

/// Whether the `>` at this place ends `->` or `=>`, and so closes no generics.
fn ends_arrow(tokens: &[TokenTree], at: usize) -> bool {
    let starts = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint);
    at > 0 && starts(&tokens[at - 1])
}

fn joins(tokens: &[TokenTree], at: usize) -> bool {
    let first = matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
    first && tokens.get(at + 1).is_some_and(|token| is_punct(token, ':'))
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == wanted)
}
