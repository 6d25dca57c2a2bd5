//! Plans, refusals and checks of a swap, from facts made by hand.
//! Nothing here asks anything of AWS, simulated or not.

mod checks;
mod choices;
mod fixtures;
mod plans;
mod recalled;
