//! A plan that may not run because AWS cannot be asked: what has to be looked at again before it may.
//! Nothing is decided here; what is still open stands in the plan.

use crate::domain::check::Verdict;
use crate::domain::plan::Plan;

use super::Report;

impl Report {
    /// Says what of a plan has to be read again before it may run, and that nothing has begun.
    #[must_use]
    pub fn before_it_runs(self, plan: &Plan) -> Self {
        let report = self.safe("Nothing was journaled, and nothing was sent.");
        let names = |open: bool| {
            let checks = plan.checks.iter();
            let checks = checks.filter(|check| !open || check.verdict == Verdict::Unanswered);
            checks.map(|check| check.name.as_str()).collect::<Vec<_>>()
        };
        let report = report.todo(
            "run it again once AWS answers: everything is read again first, and it stops where a \
             step would be another",
        );
        let open = names(true);
        if open.is_empty() {
            return report.todo(format!(
                "to be re-checked then: {}",
                names(false).join(", ")
            ));
        }
        report.todo(format!("to be re-checked then: {}", open.join(", ")))
    }
}
