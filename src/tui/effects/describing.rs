//! Asks about single points and keys, of which no listing tells enough: each as somebody looks at it.
//! It decides nothing: what is asked about, and that it is asked once, is decided where the screen is known.

use futures_util::StreamExt as _;

use crate::catalog::{details, keys};
use crate::domain::detail::Question;
use crate::domain::place::Place;
use crate::report::Report;
use crate::tui::msg::Msg;

use super::Effects;

impl Effects {
    /// Asks whether keys can be used, beside the loop.
    pub(super) fn describe_keys(self, place: Place, keys: Vec<String>) {
        tokio::spawn(async move { self.keys_described(place, keys).await });
    }

    async fn keys_described(&self, place: Place, keys: Vec<String>) {
        let clients = match self.clients(&place).await {
            Ok(clients) => clients,
            Err(report) => {
                let told = keys.into_iter().map(|key| (key, Err(report.clone())));
                return self.tell(Msg::KeysDescribed(told.collect())).await;
            }
        };
        let profile = place.profile.as_deref();
        let told = keys::states(&clients, keys).await.into_iter();
        let told = told.map(|(key, state)| {
            let state = state.map_err(|failure| Report::of_failure(&failure, profile));
            (key, state)
        });
        self.tell(Msg::KeysDescribed(told.collect())).await;
    }

    /// Asks about points, beside the loop; what came of each call is told as soon as it is there.
    pub(super) fn describe_points(self, place: Place, questions: Vec<Question>) {
        tokio::spawn(async move { self.points_described(place, questions).await });
    }

    async fn points_described(&self, place: Place, questions: Vec<Question>) {
        let clients = match self.clients(&place).await {
            Ok(clients) => clients,
            Err(report) => {
                let told = questions.into_iter();
                let told = told.map(|question| (question, Err(report.clone())));
                let told = told.collect();
                return self.tell(Msg::PointsDescribed { place, told }).await;
            }
        };
        let profile = place.profile.as_deref();
        let mut answers = details::answers(&clients, questions);
        while let Some(told) = answers.next().await {
            let told = told.into_iter().map(|(question, answer)| {
                let answer = answer.map_err(|failure| Report::of_question(&failure, profile));
                (question, answer)
            });
            let (place, told) = (place.clone(), told.collect());
            self.tell(Msg::PointsDescribed { place, told }).await;
        }
    }
}
