//! The closed lists of ROR: types of institution, states of a record, kinds of name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an institution is, in the words of ROR. An institution has one or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum InstitutionType {
    /// A university, college or school.
    Education,
    /// A hospital or health system.
    Healthcare,
    /// A firm.
    Company,
    /// A library, museum or archive.
    Archive,
    /// A charity, foundation or learned society.
    Nonprofit,
    /// A public body.
    Government,
    /// A place where research is done: an institute, a laboratory, an observatory.
    Facility,
    /// A body that pays for research.
    Funder,
    /// Anything else.
    Other,
}

impl InstitutionType {
    /// All types, in declared order.
    pub const ALL: [Self; 9] = [
        Self::Education,
        Self::Healthcare,
        Self::Company,
        Self::Archive,
        Self::Nonprofit,
        Self::Government,
        Self::Facility,
        Self::Funder,
        Self::Other,
    ];

    /// The word of ROR, such as `education`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Education => "education",
            Self::Healthcare => "healthcare",
            Self::Company => "company",
            Self::Archive => "archive",
            Self::Nonprofit => "nonprofit",
            Self::Government => "government",
            Self::Facility => "facility",
            Self::Funder => "funder",
            Self::Other => "other",
        }
    }

    /// The type that ROR calls by this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The types of one institution, as a set.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct InstitutionTypes(u16);

impl InstitutionTypes {
    /// No type.
    pub const NONE: Self = Self(0);

    /// Whether the institution is of this type, perhaps among others.
    pub const fn contains(self, kind: InstitutionType) -> bool {
        self.0 & kind.bit() != 0
    }

    /// The types, in declared order.
    pub fn iter(self) -> impl Iterator<Item = InstitutionType> {
        InstitutionType::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn insert(&mut self, kind: InstitutionType) {
        self.0 |= kind.bit();
    }

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u16) -> Option<Self> {
        if bits < 1 << InstitutionType::ALL.len() {
            Some(Self(bits))
        } else {
            None
        }
    }
}

impl FromIterator<InstitutionType> for InstitutionTypes {
    fn from_iter<I: IntoIterator<Item = InstitutionType>>(kinds: I) -> Self {
        let mut types = Self::NONE;
        kinds.into_iter().for_each(|kind| types.insert(kind));
        types
    }
}

impl fmt::Debug for InstitutionTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The state of a ROR record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstitutionState {
    /// It exists.
    #[default]
    Active,
    /// It existed; it may have successors.
    Inactive,
    /// The record should not have been made, or doubles another.
    Withdrawn,
}

impl InstitutionState {
    /// All states, in declared order.
    pub const ALL: [Self; 3] = [Self::Active, Self::Inactive, Self::Withdrawn];

    /// The word of ROR, such as `active`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state that ROR calls by this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// How a name is meant. A name that ROR gives several kinds has the first that applies of display,
/// acronym, label and alias, since an acronym needs care even where it is also a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// The name under which the institution is shown; each has exactly one.
    Display,
    /// A full name in some language.
    Label,
    /// Another name, perhaps a former one.
    Alias,
    /// An abbreviation.
    Acronym,
}

impl NameKind {
    /// All kinds, in declared order.
    pub const ALL: [Self; 4] = [Self::Display, Self::Label, Self::Alias, Self::Acronym];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_ror_parses_back() {
        for kind in InstitutionType::ALL {
            assert_eq!(InstitutionType::parse(kind.as_str()), Some(kind));
        }
        for state in InstitutionState::ALL {
            assert_eq!(InstitutionState::parse(state.as_str()), Some(state));
        }
        assert_eq!(InstitutionType::parse("Education"), None);
    }

    #[test]
    fn a_set_of_types_holds_what_was_put_in() {
        let types: InstitutionTypes = [InstitutionType::Other, InstitutionType::Education]
            .into_iter()
            .collect();
        assert!(types.contains(InstitutionType::Education) && !types.contains(InstitutionType::Funder));
        assert_eq!(
            types.iter().collect::<Vec<_>>(),
            [InstitutionType::Education, InstitutionType::Other]
        );
        assert_eq!(InstitutionTypes::from_bits(types.bits()), Some(types));
        assert_eq!(InstitutionTypes::from_bits(1 << 9), None);
    }
}
