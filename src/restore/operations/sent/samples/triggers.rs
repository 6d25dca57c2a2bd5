//! Samples of the operations on mappings of a table's stream.
//! One with everything that a mapping can say, and one with nothing that it need not.

use crate::domain::plan::Ref;
use crate::domain::trigger::Reading;
use crate::restore::operation::AnyOperation;
use crate::restore::operations::lambda_mapping::{CreateMapping, DisableMapping, EnableMapping};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:fulfil:live";

pub(in crate::restore) fn reading(full: bool) -> Reading {
    let least = Reading {
        function: FUNCTION.into(),
        ..Reading::default()
    };
    if !full {
        return least;
    }
    Reading {
        batch_size: Some(50),
        window: Some(5),
        parallel: Some(2),
        tumbling: Some(30),
        filters: vec![
            r#"{"eventName":["INSERT"]}"#.into(),
            "{\"a'b\":[\"\u{202e}$(x)\\n\"]}".into(),
        ],
        kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/k".into()),
        failures_to: Some("arn:aws:sqs:eu-west-1:111122223333:lost".into()),
        max_age: Some(-1),
        retries: Some(0),
        bisect: Some(true),
        answers: vec!["ReportBatchItemFailures".into()],
        metrics: vec!["EventCount".into()],
        ..least
    }
}

pub(super) fn all() -> Vec<Box<dyn AnyOperation>> {
    let create = |full| CreateMapping {
        table: "orders".into(),
        stream: Ref::Known("arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/1".into()),
        reading: reading(full),
    };
    let mapping = || Ref::Known("0f1e2d3c-0000-4000-8000-000000000001".to_owned());
    vec![
        Box::new(create(true)),
        Box::new(create(false)),
        Box::new(EnableMapping {
            table: "orders".into(),
            mapping: mapping(),
            function: FUNCTION.into(),
        }),
        Box::new(DisableMapping {
            table: "orders".into(),
            mapping: mapping(),
            function: FUNCTION.into(),
        }),
    ]
}
