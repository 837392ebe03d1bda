//! Routers that answer what the test told them to, and remember what they were asked.

use std::sync::{Arc, Mutex};

use domain::{
    network::{
        ports::{ControlOutcome, SessionChange, SessionControl, SessionTarget},
        secret::SecretBytes,
    },
    ports::PortFuture,
};

/// What a router was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// To end the session of that router's id.
    Disconnect(String),
    /// To change it.
    Change(String, SessionChange),
}

/// Answers every request alike until told otherwise.
#[derive(Debug, Clone)]
pub struct ScriptedRouters {
    answer: Arc<Mutex<ControlOutcome>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    secrets: Arc<Mutex<Vec<SecretBytes>>>,
}

impl Default for ScriptedRouters {
    fn default() -> Self {
        Self {
            answer: Arc::new(Mutex::new(ControlOutcome::Acked)),
            asked: Arc::default(),
            secrets: Arc::default(),
        }
    }
}

impl ScriptedRouters {
    /// What they answer from now on.
    pub fn answer(&self, outcome: ControlOutcome) {
        *self.answer.lock().expect("invariant: never poisoned") = outcome;
    }

    /// What they were asked since the last look.
    #[must_use]
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("invariant: never poisoned"))
    }

    /// The secrets that the last request could be signed with, the newest first.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretBytes> {
        let secrets = self.secrets.lock().expect("invariant: never poisoned");
        secrets.clone()
    }

    fn hear(&self, session: &SessionTarget, asked: Asked) -> PortFuture<'_, ControlOutcome> {
        let secrets = [Some(session.secret.clone()), session.old_secret.clone()];
        *self.secrets.lock().expect("invariant: never poisoned") =
            secrets.into_iter().flatten().collect();
        self.asked
            .lock()
            .expect("invariant: never poisoned")
            .push(asked);
        let answer = *self.answer.lock().expect("invariant: never poisoned");
        Box::pin(std::future::ready(answer))
    }
}

impl SessionControl for ScriptedRouters {
    fn disconnect<'a>(&'a self, session: &'a SessionTarget) -> PortFuture<'a, ControlOutcome> {
        self.hear(session, Asked::Disconnect(session.acct_session_id.clone()))
    }

    fn change<'a>(
        &'a self,
        session: &'a SessionTarget,
        change: SessionChange,
    ) -> PortFuture<'a, ControlOutcome> {
        self.hear(
            session,
            Asked::Change(session.acct_session_id.clone(), change),
        )
    }
}
