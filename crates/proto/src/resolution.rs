//! The resolver's answer: `whence.affiliation.v1.Resolution` without the names, which stay in the
//! registry. The way back needs those names and is the resolver's own.

use whence_model::{
    CountryCode, GeonamesId, InstitutionMatch, Place, Resolution, RorId, UnmatchedInstitution,
};

use crate::resolved::checked_confidence;
use crate::violations::{IntoModel, Violations};
use crate::{affiliation, types};

impl IntoModel for affiliation::Resolution {
    type Model = Resolution;

    fn check(self, violations: &mut Violations) -> Option<Resolution> {
        // The place at the top is derived from the first institution and the printed place.
        let Self {
            institutions,
            candidates,
            unmatched,
            locality: _,
            city: _,
            country_code: _,
            printed_place,
            override_ids: _,
        } = self;
        let institutions = violations.each("institutions", institutions, |violations, it| {
            it.check(violations)
        });
        let candidates = violations.each("candidates", candidates, |violations, it| it.check(violations));
        let unmatched = violations.each("unmatched", unmatched, |violations, it| it.check(violations));
        let place = violations.within("printed_place", |violations| {
            printed_place.unwrap_or_default().check(violations)
        });
        Some(Resolution {
            institutions: institutions?,
            candidates: candidates?,
            unmatched: unmatched?,
            place: place?,
        })
    }
}

impl IntoModel for affiliation::MatchedInstitution {
    type Model = InstitutionMatch;

    fn check(self, violations: &mut Violations) -> Option<InstitutionMatch> {
        let Self {
            ror_id,
            name: _,
            confidence_ten_thousandths,
            span,
            role,
            country_code,
            locality,
            city: _,
            parents: _,
            state: _,
            successors: _,
        } = self;
        let ror_id = violations.accept("ror_id", RorId::parse(&ror_id));
        let confidence = checked_confidence(violations, confidence_ten_thousandths);
        let span = violations.required("span", span);
        let role = violations.accept("role", types::AffiliationRole::try_from(role));
        let country = violations.accept_optional("country_code", &country_code, CountryCode::parse);
        let locality = violations.optional("locality", locality);
        let place = match (locality?, country?) {
            (Some((id, country)), _) => Place::Locality(id, country),
            (None, Some(country)) => Place::Country(country),
            (None, None) => Place::Unknown,
        };
        Some(InstitutionMatch {
            ror_id: ror_id?,
            confidence: confidence?,
            span: span?,
            role: role?.into(),
            place,
        })
    }
}

impl IntoModel for affiliation::Locality {
    type Model = (GeonamesId, CountryCode);

    fn check(self, violations: &mut Violations) -> Option<Self::Model> {
        let Self {
            geonames_id,
            name: _,
            country_code,
        } = self;
        let id = u32::try_from(geonames_id).ok().and_then(GeonamesId::new);
        let id = violations.accept(
            "geonames_id",
            id.ok_or_else(|| format!("{geonames_id} is not a GeoNames id")),
        );
        let country = violations.accept("country_code", CountryCode::parse(&country_code));
        Some((id?, country?))
    }
}

impl IntoModel for affiliation::UnmatchedInstitution {
    type Model = UnmatchedInstitution;

    fn check(self, violations: &mut Violations) -> Option<UnmatchedInstitution> {
        let Self { text: _, span } = self;
        Some(UnmatchedInstitution {
            span: violations.required("span", span)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(
        locality: Option<affiliation::Locality>,
        country_code: &str,
    ) -> affiliation::MatchedInstitution {
        affiliation::MatchedInstitution {
            ror_id: "https://ror.org/05qbk4x57".into(),
            confidence_ten_thousandths: 9_000,
            span: Some(types::TextSpan {
                start_byte: 0,
                end_byte: 3,
            }),
            country_code: country_code.into(),
            locality,
            ..Default::default()
        }
    }

    #[test]
    fn the_place_of_a_match_is_as_exact_as_known() {
        let beijing = affiliation::Locality {
            geonames_id: 1_816_670,
            name: "Beijing".into(),
            country_code: "CN".into(),
        };
        let place = |institution: affiliation::MatchedInstitution| institution.into_model().unwrap().place;
        assert_eq!(
            place(matched(Some(beijing), "CN")).locality().unwrap().get(),
            1_816_670
        );
        assert_eq!(place(matched(None, "CN")).country().unwrap().as_str(), "CN");
        assert_eq!(place(matched(None, "")), Place::Unknown);
    }

    #[test]
    fn violations_name_the_institution() {
        let bad = affiliation::MatchedInstitution {
            ror_id: "x".into(),
            span: None,
            ..matched(None, "C")
        };
        let resolution = affiliation::Resolution {
            institutions: vec![matched(None, "CN"), bad],
            ..Default::default()
        };
        let invalid = resolution.into_model().unwrap_err();
        let fields: Vec<_> = invalid
            .violations
            .iter()
            .map(|violation| violation.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "institutions[1].ror_id",
                "institutions[1].span",
                "institutions[1].country_code"
            ]
        );
    }
}
