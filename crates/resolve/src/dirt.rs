//! Characters as they were meant: HTML entities and UTF-8 that was once read as Latin-1 or Windows-1252.
//!
//! `Gen&egrave;ve` and `GenÃ¨ve` are read as `Genève`; each character keeps the span of what is printed.

/// A character with its bytes in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meant {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The character.
    pub character: char,
}

/// The longest entity that is looked for, with its `&` and `;`.
const ENTITY_BYTES_MAX: usize = 12;

/// The character that begins at a byte, which must be the first of one.
pub fn meant(text: &str, start: usize) -> Option<Meant> {
    let character = text.get(start..)?.chars().next()?;
    let plain = Meant {
        start,
        end: start + character.len_utf8(),
        character,
    };
    let repaired = match character {
        '&' => entity(text, start),
        'Â'..='Å' => twice_encoded(text, plain),
        _ => None,
    };
    Some(repaired.unwrap_or(plain))
}

fn entity(text: &str, start: usize) -> Option<Meant> {
    let bytes = text.as_bytes();
    let window = bytes.get(start..bytes.len().min(start + ENTITY_BYTES_MAX))?;
    let length = window.iter().position(|&b| b == b';')? + 1;
    let printed = text.get(start..start + length)?;
    let decoded = html_escape::decode_html_entities(printed);
    let mut characters = decoded.chars();
    let character = characters
        .next()
        .filter(|_| decoded != printed && characters.next().is_none())?;
    Some(Meant {
        start,
        end: start + length,
        character,
    })
}

/// Two bytes of UTF-8, each read as a character: the second says nothing by itself in a word.
fn twice_encoded(text: &str, lead: Meant) -> Option<Meant> {
    let next = text.get(lead.end..)?.chars().next()?;
    let (high, low) = (
        u32::from(lead.character) & 0x1f,
        u32::from(windows_1252_byte(next)?) & 0x3f,
    );
    Some(Meant {
        start: lead.start,
        end: lead.end + next.len_utf8(),
        character: char::from_u32(high << 6 | low).filter(|c| c.is_alphabetic())?,
    })
}

/// The byte from 0x80 to 0xbf that a character stands for in Latin-1 or Windows-1252.
fn windows_1252_byte(character: char) -> Option<u8> {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    if let code @ 0x80..=0xbf = u32::from(character) {
        return u8::try_from(code).ok();
    }
    let at = UPPER.iter().position(|&upper| upper == character)?;
    u8::try_from(0x80 + at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let mut mended = String::new();
        let mut at = 0;
        while let Some(found) = meant(text, at) {
            mended.push(found.character);
            at = found.end;
        }
        mended
    }

    #[test]
    fn what_was_meant_is_read() {
        for (printed, expected) in [
            ("Gen&egrave;ve", "Genève"),
            ("AT&amp;T", "AT&T"),
            ("Universit&#233;", "Université"),
            ("GenÃ¨ve", "Genève"),
            ("Ã‰cole", "École"),
            ("ZÃ¼rich, SÃ£o Paulo", "Zürich, São Paulo"),
            ("Genève, São, Ångström & Co; x", "Genève, São, Ångström & Co; x"),
            ("R&D; unit", "R&D; unit"),
        ] {
            assert_eq!(mended(printed), expected);
        }
    }
}
