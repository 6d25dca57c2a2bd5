//! What a refusal has to look like: the right exit code, a sentence, and nothing touched.

use serde_json::Value;

use crate::process::Output;
use crate::stage::Stage;

pub const FAILED: &[i32] = &[1];
pub const USAGE: &[i32] = &[2];

/// Asserts a refusal that a person understands, and that nothing happened.
pub fn assert_refused(stage: &Stage, output: Output, codes: &[i32], words: &[&str]) {
    let output = output.expect(codes);
    assert_clear(&output, words);
    assert_eq!(
        stage.before.differences(&stage.picture()),
        "",
        "nothing is touched\n{output}"
    );
}

pub fn assert_clear(output: &Output, words: &[&str]) {
    for word in words {
        let said = output.stderr.contains(word) || output.stdout.contains(word);
        assert!(said, "{word:?} is said\n{output}");
    }
    for noise in [
        "panicked",
        "RUST_BACKTRACE",
        "DispatchFailure",
        "ServiceError",
    ] {
        assert!(
            !output.stderr.contains(noise),
            "{noise} is no sentence\n{output}"
        );
    }
}

pub fn assert_no_run(stage: &Stage) {
    assert_eq!(
        stage.home.runs(),
        Vec::<Value>::new(),
        "nothing is journaled"
    );
}
