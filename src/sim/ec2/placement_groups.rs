//! `DescribePlacementGroups`: where instances are to stand close together, or apart.
//! Whether something more fits in shows only when it is tried.

use aws_sdk_ec2::operation::describe_placement_groups::{
    DescribePlacementGroupsInput, DescribePlacementGroupsOutput,
};
use aws_sdk_ec2::types as ec2;

use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `DescribePlacementGroups`, all of them or those that are named. It filters by nothing.
pub fn describe(
    input: &DescribePlacementGroupsInput,
    call: &mut Call<'_>,
) -> Answer<DescribePlacementGroupsOutput> {
    call.permit()?;
    if !input.filters().is_empty() {
        return Err(Refusal::invalid_value("Placement groups are not filtered"));
    }
    let wanted = input.group_names();
    let groups = &call.estate().placement_groups;
    if let Some(name) = wanted.iter().find(|name| !groups.contains_key(*name)) {
        let message = format!("The Placement Group '{name}' is unknown.");
        return Err(Refusal::client("InvalidPlacementGroup.Unknown", message));
    }
    let rows = groups
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    let rows = rows.map(|(name, group)| {
        ec2::PlacementGroup::builder()
            .group_name(name)
            .state(ec2::PlacementGroupState::Available)
            .strategy(ec2::PlacementStrategy::from(group.strategy.as_str()))
            .build()
    });
    let rows = rows.collect();
    answer(move |output: &mut DescribePlacementGroupsOutput| {
        output.placement_groups = Some(rows);
    })
}
