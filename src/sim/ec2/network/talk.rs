//! What an instance says on its own once it runs: cron jobs, consumers of queues, agents.
//!
//! Nobody has to ask for it. Whoever enters the world finds out what has been reached meanwhile, and it stays written
//! down in the picture: a copy that reaches what the original works on has done its damage.

use jiff::Timestamp;

use super::reach::reaches;
use crate::sim::world::Estate;

/// Writes down what the instances of a place reach now.
pub fn listen(estate: &mut Estate, now: Timestamp) {
    let talkers = estate
        .instances
        .values()
        .filter(|one| !one.talks.is_empty());
    let mut said = Vec::new();
    for instance in talkers {
        for talk in &instance.talks {
            let place = format!("{}:{}", talk.to, talk.port);
            let known = instance.reached.contains_key(&place);
            if !known && reaches(estate, &instance.id, &talk.to, talk.port, now) {
                said.push((instance.id.clone(), place));
            }
        }
    }
    for (id, place) in said {
        if let Some(instance) = estate.instances.get_mut(&id) {
            instance.reached.insert(place, now);
        }
    }
}
