//! Serialises the model's words as the text they print and parse, for `#[serde(with = "text_form")]`.
//! The model derives no serialisation, so that no layout is frozen by accident.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use whence_model::{CountryCode, InvalidText, Sector, Slug};

/// A word of the model with one canonical text.
pub(crate) trait TextForm: Sized {
    fn text(&self) -> &str;
    fn parse(text: &str) -> Result<Self, InvalidText>;
}

macro_rules! text_form {
    ($($word:ty),*) => {$(
        impl TextForm for $word {
            fn text(&self) -> &str {
                self.as_str()
            }
            fn parse(text: &str) -> Result<Self, InvalidText> {
                Self::parse(text)
            }
        }
    )*};
}

text_form!(CountryCode, Slug);

impl TextForm for Sector {
    fn text(&self) -> &str {
        self.as_str()
    }
    fn parse(text: &str) -> Result<Self, InvalidText> {
        Self::parse(text)
    }
}

pub(crate) fn serialize<T: TextForm, S: Serializer>(word: &T, serializer: S) -> Result<S::Ok, S::Error> {
    word.text().serialize(serializer)
}

pub(crate) fn deserialize<'de, T: TextForm, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::parse(<&str>::deserialize(deserializer)?).map_err(D::Error::custom)
}
