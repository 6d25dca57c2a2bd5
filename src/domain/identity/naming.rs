//! Whether a text of a policy names a table (IAM User Guide, "IAM JSON policy elements: Resource" and "policy
//! elements: variables and tags").
//!
//! `*` stands for any characters and `?` for one, within one part of an ARN; parts that are left out are any.

/// A table and the one that takes its place, by their ARNs, which differ in the name alone.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// The table that policies name.
    pub old: &'a str,
    /// The one that they have to know.
    pub new: &'a str,
}

/// What a text says of the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// It is about something else.
    Nothing,
    /// It says the same of both.
    Both,
    /// It holds a variable: whether it names the table depends on who asks.
    Depends,
    /// It names the old one, its indexes or its streams, and not those of the new one. These texts do.
    OldAlone(Vec<String>),
}

/// What is below a table and is named by itself.
const BELOW: [&str; 2] = ["/index/", "/stream/"];

/// What is below a table and is not the table: what was saved of the old one is not the new one's.
const SAVED: [&str; 3] = ["/backup/", "/export/", "/import/"];

/// A name below a table that no text names but by a wildcard.
const ANY_NAME: &str = "0.any";

/// A part of a text that is compared as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Variable,
    Is(char),
}

impl Piece {
    /// Tells whether it may stand for any number of characters.
    fn is_long(self) -> bool {
        matches!(self, Self::Any | Self::Variable)
    }

    fn fits(self, other: Self) -> bool {
        self == Self::One || other == Self::One || self == other
    }
}

/// A piece and where its text begins.
type Placed = (Piece, usize);

/// Tells what a text says. `variables` are read as such since version `2012-10-17` of the policy language.
#[must_use]
pub fn naming(text: &str, variables: bool, tables: Tables<'_>) -> Naming {
    let pieces = pieces(text, variables);
    let parts = parts(&pieces);
    let of: Vec<&str> = tables.old.splitn(6, ':').collect();
    let new = tables.new.splitn(6, ':').nth(5);
    let ([before @ .., old], Some(new)) = (&of[..], new) else {
        return Naming::Nothing;
    };
    if !parts.iter().zip(before).all(|(part, is)| is_like(part, is)) {
        return Naming::Nothing;
    }
    let Some(resource) = parts.get(5) else {
        return Naming::Both;
    };
    let start = resource.first().map_or(text.len(), |(_, at)| *at);
    let (head, told) = text.split_at(start);
    if let Some(rest) = below(told, old) {
        let rest = rest_of_new(rest);
        return rest.map_or(Naming::Nothing, |rest| {
            Naming::OldAlone(vec![format!("{head}{new}{rest}")])
        });
    }
    let met = |name: &str| forms(name).map(|form| meet(&plain(resource), &literally(&form)));
    let (of_old, of_new) = (met(old), met(new));
    if !of_old.contains(&true) {
        return Naming::Nothing;
    }
    if resource.iter().any(|(piece, _)| *piece == Piece::Variable) {
        return Naming::Depends;
    }
    if of_old.iter().zip(of_new).all(|(old, new)| !old || new) {
        return Naming::Both;
    }
    let added = added(resource, told, (old, new));
    if added.is_empty() {
        return Naming::Depends;
    }
    Naming::OldAlone(added.iter().map(|rest| format!("{head}{rest}")).collect())
}

/// Tells whether a text names everything that another one does, which was made by [`naming`].
#[must_use]
pub fn covers(text: &str, variables: bool, other: &str) -> bool {
    if text == other {
        return true;
    }
    let pieces = pieces(text, variables);
    let varies = |(piece, _): &Placed| *piece == Piece::Variable;
    if pieces.iter().any(varies) || other.contains("${") {
        return false;
    }
    // What a wildcard stands for is met by a wildcard alone.
    let other = other.replace(['*', '?'], "~");
    let of = other.splitn(6, ':');
    parts(&pieces)
        .iter()
        .zip(of)
        .all(|(part, is)| is_like(part, is))
}

/// Tells whether a text with wildcards fits a text without; case counts.
pub(super) fn fits(text: &str, is: &str) -> bool {
    is_like(&pieces(text, false), is)
}

/// Returns what stands behind a name, where that is the whole name.
fn below<'a>(told: &'a str, name: &str) -> Option<&'a str> {
    let rest = told.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Returns what stands behind the new name; `None` where nothing has to. A stream has a label of its own.
fn rest_of_new(rest: &str) -> Option<&str> {
    if SAVED.iter().any(|saved| rest.starts_with(saved)) {
        return None;
    }
    let one_stream = rest.starts_with("/stream/") && !rest.contains(['*', '?', '$']);
    Some(if one_stream { "/stream/*" } else { rest })
}

/// A table and what is below it, as texts with wildcards.
fn forms(name: &str) -> [String; 3] {
    let [index, stream] = BELOW.map(|below| format!("{name}{below}*"));
    [name.to_owned(), index, stream]
}

/// Returns what says of the new table what wildcards say of the old one, and no more.
fn added(resource: &[Placed], told: &str, (old, new): (&str, &str)) -> Vec<String> {
    let named = BELOW.iter().find_map(|below| told.rfind(below));
    if let Some(at) = named {
        return vec![format!("{new}{}", &told[at..])];
    }
    let mut all = Vec::new();
    if is_like(resource, old) {
        all.push(new.to_owned());
    }
    let reached = BELOW.map(|below| is_like(resource, &format!("{old}{below}{ANY_NAME}")));
    match reached {
        [true, true] => all.push(format!("{new}/*")),
        [true, false] => all.push(format!("{new}/index/*")),
        [false, true] => all.push(format!("{new}/stream/*")),
        [false, false] => {}
    }
    all
}

fn pieces(text: &str, variables: bool) -> Vec<Placed> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let variable = variables.then(|| variable(&text[at..])).flatten();
        let (piece, length) = match (variable, c) {
            (Some(("*" | "?" | "$", length)), _) => (
                Piece::Is(text[at + 2..].chars().next().unwrap_or(c)),
                length,
            ),
            (Some((_, length)), _) => (Piece::Variable, length),
            (None, '*') => (Piece::Any, 1),
            (None, '?') => (Piece::One, 1),
            (None, c) => (Piece::Is(c), c.len_utf8()),
        };
        all.push((piece, at));
        at += length;
    }
    all
}

/// Returns the name of the variable that a text begins with, and how long it is with its braces.
fn variable(text: &str) -> Option<(&str, usize)> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    Some((name, name.len() + 3))
}

/// The parts of an ARN; the last one may have colons in it.
fn parts(pieces: &[Placed]) -> Vec<&[Placed]> {
    pieces
        .splitn(6, |(piece, _)| *piece == Piece::Is(':'))
        .collect()
}

fn plain(placed: &[Placed]) -> Vec<Piece> {
    placed.iter().map(|(piece, _)| *piece).collect()
}

/// The pieces of a text in which `*` is the only wildcard: a name has none.
fn literally(text: &str) -> Vec<Piece> {
    let piece = |c| if c == '*' { Piece::Any } else { Piece::Is(c) };
    text.chars().map(piece).collect()
}

fn is_like(pattern: &[Placed], text: &str) -> bool {
    let text: Vec<Piece> = text.chars().map(Piece::Is).collect();
    meet(&plain(pattern), &text)
}

/// Tells whether there is a text that both stand for. `below[n]` says so of what is behind the present piece of one and
/// the other from its `n`th piece on, so that no pattern takes long.
fn meet(one: &[Piece], other: &[Piece]) -> bool {
    let count = other.len();
    let mut below = vec![false; count + 1];
    below[count] = true;
    for n in (0..count).rev() {
        below[n] = other[n].is_long() && below[n + 1];
    }
    for piece in one.iter().rev() {
        let mut row = vec![false; count + 1];
        for n in (0..=count).rev() {
            row[n] = match other.get(n) {
                None => piece.is_long() && below[n],
                Some(next) if piece.is_long() || next.is_long() => below[n] || row[n + 1],
                Some(next) => piece.fits(*next) && below[n + 1],
            };
        }
        below = row;
    }
    below[0]
}
