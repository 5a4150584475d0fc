//! An override as JSON: what `--json` prints, and a line of an export.

use serde::{Deserialize, Serialize};
use whence_model::{CountryCode, GeonamesId, NamePattern, OverrideSubject};
use whence_proto::curation;
use whence_proto::curation::{create_override_request, r#override::Subject};

/// An override. In a file to import, what is told about its past may be left out, and is read over.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) override_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) country_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) geonames_id: Option<u32>,
    pub(super) ror_ids: Vec<String>,
    #[serde(default)]
    pub(super) curator: String,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default)]
    pub(super) time: String,
    #[serde(default)]
    pub(super) revision: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted: Option<ChangeJson>,
}

/// A deletion.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeJson {
    pub(super) curator: String,
    pub(super) reason: String,
    pub(super) time: String,
    pub(super) revision: i64,
}

impl ChangeJson {
    fn of(change: curation::OverrideChange) -> Self {
        let curation::OverrideChange {
            curator,
            reason,
            time,
            revision,
        } = change;
        Self {
            curator,
            reason,
            // RFC 3339, as the message of a time prints itself.
            time: time.map(|time| time.to_string()).unwrap_or_default(),
            revision,
        }
    }
}

impl OverrideJson {
    /// The form of an override.
    pub(super) fn of(entry: curation::Override) -> Self {
        let curation::Override {
            override_id,
            subject,
            ror_ids,
            created,
            deleted,
        } = entry;
        let (address, pattern) = match subject {
            Some(Subject::Address(address)) => (Some(address), None),
            Some(Subject::Pattern(pattern)) => (None, Some(pattern)),
            None => (None, None),
        };
        let created = ChangeJson::of(created.unwrap_or_default());
        let (country, locality) = pattern
            .as_ref()
            .map(|pattern| (pattern.country_code.clone(), pattern.geonames_id))
            .unwrap_or_default();
        Self {
            override_id: Some(override_id),
            address,
            name: pattern.map(|pattern| pattern.name),
            country_code: Some(country).filter(|code| !code.is_empty()),
            geonames_id: u32::try_from(locality).ok().filter(|&id| id != 0),
            ror_ids,
            curator: created.curator,
            reason: created.reason,
            time: created.time,
            revision: created.revision,
            deleted: deleted.map(ChangeJson::of),
        }
    }

    /// What it stands for, if it says so in one way.
    pub(super) fn subject(&self) -> Result<OverrideSubject, String> {
        match (&self.address, &self.name) {
            (Some(address), None) if self.country_code.is_none() && self.geonames_id.is_none() => {
                Ok(OverrideSubject::Address(address.clone()))
            }
            (Some(_), None) => Err("country_code and geonames_id go with name, not with address".to_owned()),
            (None, Some(name)) => {
                let country = self.country_code.as_deref().map(CountryCode::parse);
                let locality = self
                    .geonames_id
                    .map(|id| GeonamesId::new(id).ok_or("geonames_id is 0"));
                Ok(OverrideSubject::Pattern(NamePattern {
                    name: name.clone(),
                    country: country.transpose().map_err(|error| error.to_string())?,
                    locality: locality.transpose()?,
                }))
            }
            _ => Err("say address or name, one of the two".to_owned()),
        }
    }

    /// The request that creates it.
    pub(super) fn creation(self, subject: OverrideSubject) -> curation::CreateOverrideRequest {
        let subject = match subject {
            OverrideSubject::Address(address) => create_override_request::Subject::Address(address),
            OverrideSubject::Pattern(pattern) => create_override_request::Subject::Pattern(pattern.into()),
        };
        curation::CreateOverrideRequest {
            subject: Some(subject),
            none: self.ror_ids.is_empty(),
            ror_ids: self.ror_ids,
            curator: self.curator,
            reason: self.reason,
            request_id: String::new(),
            report_articles: false,
        }
    }

    /// What it stands for, for people.
    pub(super) fn stands_for(&self) -> String {
        if let Some(address) = &self.address {
            return format!("“{address}”");
        }
        let name = self.name.as_deref().unwrap_or_default();
        let country = self.country_code.iter().map(|code| format!(", in {code}"));
        let locality = self.geonames_id.iter().map(|id| format!(", in geonames:{id}"));
        format!("…{name}…") + &country.chain(locality).collect::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<OverrideSubject, String> {
        let read: OverrideJson = serde_json::from_str(line).map_err(|error| error.to_string())?;
        read.subject()
    }

    #[test]
    fn a_line_says_one_thing() {
        let address = read(r#"{"address": "a", "ror_ids": []}"#).unwrap();
        assert_eq!(address, OverrideSubject::Address("a".into()));
        let pattern = read(r#"{"name": "a", "country_code": "cn", "geonames_id": 7, "ror_ids": []}"#);
        assert!(matches!(pattern, Ok(OverrideSubject::Pattern(pattern)) if pattern.locality.is_some()));
        for (bad, words) in [
            (r#"{"ror_ids": []}"#, "address or name"),
            (
                r#"{"address": "a", "name": "b", "ror_ids": []}"#,
                "one of the two",
            ),
            (
                r#"{"address": "a", "country_code": "CN", "ror_ids": []}"#,
                "go with name",
            ),
            (
                r#"{"name": "a", "country_code": "China", "ror_ids": []}"#,
                "China",
            ),
            (r#"{"name": "a", "geonames_id": 0, "ror_ids": []}"#, "is 0"),
            (r#"{"address": "a"}"#, "ror_ids"),
            (r#"{"adress": "a", "ror_ids": []}"#, "adress"),
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.contains(words), "{bad}: {error}");
        }
    }
}
