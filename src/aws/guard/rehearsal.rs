//! Turns every mutation of EC2 into the question whether it would be allowed: `DryRun` is set on whatever is sent.
//!
//! It goes before the guard, which refuses in a viewer whatever it has not turned into a question.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Sets `DryRun`.
#[derive(Debug)]
pub struct Rehearsal;

#[dyn_dispatch_hint]
impl Intercept for Rehearsal {
    fn name(&self) -> &'static str {
        "defib rehearsal"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        macro_rules! rehearse {
            ($($input:ty),* $(,)?) => {
                $(if let Some(input) = input.downcast_mut::<$input>() {
                    input.dry_run = Some(true);
                })*
            };
        }
        super::every_ec2_mutation!(rehearse);
        Ok(())
    }
}
