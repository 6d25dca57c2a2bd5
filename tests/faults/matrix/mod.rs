//! Every flow there is, in every shape of its plans, meets every fault at every point, and is held
//! against every oracle after the fault, at every rest and at its end.
//!
//! Nothing here knows a flow. A case is named by variant, fault and end; its name replays it:
//! `DEFIB_CASE='…' cargo test --test faults matrix`. `DEFIB_EVERY=10` runs every tenth of each family,
//! `DEFIB_EVERY=1` those of long runs too that are left out otherwise.

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

/// The fewest cases of each family. A family that becomes smaller has lost sight of something.
const FEWEST: [(&str, usize); 15] = [
    ("crash at a boundary", 1250),
    ("crash with a request on its way", 400),
    ("crash on the way back", 500),
    ("crash, and crash again", 450),
    ("wire: unknown outcome", 500),
    ("wire: other faults", 300),
    ("wire: on the way back", 380),
    ("wire: looks", 130),
    ("wire: seen late", 180),
    ("wire: credentials expire", 110),
    ("local: the journal fails", 400),
    ("local: the clock jumps", 300),
    ("local: the lease is stolen", 200),
    ("journal: damaged", 280),
    ("journal: events lost", 150),
];

/// The promise of the whole.
const _: () = {
    let (mut all, mut at) = (0, 0);
    while at < FEWEST.len() {
        all += FEWEST[at].1;
        at += 1;
    }
    assert!(all >= 2000, "the matrix has fewer than 2,000 cases");
};

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
