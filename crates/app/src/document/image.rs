//! What scans and photographs say of themselves: descriptions in EXIF and TIFF, texts of PNG, comments of JPEG.
//!
//! In come the bytes of an image, out come texts as far as somebody wrote them there; XMP is read by [`super`]. What
//! the picture shows is not read. A damaged image says less, and never more than a few texts.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// First bytes: JPEG, PNG, TIFF of both byte orders, GIF.
const MAGIC: [&[u8]; 5] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"GIF8"];
/// Texts that are read of one image.
const TEXTS: usize = 100;
/// The longest text, in bytes.
const TEXT_BYTES: u64 = 4_096;
/// Segments, chunks and fields that are looked at.
const PARTS: usize = 2_000;
/// Fields of EXIF and TIFF that are texts: description, maker's comment, and those of Windows in UTF-16.
const DESCRIPTION: u16 = 0x010e;
const WINDOWS: std::ops::RangeInclusive<u16> = 0x9c9b..=0x9c9f;

/// Whether these are the first bytes of an image.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}

/// The texts of an image.
pub(super) fn texts(bytes: &[u8]) -> Vec<String> {
    let mut found = if bytes.starts_with(MAGIC[0]) {
        jpeg(bytes)
    } else if bytes.starts_with(MAGIC[1]) {
        png(bytes)
    } else {
        tiff(bytes)
    };
    found.truncate(TEXTS);
    found
}

/// Comments and EXIF, which stand in segments before the picture.
fn jpeg(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes.get(2..).unwrap_or_default();
    for _ in 0..PARTS {
        let [0xff, kind, high, low, after @ ..] = rest else { break };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((data, next)) =
            length.checked_sub(2).and_then(|length| after.split_at_checked(length))
        else {
            break;
        };
        match *kind {
            0xfe => found.push(text(data)),
            0xe1 => found.extend(data.strip_prefix(b"Exif\0\0").map(tiff).into_iter().flatten()),
            // The picture begins.
            0xda => break,
            _ => {}
        }
        rest = next;
    }
    found
}

/// Texts in chunks, packed or not: a keyword, then what it says.
fn png(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    for _ in 0..PARTS {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { break };
        let Some((kind, after)) = after.split_first_chunk::<4>() else { break };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let Some((data, next)) = after.split_at_checked(length) else { break };
        let said = || data.splitn(2, |byte| *byte == 0).nth(1);
        match kind {
            b"tEXt" => found.extend(said().map(text)),
            b"zTXt" => found.extend(said().and_then(|said| said.get(1..)).map(unpacked)),
            // Flags of packing, then language and the keyword in it, each to its zero.
            b"iTXt" => {
                let packed = said().and_then(|said| said.first()).copied();
                let plain = said().and_then(|said| said.get(2..)?.splitn(3, |b| *b == 0).nth(2));
                found.extend(
                    plain.map(|said| if packed == Some(1) { unpacked(said) } else { text(said) }),
                );
            }
            b"eXIf" => found.extend(tiff(data)),
            _ => {}
        }
        let Some(next) = next.get(4..) else { break };
        rest = next;
    }
    found
}

/// Texts among the fields of the first directory.
fn tiff(bytes: &[u8]) -> Vec<String> {
    let is_little = bytes.starts_with(b"II");
    let short = |at: usize| {
        let pair = bytes.get(at..)?.first_chunk::<2>()?;
        Some(if is_little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) })
    };
    let long = |at: usize| {
        let four = bytes.get(at..)?.first_chunk::<4>()?;
        let number = if is_little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) };
        usize::try_from(number).ok()
    };
    let field = |at: usize| {
        let tag = short(at)?;
        let length = long(at.checked_add(4)?)?;
        let place = if length <= 4 { at.checked_add(8)? } else { long(at.checked_add(8)?)? };
        let data = bytes.get(place..)?.get(..length)?;
        match tag {
            DESCRIPTION => Some(text(data)),
            tag if WINDOWS.contains(&tag) => {
                let (pairs, _) = data.as_chunks::<2>();
                let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
                let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
                Some(String::from_utf16_lossy(&units))
            }
            _ => None,
        }
    };
    let Some((begin, count)) = long(4).and_then(|begin| Some((begin, short(begin)?))) else {
        return Vec::new();
    };
    let fields = (0..usize::from(count).min(PARTS))
        .filter_map(|number| field(begin.checked_add(2)?.checked_add(12 * number)?));
    fields.collect()
}

/// A text, to its zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let end = end.min(usize::try_from(TEXT_BYTES).unwrap_or(usize::MAX));
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

fn unpacked(bytes: &[u8]) -> String {
    let mut plain = Vec::new();
    let _ = ZlibDecoder::new(bytes).take(TEXT_BYTES).read_to_end(&mut plain);
    text(&plain)
}
