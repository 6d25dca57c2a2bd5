//! An estate in which one text stands in every place that somebody else can write in: names, tags,
//! descriptions, and what AWS says when it refuses.
//!
//! The plans, runs and listings that come of it are the product's own, made over the simulated AWS.

use std::fmt::Write as _;

use defib::sim::{Fault, On, Refusal, SimulatedAws};

/// The point that is restored from.
pub const SNAPSHOT: &str = "snap-0b7e41c8d92f3a650";

/// What is typed to agree to the plan: the volume, and the end of the account's number.
pub const AGREED: &str = "vol-0a5d3c9e71b2f4608@3333";

/// The account in which nothing can be listed.
const DENIED: &str = "444455556666";
/// The account of which not even the identity can be read.
const UNKNOWN: &str = "777788889999";

const ESTATE: &str = r#"
[story]
title = "Names that bite"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
account = "111122223333"
region = "eu-west-1"

[delays]
answer = "180ms"
create_volume = "6s"
stop_instance = "8s"
start_instance = "5s"
status_checks = "12s"

[[account]]
id = "111122223333"
name = "acme-prod"

[[account]]
id = "444455556666"
name = @TEXT@

[[account]]
id = "777788889999"
name = "acme-lost"

[[place]]
account = "111122223333"
region = "eu-west-1"

[[place.key]]
id = "11111111-0000-4000-8000-000000000001"
alias = "alias/orders"
description = @TEXT@

[[place.instance]]
id = "i-0c4e8f1a2b3d5e607"
name = @TEXT@
type = "m6i.xlarge"
zone = "b"
root_size = 16
root_id = "vol-0000000000000a000"
console = @TEXT@
tags = { @TAG@ = @TEXT@ }

[[place.volume]]
id = "vol-0a5d3c9e71b2f4608"
name = @TEXT@
zone = "b"
size = 200
key = "alias/orders"
attachment = [{ instance = "i-0c4e8f1a2b3d5e607", device = "/dev/sdf" }]
tags = { @TAG@ = @TEXT@ }

[[place.snapshot]]
id = "snap-0b7e41c8d92f3a650"
volume = "vol-0a5d3c9e71b2f4608"
before = "14m"
description = @TEXT@
shared_with = [@TEXT@]
tiering = { operation = "archival-failed", message = @TEXT@ }
tags = { Name = @TEXT@, @TAG@ = @TEXT@ }

[[place.image]]
id = "ami-0a1f0000000000001"
name = @TEXT@
before = "2d"
size = 8
organizations = [@TEXT@]
description = @TEXT@
tags = { Name = @TEXT@, @TAG@ = @TEXT@ }

# What a vault may be called is AWS's to say; what lies in it and its policy are others'.
[[place.vault]]
name = "acme"
created_before = "400d"
policy = @TEXT@

[[place.vault.point]]
id = "continuous:orders-1"
resource = "vol-0a5d3c9e71b2f4608"
resource_type = "EBS"
resource_name = @TEXT@
continuous = true
before = "30h"
status = "STOPPED"
status_message = @TEXT@

[[place]]
account = "444455556666"
region = "eu-west-1"

[[place]]
account = "777788889999"
region = "eu-west-1"
"#;

/// Returns the scenario with this text in it.
pub fn scenario(text: &str) -> String {
    // What comes first in a list must not depend on the text.
    let tag = quoted(&format!("tag {text}"));
    ESTATE
        .replace("@TAG@", &tag)
        .replace("@TEXT@", &quoted(text))
}

/// Writes a text as TOML does.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        if c.is_control() || c == '"' || c == '\\' {
            let _ = write!(out, "\\U{:08X}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out + "\""
}

/// Has AWS refuse with this text what the second account asks, and who the third one is.
pub fn refuse(aws: &SimulatedAws, text: &str) {
    let refusal = || Fault::Refused(Refusal::new(403, "UnauthorizedOperation", text));
    let listing = On::operation("DescribeSnapshots").account(DENIED);
    aws.faults().inject(listing.for_ever(), refusal());
    let identity = On::operation("GetCallerIdentity").account(UNKNOWN);
    aws.faults().inject(identity.for_ever(), refusal());
}

/// Has AWS refuse the next stop of an instance with this text.
pub fn refuse_stop(aws: &SimulatedAws, text: &str) {
    let refusal = Refusal::new(403, "UnauthorizedOperation", text);
    let stop = On::operation("StopInstances");
    aws.faults().inject(stop, Fault::Refused(refusal));
}
