//! The JSON form of one resolved address, a line of `whence resolve`.

use serde::Serialize;
use whence_proto::{affiliation as pb, types};

/// One line of `whence resolve`.
#[derive(Debug, Serialize)]
pub struct ResolutionLine {
    affiliation: String,
    institutions: Vec<InstitutionJson>,
    unmatched: Vec<UnmatchedJson>,
    locality: Option<LocalityJson>,
    city: Option<CityJson>,
    country_code: Option<String>,
}

/// A line that could not be resolved, in its place.
#[derive(Debug, Serialize)]
pub struct ErrorLine {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: String,
}

#[derive(Debug, Serialize)]
struct InstitutionJson {
    ror_id: String,
    name: String,
    confidence: f64,
    span: [i32; 2],
    role: &'static str,
    country_code: Option<String>,
    locality: Option<LocalityJson>,
    city: Option<CityJson>,
    parents: Vec<String>,
}

#[derive(Debug, Serialize)]
struct UnmatchedJson {
    text: String,
    span: [i32; 2],
}

#[derive(Debug, Serialize)]
struct LocalityJson {
    geonames_id: i64,
    name: String,
    country_code: String,
}

#[derive(Debug, Serialize)]
struct CityJson {
    id: String,
    name: String,
}

impl ResolutionLine {
    /// The line for an answer; institutions below the least confidence are left out.
    pub fn new(affiliation: String, resolution: pb::Resolution, confidence_min: f64) -> Self {
        let pb::Resolution { institutions, candidates: _, unmatched, locality, city, country_code, printed_place: _ } = resolution;
        let institutions = institutions.into_iter().map(InstitutionJson::from);
        Self {
            affiliation,
            institutions: institutions.filter(|found| found.confidence >= confidence_min).collect(),
            unmatched: unmatched.into_iter().map(|pb::UnmatchedInstitution { text, span: at }| UnmatchedJson { text, span: span(at) }).collect(),
            locality: locality.map(Into::into),
            city: city.map(Into::into),
            country_code: known(country_code),
        }
    }

    /// For people: the institutions with their confidence and place, one a line.
    pub fn for_people(&self) -> String {
        let mut text = format!("{}\n", self.affiliation);
        for found in &self.institutions {
            let place = found.city.as_ref().map_or("place unknown", |city| city.name.as_str());
            let country = found.country_code.as_deref().unwrap_or("");
            text += &format!("  {:.2}  {}  {}  {place} {country}\n", found.confidence, found.name, found.ror_id);
        }
        for unmatched in &self.unmatched {
            text += &format!("  none  {:?} is not in the registry\n", unmatched.text);
        }
        if self.institutions.is_empty() {
            let place = self.city.as_ref().map(|city| city.name.as_str()).or(self.country_code.as_deref());
            text += &format!("  no institution that can be stood behind; place: {}\n", place.unwrap_or("unknown"));
        }
        text.pop();
        text
    }
}

impl From<pb::MatchedInstitution> for InstitutionJson {
    fn from(found: pb::MatchedInstitution) -> Self {
        let role = match found.role() {
            types::AffiliationRole::PresentAddress => "present_address",
            types::AffiliationRole::Unspecified | types::AffiliationRole::Affiliation => "affiliation",
        };
        let pb::MatchedInstitution { ror_id, name, confidence_ten_thousandths, span: at, role: _, country_code, locality, city, parents } =
            found;
        Self {
            ror_id,
            name,
            confidence: f64::from(confidence_ten_thousandths) / 10_000.0,
            span: span(at),
            role,
            country_code: known(country_code),
            locality: locality.map(Into::into),
            city: city.map(Into::into),
            parents,
        }
    }
}

impl From<pb::Locality> for LocalityJson {
    fn from(locality: pb::Locality) -> Self {
        let pb::Locality { geonames_id, name, country_code } = locality;
        Self { geonames_id, name, country_code }
    }
}

impl From<pb::City> for CityJson {
    fn from(city: pb::City) -> Self {
        let pb::City { id, name } = city;
        Self { id, name }
    }
}

fn span(span: Option<types::TextSpan>) -> [i32; 2] {
    span.map_or([0, 0], |types::TextSpan { start_byte, end_byte }| [start_byte, end_byte])
}

fn known(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
