//! Plans and checks of a relaunch, from facts that are made up here.
//! Nothing here asks AWS, simulated or not.

mod checks;
mod choices;
mod fixtures;
mod plans;
mod serving;
mod staying;
