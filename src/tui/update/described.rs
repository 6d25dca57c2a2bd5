//! What was asked about by itself, taken into what is known: KMS keys, and single points.
//! What could not be asked leaves everything as it is; the log says so.

use crate::domain::detail::{Answer, Question};
use crate::domain::place::Place;
use crate::report::Report;
use crate::tui::model::Model;

/// Takes in the states of KMS keys. Where one is not known its points stay as they are, and the log says so once.
pub(super) fn of_keys(model: &mut Model, keys: Vec<(String, Result<String, Report>)>) {
    let known = &mut model.known;
    let mut refused: Option<Report> = None;
    for (key, state) in keys {
        match state {
            Ok(state) => known.catalog.store.key_is(&key, &state),
            Err(report) => refused = Some(report),
        }
    }
    if let Some(report) = refused {
        known.note(format!(
            "whether keys can be used is not known: {}",
            report.line()
        ));
    }
    known.catalog.version += 1;
}

/// Takes in what was asked about points. A tier that is another than was listed makes another point of it.
pub(super) fn of_points(
    model: &mut Model,
    place: &Place,
    told: Vec<(Question, Result<Answer, Report>)>,
) {
    let known = &mut model.known;
    let mut refused: Option<Report> = None;
    for (question, answer) in told {
        match &answer {
            Ok(answer) => {
                let (kind, id) = question.about();
                let store = &mut known.catalog.store;
                let tier = answer.tier();
                if tier.is_some_and(|tier| store.tier_is(place, kind, id, tier)) {
                    known.catalog.version += 1;
                }
            }
            Err(report) => refused = Some(report.clone()),
        }
        known.catalog.answers.take(place, question, answer);
    }
    if let Some(report) = refused {
        known.note(format!(
            "details of points are not known: {}",
            report.said()
        ));
    }
}
