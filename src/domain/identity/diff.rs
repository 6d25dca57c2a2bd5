//! What differs between two texts, line by line, in the unified form that people know from version control.
//! Lines begin with `+`, `-` or a blank, and a few that are the same stand around each change.

/// How many lines that are the same stand around a change.
const AROUND: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

impl Line<'_> {
    fn is_change(self) -> bool {
        !matches!(self, Self::Same(_))
    }

    fn told(self) -> String {
        match self {
            Self::Same(text) => format!(" {text}"),
            Self::Gone(text) => format!("-{text}"),
            Self::New(text) => format!("+{text}"),
        }
    }

    /// How many lines it is in the text before, and in the one after.
    fn counts(self) -> (usize, usize) {
        match self {
            Self::Same(_) => (1, 1),
            Self::Gone(_) => (1, 0),
            Self::New(_) => (0, 1),
        }
    }
}

/// Returns the changes from one text to another; none where they are equal.
#[must_use]
pub fn unified(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let lines = compared(&before, &after);
    let mut out = Vec::new();
    // The numbers of the next line, and the hunk that is open with those of its first one.
    let mut next = (1, 1);
    let mut open: Option<((usize, usize), Vec<Line<'_>>)> = None;
    for (at, line) in lines.iter().enumerate() {
        let end = lines.len().min(at + AROUND + 1);
        let near = &lines[at.saturating_sub(AROUND)..end];
        if near.iter().any(|line| line.is_change()) {
            open.get_or_insert_with(|| (next, Vec::new())).1.push(*line);
        } else if let Some(hunk) = open.take() {
            out.extend(told(hunk));
        }
        let (old, new) = line.counts();
        next = (next.0 + old, next.1 + new);
    }
    out.extend(open.map(told).into_iter().flatten());
    out
}

fn told(((old, new), lines): ((usize, usize), Vec<Line<'_>>)) -> Vec<String> {
    let counts = lines.iter().map(|line| line.counts());
    let (of_old, of_new) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let head = format!("@@ -{old},{of_old} +{new},{of_new} @@");
    std::iter::once(head)
        .chain(lines.into_iter().map(Line::told))
        .collect()
}

/// Pairs two lists of lines by their longest common part.
fn compared<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let ahead = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (head, before) = before.split_at(ahead);
    let after = &after[ahead..];
    let behind = before.iter().rev().zip(after.iter().rev());
    let behind = behind.take_while(|(a, b)| a == b).count();
    let (before, tail) = before.split_at(before.len() - behind);
    let after = &after[..after.len() - behind];
    let mut lines: Vec<Line<'a>> = head.iter().map(|text| Line::Same(text)).collect();
    lines.extend(middle(before, after));
    lines.extend(tail.iter().map(|text| Line::Same(text)));
    lines
}

fn middle<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let width = after.len() + 1;
    // How long the common part is from a line of each on.
    let mut common = vec![0_u32; (before.len() + 1) * width];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i * width + j] = if before[i] == after[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (before.get(i), after.get(j)) {
            (None, None) => return lines,
            (Some(old), Some(new)) if old == new => {
                lines.push(Line::Same(old));
                (i, j) = (i + 1, j + 1);
            }
            (Some(old), new) => {
                let stays = common[i * width + (j + 1).min(after.len())];
                let goes = common[(i + 1) * width + j];
                match new {
                    Some(new) if stays > goes => {
                        lines.push(Line::New(new));
                        j += 1;
                    }
                    Some(_) | None => {
                        lines.push(Line::Gone(old));
                        i += 1;
                    }
                }
            }
            (None, Some(new)) => {
                lines.push(Line::New(new));
                j += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_three_lines_around_it_and_far_ones_stand_apart() {
        let before: Vec<String> = (1..=20).map(|n| n.to_string()).collect();
        let mut after = before.clone();
        after.insert(4, "new".into());
        after[17] = "other".into();
        let told = unified(&before.join("\n"), &after.join("\n"));
        let wanted = [
            "@@ -2,6 +2,7 @@",
            " 2",
            " 3",
            " 4",
            "+new",
            " 5",
            " 6",
            " 7",
            "@@ -14,7 +15,7 @@",
            " 14",
            " 15",
            " 16",
            "-17",
            "+other",
            " 18",
            " 19",
            " 20",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn equal_texts_have_no_changes() {
        assert_eq!(unified("a\nb", "a\nb"), Vec::<String>::new());
        assert_eq!(unified("", "a"), ["@@ -1,0 +1,1 @@", "+a"]);
    }

    /// What a patch does: the changes alone make one text of the other.
    #[test]
    fn the_lines_make_the_text_after_of_the_text_before() {
        for (before, after) in [
            ("a b c d", "b x d e"),
            ("", "a"),
            ("a a b", "b a a"),
            ("a", ""),
        ] {
            let (old, new): (Vec<_>, Vec<_>) =
                (before.split(' ').collect(), after.split(' ').collect());
            let told = compared(&old, &new);
            let side = |of: fn(Line<'_>) -> usize| -> Vec<String> {
                let kept = told.iter().filter(|line| of(**line) == 1);
                kept.map(|line| line.told()[1..].to_owned()).collect()
            };
            assert_eq!(side(|line| line.counts().0), old);
            assert_eq!(side(|line| line.counts().1), new);
        }
    }
}
