//! The simulated AWS driven through the real SDK clients, on a paused clock.
//!
//! One file per kind of call. Time passes only where a test waits for it, so a day costs nothing.

mod alarms;
mod app_scaling;
mod backups;
mod balancing;
mod creating;
mod databases;
mod dynamodb;
mod estate;
mod faults;
mod identities;
mod images;
mod keys;
mod launching;
mod listing;
mod network;
mod parameters;
mod powering;
mod putting;
mod records;
mod relaunch_refusals;
mod restoring;
mod roots;
mod scaling;
mod scenario;
mod sharing;
mod support;
mod swapping;
mod table_outlets;
mod table_replicas;
mod table_settings;
mod table_triggers;
mod tagging;
mod talking;
