//! How long the simulated AWS takes for each thing.
//!
//! The defaults are the usual figures of a quiet day; a scenario may set any of them. Nothing is random.

use jiff::SignedDuration;

/// The durations of the simulated world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delays {
    /// From the request to its answer; also spent when the answer is an error.
    pub answer: SignedDuration,
    /// From `creating` to `available`.
    pub create_volume: SignedDuration,
    /// From `pending` to `completed`.
    pub create_snapshot: SignedDuration,
    /// From `attaching` to `attached`.
    pub attach_volume: SignedDuration,
    /// From `detaching` to `available`, once nothing in the guest holds on.
    pub detach_volume: SignedDuration,
    /// From `stopping` to `stopped`.
    pub stop_instance: SignedDuration,
    /// From the call to `running`.
    pub start_instance: SignedDuration,
    /// From `running` to both status checks `ok`.
    pub status_checks: SignedDuration,
    /// From `modifying` to `optimizing`, and again to `completed`.
    pub modify_volume: SignedDuration,
    /// From `attaching` to `attached`, of an interface.
    pub attach_interface: SignedDuration,
    /// From `detaching` to `available`, of an interface.
    pub detach_interface: SignedDuration,
    /// From `pending` to `in-progress` of a root volume's replacement, and again to its end.
    pub replace_root: SignedDuration,
    /// From an unhealthy state to its consequence in an Auto Scaling group.
    pub health_check: SignedDuration,
    /// From `EnteringStandby` to `Standby`, and back.
    pub standby: SignedDuration,
    /// From `PENDING` to `INSYNC`, of a change of records.
    pub dns_change: SignedDuration,
    /// From `running` to the first text of a console.
    pub console: SignedDuration,
    /// From `CREATING` to `ACTIVE`, of a table that is restored.
    pub restore_table: SignedDuration,
    /// From `UPDATING` to `ACTIVE`.
    pub update_table: SignedDuration,
    /// From a change of a table's tags until they are told.
    pub tags_settle: SignedDuration,
    /// From `ENABLING` to `ENABLED`, and from `DISABLING` to `DISABLED`, of time to live.
    pub time_to_live: SignedDuration,
    /// From `ENABLING` to `ACTIVE`, of a Kinesis stream that changes of a table go to.
    pub kinesis: SignedDuration,
    /// From `ENABLING` to `ENABLED`, and from `DISABLING` to `DISABLED`, of Contributor Insights.
    pub insights: SignedDuration,
    /// From `CREATING` to `ACTIVE`, of a replica of a table.
    pub replica: SignedDuration,
    /// From `Creating`, `Enabling` or `Disabling` to `Enabled` or `Disabled`, of a mapping of a stream to a function.
    pub mapping: SignedDuration,
    /// From a new table being `ACTIVE` until point-in-time recovery can be switched on.
    pub recovery: SignedDuration,
    /// How fast blocks of a snapshot reach a new volume when nobody paid for a rate.
    pub hydration_mib_per_second: i64,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            answer: SignedDuration::ZERO,
            create_volume: SignedDuration::from_secs(14),
            create_snapshot: SignedDuration::from_mins(4),
            attach_volume: SignedDuration::from_secs(6),
            detach_volume: SignedDuration::from_secs(6),
            stop_instance: SignedDuration::from_secs(40),
            start_instance: SignedDuration::from_secs(25),
            status_checks: SignedDuration::from_secs(150),
            modify_volume: SignedDuration::from_mins(6),
            attach_interface: SignedDuration::from_secs(4),
            detach_interface: SignedDuration::from_secs(8),
            replace_root: SignedDuration::from_secs(45),
            health_check: SignedDuration::from_secs(90),
            standby: SignedDuration::from_secs(12),
            dns_change: SignedDuration::from_secs(40),
            console: SignedDuration::from_secs(60),
            restore_table: SignedDuration::from_mins(24),
            update_table: SignedDuration::from_secs(20),
            tags_settle: SignedDuration::from_secs(3),
            time_to_live: SignedDuration::from_mins(40),
            kinesis: SignedDuration::from_secs(30),
            insights: SignedDuration::from_secs(20),
            replica: SignedDuration::from_mins(6),
            mapping: SignedDuration::from_secs(25),
            recovery: SignedDuration::from_secs(8),
            hydration_mib_per_second: 24,
        }
    }
}
