//! What others do to alarms.
//! Like all that others do it is no call, and what is not there is ignored.

use aws_sdk_cloudwatch::operation::put_metric_alarm::PutMetricAlarmInput;

use super::Hands;
use crate::sim::cloudwatch::model::Alarm;

impl Hands<'_> {
    /// Puts an alarm that says hardly anything, instead of whatever had the name.
    pub fn make_alarm(&mut self, name: &str) {
        let now = self.now();
        let Ok(put) = PutMetricAlarmInput::builder().alarm_name(name).build() else {
            return;
        };
        let alarm = Alarm {
            put,
            acts: true,
            updated: now,
        };
        let alarms = &mut self.estate().alarms.metric;
        alarms.insert(name.to_owned(), alarm);
    }

    /// Enables the actions of an alarm, or disables them.
    pub fn set_alarm_acts(&mut self, name: &str, acts: bool) {
        if let Some(alarm) = self.estate().alarms.metric.get_mut(name) {
            alarm.acts = acts;
        }
    }

    /// Deletes an alarm.
    pub fn delete_alarm(&mut self, name: &str) {
        self.estate().alarms.metric.remove(name);
    }
}
