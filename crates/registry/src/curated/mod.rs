//! What is not in ROR or GeoNames: countries, metropolitan areas, groups of institutions and policies,
//! each a reviewed CSV file of its own.
//!
//! The types here are what the files mean once joined with the registry: ROR ids have become indexes,
//! "and descendants" has become the descendants. A row that cannot be meant stops the build with its file
//! and line; a row about an institution or place that this registry lacks is left out and reported.

pub(crate) mod countries;
pub(crate) mod groups;
pub(crate) mod metropolitan;
pub(crate) mod policies;
pub(crate) mod subdivisions;

use serde::{Deserialize, Serialize};
use whence_model::{CountryCode, Sector, Slug};

use crate::text_form;
use crate::{InstitutionIndex, InstitutionType, InstitutionTypes};

/// A country or territory of ISO 3166-1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Country {
    /// Its code.
    #[serde(with = "text_form")]
    pub code: CountryCode,
    /// English short name.
    pub name: String,
    /// Other forms found in printed addresses.
    pub alternates: Vec<String>,
}

/// A first-order subdivision: a state, a province, a canton.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subdivision {
    /// The country it is in.
    #[serde(with = "text_form")]
    pub country: CountryCode,
    /// GeoNames' code, as in [`crate::PlaceRecord::admin1_code`].
    pub admin1_code: String,
    /// Name.
    pub name: String,
    /// The code that ROR gives, mostly that of ISO 3166-2, such as `CA` for California.
    pub code: String,
}

/// A metropolitan area: several places that rank as one city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetropolitanArea {
    /// Name for machines.
    #[serde(with = "text_form")]
    pub slug: Slug,
    /// Name for people.
    pub name: String,
    /// The country it is in.
    #[serde(with = "text_form")]
    pub country: CountryCode,
}

/// A named list of institutions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Name for machines.
    #[serde(with = "text_form")]
    pub slug: Slug,
    /// Name for people.
    pub name: String,
    /// Its members in order of index, descendants included where the list says so.
    pub members: Vec<InstitutionIndex>,
}

/// Rules of counting that are data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// Which children count for which parents.
    pub roll_up: RollUpPolicy,
    /// Sectors that differ from what the types say, in order of institution.
    pub sector_exceptions: Vec<SectorException>,
    /// Parents that ROR records only as related. They are among the institution's `parents` already;
    /// this says which ones are ours.
    pub joint_institutions: Vec<JointInstitution>,
    /// Which country a territory counts for, by policy; `iso` is always there. In order of slug.
    pub territories: Vec<TerritoryPolicy>,
}

impl Policies {
    /// The territory policy of this name.
    pub fn territory_policy(&self, slug: &Slug) -> Option<&TerritoryPolicy> {
        self.territories.iter().find(|policy| policy.slug == *slug)
    }

    /// The sector that an institution has by exception.
    pub fn sector_exception(&self, institution: InstitutionIndex) -> Option<Sector> {
        let rows = &self.sector_exceptions;
        let found = rows
            .binary_search_by_key(&institution, |row| row.institution)
            .ok()?;
        rows.get(found).map(|row| row.sector)
    }
}

/// Which children count for which parents: all do, save those listed here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollUpPolicy {
    /// An institution of one of these types stands alone.
    pub standing_types: Vec<InstitutionType>,
    /// Nothing rolls up into these: systems, ministries, councils that only fund. In order of index.
    pub barred_parents: Vec<InstitutionIndex>,
    /// These stand alone whatever their type. In order of index.
    pub standing_institutions: Vec<InstitutionIndex>,
    /// These roll up whatever their type. In order of index.
    pub rolling_institutions: Vec<InstitutionIndex>,
}

impl RollUpPolicy {
    /// Whether `child`, of these types, counts for its parent `parent`.
    pub fn permits(
        &self,
        child: InstitutionIndex,
        types: InstitutionTypes,
        parent: InstitutionIndex,
    ) -> bool {
        let listed = |list: &[InstitutionIndex], index| list.binary_search(&index).is_ok();
        if listed(&self.barred_parents, parent) || listed(&self.standing_institutions, child) {
            return false;
        }
        listed(&self.rolling_institutions, child)
            || !self.standing_types.iter().any(|kind| types.contains(*kind))
    }
}

/// A sector that differs from what the types say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectorException {
    /// The institution.
    pub institution: InstitutionIndex,
    /// Its sector.
    #[serde(with = "text_form")]
    pub sector: Sector,
}

/// A parent that ROR records only as related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointInstitution {
    /// The joint institution.
    pub institution: InstitutionIndex,
    /// One of its parents.
    pub parent: InstitutionIndex,
}

/// Which country each territory counts for; those not listed count for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerritoryPolicy {
    /// Name for machines, such as `nature-index`.
    #[serde(with = "text_form")]
    pub slug: Slug,
    /// The territories counted elsewhere, in order of territory.
    pub territories: Vec<Territory>,
}

impl TerritoryPolicy {
    /// The country that a place coded so counts for.
    pub fn reporting_country(&self, code: CountryCode) -> CountryCode {
        let found = self
            .territories
            .binary_search_by_key(&code, |row| row.territory)
            .ok();
        found
            .and_then(|at| self.territories.get(at))
            .map_or(code, |row| row.country)
    }
}

/// A territory counted within a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Territory {
    /// The territory, as coded.
    #[serde(with = "text_form")]
    pub territory: CountryCode,
    /// The country it counts for.
    #[serde(with = "text_form")]
    pub country: CountryCode,
}
