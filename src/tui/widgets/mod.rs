//! What screens are put together from: tables, timelines, text to read and text to type.
//!
//! Widgets are given what they draw and keep nothing of their own; none knows a screen, a catalog or a run.

#[cfg(test)]
pub(crate) mod drawn;
mod key_hints;
mod markdown;
mod prose;
pub mod text_input;
pub mod timeline;
pub mod typed;
pub mod windowed_table;

use ratatui::text::Line;

use super::theme::Look;

pub use key_hints::key_hints;
pub use markdown::markdown;
pub use prose::prose;

/// Returns a line across the screen, between two regions.
#[must_use]
pub fn rule(width: usize, look: &Look) -> Line<'static> {
    Line::styled(look.signs.rule.repeat(width), look.theme.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::theme::Signs;

    #[test]
    fn a_rule_is_as_wide_as_the_screen_in_both_sets_of_signs() {
        for (signs, text) in [(Signs::unicode(), "────"), (Signs::ascii(), "----")] {
            let look = Look::new(config::Theme::Mono, signs);
            assert_eq!(rule(4, &look).to_string(), text);
        }
    }
}
