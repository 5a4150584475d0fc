//! Dense indexes: the place of a record in its sorted table.
//!
//! An index is only meaningful within one registry. Its order is the order of the identifier behind it:
//! institutions by ROR id in byte order, places by GeoNames id, metropolitan areas by slug.

use serde::{Deserialize, Serialize};

macro_rules! dense_index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(u32);

        impl $name {
            /// The record at this position.
            pub const fn new(position: u32) -> Self {
                Self(position)
            }

            /// The position, for storing.
            pub const fn get(self) -> u32 {
                self.0
            }

            /// The position, for indexing.
            pub const fn to_usize(self) -> usize {
                self.0 as usize
            }

            pub(crate) fn from_usize(position: usize) -> Self {
                Self(u32::try_from(position).unwrap_or(u32::MAX))
            }
        }
    };
}

dense_index! {
    /// An institution, in byte order of ROR id.
    InstitutionIndex
}
dense_index! {
    /// A place, in order of GeoNames id.
    PlaceIndex
}
dense_index! {
    /// A metropolitan area, in order of slug.
    MetropolitanAreaIndex
}

/// A city as ranked: the metropolitan area where one is defined, else the place itself. The cheap twin
/// of [`whence_model::CityId`], for hot paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CityIndex {
    /// A place outside every metropolitan area.
    Locality(PlaceIndex),
    /// A metropolitan area.
    MetropolitanArea(MetropolitanAreaIndex),
}
