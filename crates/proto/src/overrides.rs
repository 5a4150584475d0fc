//! Overrides on the wire: `whence.curation.v1`.
//!
//! What a request must hold beyond its form, such as that an institution is known, is checked where the
//! registry is.

use prost_types::Timestamp;
use whence_model::{
    CountryCode, Decision, GeonamesId, NamePattern, Override, OverrideChange, OverrideId, OverrideSubject,
    RorId,
};

use crate::curation as pb;
use crate::violations::{IntoModel, Violations};

/// The header in which responses say which revision of the overrides they have reached, and requests which
/// one they need.
pub const OVERRIDE_REVISION_HEADER: &str = "whence-override-revision";

impl From<Override> for pb::Override {
    fn from(entry: Override) -> Self {
        let Override {
            id,
            subject,
            ror_ids,
            created,
            deleted,
        } = entry;
        Self {
            override_id: id.to_string(),
            ror_ids: ror_ids.iter().map(ToString::to_string).collect(),
            created: Some(created.into()),
            deleted: deleted.map(Into::into),
            subject: Some(match subject {
                OverrideSubject::Address(address) => pb::r#override::Subject::Address(address),
                OverrideSubject::Pattern(pattern) => pb::r#override::Subject::Pattern(pattern.into()),
            }),
        }
    }
}

impl IntoModel for pb::Override {
    type Model = Override;

    fn check(self, violations: &mut Violations) -> Option<Override> {
        let Self {
            override_id,
            subject,
            ror_ids,
            created,
            deleted,
        } = self;
        let id = violations.accept("override_id", OverrideId::parse(&override_id));
        let subject = match subject {
            Some(pb::r#override::Subject::Address(address)) => Some(OverrideSubject::Address(address)),
            Some(pb::r#override::Subject::Pattern(pattern)) => violations
                .within("pattern", |violations| pattern.check(violations))
                .map(OverrideSubject::Pattern),
            None => {
                violations.report("subject", "is not set; set address or pattern");
                None
            }
        };
        let ror_ids = violations.accept_each("ror_ids", ror_ids, |text| RorId::parse(&text));
        let created = violations.required("created", created);
        let deleted = violations.optional("deleted", deleted);
        Some(Override {
            id: id?,
            subject: subject?,
            ror_ids: ror_ids?,
            created: created?,
            deleted: deleted?,
        })
    }
}

impl From<NamePattern> for pb::NamePattern {
    fn from(pattern: NamePattern) -> Self {
        let NamePattern {
            name,
            country,
            locality,
        } = pattern;
        Self {
            name,
            country_code: country.map(|country| country.to_string()).unwrap_or_default(),
            geonames_id: locality.map(|locality| locality.get().into()).unwrap_or_default(),
        }
    }
}

impl IntoModel for pb::NamePattern {
    type Model = NamePattern;

    fn check(self, violations: &mut Violations) -> Option<NamePattern> {
        let Self {
            name,
            country_code,
            geonames_id,
        } = self;
        let country = violations.accept_optional("country_code", &country_code, CountryCode::parse);
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
        Some(NamePattern {
            name,
            country: country?,
            locality: locality?,
        })
    }
}

impl From<OverrideChange> for pb::OverrideChange {
    fn from(change: OverrideChange) -> Self {
        let OverrideChange {
            decision:
                Decision {
                    curator,
                    reason,
                    unix_milliseconds,
                },
            revision,
        } = change;
        // The remainder of a thousand, made nanoseconds, is below 10⁹.
        let nanos = i32::try_from(unix_milliseconds.rem_euclid(1_000) * 1_000_000).unwrap_or_default();
        Self {
            curator,
            reason,
            time: Some(Timestamp {
                seconds: unix_milliseconds.div_euclid(1_000),
                nanos,
            }),
            revision: i64::try_from(revision).unwrap_or(i64::MAX),
        }
    }
}

impl IntoModel for pb::OverrideChange {
    type Model = OverrideChange;

    fn check(self, violations: &mut Violations) -> Option<OverrideChange> {
        let Self {
            curator,
            reason,
            time,
            revision,
        } = self;
        let Timestamp { seconds, nanos } = time.unwrap_or_default();
        let milliseconds = seconds
            .checked_mul(1_000)
            .and_then(|whole| whole.checked_add(i64::from(nanos / 1_000_000)));
        let milliseconds = milliseconds.ok_or("is beyond all times");
        let unix_milliseconds = violations.accept("time", milliseconds);
        let revision = u64::try_from(revision).ok().filter(|&revision| revision > 0);
        let revision = violations.accept("revision", revision.ok_or("is not from 1 up"));
        Some(OverrideChange {
            decision: Decision {
                curator,
                reason,
                unix_milliseconds: unix_milliseconds?,
            },
            revision: revision?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_name_the_part_of_the_override() {
        let bad = pb::Override {
            override_id: "x".into(),
            ror_ids: vec!["https://ror.org/05qbk4x57".into(), "y".into()],
            subject: Some(pb::r#override::Subject::Pattern(pb::NamePattern {
                name: "CNRS".into(),
                country_code: "France".into(),
                geonames_id: -1,
            })),
            created: Some(pb::OverrideChange::default()),
            deleted: None,
        };
        let invalid = bad.into_model().unwrap_err();
        let fields: Vec<_> = invalid.violations.into_iter().map(|one| one.field).collect();
        assert_eq!(
            fields,
            [
                "override_id",
                "pattern.country_code",
                "pattern.geonames_id",
                "ror_ids[1]",
                "created.revision"
            ]
        );
    }
}
