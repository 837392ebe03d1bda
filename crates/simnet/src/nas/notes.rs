//! What happens on lines, for who keeps a log of it and lists who is online.

use std::net::Ipv4Addr;

use domain::network::session::TerminateCause;

use crate::nas::core::Core;
use crate::subscribers::Service;
use crate::subscribers::traffic::Moved;

/// Most notes that wait to be read.
const KEPT: usize = 4096;

/// Something that happened on a line.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) service: Service,
    pub(crate) username: String,
    pub(crate) calling_station: String,
    pub(crate) event: LineEvent,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineEvent {
    /// A session began.
    Up {
        number: u64,
        address: Ipv4Addr,
    },
    Down {
        number: u64,
        address: Ipv4Addr,
        cause: TerminateCause,
        seconds: u64,
        moved: Moved,
    },
    Failed {
        why: String,
    },
}

impl Core {
    pub(super) fn note(&mut self, note: Note) {
        if self.notes.len() < KEPT {
            self.notes.push_back(note);
        }
    }

    /// The oldest note that was not read.
    pub(crate) fn next_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }
}
