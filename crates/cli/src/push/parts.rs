//! A source, cut into parts each of which can be read alone.
//!
//! Lines are cut between lines. An EVTX file is cut between chunks, and every part begins with the
//! header of the file. Formats whose entries need what stands before them are not cut; such a
//! source has at most [`WHOLE_BYTES`].

use std::io::{self, Read};

use khien_event::format::{self, Format};
use khien_event::stream::{EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES, Framing, HEAD_BYTES, Stream};

/// A part is about as large as this.
const PART_BYTES: usize = 4 << 20;
/// What cannot be cut is no larger.
pub(crate) const WHOLE_BYTES: usize = 32 << 20;

/// A part of a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Which part, from 0.
    pub(crate) number: u64,
    /// Lines of the source before it.
    pub(crate) lines_before: u64,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Why a source cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// No format is recognised.
    #[error("no log format is recognised")]
    Format,
    /// It cannot be cut and is too large.
    #[error("a file of the format {0} is sent whole, and has at most {WHOLE_BYTES} bytes")]
    TooLarge(&'static str),
    /// The centre does not take it.
    #[error("the centre does not take it: {0}")]
    Centre(String),
}

/// Hands the parts of a source to `send` one after another. Answers the format.
pub(crate) fn cut<E: From<Refused>>(
    mut input: impl Read,
    mut send: impl FnMut(&'static Format, Part) -> Result<(), E>,
) -> Result<Option<&'static Format>, E> {
    let mut buffer = Vec::new();
    read_more(&mut input, &mut buffer, HEAD_BYTES)?;
    if buffer.is_empty() {
        return Ok(None);
    }
    let mut stream = Stream::new(buffer.as_slice());
    let head = stream.head().map_err(Refused::Read)?;
    let format = format::detect(head).ok_or(Refused::Format)?;
    let transcoded = stream.is_transcoded();
    match format.framing {
        Framing::Evtx => evtx(format, input, buffer, &mut send)?,
        Framing::Lines if !format.in_order && !transcoded => {
            lines(format, input, buffer, &mut send)?;
        }
        _ => {
            read_more(&mut input, &mut buffer, WHOLE_BYTES + 1)?;
            if buffer.len() > WHOLE_BYTES {
                return Err(Refused::TooLarge(format.id).into());
            }
            send(format, Part { number: 0, lines_before: 0, bytes: buffer })?;
        }
    }
    Ok(Some(format))
}

/// Fills the buffer up to a length, or to the end of the input.
fn read_more(input: &mut impl Read, buffer: &mut Vec<u8>, length: usize) -> Result<(), Refused> {
    let missing = length.saturating_sub(buffer.len()) as u64;
    input.take(missing).read_to_end(buffer).map(|_| ()).map_err(Refused::Read)
}

fn lines<E: From<Refused>>(
    format: &'static Format,
    mut input: impl Read,
    mut buffer: Vec<u8>,
    send: &mut impl FnMut(&'static Format, Part) -> Result<(), E>,
) -> Result<(), E> {
    let (mut number, mut lines_before) = (0, 0);
    let mut wanted = PART_BYTES;
    loop {
        read_more(&mut input, &mut buffer, wanted)?;
        let ended = buffer.len() < wanted;
        let cut = match memchr::memrchr(b'\n', &buffer) {
            _ if ended => buffer.len(),
            Some(end) => end + 1,
            None if wanted < WHOLE_BYTES => {
                // A line longer than a part.
                wanted = (wanted * 2).min(WHOLE_BYTES);
                continue;
            }
            None => return Err(Refused::TooLarge(format.id).into()),
        };
        wanted = PART_BYTES;
        let rest = buffer.split_off(cut);
        let bytes = std::mem::replace(&mut buffer, rest);
        if !bytes.is_empty() {
            let breaks = memchr::memchr_iter(b'\n', &bytes).count() as u64;
            send(format, Part { number, lines_before, bytes })?;
            lines_before += breaks;
            number += 1;
        }
        if ended {
            return Ok(());
        }
    }
}

fn evtx<E: From<Refused>>(
    format: &'static Format,
    mut input: impl Read,
    mut buffer: Vec<u8>,
    send: &mut impl FnMut(&'static Format, Part) -> Result<(), E>,
) -> Result<(), E> {
    let chunks = PART_BYTES / EVTX_CHUNK_BYTES * EVTX_CHUNK_BYTES;
    let mut number = 0;
    loop {
        let whole = EVTX_HEADER_BYTES + chunks;
        read_more(&mut input, &mut buffer, whole)?;
        let ended = buffer.len() < whole;
        let header = buffer.get(..EVTX_HEADER_BYTES).unwrap_or(&buffer).to_vec();
        // A file without chunks is sent too: that it is empty or damaged is for the centre to say.
        if buffer.len() > EVTX_HEADER_BYTES || number == 0 {
            let bytes = std::mem::replace(&mut buffer, header);
            send(format, Part { number, lines_before: 0, bytes })?;
            number += 1;
        }
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(input: &[u8]) -> Result<Vec<Part>, Refused> {
        let mut parts = Vec::new();
        cut::<Refused>(input, |_, part| {
            parts.push(part);
            Ok(())
        })?;
        Ok(parts)
    }

    #[test]
    fn lines_are_cut_between_lines_and_counted() {
        let line = "{\"EventID\":1,\"Channel\":\"Security\",\"text\":\"một dòng\"}\n";
        let text = line.repeat(200_000) + line.trim_end();
        let parts = parts(text.as_bytes()).unwrap();
        assert!(parts.len() > 2);
        let joined: Vec<u8> = parts.iter().flat_map(|part| part.bytes.clone()).collect();
        assert_eq!(joined, text.as_bytes());
        let mut before = 0;
        for (at, part) in parts.iter().enumerate() {
            assert_eq!((part.number, part.lines_before), (at as u64, before));
            assert!(part.bytes.starts_with(b"{"));
            before += memchr::memchr_iter(b'\n', &part.bytes).count() as u64;
        }
    }

    #[test]
    fn every_part_of_an_event_log_begins_with_its_header() {
        let mut file = vec![0; EVTX_HEADER_BYTES];
        file[..8].copy_from_slice(b"ElfFile\0");
        for number in 0..150_u8 {
            let mut chunk = vec![number; EVTX_CHUNK_BYTES];
            chunk[..8].copy_from_slice(b"ElfChnk\0");
            file.extend(chunk);
        }
        let parts = parts(&file).unwrap();
        assert_eq!(parts.len(), 3);
        let header = &file[..EVTX_HEADER_BYTES];
        assert!(parts.iter().all(|part| part.bytes.starts_with(header)));
        let chunks = parts.iter().flat_map(|part| part.bytes[EVTX_HEADER_BYTES..].to_vec());
        assert_eq!(chunks.collect::<Vec<u8>>(), file[EVTX_HEADER_BYTES..]);
    }

    #[test]
    fn what_is_empty_or_unknown_is_told() {
        assert!(parts(b"").unwrap().is_empty());
        assert!(matches!(parts(&[0, 1, 2, 3, 250, 251]), Err(Refused::Format)));
    }
}
