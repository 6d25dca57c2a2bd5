//! What was asked about single points, each once, and what came of it.
//! What is being asked is not asked again; what was answered stays until there is a younger answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::detail::{Answer, Question, TierStatus};
use crate::domain::place::Place;
use crate::report::Report;

/// How far the answer to a question is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// It is being asked.
    UnderWay,
    /// It was answered.
    Answered(&'a Answer),
    /// It could not be asked, or was refused.
    Failed(&'a Report),
}

type Questions = BTreeMap<Place, BTreeSet<Question>>;

fn has(questions: &Questions, place: &Place, question: &Question) -> bool {
    let there = questions.get(place);
    there.is_some_and(|questions| questions.contains(question))
}

/// The questions that were asked, by the place that they were asked in.
#[derive(Debug, Default)]
pub struct Answers {
    told: BTreeMap<Place, BTreeMap<Question, Result<Answer, Report>>>,
    under_way: Questions,
    /// What was asked since the last scan began.
    asked: Questions,
    /// Raised whenever something is asked or answered.
    pub version: u64,
}

impl Answers {
    /// Takes in that a scan begins: what is on the screen is asked again, and until then stays as it was answered.
    pub fn begin(&mut self) {
        self.asked.clear();
    }

    /// Returns what is known of the answer to a question.
    #[must_use]
    pub fn of(&self, place: &Place, question: &Question) -> Option<Asked<'_>> {
        let told = self.told.get(place).and_then(|told| told.get(question));
        match told {
            Some(Ok(answer)) => Some(Asked::Answered(answer)),
            _unknown if self.is_under_way(place, question) => Some(Asked::UnderWay),
            Some(Err(report)) => Some(Asked::Failed(report)),
            None => None,
        }
    }

    /// Returns what was answered about the tier of a snapshot.
    #[must_use]
    pub fn tier_status(&self, place: &Place, snapshot: &str) -> Option<&TierStatus> {
        let snapshot = snapshot.to_owned();
        match self.of(place, &Question::TierStatus { snapshot })? {
            Asked::Answered(Answer::TierStatus(status)) => status.as_ref(),
            Asked::Answered(_) | Asked::UnderWay | Asked::Failed(_) => None,
        }
    }

    /// Tells whether a question was not asked since the last scan began.
    #[must_use]
    pub fn is_open(&self, place: &Place, question: &Question) -> bool {
        !has(&self.asked, place, question) && !self.is_under_way(place, question)
    }

    /// Tells whether a question is being asked.
    #[must_use]
    pub fn is_under_way(&self, place: &Place, question: &Question) -> bool {
        has(&self.under_way, place, question)
    }

    /// Takes in that questions are asked.
    pub fn asks(&mut self, place: &Place, questions: &[Question]) {
        self.version += 1;
        for of in [&mut self.asked, &mut self.under_way] {
            let of = of.entry(place.clone()).or_default();
            of.extend(questions.iter().cloned());
        }
    }

    /// Takes in what came of a question; what was answered before is not known any more where it failed.
    pub fn take(&mut self, place: &Place, question: Question, answer: Result<Answer, Report>) {
        self.version += 1;
        if let Some(there) = self.under_way.get_mut(place) {
            there.remove(&question);
        }
        // It is younger than a scan that began while it was on its way.
        let asked = self.asked.entry(place.clone()).or_default();
        asked.insert(question.clone());
        let told = self.told.entry(place.clone()).or_default();
        told.insert(question, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FAILED;
    use crate::tui::fixtures::home;

    fn question() -> Question {
        Question::TierStatus {
            snapshot: "snap-1".into(),
        }
    }

    #[test]
    fn an_answer_stays_until_there_is_a_younger_one_and_a_failure_until_it_is_asked_again() {
        let (mut answers, place) = (Answers::default(), home());
        assert!(answers.is_open(&place, &question()));
        answers.asks(&place, &[question()]);
        assert!(!answers.is_open(&place, &question()));
        assert_eq!(answers.of(&place, &question()), Some(Asked::UnderWay));
        let status = TierStatus {
            progress: Some(40),
            ..TierStatus::default()
        };
        let answer = Answer::TierStatus(Some(status.clone()));
        answers.take(&place, question(), Ok(answer.clone()));
        assert!(!answers.is_open(&place, &question()));
        answers.begin();
        assert!(answers.is_open(&place, &question()));
        answers.asks(&place, &[question()]);
        assert!(answers.is_under_way(&place, &question()));
        let asked = Some(Asked::Answered(&answer));
        assert_eq!(answers.of(&place, &question()), asked);
        assert_eq!(answers.tier_status(&place, "snap-1"), Some(&status));
        let report = Report::new(FAILED, "denied");
        answers.take(&place, question(), Err(report.clone()));
        let asked = Some(Asked::Failed(&report));
        assert_eq!(answers.of(&place, &question()), asked);
        answers.asks(&place, &[question()]);
        assert_eq!(answers.of(&place, &question()), Some(Asked::UnderWay));
    }
}
