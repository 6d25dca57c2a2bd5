//! Every flow there is, in every shape of its plans, meets every fault at every point, and is held
//! against every oracle after the fault, at every rest and at its end.
//!
//! Nothing here knows a flow. A case is named by variant, fault and end; its name replays it:
//! `DEFIB_CASE='…' cargo test --test faults matrix`.

mod course;
mod crash;
mod damage;
mod family;
mod local;
mod oracles;
mod sabotage;
mod variants;
mod wire;
mod world;

/// The fewest cases of each family. A family that becomes smaller has lost sight of something.
const FEWEST: [(&str, usize); 14] = [
    ("crash at a boundary", 0),
    ("crash with a request on its way", 0),
    ("crash on the way back", 0),
    ("crash, and crash again", 0),
    ("wire: unknown outcome", 0),
    ("wire: other faults", 0),
    ("wire: on the way back", 0),
    ("wire: looks", 0),
    ("wire: seen late", 0),
    ("wire: credentials expire", 0),
    ("local: the journal fails", 0),
    ("local: the clock jumps", 0),
    ("local: the lease is stolen", 0),
    ("journal: damaged", 0),
];

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
