//! `RunInstances`: one instance from an image, with its volumes and its interfaces.
//!
//! Everything that can be refused is refused before anything is made. What only shows later (a key that cannot be used)
//! ends the new instance, as on AWS.

mod disks;
pub mod image;
mod interfaces;
mod place;

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::run_instances::{RunInstancesInput, RunInstancesOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::model::{Image, Instance, InstanceState, Lifecycle, Tags, Token};
use super::{ids, rows, settings, tags};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};
use crate::sim::world::digest;

/// Tags by what they are for.
struct Tagged {
    instance: Tags,
    volume: Tags,
    interface: Tags,
}

/// `RunInstances`
pub fn run(input: &RunInstancesInput, call: &mut Call<'_>) -> Answer<RunInstancesOutput> {
    let tagged = tagged(input)?;
    one(input)?;
    let image = image::named(input, call)?;
    let place = place::of(input, call)?;
    call.permit()?;
    if let Some(made) = replay(input, &place.zone, call)? {
        call.nothing_changed();
        return respond(&made, call);
    }
    let instance_type = image::check(input, &image, call)?;
    place::check(input, &place, &instance_type, call)?;
    let interfaces = interfaces::wanted(input, &place, call)?;
    let disks = disks::wanted(input, &image, call)?;
    let id = call.world().new_id("i");
    let fails = disks::make(disks, &id, &place.zone, &tagged.volume, call);
    let public = interfaces::make(interfaces, &id, &tagged.interface, call);
    let mut instance = instance(input, &image, &instance_type, tagged.instance, call);
    instance.id.clone_from(&id);
    instance.availability_zone = place.zone;
    instance.subnet_id = place.subnet_id;
    instance.public_ip = public;
    if fails {
        let ends = after(call.now(), call.delays().create_volume);
        let message = "Client.InternalError: Client error on launch";
        instance.state = Timeline::new(call.now(), InstanceState::Pending);
        instance.state.then(ends, InstanceState::Terminated);
        instance.state_reason = Some(("Client.InternalError".to_owned(), message.to_owned()));
    }
    call.estate().instances.insert(id, instance.clone());
    respond(&instance, call)
}

fn tagged(input: &RunInstancesInput) -> Result<Tagged, Refusal> {
    let of = |kind: ec2::ResourceType| {
        let meant = |one: &&ec2::TagSpecification| one.resource_type() == Some(&kind);
        let all: Vec<_> = input
            .tag_specifications()
            .iter()
            .filter(meant)
            .cloned()
            .collect();
        tags::of_creation(&all, &kind)
    };
    let known = [
        ec2::ResourceType::Instance,
        ec2::ResourceType::Volume,
        ec2::ResourceType::NetworkInterface,
    ];
    for one in input.tag_specifications() {
        if !one.resource_type().is_some_and(|kind| known.contains(kind)) {
            let kind = one.resource_type().map_or("", |kind| kind.as_str());
            let message =
                format!("'{kind}' is not a valid taggable resource type for this operation.");
            return Err(Refusal::invalid_value(message));
        }
    }
    Ok(Tagged {
        instance: of(ec2::ResourceType::Instance)?,
        volume: of(ec2::ResourceType::Volume)?,
        interface: of(ec2::ResourceType::NetworkInterface)?,
    })
}

/// A relaunch brings one back; more than one at a time is not simulated.
fn one(input: &RunInstancesInput) -> Result<(), Refusal> {
    let count = |given: Option<i32>, name: &str| given.ok_or_else(|| Refusal::missing(name));
    if (
        count(input.min_count(), "MinCount")?,
        count(input.max_count(), "MaxCount")?,
    ) == (1, 1)
    {
        return Ok(());
    }
    Err(Refusal::invalid_value(
        "The simulated AWS launches one instance at a time",
    ))
}

/// A token stands for its first request, in its zone (EC2 API reference, "Ensuring idempotency").
fn replay(
    input: &RunInstancesInput,
    zone: &str,
    call: &mut Call<'_>,
) -> Result<Option<Instance>, Refusal> {
    let Some(token) = token(input) else {
        return Ok(None);
    };
    let now = call.now();
    let mut instances = call.estate().instances.values();
    let made = instances.find(|one| {
        let known = one.token.as_ref();
        one.availability_zone == zone && known.is_some_and(|known| known.token == token.token)
    });
    match made {
        None => Ok(None),
        Some(made) if *made.state.at(now) == InstanceState::Terminated => Err(Refusal::client(
            "IdempotentInstanceTerminated",
            "The request failed because the instances launched by an earlier request with this \
             client token have been terminated.",
        )),
        Some(made) if made.token.as_ref() != Some(&token) => Err(Refusal::client(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous \
             request(s).",
        )),
        Some(made) => Ok(Some(made.clone())),
    }
}

/// The parameters are kept as a digest: what an instance is told at launch may be a secret.
fn token(input: &RunInstancesInput) -> Option<Token> {
    let token = input.client_token().filter(|token| !token.is_empty())?;
    Some(Token {
        token: token.to_owned(),
        parameters: digest(&format!("{input:?}"), 0, 32),
    })
}

fn instance(
    input: &RunInstancesInput,
    image: &Image,
    instance_type: &str,
    tags: Tags,
    call: &mut Call<'_>,
) -> Instance {
    let now = call.now();
    let delays = call.delays();
    let running = after(now, delays.start_instance);
    let mut state = Timeline::new(now, InstanceState::Pending);
    state.then(running, InstanceState::Running);
    let user_data = input.user_data().map(|text| {
        let bytes = data_encoding::BASE64.decode(text.as_bytes());
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
    });
    Instance {
        id: String::new(),
        instance_type: instance_type.to_owned(),
        image_id: image.id.clone(),
        availability_zone: String::new(),
        subnet_id: String::new(),
        platform_windows: image.machine.windows,
        root_device_name: image.root_device_name.clone(),
        root_on_instance_store: false,
        launched: now,
        state,
        checks_pass: after(running, delays.status_checks),
        impaired: false,
        lifecycle: Lifecycle::OnDemand,
        auto_scaling: None,
        disable_api_stop: input.disable_api_stop() == Some(true),
        disable_api_termination: input.disable_api_termination() == Some(true),
        hibernation: input
            .hibernation_options()
            .and_then(ec2::HibernationOptionsRequest::configured)
            == Some(true),
        user_data,
        product_codes: image.machine.product_codes.clone(),
        public_ip: Timeline::new(now, None),
        no_capacity: false,
        settings: settings::of(input, image.machine.imds_v2, call.account()),
        state_reason: None,
        console: None,
        talks: image.machine.talks.clone(),
        reached: BTreeMap::new(),
        root_replacement_ends: None,
        tags,
        token: token(input),
        visibility: call.new_visibility(),
    }
}

fn respond(instance: &Instance, call: &mut Call<'_>) -> Answer<RunInstancesOutput> {
    let (now, account): (Timestamp, _) = (call.now(), call.account().to_owned());
    let row = rows::instance(call.estate(), instance, &account, now);
    let reservation = format!("r-0{}", digest(&instance.id, 2, 16));
    answer(move |output: &mut RunInstancesOutput| {
        output.reservation_id = Some(reservation);
        output.owner_id = Some(account);
        output.instances = Some(vec![row]);
    })
}

/// Takes a parameter that a launch must have.
fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    ids::required(value, name)
}
