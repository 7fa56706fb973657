//! Zstandard files of any number of frames, as tools that compress in parallel write them.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

/// No frame may ask for a larger window, because a decoder has to hold all of it.
const MAX_WINDOW_BYTES: u64 = 64 << 20;

/// What all frames of an input hold, one after the other.
pub(crate) struct Frames<R: BufRead> {
    state: State<R>,
}

enum State<R: BufRead> {
    Between(R),
    Inside(Box<StreamingDecoder<R, FrameDecoder>>),
    Ended,
}

impl<R: BufRead> Frames<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { state: State::Between(input) }
    }

    /// Enters the next frame that holds data, if there is one.
    fn enter(mut input: R) -> io::Result<State<R>> {
        loop {
            let mut head = Vec::with_capacity(8);
            // The magic number stays with the frame; only that of a frame to be skipped is taken.
            let ready = input.fill_buf()?;
            if ready.is_empty() {
                return Ok(State::Ended);
            }
            let skip = matches!(ready, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
            if !skip {
                let decoder = StreamingDecoder::new_with_max_window_size(input, MAX_WINDOW_BYTES)
                    .map_err(|error| {
                    io::Error::other(format!("not Zstandard data: {error}"))
                })?;
                return Ok(State::Inside(Box::new(decoder)));
            }
            (&mut input).take(8).read_to_end(&mut head)?;
            let length = head.get(4..).and_then(|rest| rest.first_chunk()).copied();
            let length = length.map_or(0, |bytes| u64::from(u32::from_le_bytes(bytes)));
            io::copy(&mut (&mut input).take(length), &mut io::sink())?;
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Between(input) => Self::enter(input)?,
                State::Inside(mut decoder) => {
                    let count = decoder.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        self.state = State::Inside(decoder);
                        return Ok(count);
                    }
                    State::Between(decoder.into_inner())
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    #[test]
    fn all_frames_are_read_and_what_is_no_data_is_skipped() {
        let mut packed = vec![0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        for text in ["first\n", "", "second\n"] {
            packed.extend(compress_to_vec(text.as_bytes(), CompressionLevel::Fastest));
        }
        let mut text = String::new();
        Frames::new(&packed[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, "first\nsecond\n");
        packed.extend_from_slice(b"what is this?");
        let mut out = Vec::new();
        assert!(Frames::new(&packed[..]).read_to_end(&mut out).is_err());
        assert_eq!(out, b"first\nsecond\n");
    }
}
