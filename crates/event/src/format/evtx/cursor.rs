//! A position in a chunk; every step is checked.

use super::Fault;

const SHORT: Fault = "a record ends in the middle of a value";

/// A position in bytes. Little endian throughout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), Fault> {
        let at = self.at.checked_add(count).filter(|at| *at <= self.bytes.len());
        self.at = at.ok_or(SHORT)?;
        Ok(())
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let start = self.at;
        self.skip(count)?;
        self.bytes.get(start..self.at).ok_or(SHORT)
    }

    pub(super) fn take_u8(&mut self) -> Result<u8, Fault> {
        self.take(1)?.first().copied().ok_or(SHORT)
    }

    pub(super) fn take_u16(&mut self) -> Result<u16, Fault> {
        let bytes = self.take(2)?;
        Ok(u16::from_le_bytes(bytes.try_into().map_err(|_| SHORT)?))
    }

    pub(super) fn take_u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| SHORT)?))
    }

    /// The number at a place, without moving.
    pub(super) fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes.get(at..at + 4)?.try_into().ok()?))
    }

    /// The number at a place, without moving.
    pub(super) fn u64(&self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes.get(at..at + 8)?.try_into().ok()?))
    }
}
