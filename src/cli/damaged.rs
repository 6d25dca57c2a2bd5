//! What a person is told of a run whose record is damaged, and what is typed before it goes on.
//!
//! What the valid events know is held against what AWS has by the run's tags. It only reads, and a yes
//! alone never answers: the run's id is typed.

use std::io::IsTerminal as _;

use crate::domain::ids::RunId;
use crate::domain::run::{CreatedBy, RunState, RunStatus, lost};
use crate::domain::text::shown;
use crate::journal::damage::{Damage, Evidence};
use crate::report::{Report, WAITS};
use crate::restore::observations::sweep;

use super::Session;
use super::answers::{self, Answers};

/// Says what is damaged and where the copy is, line by line; nothing for a record that is whole.
#[must_use]
pub fn lines(state: &RunState, damage: Option<&Damage>) -> Vec<String> {
    let run = state.run.tail();
    let mut lines = Vec::new();
    if let Some(damage) = damage {
        lines.push(format!("! {}", damage.told()));
        lines.push(format!("  {}", lost(damage.intact, damage.written)));
        lines.extend(evidence(&damage.evidence));
        lines.push("  safe: nothing is sent for this run, and nothing was deleted".to_owned());
        let status = state.status();
        if damage.spares(status) {
            lines.push(format!(
                "  it is {}: none of its events is lost",
                status.as_str()
            ));
        }
        let back = if status == RunStatus::RolledBack && damage.spares(status) {
            String::new()
        } else {
            format!("    take it back: defib rollback {run}")
        };
        lines.push(format!("  report it: defib report {run}{back}"));
        if !damage.spares(status) {
            lines.push(format!(
                "  go on from its valid events, once its id was typed: defib resume {run}"
            ));
        }
    } else if let Some(salvaged) = &state.salvaged {
        lines.push(format!(
            "! the journal of this run was damaged: {}; it goes on from its {} valid events",
            lost(salvaged.intact, salvaged.written),
            salvaged.intact
        ));
        lines.extend(evidence(&Evidence::Copied(salvaged.copy.clone())));
    }
    lines
}

fn evidence(of: &Evidence) -> Option<String> {
    Some(format!("  {}", of.told()?))
}

/// Holds what the record knows against what AWS has by the run's tags, line by line.
pub async fn difference(state: &RunState, session: &Session<'_>) -> Vec<String> {
    let place = &state.plan.place;
    let region = Some(place.region.as_str());
    let connected = session
        .viewer
        .connect(place.profile.as_deref(), region)
        .await;
    let found = match connected {
        Ok(clients) => sweep::made_by_run(&clients, &state.plan, &state.run)
            .await
            .map_err(|failure| failure.line()),
        Err(error) => Err(error.to_string()),
    };
    compared(state, found)
}

fn compared(state: &RunState, found: Result<Vec<CreatedBy>, String>) -> Vec<String> {
    let named = |made: &[&CreatedBy]| -> String {
        let name = |made: &&CreatedBy| {
            let (kind, id, step) = (
                made.kind.as_str(),
                shown(&made.id),
                shown(made.step.as_str()),
            );
            format!("{kind} {id} ({step})")
        };
        made.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let known: Vec<&CreatedBy> = state.created.iter().collect();
    let mut lines = vec![if known.is_empty() {
        "  the valid events know of nothing that it made".to_owned()
    } else {
        format!("  the valid events know: {}", named(&known))
    }];
    let is_known = |made: &&CreatedBy| state.created.iter().any(|known| known.id == made.id);
    lines.push(match found {
        Err(why) => format!("  ? what AWS has beyond that is not known: {}", shown(&why)),
        Ok(found) => {
            let beyond: Vec<&CreatedBy> = found.iter().filter(|made| !is_known(made)).collect();
            if beyond.is_empty() {
                "  AWS has nothing beyond that with the tags of this run".to_owned()
            } else {
                format!("  AWS has beyond that: {}", named(&beyond))
            }
        }
    });
    lines
}

/// Makes sure that a person has typed the run's id, ahead by flag or now.
///
/// # Errors
/// A report that says what to type.
pub fn ask_for_id(run: &RunId, answers: &Answers, session: &mut Session<'_>) -> Result<(), Report> {
    let fits = |typed: &String| typed.eq_ignore_ascii_case(run.as_str());
    if answers.confirm.iter().any(fits) {
        return Ok(());
    }
    let missing = || {
        Report::new(
            WAITS,
            format!(
                "the record of run {run} is damaged: going on asks for its id, which --yes does not answer"
            ),
        )
        .safe("Nothing was sent, and the run stays as it is.")
        .todo(format!("see what is known: defib show {}", run.tail()))
        .todo(format!("then type its id as well: --confirm {run}"))
        .todo(format!("or take it back: defib rollback {}", run.tail()))
    };
    if !std::io::stdin().is_terminal() {
        return Err(missing());
    }
    let typed = answers::read(
        run.as_str(),
        "let this run go on from what is valid",
        session,
    );
    typed.filter(fits).map(drop).ok_or_else(missing)
}

/// Splits what was typed ahead into the run's own id and the rest: the id answers nothing else.
#[must_use]
pub fn without_id(run: &RunId, answers: &Answers) -> Answers {
    let mut rest = answers.clone();
    rest.confirm
        .retain(|typed| !typed.eq_ignore_ascii_case(run.as_str()));
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::resource::ResourceKind;
    use crate::restore::export::specimen;

    fn state() -> RunState {
        RunState::fold(&specimen::events()).unwrap()
    }

    fn damage(evidence: Evidence) -> Damage {
        Damage {
            run: state().run,
            intact: 5,
            written: Some(9),
            file: false,
            evidence,
        }
    }

    #[test]
    fn event_loss_copy_and_ways_on_are_told() {
        let lines = lines(
            &state(),
            Some(&damage(Evidence::Copied("/s/damaged/x".into()))),
        );
        let text = lines.join("\n");
        for words in [
            "damaged at event 6 of 9; 5 events before it are valid",
            "events 6 to 9 are lost",
            "the damaged files are copied to /s/damaged/x",
            "defib report",
            "defib rollback",
            "defib resume",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(super::lines(&state(), None).is_empty());
    }

    #[test]
    fn what_aws_has_beyond_the_record_is_named() {
        let mut state = state();
        let stray = CreatedBy {
            id: "snap-9\u{1b}".into(),
            kind: ResourceKind::Snapshot,
            step: "safety-snapshot".into(),
        };
        let mut found = state.created.clone();
        found.push(stray);
        let told = compared(&state, Ok(found.clone())).pop().unwrap();
        let wanted = "  AWS has beyond that: snapshot snap-9‹U+001B› (safety-snapshot)";
        assert_eq!(told, wanted);
        state.created = found.clone();
        let told = compared(&state, Ok(found)).pop().unwrap();
        assert!(told.contains("nothing beyond that"), "{told}");
        let told = compared(&state, Err("no login".into())).pop().unwrap();
        assert!(told.ends_with("not known: no login"), "{told}");
    }

    #[test]
    fn the_id_answers_no_gate() {
        let run = RunId::from("01JD4QAAAA7K");
        let answers = Answers {
            yes: true,
            confirm: vec!["01jd4qaaaa7k".into(), "web".into()],
            ..Answers::default()
        };
        assert_eq!(without_id(&run, &answers).confirm, ["web"]);
    }
}
