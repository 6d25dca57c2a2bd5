//! The table of the operations that the simulated AWS knows.
//!
//! An operation is one small function from a typed input to a typed output, and one line in the list of
//! its service. Whatever is not in the table is refused by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};

use super::call::Call;
use super::refusal::Refusal;

/// Writes an answer into the empty output that the SDK has parsed.
///
/// The SDK alone can give an output its request id, from the header of the response; so the simulation
/// lets it parse an empty answer and fills in the fields.
pub type Fill = Box<dyn FnOnce(&mut Output) + Send + Sync>;

/// Writes an answer into an output of its own type.
pub type TypedFill<O> = Box<dyn FnOnce(&mut O) + Send + Sync>;

/// A typed answer: what to write into the output.
pub type Answer<O> = Result<TypedFill<O>, Refusal>;

type Act = dyn Fn(&mut Call<'_>) -> Result<Fill, Refusal> + Send + Sync;

/// A call with its input, ready to take effect; an SDK retry uses it again.
#[derive(Clone)]
pub struct Prepared(Arc<Act>);

impl Prepared {
    /// Lets the call take effect.
    pub fn act(&self, call: &mut Call<'_>) -> Result<Fill, Refusal> {
        (self.0)(call)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}

/// The name of an operation, and what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownOperation {
    /// The service as the SDK names it.
    pub service: &'static str,
    /// The operation in the API's spelling: `CreateVolume`.
    pub name: &'static str,
    /// Whether it changes anything when it succeeds.
    pub mutates: bool,
}

type Prepare = Box<dyn Fn(&Input) -> Option<Prepared> + Send + Sync>;

/// An operation that the simulated AWS can answer.
pub struct Operation {
    pub service: &'static str,
    pub name: &'static str,
    pub mutates: bool,
    prepare: Prepare,
}

impl Operation {
    /// Declares an operation that changes nothing.
    pub fn read<I, O>(service: &'static str, name: &'static str, answer: Handler<I, O>) -> Self
    where
        I: Clone + fmt::Debug + Send + Sync + 'static,
        O: fmt::Debug + Send + Sync + 'static,
    {
        Self {
            service,
            name,
            mutates: false,
            prepare: Box::new(move |input| prepare(input, answer)),
        }
    }

    /// Declares an operation that changes the world.
    pub fn mutation<I, O>(service: &'static str, name: &'static str, answer: Handler<I, O>) -> Self
    where
        I: Clone + fmt::Debug + Send + Sync + 'static,
        O: fmt::Debug + Send + Sync + 'static,
    {
        Self {
            mutates: true,
            ..Self::read(service, name, answer)
        }
    }

    fn known(&self) -> KnownOperation {
        KnownOperation {
            service: self.service,
            name: self.name,
            mutates: self.mutates,
        }
    }

    /// Takes the input of a call.
    pub fn prepare(&self, input: &Input) -> Option<Prepared> {
        (self.prepare)(input)
    }
}

/// The function that answers an operation.
pub type Handler<I, O> = fn(&I, &mut Call<'_>) -> Answer<O>;

/// Makes an answer from what it writes into the output.
#[expect(clippy::unnecessary_wraps, reason = "the last line of every handler")]
pub fn answer<O>(fill: impl FnOnce(&mut O) + Send + Sync + 'static) -> Answer<O> {
    Ok(Box::new(fill))
}

fn prepare<I, O>(input: &Input, handler: Handler<I, O>) -> Option<Prepared>
where
    I: Clone + fmt::Debug + Send + Sync + 'static,
    O: fmt::Debug + Send + Sync + 'static,
{
    let input = input.downcast_ref::<I>()?.clone();
    Some(Prepared(Arc::new(move |call| {
        let fill = handler(&input, call)?;
        Ok(erase(fill))
    })))
}

fn erase<O: fmt::Debug + Send + Sync + 'static>(fill: TypedFill<O>) -> Fill {
    Box::new(move |output| {
        if let Some(output) = output.downcast_mut::<O>() {
            fill(output);
        }
    })
}

/// All operations by service and name.
pub struct Registry(HashMap<String, Operation>);

impl Registry {
    /// Collects the operations of every service.
    pub fn new() -> Self {
        let all = super::ec2::operations()
            .into_iter()
            .chain(super::dynamodb::operations())
            .chain(super::kms::operations())
            .chain(super::rds::operations())
            .chain(super::scaling::operations())
            .chain(super::elb::operations())
            .chain(super::route53::operations())
            .chain(super::backup::operations())
            .chain(super::app_scaling::operations())
            .chain(super::cloudwatch::operations())
            .chain(super::ssm::operations())
            .chain(super::iam::operations())
            .chain(super::lambda::operations())
            .chain(super::sts::operations());
        Self(all.map(|op| (key(op.service, op.name), op)).collect())
    }

    /// Finds an operation by the names the SDK gives it.
    pub fn find(&self, service: &str, name: &str) -> Option<&Operation> {
        self.0.get(&key(service, name))
    }

    /// Lists all operations in order.
    pub fn known(&self) -> Vec<KnownOperation> {
        let operations = self.0.values();
        let mut known: Vec<_> = operations.map(Operation::known).collect();
        known.sort_unstable();
        known
    }
}

fn key(service: &str, name: &str) -> String {
    format!("{service} {name}")
}
