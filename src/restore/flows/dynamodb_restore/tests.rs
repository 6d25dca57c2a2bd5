//! Plans, form and checks of a restore of a table, from facts that are made up here.
//! Nothing here asks AWS, simulated or not.

mod alarms;
mod checks;
mod choices;
mod fixtures;
mod identity;
mod last_seen;
mod plans;
mod policies;
mod region;
mod replicas;
mod saved;
mod switching;
mod triggers;
