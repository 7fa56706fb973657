//! Handing a shift over: what the outgoing shift tells the next one, and that it was read.

use jiff::Timestamp;

use crate::ids::ShiftNoteId;
use crate::limits::SHIFT_BYTES;
use crate::text::{self, TextError};

/// What was not done when a note was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenMatters {
    /// Alerts that are not closed, by severity, the lowest first.
    pub alerts: [u64; 5],
    /// Incidents that are not closed.
    pub incidents: u64,
    /// Sources that were silent beyond their heartbeat.
    pub silent_sources: u64,
}

/// What one shift tells the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftNote {
    /// Its number.
    pub id: ShiftNoteId,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What is to be known.
    pub text: String,
    /// What was not done at that moment.
    pub open: OpenMatters,
    /// Who took over and when, once somebody has.
    pub acknowledged: Option<(String, Timestamp)>,
}

/// Why somebody cannot take over by a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotAcknowledge {
    /// They wrote it.
    #[error("whoever wrote the note does not take over from themselves: the next shift does")]
    Author,
    /// Somebody has.
    #[error("the note was acknowledged before")]
    Already,
}

impl ShiftNote {
    /// Refuses unless somebody else takes over for the first time.
    pub fn may_acknowledge(&self, who: &str) -> Result<(), CannotAcknowledge> {
        if self.acknowledged.is_some() {
            return Err(CannotAcknowledge::Already);
        }
        if self.author == who {
            return Err(CannotAcknowledge::Author);
        }
        Ok(())
    }
}

/// A note's text, in order and within its limit.
pub fn note_text(text: &str) -> Result<String, TextError> {
    text::paragraph("the note", text, SHIFT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_else_takes_over_once() {
        let note = ShiftNote {
            id: ShiftNoteId(1),
            author: "person:canbo001".into(),
            at: Timestamp::UNIX_EPOCH,
            text: "ca đêm yên tĩnh".into(),
            open: OpenMatters::default(),
            acknowledged: None,
        };
        assert_eq!(note.may_acknowledge("person:canbo001"), Err(CannotAcknowledge::Author));
        assert_eq!(note.may_acknowledge("person:canbo002"), Ok(()));
        let read = Some(("person:canbo002".to_owned(), Timestamp::UNIX_EPOCH));
        let read = ShiftNote { acknowledged: read, ..note };
        assert_eq!(read.may_acknowledge("person:canbo003"), Err(CannotAcknowledge::Already));
    }
}
