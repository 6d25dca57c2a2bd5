//! A plan as a file: stable bytes out, the same plan in, and nothing that was edited in between.
//!
//! Reading trusts nothing in the file but what its hash covers; whether the steps still follow from the
//! facts and choices is for `planning` to say.

use serde_json::Value;

use crate::domain::plan::Plan;
use crate::domain::text::json_escaped;

/// Why a plan file is refused. Each says what happened, what is safe and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not JSON, or not of a plan's shape.
    #[error(
        "this file is not a plan that this defib can read; nothing was started; make the plan again with “defib plan … --format json”"
    )]
    Unreadable(#[source] serde_json::Error),
    /// It is not what its hash stands for.
    #[error(
        "this plan was edited after it was made: its hash is {written}, its contents have {computed}; nothing was started; make the plan again with “defib plan … --format json”, with other choices if it should do something else"
    )]
    Edited {
        /// Hash in the file, fit to be shown.
        written: String,
        /// Hash of what the file says.
        computed: String,
    },
    /// It holds fields that this defib does not know, so its hash does not cover them.
    #[error(
        "this plan holds something that its hash does not cover; nothing was started; make the plan again with “defib plan … --format json”"
    )]
    Foreign,
}

/// Renders a plan with sorted keys, two spaces of indentation and a final newline.
#[must_use]
pub fn render(plan: &Plan) -> String {
    pretty(&value_of(plan)) + "\n"
}

/// Reads a plan back.
///
/// # Errors
/// [`PlanFileError`] if it is not a plan or not the one that its hash stands for.
pub fn parse(text: &str) -> Result<Plan, PlanFileError> {
    let value: Value = serde_json::from_str(text).map_err(PlanFileError::Unreadable)?;
    let plan: Plan = serde_json::from_value(value.clone()).map_err(PlanFileError::Unreadable)?;
    let computed = plan.digest();
    if plan.hash != computed {
        return Err(PlanFileError::Edited {
            written: crate::domain::text::shown(&plan.hash),
            computed,
        });
    }
    // A field that the types do not know is dropped on reading; a person may think that it counts.
    if value_of(&plan) == value {
        Ok(plan)
    } else {
        Err(PlanFileError::Foreign)
    }
}

fn value_of(plan: &Plan) -> Value {
    serde_json::to_value(plan).expect("a plan is plain data")
}

/// Renders any value with sorted keys and two spaces of indentation, safe to print.
fn pretty(value: &Value) -> String {
    json_escaped(&format!("{value:#}"))
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;

    #[test]
    fn a_plan_reads_back_as_itself() {
        let plan = specimen::plan();
        let text = render(&plan);
        let back = parse(&text).unwrap();
        assert_eq!(back, plan);
        assert_eq!(back.digest(), plan.hash);
        assert_eq!(render(&back), text);
        assert!(
            !text
                .chars()
                .any(|c| c != '\n' && crate::domain::text::is_hostile(c))
        );
    }

    #[test]
    fn the_file_looks_the_same_every_time() {
        insta::assert_snapshot!(render(&specimen::plan()));
    }

    #[test]
    fn an_edited_plan_is_refused() {
        let text = render(&specimen::plan()).replace("/dev/sdf", "/dev/sda1");
        let error = parse(&text).unwrap_err();
        assert!(matches!(error, PlanFileError::Edited { .. }), "{error:?}");
        assert!(error.to_string().contains("nothing was started"), "{error}");
    }

    #[test]
    fn an_added_field_is_refused() {
        let text = render(&specimen::plan()).replacen("{\n", "{\n  \"approved\": true,\n", 1);
        assert!(matches!(parse(&text), Err(PlanFileError::Foreign)));
    }

    #[test]
    fn the_time_of_making_is_not_part_of_the_hash() {
        let plan = specimen::plan();
        let made = super::super::instant(plan.made_at);
        let text = render(&plan).replace(&made, "2026-03-02T00:00:00Z");
        assert_ne!(parse(&text).unwrap().made_at, plan.made_at);
    }

    #[test]
    fn something_else_is_refused() {
        assert!(matches!(parse("{}"), Err(PlanFileError::Unreadable(_))));
        assert!(matches!(
            parse("not json"),
            Err(PlanFileError::Unreadable(_))
        ));
    }
}
