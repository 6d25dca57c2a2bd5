//! Plans and checks of a relaunch, from facts that are made up here.

mod checks;
mod choices;
mod fixtures;
mod plans;
