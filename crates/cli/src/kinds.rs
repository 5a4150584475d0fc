//! The kinds of entity under the words of the command line, singular and plural alike.

use clap::ValueEnum;
use whence_proto::types;

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Institutions, rolled up unless --level says otherwise
    #[value(alias = "institution")]
    Institutions,
    /// Cities: metropolitan areas where one is defined, else localities
    #[value(alias = "city")]
    Cities,
    /// GeoNames populated places
    #[value(alias = "locality")]
    Localities,
    /// Countries
    #[value(alias = "country")]
    Countries,
    /// Sectors
    #[value(alias = "sector")]
    Sectors,
    /// Named lists of institutions, which may overlap
    #[value(alias = "group")]
    Groups,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Institutions,
        Self::Cities,
        Self::Localities,
        Self::Countries,
        Self::Sectors,
        Self::Groups,
    ];

    /// One of them, for people and for exports.
    pub fn singular(self) -> &'static str {
        match self {
            Self::Institutions => "institution",
            Self::Cities => "city",
            Self::Localities => "locality",
            Self::Countries => "country",
            Self::Sectors => "sector",
            Self::Groups => "group",
        }
    }

    /// Several of them, for people.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Institutions => "institutions",
            Self::Cities => "cities",
            Self::Localities => "localities",
            Self::Countries => "countries",
            Self::Sectors => "sectors",
            Self::Groups => "groups",
        }
    }

    /// The kind on the wire.
    pub fn on_the_wire(self) -> types::EntityKind {
        match self {
            Self::Institutions => types::EntityKind::Institution,
            Self::Cities => types::EntityKind::City,
            Self::Localities => types::EntityKind::Locality,
            Self::Countries => types::EntityKind::Country,
            Self::Sectors => types::EntityKind::Sector,
            Self::Groups => types::EntityKind::Group,
        }
    }
}
