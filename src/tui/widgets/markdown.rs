//! The Markdown of a report as it is read: headings, tables in columns, lists, commands as they are.
//!
//! Only what reports are written with: no links, no pictures. The text itself stays Markdown wherever it is
//! copied or written to a file.

mod table;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::theme::Look;
use crate::tui::width::{code, wrapped};

use table::Table;

/// Lays out a text in lines of at most `width` cells.
#[must_use]
pub fn markdown(text: &str, width: usize, look: &Look) -> Vec<Line<'static>> {
    let text = look.signs.text(text);
    let mut lines = text.lines().peekable();
    let mut page = Page {
        width,
        look,
        lines: Vec::new(),
    };
    while let Some(line) = lines.next() {
        if let Some(fence) = fence_of(line) {
            let code = lines.by_ref().take_while(|line| *line != fence);
            code.for_each(|line| page.code(line));
        } else if line.starts_with('|') {
            let mut table = Table::new(line);
            while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
                table.add(row);
            }
            page.lines.extend(table.lines(width, look));
        } else {
            page.block(line);
        }
    }
    page.lines
}

/// Returns the backticks that end the block which a line begins.
fn fence_of(line: &str) -> Option<&str> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3).then(|| &line[..ticks])
}

struct Page<'a> {
    width: usize,
    look: &'a Look,
    lines: Vec<Line<'static>>,
}

impl Page<'_> {
    /// Adds a heading, an item of a list, or a paragraph.
    fn block(&mut self, line: &str) {
        let theme = &self.look.theme;
        let indent = line.len() - line.trim_start().len();
        let rest = line.trim_start();
        let heading = rest.trim_start_matches('#');
        if indent == 0 && heading.len() < rest.len() && heading.starts_with(' ') {
            return self.prose("", &plain(heading.trim()), theme.strong);
        }
        match rest.strip_prefix("- ") {
            Some(item) => {
                let lead = format!("{}{} ", " ".repeat(indent), self.look.signs.dot);
                self.prose(&lead, &plain(item), theme.text);
            }
            None => self.prose("", &plain(rest), theme.text),
        }
    }

    /// Adds a text that goes on below its own beginning.
    fn prose(&mut self, lead: &str, text: &str, style: Style) {
        if text.is_empty() {
            return self.lines.push(Line::default());
        }
        let room = self.width.saturating_sub(lead.chars().count());
        for (n, line) in wrapped(text, room, 0).into_iter().enumerate() {
            let lead = if n == 0 {
                lead.to_owned()
            } else {
                " ".repeat(lead.chars().count())
            };
            let spans = vec![Span::raw(lead), Span::styled(line, style)];
            self.lines.push(Line::from(spans));
        }
    }

    /// Adds a line of a command; what only explains it is less.
    fn code(&mut self, line: &str) {
        let theme = &self.look.theme;
        let style = if line.starts_with('#') {
            theme.dim
        } else {
            theme.text
        };
        let room = self.width.saturating_sub(2);
        for line in code(line, room) {
            self.lines.push(Line::styled(format!("  {line}"), style));
        }
    }
}

/// Returns a text without what only Markdown reads: escapes, and the marks of bold and code.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next_if(char::is_ascii_punctuation) {
                Some(escaped) => out.push(escaped),
                None => out.push('\\'),
            },
            '`' => {}
            '*' if characters.next_if_eq(&'*').is_some() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::theme::Signs;
    use crate::tui::width::cells;

    fn look() -> Look {
        Look::new(config::Theme::Mono, Signs::unicode())
    }

    fn page(text: &str, width: usize) -> Vec<String> {
        let lines = markdown(text, width, &look());
        let trimmed = |line: &Line| line.to_string().trim_end().to_owned();
        lines.iter().map(trimmed).collect()
    }

    const REPORT: &str = "# Report: swap \\*orders\\*\n\n\
        |  |  |\n| --- | --- |\n| run | 01JD4Q |\n| data lost | 14 min: to the incident |\n\n\
        ## Timeline\n\n\
        | at | what |\n| --- | --- |\n| 02:52:00Z | a \\| b |\n\n\
        - ? refused\n  - → go on, knowing **that**\n\n\
        ```sh\n# 1 stop\naws ec2 stop-instances --region 'eu-west-1'\n```\n";

    #[test]
    fn a_report_is_read_without_the_marks_of_markdown() {
        assert_eq!(
            page(REPORT, 60),
            [
                "Report: swap *orders*",
                "",
                "run        01JD4Q",
                "data lost  14 min: to the incident",
                "",
                "Timeline",
                "",
                "at         what",
                "02:52:00Z  a | b",
                "",
                "· ? refused",
                "  · → go on, knowing that",
                "",
                "  # 1 stop",
                "  aws ec2 stop-instances --region 'eu-west-1'",
            ]
        );
    }

    #[test]
    fn where_it_is_narrow_cells_go_on_below_themselves() {
        assert_eq!(
            page(REPORT, 24)[..6],
            [
                "Report: swap *orders*",
                "",
                "run        01JD4Q",
                "data lost  14 min: to",
                "           the incident",
                "",
            ]
        );
    }

    #[test]
    fn headings_are_strong_and_so_is_what_a_table_calls_its_rows() {
        let lines = markdown(REPORT, 60, &look());
        let theme = look().theme;
        assert_eq!(lines[0].spans[1].style, theme.strong);
        assert_eq!(lines[2].spans[0].style, theme.title);
        assert_eq!(lines[13].style, theme.dim);
    }

    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_is_lost() {
        let text = format!(
            "{REPORT}\n| a | b | c | d | e |\n| --- | --- | --- | --- | --- |\n| {} | 表計算 | | x |\n| short |\n",
            "w".repeat(90)
        );
        for width in 0..130 {
            let lines = page(&text, width);
            for line in &lines {
                assert!(cells(line) <= width, "{width}: {line:?}");
            }
            if width > 20 {
                let letters = lines.concat().matches('w').count();
                assert!(letters >= 90, "{width}: {letters}");
            }
        }
    }

    #[test]
    fn a_fence_ends_where_its_own_length_says() {
        let text = "````\na ``` b\n```\n````\nafter";
        assert_eq!(page(text, 40), ["  a ``` b", "  ```", "after"]);
        assert_eq!(page("```\nnever ends", 40), ["  never ends"]);
    }
}
