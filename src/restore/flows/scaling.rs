//! Auto Scaling groups: what is said where nobody knows whether an instance is a member of one.
//! Every member has a tag of AWS's own that names its group.

use crate::domain::check::Check;
use crate::domain::ec2::Instance;
use crate::domain::text::Untrusted;
use crate::restore::flows::verdicts::{stop, unanswered};

/// Names the group (EC2 Auto Scaling user guide, "Tag Auto Scaling groups").
const TAG: &str = "aws:autoscaling:groupName";

/// Stops: a group terminates a member that it finds unhealthy. `what` is what would be done to it.
pub(super) fn unknown(instance: &Instance, why: Option<&str>, what: &str) -> Check {
    let why = why.unwrap_or("no reason given");
    let tagged = instance.tags.get(&Untrusted::from(TAG));
    let found = match tagged {
        Some(group) => format!(
            "its tag says that it is in Auto Scaling group {}, which cannot be read: {why}",
            group.shown()
        ),
        None => format!("whether it is in an Auto Scaling group cannot be read: {why}"),
    };
    let denied = unanswered("auto-scaling", why).missing_actions;
    let check = Check {
        missing_actions: denied,
        ..stop("auto-scaling", found)
    };
    check.advise(format!(
        "a group terminates a member that is {what}: allow autoscaling:DescribeAutoScalingInstances and \
         autoscaling:DescribeAutoScalingGroups, or try again"
    ))
}
