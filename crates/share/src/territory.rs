//! Which territories count as countries: the policy that governs ranking, filters and contribution alike.

use whence_model::{CountryCode, Slug};
use whence_registry::{Policies, TerritoryPolicy};

/// A territory policy by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Territories {
    /// As ISO 3166-1 codes them.
    #[default]
    Iso,
    /// As the Nature Index reports them.
    NatureIndex,
}

impl Territories {
    /// The name of the policy among those of the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iso => "iso",
            Self::NatureIndex => "nature-index",
        }
    }

    /// The policy; none if the registry has none of that name, which counts everything as coded.
    pub(crate) fn policy(self, policies: &Policies) -> Option<&TerritoryPolicy> {
        Slug::parse(self.as_str())
            .ok()
            .and_then(|slug| policies.territory_policy(&slug))
    }
}

/// The country that a code counts for under a policy.
pub(crate) fn reporting_country(policy: Option<&TerritoryPolicy>, code: CountryCode) -> CountryCode {
    policy.map_or(code, |policy| policy.reporting_country(code))
}
