//! What Lambda keeps: mappings, and which functions it would refuse to map.
//! Plain records; what the calls tell of them is in the files beside this one.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use jiff::Timestamp;

use crate::sim::ec2::date;
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;
use crate::sim::world::{Place, digest};

/// The mappings of one place.
#[derive(Clone, Debug, Default)]
pub struct Lambda {
    /// By UUID.
    pub mappings: BTreeMap<String, Mapping>,
    /// Functions that no stream can be mapped to, by ARN, with the words in which that is refused.
    pub refused: BTreeMap<String, String>,
}

/// A mapping of a stream to a function.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// ARN of the stream.
    pub stream: String,
    /// ARN of the function.
    pub function: String,
    /// Everything that is told of it but its state.
    pub row: EventSourceMappingConfiguration,
    /// AWS's word: `Creating`, `Enabling`, `Enabled`, `Disabling`, `Disabled`.
    pub state: Timeline<&'static str>,
    pub visibility: Visibility,
}

impl Mapping {
    /// Describes it as it is now.
    pub fn told(&self, now: Timestamp) -> EventSourceMappingConfiguration {
        let mut row = self.row.clone();
        row.state = Some((*self.state.at(now)).to_owned());
        row.state_transition_reason = Some("User action".to_owned());
        row.last_modified = Some(date(self.state.since(now)));
        row
    }
}

impl Lambda {
    /// Returns the mapping of a stream to a function.
    pub fn of(&self, stream: &str, function: &str) -> Option<&Mapping> {
        let mut mappings = self.mappings.values();
        mappings.find(|one| one.stream == stream && one.function == function)
    }
}

/// Makes the ARN of a function that is named by it already, or by its name alone.
pub fn function_arn(place: &Place, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let Place { account, region } = place;
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

/// Makes the UUID of a mapping, which stream and function alone decide.
pub fn uuid(stream: &str, function: &str) -> String {
    let hex = digest(&format!("{stream} {function}"), 5, 32);
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    groups.join("-")
}
