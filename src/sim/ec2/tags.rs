//! Tags: on creation, `CreateTags`, `DeleteTags`, `DescribeTags`.
//!
//! AWS's own tags (`aws:`) can be read and neither set nor removed.

use aws_sdk_ec2::operation::create_tags::{CreateTagsInput, CreateTagsOutput};
use aws_sdk_ec2::operation::delete_tags::{DeleteTagsInput, DeleteTagsOutput};
use aws_sdk_ec2::operation::describe_tags::{DescribeTagsInput, DescribeTagsOutput};
use aws_sdk_ec2::types as ec2;

use super::ids;
use super::model::Tags;
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// The most tags a resource can have (EC2 user guide, "Tag restrictions"), AWS's own not counted.
const MOST: usize = 50;

/// Takes the tags that a creating call wants on what it makes.
///
/// # Errors
/// `InvalidParameterValue` when they are meant for another kind of resource.
pub fn of_creation(
    specifications: &[ec2::TagSpecification],
    made: &ec2::ResourceType,
) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for specification in specifications {
        if specification.resource_type() != Some(made) {
            return Err(Refusal::invalid_value(format!(
                "'{}' is not a valid taggable resource type for this operation.",
                specification.resource_type().map_or("", |t| t.as_str())
            )));
        }
        add(&mut tags, specification.tags())?;
    }
    Ok(tags)
}

/// Adds or overwrites tags. Keys have 1 to 128 characters, values up to 256, and `aws:` is reserved.
fn add(tags: &mut Tags, new: &[ec2::Tag]) -> Result<(), Refusal> {
    for tag in new {
        let (key, value) = (
            tag.key().unwrap_or_default(),
            tag.value().unwrap_or_default(),
        );
        if key.is_empty() || key.chars().count() > 128 {
            return Err(Refusal::invalid_value(
                "Tag key exceeds the maximum length of 128 characters",
            ));
        }
        if value.chars().count() > 256 {
            return Err(Refusal::invalid_value(
                "Tag value exceeds the maximum length of 256 characters",
            ));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refusal::invalid_value(format!(
                "Tag keys starting with 'aws:' are reserved for internal use: '{key}'"
            )));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    let own = tags.keys().filter(|key| !key.starts_with("aws:")).count();
    if own > MOST {
        let message = "The maximum number of Tags for a resource has been reached.";
        return Err(Refusal::client("TagLimitExceeded", message));
    }
    Ok(())
}

/// Finds the tags of a volume, a snapshot or an instance.
fn tags_of<'a>(call: &'a mut Call<'_>, id: &str) -> Result<&'a mut Tags, Refusal> {
    let now = call.now();
    let estate = call.estate();
    if id.starts_with("vol-") {
        return Ok(&mut ids::volume(estate, id, now)?.tags);
    }
    if id.starts_with("snap-") {
        return Ok(&mut ids::snapshot(estate, id)?.tags);
    }
    if id.starts_with("i-") {
        return Ok(&mut ids::instance(estate, id)?.tags);
    }
    if let Some(tags) = estate.network.tags_of(id) {
        return Ok(tags);
    }
    if let Some(image) = estate.images.get_mut(id) {
        return Ok(&mut image.tags);
    }
    Err(Refusal::client(
        "InvalidID",
        format!("The ID '{id}' is not valid"),
    ))
}

fn exist(resources: &[String], call: &mut Call<'_>) -> Result<(), Refusal> {
    if resources.is_empty() {
        return Err(Refusal::missing("resourceIdSet"));
    }
    for id in resources {
        tags_of(call, id)?;
    }
    Ok(())
}

/// `CreateTags`: on every resource, or on none when one cannot take them.
pub fn create(input: &CreateTagsInput, call: &mut Call<'_>) -> Answer<CreateTagsOutput> {
    exist(input.resources(), call)?;
    call.permit()?;
    let mut changed = Vec::new();
    for id in input.resources() {
        let mut tags = tags_of(call, id)?.clone();
        add(&mut tags, input.tags())?;
        changed.push((id, tags));
    }
    for (id, tags) in changed {
        *tags_of(call, id)? = tags;
    }
    answer(|_: &mut CreateTagsOutput| {})
}

/// `DeleteTags` (EC2 API reference): without tags all of them go; with a value, even an empty one, only a
/// tag that has it; without a value, the tag whatever it holds. AWS's own tags stay.
pub fn delete(input: &DeleteTagsInput, call: &mut Call<'_>) -> Answer<DeleteTagsOutput> {
    exist(input.resources(), call)?;
    call.permit()?;
    for id in input.resources() {
        tags_of(call, id)?.retain(|key, value| {
            let meant = |tag: &ec2::Tag| {
                tag.key() == Some(key) && tag.value().is_none_or(|wanted| wanted == value)
            };
            let all = input.tags().is_empty();
            key.starts_with("aws:") || !(all || input.tags().iter().any(meant))
        });
    }
    answer(|_: &mut DeleteTagsOutput| {})
}

impl Filtered for ec2::TagDescription {
    const NAMES: &'static [&'static str] = &["key", "resource-id", "resource-type", "value"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "key" => shown::text(self.key()),
            "resource-id" => shown::text(self.resource_id()),
            "resource-type" => shown::text(self.resource_type().map(ec2::ResourceType::as_str)),
            _ => shown::text(self.value()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeTags`
pub fn describe(input: &DescribeTagsInput, call: &mut Call<'_>) -> Answer<DescribeTagsOutput> {
    call.permit()?;
    let now = call.now();
    let estate = call.estate();
    let volumes = estate.volumes.values();
    let volumes = volumes.filter(|v| v.exists(now) && v.visibility.listed(now));
    let volumes = volumes.map(|v| (&v.id, ec2::ResourceType::Volume, &v.tags));
    let snapshots = estate.snapshots.values();
    let snapshots = snapshots.filter(|s| s.visibility.listed(now));
    let snapshots = snapshots.map(|s| (&s.id, ec2::ResourceType::Snapshot, &s.tags));
    let instances = estate.instances.values();
    let instances = instances.map(|i| (&i.id, ec2::ResourceType::Instance, &i.tags));
    let images = estate.images.values();
    let images = images.map(|i| (&i.id, ec2::ResourceType::Image, &i.tags));
    let mut rows: Vec<ec2::TagDescription> = volumes
        .chain(snapshots)
        .chain(instances)
        .chain(images)
        .chain(estate.network.tagged(now))
        .flat_map(|(id, kind, tags)| tags.iter().map(move |tag| row(id, kind.clone(), tag)))
        .collect();
    rows.sort_by_key(order);
    let kept = filters::keep(rows, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token());
    let (tags, token) = page.cut(kept, order)?;
    answer(move |output: &mut DescribeTagsOutput| {
        output.tags = Some(tags);
        output.next_token = token;
    })
}

fn order(row: &ec2::TagDescription) -> String {
    let id = row.resource_id().unwrap_or_default();
    format!("{id}\u{0}{}", row.key().unwrap_or_default())
}

fn row(id: &str, kind: ec2::ResourceType, (key, value): (&String, &String)) -> ec2::TagDescription {
    ec2::TagDescription::builder()
        .resource_id(id)
        .resource_type(kind)
        .key(key)
        .value(value)
        .build()
}
