//! A ROR record of schema 2 as it stands in the file, and how its words become ours.

use serde::Deserialize;
use whence_model::{CountryCode, GeonamesId, RorId};

use super::{Relation, RelationKind, ReportedLocation};
use crate::read::on_earth;
use crate::{InstitutionState, InstitutionType, InstitutionTypes, NameKind, NameRecord, Problem};

#[derive(Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) names: Vec<Name>,
    pub(super) types: Vec<String>,
    pub(super) status: String,
    pub(super) established: Option<i32>,
    pub(super) locations: Vec<Location>,
    #[serde(default)]
    pub(super) relationships: Vec<Relationship>,
    #[serde(default)]
    pub(super) admin: Admin,
}

impl Record {
    /// The form decides: records converted from schema 1 may still say so. Only a greater one is unknown.
    pub(super) fn is_schema_2(&self) -> bool {
        matches!(self.schema().split('.').next(), Some("" | "1" | "2"))
    }

    pub(super) fn schema(&self) -> String {
        self.admin.last_modified.schema_version.clone()
    }
}

#[derive(Deserialize)]
pub(super) struct Name {
    pub(super) value: String,
    #[serde(default)]
    pub(super) types: Vec<String>,
    pub(super) lang: Option<String>,
}

impl Name {
    pub(super) fn kind(&self, notes: &mut Vec<Problem>) -> NameKind {
        let mut found = Vec::new();
        for word in &self.types {
            match word.as_str() {
                "ror_display" => found.push((0, NameKind::Display)),
                "acronym" => found.push((1, NameKind::Acronym)),
                "label" => found.push((2, NameKind::Label)),
                "alias" => found.push((3, NameKind::Alias)),
                _ => notes.push(Problem::UnknownWord {
                    field: "name type",
                    word: word.clone(),
                }),
            }
        }
        found
            .into_iter()
            .min_by_key(|(rank, _)| *rank)
            .map_or(NameKind::Alias, |(_, kind)| kind)
    }
}

#[derive(Deserialize)]
pub(super) struct Location {
    geonames_id: i64,
    geonames_details: LocationDetails,
}

#[derive(Deserialize)]
pub(super) struct LocationDetails {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    country_code: Option<String>,
    #[serde(default)]
    country_subdivision_code: Option<String>,
    #[serde(default)]
    country_subdivision_name: Option<String>,
    lat: Option<f64>,
    lng: Option<f64>,
}

impl Location {
    pub(super) fn checked(self, notes: &mut Vec<Problem>) -> Option<ReportedLocation> {
        let geonames_id = self.geonames_id;
        self.parse()
            .map_err(|reason| notes.push(Problem::InvalidLocation { geonames_id, reason }))
            .ok()
    }

    fn parse(self) -> Result<ReportedLocation, String> {
        let details = self.geonames_details;
        let number = u32::try_from(self.geonames_id).ok().and_then(GeonamesId::new);
        let country = CountryCode::parse(&details.country_code.unwrap_or_default());
        let (latitude, longitude) = (details.lat.unwrap_or(f64::NAN), details.lng.unwrap_or(f64::NAN));
        if !on_earth(latitude, longitude) {
            return Err("no coordinates on earth".to_owned());
        }
        Ok(ReportedLocation {
            geonames_id: number.ok_or("not a GeoNames id")?,
            name: details.name.unwrap_or_default(),
            country: country.map_err(|error| error.to_string())?,
            subdivision_code: details.country_subdivision_code.unwrap_or_default(),
            subdivision_name: details.country_subdivision_name.unwrap_or_default(),
            latitude,
            longitude,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Relationship {
    #[serde(rename = "type")]
    kind: String,
    pub(super) id: String,
}

impl Relationship {
    pub(super) fn checked(&self, notes: &mut Vec<Problem>) -> Option<Relation> {
        let Some(kind) = RelationKind::parse(&self.kind) else {
            notes.push(Problem::UnknownWord {
                field: "relation",
                word: self.kind.clone(),
            });
            return None;
        };
        let Ok(ror_id) = RorId::parse(&self.id) else {
            notes.push(Problem::MissingRelative {
                relation: kind.as_str(),
                id: self.id.clone(),
            });
            return None;
        };
        Some(Relation { kind, ror_id })
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Admin {
    #[serde(default)]
    pub(super) last_modified: Change,
}

#[derive(Default, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    pub(super) date: String,
    #[serde(default)]
    pub(super) schema_version: String,
}

/// Tells a record of schema 1, which has one `name` and `addresses`, from one that is merely broken.
pub(super) fn unusable(text: &str, error: &serde_json::Error) -> (String, Problem) {
    #[derive(Deserialize)]
    struct AnySchema {
        #[serde(default)]
        id: serde_json::Value,
        name: Option<serde_json::Value>,
        addresses: Option<serde_json::Value>,
        names: Option<serde_json::Value>,
    }
    let Ok(record) = serde_json::from_str::<AnySchema>(text) else {
        return (String::new(), Problem::Malformed(error.to_string()));
    };
    let id = record.id.as_str().unwrap_or_default().to_owned();
    if record.names.is_none() && (record.name.is_some() || record.addresses.is_some()) {
        (id, Problem::UnknownSchema("1.x".to_owned()))
    } else {
        (id, Problem::Malformed(error.to_string()))
    }
}

pub(super) fn names(reported: &[Name], notes: &mut Vec<Problem>) -> Option<Vec<NameRecord>> {
    let mut names: Vec<NameRecord> = Vec::with_capacity(reported.len());
    for name in reported.iter().filter(|name| !name.value.trim().is_empty()) {
        names.push(NameRecord {
            text: name.value.trim().to_owned(),
            kind: name.kind(notes),
            language: name.lang.clone().filter(|language| !language.is_empty()),
        });
    }
    let display = names.iter().position(|name| name.kind == NameKind::Display);
    if display.is_none() && !names.is_empty() {
        notes.push(Problem::NoDisplayName);
    }
    let at = display.unwrap_or(0);
    names.get_mut(at)?.kind = NameKind::Display;
    names[..=at].rotate_right(1);
    for other in names
        .iter_mut()
        .skip(1)
        .filter(|name| name.kind == NameKind::Display)
    {
        other.kind = NameKind::Label;
    }
    Some(names)
}

pub(super) fn types(words: &[String], notes: &mut Vec<Problem>) -> InstitutionTypes {
    let mut parse = |word: &String| {
        let kind = InstitutionType::parse(word);
        if kind.is_none() {
            notes.push(Problem::UnknownWord {
                field: "type",
                word: word.clone(),
            });
        }
        kind
    };
    words.iter().filter_map(&mut parse).collect()
}

pub(super) fn state(word: &str, notes: &mut Vec<Problem>) -> InstitutionState {
    InstitutionState::parse(word).unwrap_or_else(|| {
        notes.push(Problem::UnknownWord {
            field: "status",
            word: word.to_owned(),
        });
        InstitutionState::Active
    })
}
