//! Asks the operator for the code of a second factor (MFA): the question goes to the event loop as a message,
//! the answer comes back as an effect. A question that nobody waits for any more is taken back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use crate::aws::logins::{Answer, AskForCode};
use crate::domain::code::{Code, CodeWanted};
use crate::tui::msg::Msg;

use super::locked;

/// The operator of the console.
pub(super) struct AtConsole {
    out: mpsc::Sender<Msg>,
    asked: AtomicU64,
    /// The question that is open, and who waits for its answer.
    open: Mutex<Option<(u64, oneshot::Sender<Option<Code>>)>>,
}

impl AtConsole {
    pub(super) fn new(out: mpsc::Sender<Msg>) -> Self {
        Self {
            out,
            asked: AtomicU64::new(0),
            open: Mutex::default(),
        }
    }

    /// Hands an answer on; one to a question that was taken back is nobody's.
    pub(super) fn answered(&self, ask: u64, code: Option<Code>) {
        let open = locked(&self.open).take_if(|(open, _)| *open == ask);
        if let Some((_, waits)) = open {
            waits.send(code).ok();
        }
    }
}

#[async_trait]
impl AskForCode for AtConsole {
    async fn ask(&self, wanted: &CodeWanted) -> Answer {
        let ask = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let (waits, answer) = oneshot::channel();
        *locked(&self.open) = Some((ask, waits));
        let _taken_back = TakenBack {
            out: &self.out,
            ask,
        };
        let wanted = wanted.clone();
        if self
            .out
            .send(Msg::CodeWanted { ask, wanted })
            .await
            .is_err()
        {
            return Answer::Nobody;
        }
        match answer.await {
            Ok(Some(code)) => Answer::Given(code),
            Ok(None) | Err(_) => Answer::Declined,
        }
    }

    fn asks_again(&self) -> bool {
        true
    }
}

/// Takes a question back once nobody waits for its answer, as where a scan is given up.
struct TakenBack<'a> {
    out: &'a mpsc::Sender<Msg>,
    ask: u64,
}

impl Drop for TakenBack<'_> {
    fn drop(&mut self) {
        // Where the loop has too much to do to be told, an answer is nobody's.
        self.out.try_send(Msg::CodeMoot(self.ask)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> CodeWanted {
        CodeWanted {
            profile: "ops".into(),
            serial: "arn:aws:iam::111122223333:mfa/ada".into(),
            refused: false,
        }
    }

    fn asked(told: Option<Msg>) -> u64 {
        match told {
            Some(Msg::CodeWanted { ask, wanted: got }) if got == wanted() => ask,
            other => panic!("no question: {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_question_is_told_and_its_own_answer_is_handed_on() {
        let (out, mut told) = mpsc::channel(4);
        let console = std::sync::Arc::new(AtConsole::new(out));
        for code in [Code::new("123456"), None] {
            let asks = console.clone();
            let asking = tokio::spawn(async move { asks.ask(&wanted()).await });
            let ask = asked(told.recv().await);
            console.answered(ask - 1, Code::new("999999"));
            console.answered(ask, code.clone());
            let wanted = code.map_or(Answer::Declined, Answer::Given);
            assert_eq!(asking.await.unwrap(), wanted);
            assert!(matches!(told.recv().await, Some(Msg::CodeMoot(moot)) if moot == ask));
        }
    }

    #[tokio::test]
    async fn a_question_that_is_given_up_is_taken_back() {
        let (out, mut told) = mpsc::channel(4);
        let console = std::sync::Arc::new(AtConsole::new(out));
        let asks = console.clone();
        let asking = tokio::spawn(async move { asks.ask(&wanted()).await });
        let ask = asked(told.recv().await);
        asking.abort();
        assert!(matches!(told.recv().await, Some(Msg::CodeMoot(moot)) if moot == ask));
        console.answered(ask, Code::new("123456"));
    }

    #[tokio::test]
    async fn a_console_that_has_ended_is_nobody() {
        let (out, told) = mpsc::channel(4);
        drop(told);
        assert_eq!(AtConsole::new(out).ask(&wanted()).await, Answer::Nobody);
    }
}
