//! What addresses resolved to, as stored: `whence.type.v1.AddressResolution` and its parts.
//!
//! Spans are checked against the address: inside it and on character boundaries.

use whence_model::{
    AddressResolution, Confidence, CountryCode, GeonamesId, InstitutionMatch, Place, Resolution,
    ResolvedArticle, ResolverVersions, Role, RorId, Span, UnmatchedInstitution,
};

use crate::types;
use crate::violations::{IntoModel, Violations};

impl From<ResolvedArticle> for types::ResolvedArticle {
    fn from(resolved: ResolvedArticle) -> Self {
        let (article, resolutions) = resolved.into_parts();
        Self {
            article: Some(article.into()),
            resolutions: resolutions.into_iter().map(Into::into).collect(),
        }
    }
}

impl IntoModel for types::ResolvedArticle {
    type Model = ResolvedArticle;

    fn check(self, violations: &mut Violations) -> Option<ResolvedArticle> {
        let Self { article, resolutions } = self;
        let article = violations.required("article", article);
        let resolutions = violations.each("resolutions", resolutions, |violations, entry| {
            entry.check(violations)
        });
        violations.accept("resolutions", ResolvedArticle::new(article?, resolutions?))
    }
}

impl From<AddressResolution> for types::AddressResolution {
    fn from(resolved: AddressResolution) -> Self {
        let AddressResolution {
            affiliation,
            resolution,
        } = resolved;
        let Resolution {
            institutions,
            candidates,
            unmatched,
            place,
        } = resolution;
        Self {
            affiliation,
            institutions: institutions.into_iter().map(Into::into).collect(),
            candidates: candidates.into_iter().map(Into::into).collect(),
            place: resolved_place(place),
            unmatched: unmatched
                .into_iter()
                .map(|UnmatchedInstitution { span }| span.into())
                .collect(),
        }
    }
}

impl IntoModel for types::AddressResolution {
    type Model = AddressResolution;

    fn check(self, violations: &mut Violations) -> Option<AddressResolution> {
        let Self {
            affiliation,
            institutions,
            candidates,
            place,
            unmatched,
        } = self;
        let matched = |violations: &mut Violations, institution: types::ResolvedInstitution| {
            let matched = institution.check(violations)?;
            violations.within("span", |violations| {
                inside(violations, matched.span, &affiliation)
            })?;
            Some(matched)
        };
        let institutions = violations.each("institutions", institutions, matched);
        let candidates = violations.each("candidates", candidates, matched);
        let place = violations.within("place", |violations| place.unwrap_or_default().check(violations));
        let unmatched = violations.each("unmatched", unmatched, |violations, span| {
            let span = span.check(violations)?;
            inside(violations, span, &affiliation)?;
            Some(UnmatchedInstitution { span })
        });
        let resolution = Resolution {
            institutions: institutions?,
            candidates: candidates?,
            unmatched: unmatched?,
            place: place?,
        };
        Some(AddressResolution {
            affiliation,
            resolution,
        })
    }
}

fn inside(violations: &mut Violations, span: Span, affiliation: &str) -> Option<()> {
    let Span { start, end } = span;
    let outside = || format!("{start}..{end} does not lie inside the affiliation on character boundaries");
    violations.accept("", span.text(affiliation).map(|_| ()).ok_or_else(outside))
}

impl From<InstitutionMatch> for types::ResolvedInstitution {
    fn from(matched: InstitutionMatch) -> Self {
        let InstitutionMatch {
            ror_id,
            confidence,
            span,
            role,
            place,
        } = matched;
        Self {
            ror_id: ror_id.to_string(),
            confidence_ten_thousandths: confidence.ten_thousandths().into(),
            span: Some(span.into()),
            role: types::AffiliationRole::from(role).into(),
            place: resolved_place(place),
        }
    }
}

impl IntoModel for types::ResolvedInstitution {
    type Model = InstitutionMatch;

    fn check(self, violations: &mut Violations) -> Option<InstitutionMatch> {
        let Self {
            ror_id,
            confidence_ten_thousandths,
            span,
            role,
            place,
        } = self;
        let ror_id = violations.accept("ror_id", RorId::parse(&ror_id));
        let confidence = checked_confidence(violations, confidence_ten_thousandths);
        let span = violations.required("span", span);
        let role = violations.accept("role", types::AffiliationRole::try_from(role));
        let place = violations.within("place", |violations| place.unwrap_or_default().check(violations));
        Some(InstitutionMatch {
            ror_id: ror_id?,
            confidence: confidence?,
            span: span?,
            role: role?.into(),
            place: place?,
        })
    }
}

pub(crate) fn checked_confidence(violations: &mut Violations, ten_thousandths: i32) -> Option<Confidence> {
    let confidence = u16::try_from(ten_thousandths)
        .ok()
        .and_then(Confidence::from_ten_thousandths);
    let invalid = || format!("{ten_thousandths} is not from 0 to 10,000");
    violations.accept("confidence_ten_thousandths", confidence.ok_or_else(invalid))
}

impl From<Span> for types::TextSpan {
    fn from(span: Span) -> Self {
        let Span { start, end } = span;
        // Addresses have at most 16 KiB.
        let offset = |byte: u32| i32::try_from(byte).unwrap_or(i32::MAX);
        Self {
            start_byte: offset(start),
            end_byte: offset(end),
        }
    }
}

impl IntoModel for types::TextSpan {
    type Model = Span;

    fn check(self, violations: &mut Violations) -> Option<Span> {
        let Self { start_byte, end_byte } = self;
        let span = u32::try_from(start_byte).ok().zip(u32::try_from(end_byte).ok());
        let span = span
            .filter(|(start, end)| start <= end)
            .map(|(start, end)| Span { start, end });
        violations.accept(
            "",
            span.ok_or_else(|| format!("{start_byte}..{end_byte} is not a range of bytes")),
        )
    }
}

/// The message of a place; absent if nothing is known.
pub fn resolved_place(place: Place) -> Option<types::ResolvedPlace> {
    match place {
        Place::Unknown => None,
        Place::Country(country) => Some(types::ResolvedPlace {
            geonames_id: 0,
            country_code: country.to_string(),
        }),
        Place::Locality(locality, country) => Some(types::ResolvedPlace {
            geonames_id: locality.get().into(),
            country_code: country.to_string(),
        }),
    }
}

impl IntoModel for types::ResolvedPlace {
    type Model = Place;

    fn check(self, violations: &mut Violations) -> Option<Place> {
        let Self {
            geonames_id,
            country_code,
        } = self;
        let locality = match geonames_id {
            0 => Some(None),
            number => {
                let locality = u32::try_from(number).ok().and_then(GeonamesId::new);
                let invalid = || format!("{number} is not a GeoNames id");
                violations
                    .accept("geonames_id", locality.ok_or_else(invalid))
                    .map(Some)
            }
        };
        let country = violations.accept_optional("country_code", &country_code, CountryCode::parse);
        match (locality?, country?) {
            (None, None) => Some(Place::Unknown),
            (None, Some(country)) => Some(Place::Country(country)),
            (Some(locality), Some(country)) => Some(Place::Locality(locality, country)),
            (Some(_), None) => {
                violations.report("country_code", "is empty although geonames_id is set");
                None
            }
        }
    }
}

impl From<Role> for types::AffiliationRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Affiliation => Self::Affiliation,
            Role::PresentAddress => Self::PresentAddress,
        }
    }
}

impl From<types::AffiliationRole> for Role {
    fn from(role: types::AffiliationRole) -> Self {
        match role {
            types::AffiliationRole::Unspecified | types::AffiliationRole::Affiliation => Self::Affiliation,
            types::AffiliationRole::PresentAddress => Self::PresentAddress,
        }
    }
}

impl From<ResolverVersions> for types::ResolverVersions {
    fn from(versions: ResolverVersions) -> Self {
        let ResolverVersions {
            registry_version,
            registry_checksum,
            engine_version,
            override_revision,
        } = versions;
        Self {
            registry_version,
            registry_checksum,
            engine_version,
            override_revision: i64::try_from(override_revision).unwrap_or(i64::MAX),
        }
    }
}

impl IntoModel for types::ResolverVersions {
    type Model = ResolverVersions;

    fn check(self, violations: &mut Violations) -> Option<ResolverVersions> {
        let Self {
            registry_version,
            registry_checksum,
            engine_version,
            override_revision,
        } = self;
        let named = [
            ("registry_version", &registry_version),
            ("registry_checksum", &registry_checksum),
            ("engine_version", &engine_version),
        ];
        for (field, _) in named.iter().filter(|(_, text)| text.is_empty()) {
            violations.report(field, "is empty");
        }
        let complete = named.iter().all(|(_, text)| !text.is_empty());
        let revision =
            u64::try_from(override_revision).map_err(|_| format!("{override_revision} is negative"));
        let override_revision = violations.accept("override_revision", revision)?;
        complete.then_some(ResolverVersions {
            registry_version,
            registry_checksum,
            engine_version,
            override_revision,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_lies_inside_its_address() {
        let span = |start_byte, end_byte| types::TextSpan { start_byte, end_byte };
        let resolution = types::AddressResolution {
            affiliation: "Universität Zürich".into(),
            unmatched: vec![span(0, 12), span(0, 99), span(9, 10), span(5, 2), span(-1, 3)],
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
            ["unmatched[1]", "unmatched[2]", "unmatched[3]", "unmatched[4]"]
        );
    }

    #[test]
    fn a_locality_has_its_country() {
        let place = |geonames_id, country_code: &str| {
            types::ResolvedPlace {
                geonames_id,
                country_code: country_code.into(),
            }
            .into_model()
        };
        assert_eq!(place(0, "").unwrap(), Place::Unknown);
        assert_eq!(place(0, "cn").unwrap().country().unwrap().as_str(), "CN");
        assert_eq!(place(7, "").unwrap_err().violations[0].field, "country_code");
        assert_eq!(place(-7, "x").unwrap_err().violations.len(), 2);
    }

    #[test]
    fn resolutions_of_other_addresses_are_refused() {
        let identifiers = types::ArticleIdentifiers {
            pmid: "7".into(),
            ..Default::default()
        };
        let article = types::Article {
            identifiers: Some(identifiers),
            source: "pubmed".into(),
            ..Default::default()
        };
        let other = types::AddressResolution {
            affiliation: "elsewhere".into(),
            ..Default::default()
        };
        let message = types::ResolvedArticle {
            article: Some(article),
            resolutions: vec![other],
        };
        assert_eq!(
            message.into_model().unwrap_err().violations[0].field,
            "resolutions"
        );
    }
}
