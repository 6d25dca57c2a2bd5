//! What reads the stream of a table: the mappings by which Lambda calls functions with what changes there.
//!
//! A mapping belongs to one stream, and a restored table gets a stream of its own: each has to be made anew.

use serde::{Deserialize, Serialize};

use super::text::Untrusted;

/// A mapping of a stream to a function, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// UUID of the mapping.
    pub mapping: String,
    /// `Enabled` or `Disabled`; on the way there `Creating`, `Enabling`, `Updating`, `Disabling`; at its end `Deleting`.
    pub state: String,
    /// Where it began to read, `LATEST` or `TRIM_HORIZON`; `None` where AWS tells none.
    pub position: Option<String>,
    /// Why its filters cannot be read, where they are encrypted and AWS does not tell them.
    pub hidden: Option<Untrusted>,
    /// Which function it calls, and with what.
    pub reading: Reading,
}

/// How a function is called with what a stream holds, without what belongs to one stream alone. What AWS does not tell
/// is `None`, or empty; `-1` is without limit (`CreateEventSourceMapping`, API reference).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// ARN of the function, with its version or alias where one is named.
    pub function: String,
    /// The most records of a call.
    pub batch_size: Option<i32>,
    /// For how many seconds records are gathered before a call.
    pub window: Option<i32>,
    /// How many calls there are side by side for each shard.
    pub parallel: Option<i32>,
    /// Length in seconds of a window over which a function adds up.
    pub tumbling: Option<i32>,
    /// Patterns of JSON, of which a record has to fit one.
    pub filters: Vec<String>,
    /// ARN of the key that the filters are encrypted with.
    pub kms_key: Option<String>,
    /// ARN of where it is told what could not be handled.
    pub failures_to: Option<String>,
    /// After how many seconds a record is given up.
    pub max_age: Option<i32>,
    /// How often a call that failed is made again.
    pub retries: Option<i32>,
    /// Whether a batch that failed is halved.
    pub bisect: Option<bool>,
    /// What the function may answer, `ReportBatchItemFailures`.
    pub answers: Vec<String>,
    /// What is counted of it, `EventCount`.
    pub metrics: Vec<String>,
}

impl Trigger {
    /// Tells whether the function is called, or is about to be.
    #[must_use]
    pub fn is_on(&self) -> bool {
        let on = ["Enabled", "Enabling", "Creating", "Updating"];
        on.contains(&self.state.as_str())
    }

    /// Tells whether it is on its way to another state.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        !matches!(self.state.as_str(), "Enabled" | "Disabled")
    }
}

impl Reading {
    /// Returns the account of the function; `None` where that is no ARN.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.function.split(':').nth(4)
    }

    /// Tells whether another one is as this one wants it. What AWS has not told of this one is not compared.
    #[must_use]
    pub fn fits(&self, found: &Self) -> bool {
        fn same<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted == found
        }
        let numbers = [
            (self.batch_size, found.batch_size),
            (self.window, found.window),
            (self.parallel, found.parallel),
            (self.tumbling, found.tumbling),
            (self.max_age, found.max_age),
            (self.retries, found.retries),
        ];
        let texts = [
            (&self.kms_key, &found.kms_key),
            (&self.failures_to, &found.failures_to),
        ];
        let lists = [
            (&self.filters, &found.filters),
            (&self.answers, &found.answers),
            (&self.metrics, &found.metrics),
        ];
        self.function == found.function
            && numbers
                .iter()
                .all(|(wanted, found)| same(wanted.as_ref(), found.as_ref()))
            && texts.iter().all(|(wanted, found)| wanted == found)
            && lists.iter().all(|(wanted, found)| wanted == found)
            && same(self.bisect.as_ref(), found.bisect.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading {
            function: "arn:aws:lambda:eu-west-1:111122223333:function:fulfil:live".into(),
            batch_size: Some(100),
            filters: vec!["{}".into()],
            ..Reading::default()
        }
    }

    #[test]
    fn what_aws_has_not_told_is_not_compared_and_everything_else_is() {
        type Change = fn(&mut Reading);
        let told: [(Change, bool); 7] = [
            (|_same| {}, true),
            (|found| found.retries = Some(-1), true),
            (|found| found.bisect = Some(false), true),
            (|found| found.batch_size = Some(10), false),
            (|found| found.filters.clear(), false),
            (
                |found| found.failures_to = Some("arn:aws:sqs".into()),
                false,
            ),
            (|found| found.function.push('x'), false),
        ];
        for (change, fits) in told {
            let mut found = reading();
            change(&mut found);
            assert_eq!(reading().fits(&found), fits, "{found:?}");
        }
    }

    #[test]
    fn a_function_is_in_the_account_of_its_arn() {
        assert_eq!(reading().account(), Some("111122223333"));
        assert_eq!(Reading::default().account(), None);
    }
}
