//! What a volume swap must have done to the world, and what a roll back must have put back.
//!
//! The expected picture is the first one with exactly the promised changes made to it; whatever
//! else differs fails the test by name.

use serde_json::{Map, Value, json};

use crate::world::{Rows, WorldPicture};

/// A swap as the test knows it should come out.
pub struct Swap<'a> {
    pub before: &'a WorldPicture,
    pub instance: &'a str,
    pub device: &'a str,
    /// The volume that was there; `None` when it was lost.
    pub old: Option<&'a str>,
    pub snapshot: &'a str,
    pub delete_on_termination: bool,
    pub run: &'a str,
}

impl Swap<'_> {
    /// Asserts that the new volume took the old one's place and nothing else changed; returns it.
    pub fn assert_done(&self, after: &WorldPicture) -> String {
        let new = self.new_volume(after);
        let mut expected = self.with_kept(after);
        if let Some(old) = self.old {
            idle(&mut expected.volumes, old);
            let until = &after.volumes[old]["tags"]["defib:keep-until"];
            assert!(until.is_string(), "the old volume says until when: {until}");
            let tags = &mut expected.volumes.get_mut(old).expect("the old volume")["tags"];
            tags["defib:run"] = json!(self.run);
            tags["defib:step"] = json!("tag-old-volume");
            tags["defib:keep-until"] = until.clone();
        }
        self.occupy(&mut expected, &new, self.device);
        assert_same(&expected, after);
        new
    }

    /// Asserts that the restored volume was attached beside the old one, which stayed; returns it.
    pub fn assert_beside(&self, after: &WorldPicture) -> String {
        let new = self.new_volume(after);
        let device = after.volumes[&new]["attachments"][0]["device"].as_str();
        let device = device.expect("the new volume is attached").to_owned();
        assert_ne!(device, self.device, "beside is another device");
        let mut expected = self.with_kept(after);
        self.occupy(&mut expected, &new, &device);
        assert_same(&expected, after);
        new
    }

    /// Asserts that all is as it was before to the last tag, with what was created kept and idle.
    pub fn assert_rolled_back(&self, after: &WorldPicture, new: &str) {
        assert_eq!(self.new_volume(after), new, "nothing was made anew");
        self.assert_back(after);
    }

    /// Asserts the same of a run that may have been taken back before it made a volume.
    pub fn assert_back(&self, after: &WorldPicture) {
        let mut expected = self.with_kept(after);
        for new in self.made(&after.volumes, &self.before.volumes) {
            idle(&mut expected.volumes, &new);
        }
        assert_same(&expected, after);
    }

    /// Returns the one volume that this run created.
    pub fn new_volume(&self, after: &WorldPicture) -> String {
        let ours = self.made(&after.volumes, &self.before.volumes);
        let [new] = &ours[..] else {
            panic!("exactly one new volume of run {}: {ours:?}", self.run)
        };
        new.clone()
    }

    /// Returns what carries the tag of this run and was not there before.
    fn made(&self, after: &Rows, before: &Rows) -> Vec<String> {
        let ours = |(id, row): &(&String, &Value)| {
            !before.contains_key(*id) && row["tags"]["defib:run"] == self.run
        };
        let ours = after.iter().filter(ours);
        ours.map(|(id, _)| id.clone()).collect()
    }

    /// Returns the first picture plus what this run created and keeps, as that must be.
    fn with_kept(&self, after: &WorldPicture) -> WorldPicture {
        let mut expected = self.before.clone();
        let volumes = self.made(&after.volumes, &self.before.volumes);
        assert!(volumes.len() <= 1, "one new volume at most: {volumes:?}");
        for id in volumes {
            let row = self.kept_volume(&after.volumes[&id]);
            expected.volumes.insert(id, row);
        }
        let snapshots = self.made(&after.snapshots, &self.before.snapshots);
        assert!(
            snapshots.len() <= 1,
            "one safety snapshot at most: {snapshots:?}"
        );
        for id in snapshots {
            let row = self.kept_snapshot(&after.snapshots[&id]);
            expected.snapshots.insert(id, row);
        }
        expected
    }

    /// The new volume: from the snapshot, and like the old one as far as there is one.
    fn kept_volume(&self, shown: &Value) -> Value {
        let mut row = shown.clone();
        row["snapshot"] = json!(self.snapshot);
        let carried = match self.old.map(|old| &self.before.volumes[old]) {
            Some(old) => {
                for field in [
                    "type",
                    "size",
                    "iops",
                    "throughput",
                    "zone",
                    "encrypted",
                    "key",
                    "multi_attach",
                ] {
                    row[field] = old[field].clone();
                }
                foreign(&old["tags"])
            }
            None => foreign(&shown["tags"]),
        };
        row["tags"] = self.stamped(carried, "create-volume", shown);
        row
    }

    fn kept_snapshot(&self, shown: &Value) -> Value {
        let old = self.old.expect("only an old volume is kept in a snapshot");
        let volume = &self.before.volumes[old];
        let mut row = shown.clone();
        row["volume"] = json!(old);
        row["size"] = volume["size"].clone();
        let mut name = Map::new();
        if let Some(text) = volume["tags"].get("Name") {
            name.insert("Name".to_owned(), text.clone());
        }
        row["tags"] = self.stamped(name, "safety-snapshot", shown);
        row
    }

    /// Tags with those of every creation. A generation is raised after proof that nothing took effect.
    fn stamped(&self, mut tags: Map<String, Value>, step: &str, shown: &Value) -> Value {
        let generation = shown["tags"]["defib:generation"].as_str();
        let generation = generation.and_then(|text| text.parse::<u32>().ok());
        assert!(
            generation.is_some_and(|generation| generation >= 1),
            "{shown}"
        );
        for (key, value) in [
            ("defib:run", json!(self.run)),
            ("defib:step", json!(step)),
            (
                "defib:generation",
                shown["tags"]["defib:generation"].clone(),
            ),
            ("defib:source", json!(self.snapshot)),
        ] {
            tags.insert(key.to_owned(), value);
        }
        Value::Object(tags)
    }

    /// Puts a volume at a device, as both ends tell it.
    fn occupy(&self, picture: &mut WorldPicture, volume: &str, device: &str) {
        // Nothing was recorded for a place beside the old one: AWS gives false.
        let on_termination = self.delete_on_termination && device == self.device;
        let row = picture
            .volumes
            .get_mut(volume)
            .expect("the volume is in the picture");
        row["state"] = json!("in-use");
        row["attachments"] = json!([{
            "instance": self.instance,
            "device": device,
            "state": "attached",
            "delete_on_termination": on_termination,
        }]);
        let instance = picture
            .instances
            .get_mut(self.instance)
            .expect("the instance");
        instance["devices"][device] = json!({
            "volume": volume,
            "status": "attached",
            "delete_on_termination": on_termination,
        });
    }
}

fn idle(volumes: &mut Rows, volume: &str) {
    let row = volumes
        .get_mut(volume)
        .expect("the volume is in the picture");
    row["state"] = json!("available");
    row["attachments"] = json!([]);
}

/// Returns the tags that are not of AWS or defib, which are carried over byte-equal.
fn foreign(tags: &Value) -> Map<String, Value> {
    let mut tags = tags.as_object().expect("tags").clone();
    tags.retain(|key, _| !key.starts_with("defib:") && !key.starts_with("aws:"));
    tags
}

/// Asserts that two pictures are the same to the last tag.
pub fn assert_same(expected: &WorldPicture, after: &WorldPicture) {
    let differences = expected.differences(after);
    assert!(differences.is_empty(), "expected → found:\n{differences}");
}
