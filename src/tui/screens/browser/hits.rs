//! What the filter finds in a row: each word in one cell that the row shows, and where in it.
//! A word is never put together from letters of several cells, and an id, a Region or an account has it in one piece.

use std::cmp::Reverse;

use crate::catalog::filter::{Match, Pattern, Word};

/// A way of writing what stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui::screens) struct Form {
    /// Text, fit to be shown.
    pub text: String,
    /// Whether letters between those of a word are passed over: only in what people have named.
    pub loosely: bool,
}

/// A cell that the filter looks at. The first form is shown unless the filter hits another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui::screens) struct Searched {
    /// Number of its column.
    pub column: usize,
    /// Its forms.
    pub forms: Vec<Form>,
}

impl Searched {
    /// Something that has a name of people's choice.
    pub(in crate::tui::screens) fn name(column: usize, text: String) -> Self {
        let forms = vec![Form {
            text,
            loosely: true,
        }];
        Self { column, forms }
    }

    /// Something that is called by AWS.
    pub(in crate::tui::screens) fn exact(column: usize, text: String) -> Self {
        Self {
            column,
            forms: Vec::new(),
        }
        .or(text)
    }

    /// Adds a form in which the cell stands where the filter hits that one.
    pub(in crate::tui::screens) fn or(mut self, text: String) -> Self {
        self.forms.push(Form {
            text,
            loosely: false,
        });
        self
    }
}

/// What the filter hits in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Number of the column.
    pub column: usize,
    /// The form that it is hit in.
    pub form: usize,
    /// Numbers of the characters, ascending.
    pub positions: Vec<usize>,
}

/// Finds every word of a pattern in the cells of a row, and how well; `None` if one is missing.
pub(in crate::tui::screens) fn find(
    pattern: &Pattern,
    cells: &[Searched],
) -> Option<(i64, Vec<Hit>)> {
    let mut score = 0;
    let mut hits: Vec<Hit> = Vec::new();
    for word in pattern.words() {
        let (found, cell, form) = best(&word, cells, &hits)?;
        score += found.score;
        let column = cells[cell].column;
        match hits.iter_mut().find(|hit| hit.column == column) {
            Some(hit) if hit.form == form => {
                hit.positions.extend(found.positions);
                hit.positions.sort_unstable();
                hit.positions.dedup();
            }
            // Two words that are in different forms of a cell: it stands there in one alone.
            Some(_) => {}
            None => hits.push(Hit {
                column,
                form,
                positions: found.positions,
            }),
        }
    }
    Some((score, hits))
}

/// Returns where a word fits best: in a form that is seen anyway, then by its score, then in the first cell.
fn best(word: &Word<'_>, cells: &[Searched], hits: &[Hit]) -> Option<(Match, usize, usize)> {
    let mut found: Vec<(Match, usize, usize)> = Vec::new();
    for (n, cell) in cells.iter().enumerate() {
        for (form, one) in cell.forms.iter().enumerate() {
            let hit = if one.loosely {
                word.matches(&one.text)
            } else {
                word.in_one_piece(&one.text)
            };
            found.extend(hit.map(|hit| (hit, n, form)));
        }
    }
    let seen = |cell: usize, form: usize| {
        let column = cells[cell].column;
        let hit = hits.iter().find(|hit| hit.column == column);
        hit.is_none_or(|hit| hit.form == form)
    };
    found
        .into_iter()
        .max_by_key(|(hit, cell, form)| (seen(*cell, *form), hit.score, Reverse((*cell, *form))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Vec<Searched> {
        vec![
            Searched::name(0, "orders-db data".into()),
            Searched::exact(7, "vol-0db1a5d3c9e71b2f4".into()),
            Searched::exact(6, "web-1 /dev/sdf".into()).or("i-0c4e8f1a2b3d5e607 /dev/sdf".into()),
            Searched::exact(8, "eu-west-1".into()),
            Searched::exact(9, "111122223333".into()).or("acme-prod".into()),
        ]
    }

    fn found(filter: &str) -> Option<Vec<(usize, usize, Vec<usize>)>> {
        let (_, hits) = find(&Pattern::new(filter), &row())?;
        let told = |hit: Hit| (hit.column, hit.form, hit.positions);
        Some(hits.into_iter().map(told).collect())
    }

    #[test]
    fn every_word_is_found_in_one_cell_and_all_of_them_somewhere() {
        assert_eq!(found("ord"), Some(vec![(0, 0, vec![0, 1, 2])]));
        let both = found("west ord").unwrap();
        assert_eq!(both, [(8, 0, vec![3, 4, 5, 6]), (0, 0, vec![0, 1, 2])]);
        assert_eq!(found("ord nowhere"), None);
        assert_eq!(found("ordwest"), None, "letters of two cells are no word");
    }

    #[test]
    fn names_are_matched_loosely_and_what_aws_calls_it_in_one_piece() {
        assert_eq!(found("odd"), Some(vec![(0, 0, vec![0, 7, 10])]));
        assert_eq!(
            found("us"),
            None,
            "eu-west-1 has both letters, and is not meant"
        );
        assert_eq!(found("v5f"), None, "of the id");
        assert_eq!(found("0db1"), Some(vec![(7, 0, vec![4, 5, 6, 7])]));
        let name_first = found("db").unwrap();
        assert_eq!(name_first[0].0, 0, "the id has it as well");
    }

    #[test]
    fn a_cell_stands_in_the_form_that_is_hit() {
        assert_eq!(found("web"), Some(vec![(6, 0, vec![0, 1, 2])]));
        assert_eq!(found("i-0c4e"), Some(vec![(6, 1, (0..6).collect())]));
        assert_eq!(found("prod"), Some(vec![(9, 1, vec![5, 6, 7, 8])]));
        let both = found("i-0c4e sdf").unwrap();
        assert_eq!(
            both.len(),
            1,
            "the second word is seen in the same form: {both:?}"
        );
        assert_eq!(both[0].1, 1);
    }

    #[test]
    fn what_fits_better_scores_more() {
        let score = |name: &str| {
            let row = [Searched::name(0, name.into())];
            find(&Pattern::new("orders"), &row).map(|(score, _)| score)
        };
        assert!(score("orders-db") > score("old-readers-tmp-store-s"));
        assert!(score("billing").is_none());
    }
}
