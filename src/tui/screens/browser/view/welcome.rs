//! Where no place answered: how to get one, and that the demo needs none.
//! It asks nothing and reads no file.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::width::wrapped;

/// Draws it.
pub fn draw(frame: &mut Frame, area: Rect, known: &Known) {
    let look = &known.settings.look;
    let width = usize::from(area.width).saturating_sub(4);
    let mut lines = vec![
        Line::default(),
        Line::styled("  defib reached no account.", look.theme.strong),
        Line::default(),
    ];
    for failure in &known.catalog.failures {
        let report = &failure.report;
        let what = format!("! {}: {}", failure.name, report.what);
        lines.extend(indented(&look.signs.text(&what), width, look.theme.warning));
        for todo in &report.todo {
            lines.extend(indented(
                &look.signs.text(&format!("  {todo}")),
                width,
                look.theme.text,
            ));
        }
    }
    let key = |action| known.key(action, &[Context::List, Context::Global]);
    let keys = format!(
        "{} asks again, {} picks other profiles, {} leaves.",
        key(Action::Retry),
        key(Action::Profiles),
        key(Action::Leave)
    );
    let ways = [
        "",
        "A profile and its Region come from the AWS files and variables, as the AWS CLI reads them:",
        "  aws configure sso          makes a profile that logs in through a browser",
        "  aws configure              makes one with keys",
        "  defib --profile P --region R",
        "  defib doctor               tells what works, what does not, and what to do",
        "",
        "Without any account: defib demo",
        "",
        &keys,
    ];
    for way in ways {
        lines.extend(indented(way, width, look.theme.text));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn indented(text: &str, width: usize, style: ratatui::style::Style) -> Vec<Line<'static>> {
    if text.is_empty() {
        return vec![Line::default()];
    }
    let lines = wrapped(text, width, 4).into_iter();
    lines
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect()
}
