//! What a replacement of a root knows of the world: the instance, its root, and what the new one is made from.
//! Only what no plan can do without is an error; the rest becomes a fact without a value.

use futures_util::future::join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::join;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::ec2::{Instance, Mapping, Volume};
use crate::domain::facts::Fact;
use crate::domain::failure::Failure;
use crate::domain::form::Choices;
use crate::domain::ids::{ImageId, InstanceId, SnapshotId};
use crate::domain::place::Place;
use crate::domain::plan::Call;
use crate::domain::text::{Untrusted, shown};
use crate::restore::flow::FlowError;
use crate::restore::observations::autoscaling::{self, Group};
use crate::restore::observations::ec2_account;
use crate::restore::observations::ec2_configuration::configuration;
use crate::restore::observations::ec2_dry_run::{Permission, StandIns, permission};
use crate::restore::observations::ec2_image::{self, Image};
use crate::restore::observations::ec2_instance::{self, InstanceType};
use crate::restore::observations::ec2_root::replaced_from;
use crate::restore::observations::ec2_snapshot::{self, Snapshot};
use crate::restore::observations::ec2_volume;
use crate::restore::observations::observed;
use crate::restore::operations::ec2_root::RootFrom;

use super::preflight::calls;
use super::steps::{keep_until, steps};

/// The facts of a replacement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFacts {
    /// When observing began.
    pub observed_at: Timestamp,
    /// Where.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// The instance.
    pub instance: Instance,
    /// Its architecture.
    pub architecture: String,
    /// What its type can do.
    pub instance_type: Fact<InstanceType>,
    /// Its root volume.
    pub root: Volume,
    /// What the new root is made from.
    pub source: Source,
    /// Whether the account encrypts every new volume.
    pub encryption_by_default: Fact<bool>,
    /// Whether EC2 has replaced the root from this snapshot before.
    pub taken_before: Fact<bool>,
    /// The Auto Scaling group that it is in service in.
    pub group: Fact<Option<Group>>,
    /// What `DryRun` says of every call of the plan.
    pub permissions: Vec<Permission>,
}

/// What a root is made from, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A snapshot.
    Snapshot(Box<Snapshot>),
    /// An image that the operator named.
    Image(Box<Image>),
    /// The image that the instance was launched from.
    Launch(Box<Image>),
}

impl RootFacts {
    /// Returns the `Name` tag of the instance, if there is one with something in it.
    pub(super) fn name(&self) -> Option<&Untrusted> {
        let name = self.instance.tags.get(&Untrusted::from("Name"));
        name.filter(|name| !name.raw().trim().is_empty())
    }

    /// Returns name and id of the instance, fit to be shown.
    pub(super) fn called(&self) -> String {
        let id = shown(self.instance.id.as_str());
        match self.name() {
            Some(name) => format!("{} ({id})", name.shown()),
            None => id,
        }
    }

    /// Returns the mapping of the root.
    pub(super) fn mapping(&self) -> Option<&Mapping> {
        let mut mappings = self.instance.mappings.iter();
        mappings.find(|mapping| mapping.device == self.instance.root_device)
    }

    pub(super) fn from(&self) -> RootFrom {
        match &self.source {
            Source::Snapshot(snapshot) => RootFrom::Snapshot(snapshot.id.clone()),
            Source::Image(image) => RootFrom::Image(image.id.clone()),
            Source::Launch(_) => RootFrom::Launch,
        }
    }

    /// Returns id and instant of what the root is made from.
    ///
    /// # Errors
    /// [`FlowError::Missing`] where AWS does not say when an image was made.
    pub(super) fn point(&self) -> Result<(String, Timestamp), FlowError> {
        let image = match &self.source {
            Source::Snapshot(snapshot) => {
                return Ok((snapshot.id.as_str().to_owned(), snapshot.started_at));
            }
            Source::Image(image) | Source::Launch(image) => image,
        };
        let made = image.created_at.ok_or_else(|| FlowError::Missing {
            what: format!("AWS does not say when {} was made", image.id),
        })?;
        Ok((image.id.as_str().to_owned(), made))
    }
}

/// Makes the error for a choice.
pub(super) fn choice(field: &str, why: impl Into<String>) -> FlowError {
    FlowError::Choice {
        field: field.to_owned(),
        why: why.into(),
    }
}

/// Reads the facts.
///
/// # Errors
/// [`FlowError`]: what was named is not there or cannot be read, or it is not said what to make the root from.
pub(super) async fn observe(
    clients: &Clients,
    choices: &Choices,
    clock: &Clock,
) -> Result<RootFacts, FlowError> {
    let observed_at = clock.now();
    let point = point(clients, choices).await?;
    let id = instance_of(clients, choices, &point).await?;
    let missing = |what: String| FlowError::Missing {
        what: format!("there is no {what} in {}", clients.place.region),
    };
    let (instance, settings) = join!(
        ec2_instance::instance(clients, &id),
        configuration(clients, &id),
    );
    let instance = instance.map_err(FlowError::Read)?;
    let settings = settings.map_err(FlowError::Read)?;
    let (Some(instance), Some(settings)) = (instance, settings) else {
        return Err(missing(format!("instance {id}")));
    };
    let mut mappings = instance.mappings.iter();
    let root = mappings.find(|mapping| mapping.device == instance.root_device);
    let root = root.ok_or_else(|| missing(format!("EBS root volume of {id}")))?;
    let root = ec2_volume::volume(clients, &root.volume).await;
    let root = root.map_err(FlowError::Read)?;
    let root = root.ok_or_else(|| missing(format!("root volume of {id}")))?;
    let source = source(clients, point, settings.image).await?;
    let (group, kind, by_default, taken) = join!(
        group(clients, clock, &id),
        ec2_instance::instance_type(clients, &instance.instance_type),
        ec2_account::encryption_by_default(clients),
        taken_before(clients, &id, &source),
    );
    let mut facts = RootFacts {
        observed_at,
        place: clients.place.clone(),
        role: clients.role.clone(),
        instance,
        architecture: settings.architecture,
        instance_type: observed(kind, clock),
        root,
        source,
        encryption_by_default: observed(by_default, clock),
        taken_before: observed(taken, clock),
        group,
        permissions: Vec::new(),
    };
    facts.permissions = permissions(clients, clock, &facts, choices).await;
    Ok(facts)
}

/// What the operator names to make the root from.
enum Named {
    Snapshot(Box<Snapshot>),
    Image(Box<Image>),
    Launch,
}

/// Reads what is named. The state at the launch is said by a flag of its own, which goes before a point.
async fn point(clients: &Clients, choices: &Choices) -> Result<Named, FlowError> {
    if choices.flag("launch-state") {
        return Ok(Named::Launch);
    }
    match (choices.one("snapshot"), choices.one("image")) {
        (Some(id), None) => {
            let id = SnapshotId::from(id);
            let found = ec2_snapshot::snapshot(clients, &id).await;
            let found = found.map_err(FlowError::Read)?;
            let found = found.ok_or_else(|| gone(clients, &format!("snapshot {id}")))?;
            Ok(Named::Snapshot(Box::new(found)))
        }
        (None, Some(id)) => Ok(Named::Image(image(clients, &ImageId::from(id)).await?)),
        (None, None) | (Some(_), Some(_)) => Err(choice(
            "snapshot",
            "say one of --snapshot, --image and --launch-state",
        )),
    }
}

async fn image(clients: &Clients, id: &ImageId) -> Result<Box<Image>, FlowError> {
    let found = ec2_image::image(clients, id).await;
    let found = found.map_err(FlowError::Read)?;
    found
        .map(Box::new)
        .ok_or_else(|| gone(clients, &format!("image {id}")))
}

fn gone(clients: &Clients, what: &str) -> FlowError {
    FlowError::Missing {
        what: format!("there is no {what} in {}", clients.place.region),
    }
}

/// The instance that is named, or the one that the point was made of.
async fn instance_of(
    clients: &Clients,
    choices: &Choices,
    point: &Named,
) -> Result<InstanceId, FlowError> {
    if let Some(id) = choices.one("instance") {
        return if id.starts_with("i-") {
            Ok(InstanceId::from(id))
        } else {
            Err(choice("instance", "give the id of an instance, i-…"))
        };
    }
    let found = match point {
        Named::Launch => None,
        Named::Image(image) => image.source_instance.clone(),
        Named::Snapshot(snapshot) => root_of(clients, snapshot).await?,
    };
    found.ok_or_else(|| {
        choice(
            "instance",
            "say whose root is replaced: the point is of no root that is attached now",
        )
    })
}

/// The instance that has the snapshot's volume for its root.
async fn root_of(clients: &Clients, snapshot: &Snapshot) -> Result<Option<InstanceId>, FlowError> {
    let Some(volume) = &snapshot.volume else {
        return Ok(None);
    };
    let volume = ec2_volume::volume(clients, volume).await;
    let volume = volume.map_err(FlowError::Read)?;
    let Some(held) = volume.and_then(|volume| volume.attachments.into_iter().next()) else {
        return Ok(None);
    };
    let instance = ec2_instance::instance(clients, &held.instance).await;
    let instance = instance.map_err(FlowError::Read)?;
    let is_root = instance.is_some_and(|instance| instance.root_device == held.device);
    Ok(is_root.then_some(held.instance))
}

async fn source(
    clients: &Clients,
    point: Named,
    launched_from: Option<ImageId>,
) -> Result<Source, FlowError> {
    match point {
        Named::Snapshot(snapshot) => Ok(Source::Snapshot(snapshot)),
        Named::Image(image) => Ok(Source::Image(image)),
        Named::Launch => {
            let id = launched_from;
            let id = id.ok_or_else(|| gone(clients, "image that it was launched from"))?;
            Ok(Source::Launch(image(clients, &id).await?))
        }
    }
}

/// An image, and the state at the launch, need no lineage.
async fn taken_before(
    clients: &Clients,
    id: &InstanceId,
    source: &Source,
) -> Result<bool, Failure> {
    match source {
        Source::Snapshot(snapshot) => replaced_from(clients, id, &snapshot.id).await,
        Source::Image(_) | Source::Launch(_) => Ok(false),
    }
}

/// Reads the group that the instance is in service in; one on standby is left alone by its group.
async fn group(clients: &Clients, clock: &Clock, id: &InstanceId) -> Fact<Option<Group>> {
    match autoscaling::membership(clients, id).await {
        Ok(Some(member)) if member.lifecycle == "InService" => {
            observed(autoscaling::group(clients, &member.group).await, clock)
        }
        Ok(_none_or_standby) => observed(Ok(None), clock),
        Err(failure) => Fact::Unknown(failure.line()),
    }
}

async fn permissions(
    clients: &Clients,
    clock: &Clock,
    facts: &RootFacts,
    choices: &Choices,
) -> Vec<Permission> {
    let made = keep_until(facts, choices).and_then(|until| steps(facts, choices, &until));
    let Ok(steps) = made else {
        return Vec::new();
    };
    let all: Vec<Call> = calls(&steps).into_iter().cloned().collect();
    let stand_ins = StandIns::default().with("volume", Some(facts.root.id.as_str()));
    let asked = all
        .iter()
        .map(|call| permission(clients, call, &stand_ins, clock));
    join_all(asked).await
}
