//! Text inside Markdown that cannot become Markdown.
//!
//! Names and errors from AWS go through here before they reach a runbook or a report.

use super::visible;
use crate::domain::identity;
use crate::domain::plan::Plan;

/// Returns text for a line or a table cell, with everything that means something escaped.
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text);
    let dot = numbered(&text);
    let mut out = String::with_capacity(text.len() + 8);
    for (n, c) in text.char_indices() {
        let starts = n == 0 && matches!(c, '-' | '+' | '=' | ':');
        let means = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~'
        );
        if starts || means || dot == Some(n) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Returns where the dot is that would make a text begin a numbered list.
fn numbered(text: &str) -> Option<usize> {
    let dot = text.find(|c: char| !c.is_ascii_digit())?;
    (dot > 0 && text[dot..].starts_with(['.', ')'])).then_some(dot)
}

/// Returns a fenced block; the fence is longer than any run of backticks inside.
pub(super) fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        text.trim_end_matches('\n')
    )
}

/// Writes out what a person has to do about policies that name an old table; nothing where there is nothing to do.
pub(super) fn policies(plan: &Plan) -> String {
    let lines = identity::told(&plan.facts);
    if lines.is_empty() {
        return String::new();
    }
    let told = fenced("diff", &visible_lines(&lines));
    format!(
        "## Policies that name the old table\n\nAs they were when the plan was made. No run changes them.\n\n{told}\n"
    )
}

/// Writes out what may be left of policies once a run was taken back; nothing where there is nothing.
pub(super) fn policies_back(plan: &Plan) -> String {
    identity::told_back(&plan.facts).map_or_else(String::new, |told| {
        format!(
            "## Policies that name the old table\n\n- {}\n\n",
            escaped(&told)
        )
    })
}

/// Each line by itself, so that none of them makes another.
fn visible_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}

/// Returns a table row of escaped cells.
pub(super) fn row<const N: usize>(cells: [&str; N]) -> String {
    let cells = cells.map(escaped);
    format!("| {} |\n", cells.join(" | "))
}

/// Returns a table head.
pub(super) fn head<const N: usize>(cells: [&str; N]) -> String {
    row(cells) + &format!("|{}\n", " --- |".repeat(N))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_ends_the_cell_or_means_something() {
        let text = escaped("a|b\n| c `d` <script> [x](y) &lt; **e**");
        let expected = r"a\|b‹U+000A›\| c \`d\` \<script\> \[x\](y) \&lt; \*\*e\*\*";
        assert_eq!(text, expected);
        assert_eq!(escaped("- x"), r"\- x");
        assert_eq!(escaped("12. x"), r"12\. x");
        assert_eq!(escaped("12 x."), "12 x.");
    }

    #[test]
    fn policies_stand_in_a_fence_of_their_own_line_by_line() {
        let mut plan = super::super::specimen::plan();
        assert_eq!(policies(&plan), "");
        let lacking = serde_json::json!({"title": "inline policy w of role a", "lacks": ["access"],
            "diff": ["@@ -1,1 +1,2 @@", "+```\n# b\u{1b}"], "command": "aws iam put-role-policy", "notes": []});
        let value = serde_json::json!({"old": "orders", "new": "orders-2", "lacking": [lacking], "more": [],
            "beyond": 0, "covering": 0, "depending": [], "unreadable": 0, "cut": null});
        plan.facts = serde_json::json!({"identities": {"observed": {"value": value, "at": "2026-03-10T14:19:00Z"}}});
        let told = policies(&plan);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "## Policies that name the old table");
        assert!(
            lines.contains(&"````diff") && lines.contains(&"````"),
            "{told}"
        );
        assert!(lines.contains(&"  +```‹U+000A›# b‹U+001B›"), "{told}");
        assert!(lines.contains(&"  aws iam put-role-policy"), "{told}");
        let back = policies_back(&plan);
        assert!(back.contains("hold for orders-2 as well"), "{back}");
        assert!(back.contains("inline policy w of role a"), "{back}");
        assert!(!back.contains("put-role-policy"), "{back}");
        plan.facts = serde_json::json!({"identities": {"unknown": "denied"}});
        assert_eq!(policies_back(&plan), "");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("sh", "a ```` b"), "`````sh\na ```` b\n`````\n");
        assert_eq!(fenced("", "a"), "```\na\n```\n");
    }
}
