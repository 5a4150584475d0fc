//! Streams the elements of one big JSON array or object, each handed over as raw text, so that an element
//! of an unexpected form spoils nothing but itself.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Calls `each` on every element of the array, or every value of the object, in the order of the file.
pub(crate) fn for_each_element(
    input: impl Read,
    each: impl FnMut(&RawValue),
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    Elements(each).deserialize(&mut deserializer)?;
    deserializer.end()
}

struct Elements<F>(F);

impl<'de, F: FnMut(&RawValue)> DeserializeSeed<'de> for Elements<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&RawValue)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<Box<RawValue>>()? {
            (self.0)(&element);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some((_, value)) = entries.next_entry::<serde::de::IgnoredAny, Box<RawValue>>()? {
            (self.0)(&value);
        }
        Ok(())
    }
}

/// What is wrong with the text as a whole, in one line without the noise of types.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => {
            format!("the file ends in mid-record ({error}); is the download complete?")
        }
        serde_json::error::Category::Io => format!("cannot be read: {error}"),
        serde_json::error::Category::Syntax => format!("not valid JSON: {error}"),
        serde_json::error::Category::Data => error.to_string(),
    }
}
