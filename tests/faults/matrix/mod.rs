//! Every flow there is, in every shape of its plans, meets every fault at every point, and is held
//! against every oracle after the fault, at every rest and at its end.
//!
//! Nothing here knows a flow. A case is named by variant, fault and end; its name replays it:
//! `DEFIB_CASE='…' cargo test --test faults matrix`. There are far more cases than minutes: a part of each family runs,
//! drawn by lot. `DEFIB_SEED=7` draws others, `DEFIB_EVERY=10` runs every tenth, and `DEFIB_EVERY=1` all of them.

mod course;
mod crash;
mod damage;
mod doctored;
mod family;
mod intents;
mod local;
mod oracles;
mod policies;
mod sabotage;
mod variants;
mod wire;
mod world;

/// The fewest cases there are of each family, run or not. A family that becomes smaller has lost sight of something.
const FEWEST: [(&str, usize); 15] = [
    ("crash at a boundary", 6250),
    ("crash with a request on its way", 2300),
    ("crash on the way back", 2270),
    ("crash, and crash again", 2885),
    ("wire: unknown outcome", 3820),
    ("wire: other faults", 2265),
    ("wire: on the way back", 1800),
    ("wire: looks", 860),
    ("wire: seen late", 1176),
    ("wire: credentials expire", 885),
    ("local: the journal fails", 3190),
    ("local: the clock jumps", 1920),
    ("local: the lease is stolen", 1170),
    ("journal: damaged", 1350),
    ("journal: events lost", 970),
];

/// The promise of the whole: so many cases run of the first flow alone.
const _: () = assert!(FEWEST.len() * family::MOST[0] >= 2000);

/// Prints what the matrix is made of; a flow that no estate can plan would be covered by nothing.
#[test]
fn every_flow_has_variants_and_every_variant_ends_as_it_should() {
    for flow in defib::restore::flows::REGISTRY {
        let of_it = || {
            variants::VARIANTS
                .iter()
                .filter(|one| one.flow.name() == flow.name())
        };
        for one in of_it() {
            let clean = &one.clean;
            println!(
                "{}: {} and {} boundaries, calls {:?}, back {:?}",
                one.name, clean.boundaries, clean.boundaries_back, clean.calls, clean.calls_back
            );
        }
        assert!(
            of_it().count() > 0,
            "no estate has a plan of {}",
            flow.name()
        );
    }
}
