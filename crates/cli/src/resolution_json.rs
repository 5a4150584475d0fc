//! The JSON form of one resolved address, a line of `whence resolve`.

use serde::Serialize;
use whence_model::GeonamesId;
use whence_proto::{affiliation as pb, types};

use crate::explanation_json::ExplanationJson;

/// One line of `whence resolve`.
#[derive(Debug, Serialize)]
pub struct ResolutionLine {
    affiliation: String,
    institutions: Vec<InstitutionJson>,
    unmatched: Vec<UnmatchedJson>,
    locality: Option<LocalityJson>,
    city: Option<CityJson>,
    country_code: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<InstitutionJson>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationJson>,
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
    state: Option<&'static str>,
    successors: Vec<String>,
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

/// What of an answer is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Institutions below this confidence are left out.
    pub confidence_min: f64,
    /// Whether candidates that were not chosen are shown, and why.
    pub explanation: bool,
}

/// A place with the names that an answer shows.
pub struct NamedPlace {
    /// The populated place.
    pub locality: pb::Locality,
    /// The city that it belongs to.
    pub city: pb::City,
}

impl ResolutionLine {
    /// The line for an answer. `named` knows places that the answer itself does not name.
    pub fn new(
        affiliation: String,
        mut resolution: pb::Resolution,
        shown: Shown,
        named: impl Fn(GeonamesId) -> Option<NamedPlace>,
    ) -> Self {
        keep_confident(&mut resolution, shown.confidence_min, named);
        let pb::Resolution {
            institutions,
            candidates,
            unmatched,
            locality,
            city,
            country_code,
            printed_place: _,
            override_ids,
        } = resolution;
        let json =
            |found: Vec<pb::MatchedInstitution>| found.into_iter().map(InstitutionJson::from).collect();
        Self {
            affiliation,
            institutions: json(institutions),
            unmatched: unmatched.into_iter().map(Into::into).collect(),
            locality: locality.map(Into::into),
            city: city.map(Into::into),
            country_code: known(country_code),
            overrides: override_ids,
            candidates: shown.explanation.then(|| json(candidates)),
            explanation: None,
        }
    }

    /// The line with how the answer came about.
    #[must_use]
    pub fn explained(mut self, explanation: Option<pb::Explanation>) -> Self {
        self.explanation = explanation.map(|it| ExplanationJson::new(&self.affiliation, it));
        self
    }

    /// For people: the institutions with their confidence and place, one a line; then how the answer came
    /// about, if that is shown, with the values of features if they are asked for.
    pub fn for_people(&self, features: bool) -> String {
        let mut lines = vec![self.affiliation.clone()];
        lines.extend(
            self.institutions
                .iter()
                .map(|found| format!("  {}", found.for_people())),
        );
        for unmatched in &self.unmatched {
            lines.push(format!(
                "     –  {:?} is named, and not in the registry",
                unmatched.text
            ));
        }
        lines.extend(
            self.overrides
                .iter()
                .map(|id| format!("     –  decided by override {id}")),
        );
        if self.institutions.is_empty() {
            let place = self
                .city
                .as_ref()
                .map(|city| city.name.as_str())
                .or(self.country_code.as_deref());
            lines.push(format!(
                "  no institution to stand behind; place: {}",
                place.unwrap_or("unknown")
            ));
        }
        if let Some(explanation) = &self.explanation {
            lines.push(format!("\n{}", explanation.for_people(features)));
        } else if let Some(candidates) = &self.candidates {
            lines.push(
                if candidates.is_empty() {
                    "  nothing else considered"
                } else {
                    "  also considered:"
                }
                .to_owned(),
            );
            lines.extend(candidates.iter().map(|found| format!("  {}", found.for_people())));
        }
        lines.join("\n")
    }
}

impl InstitutionJson {
    fn for_people(&self) -> String {
        let Self {
            ror_id,
            name,
            confidence,
            role,
            country_code,
            city,
            ..
        } = self;
        let city = city.as_ref().map(|city| city.name.as_str());
        let place: Vec<&str> = [city, country_code.as_deref()].into_iter().flatten().collect();
        let place = if place.is_empty() {
            "place unknown".to_owned()
        } else {
            place.join(", ")
        };
        let role = if *role == "affiliation" {
            ""
        } else {
            "  (present address)"
        };
        let state = self.state_for_people();
        format!("{confidence:.2}  {name}  ({place})  {ror_id}{role}{state}")
    }

    /// Nothing for a record in use; else that it is not, and what took its place.
    fn state_for_people(&self) -> String {
        let Some(state) = self.state.filter(|state| *state != "active") else {
            return String::new();
        };
        if self.successors.is_empty() {
            return format!("  ({state})");
        }
        format!("  ({state}; followed by {})", self.successors.join(", "))
    }
}

/// Makes candidates of institutions below a confidence. If the first one goes, the place is that of the next, else
/// what the address itself says.
fn keep_confident(
    resolution: &mut pb::Resolution,
    confidence_min: f64,
    named: impl Fn(GeonamesId) -> Option<NamedPlace>,
) {
    let confident = |found: &pb::MatchedInstitution| confidence(found) >= confidence_min;
    let first_stays = resolution.institutions.first().is_none_or(confident);
    let (kept, mut uncertain): (Vec<_>, Vec<_>) = std::mem::take(&mut resolution.institutions)
        .into_iter()
        .partition(confident);
    resolution.institutions = kept;
    uncertain.append(&mut resolution.candidates);
    resolution.candidates = uncertain;
    if first_stays {
        return;
    }
    let first = resolution
        .institutions
        .first()
        .filter(|found| !found.country_code.is_empty());
    if let Some(first) = first {
        resolution.locality.clone_from(&first.locality);
        resolution.city.clone_from(&first.city);
        resolution.country_code.clone_from(&first.country_code);
        return;
    }
    let printed = resolution.printed_place.clone().unwrap_or_default();
    let place = printed_place(printed.geonames_id, &resolution.candidates, named);
    resolution.country_code = printed.country_code;
    (resolution.locality, resolution.city) = place.map(|place| (place.locality, place.city)).unzip();
}

/// The printed place by name: as another institution of the answer has it, since most stand there.
fn printed_place(
    geonames_id: i64,
    others: &[pb::MatchedInstitution],
    named: impl Fn(GeonamesId) -> Option<NamedPlace>,
) -> Option<NamedPlace> {
    let of_others = others.iter().find_map(|found| {
        let locality = found
            .locality
            .clone()
            .filter(|locality| locality.geonames_id == geonames_id)?;
        Some(NamedPlace {
            locality,
            city: found.city.clone()?,
        })
    });
    of_others.or_else(|| named(GeonamesId::new(u32::try_from(geonames_id).ok()?)?))
}

fn confidence(found: &pb::MatchedInstitution) -> f64 {
    f64::from(found.confidence_ten_thousandths) / 10_000.0
}

impl From<pb::UnmatchedInstitution> for UnmatchedJson {
    fn from(unmatched: pb::UnmatchedInstitution) -> Self {
        let pb::UnmatchedInstitution { text, span: at } = unmatched;
        Self { text, span: span(at) }
    }
}

impl From<pb::MatchedInstitution> for InstitutionJson {
    fn from(found: pb::MatchedInstitution) -> Self {
        let role = match found.role() {
            types::AffiliationRole::PresentAddress => "present_address",
            types::AffiliationRole::Unspecified | types::AffiliationRole::Affiliation => "affiliation",
        };
        let state = match found.state() {
            pb::InstitutionState::Unspecified => None,
            pb::InstitutionState::Active => Some("active"),
            pb::InstitutionState::Inactive => Some("inactive"),
            pb::InstitutionState::Withdrawn => Some("withdrawn"),
        };
        let confidence = confidence(&found);
        let pb::MatchedInstitution {
            ror_id,
            name,
            confidence_ten_thousandths: _,
            span: at,
            role: _,
            country_code,
            locality,
            city,
            parents,
            state: _,
            successors,
        } = found;
        Self {
            ror_id,
            name,
            confidence,
            span: span(at),
            role,
            country_code: known(country_code),
            locality: locality.map(Into::into),
            city: city.map(Into::into),
            parents,
            state,
            successors,
        }
    }
}

impl From<pb::Locality> for LocalityJson {
    fn from(locality: pb::Locality) -> Self {
        let pb::Locality {
            geonames_id,
            name,
            country_code,
        } = locality;
        Self {
            geonames_id,
            name,
            country_code,
        }
    }
}

impl From<pb::City> for CityJson {
    fn from(city: pb::City) -> Self {
        let pb::City { id, name } = city;
        Self { id, name }
    }
}

/// A span as JSON has it.
pub(crate) fn span(span: Option<types::TextSpan>) -> [i32; 2] {
    span.map_or([0, 0], |types::TextSpan { start_byte, end_byte }| {
        [start_byte, end_byte]
    })
}

fn known(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(id: i64, name: &str) -> (Option<pb::Locality>, Option<pb::City>) {
        let locality = pb::Locality {
            geonames_id: id,
            name: name.into(),
            country_code: "CN".into(),
        };
        (
            Some(locality),
            Some(pb::City {
                id: format!("geonames:{id}"),
                name: name.into(),
            }),
        )
    }

    fn found(
        name: &str,
        confidence: i32,
        at: (Option<pb::Locality>, Option<pb::City>),
    ) -> pb::MatchedInstitution {
        pb::MatchedInstitution {
            ror_id: "https://ror.org/05qbk4x57".into(),
            name: name.into(),
            confidence_ten_thousandths: confidence,
            span: Some(types::TextSpan {
                start_byte: 0,
                end_byte: 3,
            }),
            country_code: "CN".into(),
            locality: at.0,
            city: at.1,
            ..Default::default()
        }
    }

    fn line(confidence_min: f64, explanation: bool) -> serde_json::Value {
        let (locality, city) = place(1, "Hefei");
        let resolution = pb::Resolution {
            institutions: vec![
                found("A", 7_000, place(1, "Hefei")),
                found("B", 8_000, place(2, "Beijing")),
            ],
            candidates: vec![found("C", 2_000, (None, None))],
            unmatched: vec![pb::UnmatchedInstitution {
                text: "X".into(),
                span: None,
            }],
            locality,
            city,
            country_code: "CN".into(),
            printed_place: Some(types::ResolvedPlace {
                geonames_id: 2,
                country_code: "CN".into(),
            }),
            override_ids: vec![],
        };
        let shown = Shown {
            confidence_min,
            explanation,
        };
        serde_json::to_value(ResolutionLine::new("A, X".into(), resolution, shown, |_| None)).unwrap()
    }

    #[test]
    fn the_form_is_the_documented_one() {
        let line = line(0.0, false);
        let keys: Vec<_> = line.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            keys,
            [
                "affiliation",
                "city",
                "country_code",
                "institutions",
                "locality",
                "unmatched"
            ]
        );
        assert_eq!(
            line["institutions"][0],
            json!({
                "ror_id": "https://ror.org/05qbk4x57", "name": "A", "confidence": 0.7, "span": [0, 3],
                "role": "affiliation", "country_code": "CN",
                "locality": {"geonames_id": 1, "name": "Hefei", "country_code": "CN"},
                "city": {"id": "geonames:1", "name": "Hefei"}, "parents": [],
                "state": null, "successors": [],
            })
        );
        assert_eq!(line["unmatched"][0], json!({"text": "X", "span": [0, 0]}));
    }

    #[test]
    fn people_read_that_an_institution_is_inactive_and_what_followed() {
        use pb::InstitutionState::{Active, Inactive, Unspecified};

        let note = |state: pb::InstitutionState, successors: &[&str]| {
            let found = pb::MatchedInstitution {
                state: state.into(),
                successors: successors.iter().map(ToString::to_string).collect(),
                ..found("A", 7_000, (None, None))
            };
            InstitutionJson::from(found).state_for_people()
        };
        assert_eq!(note(Active, &[]), "");
        assert_eq!(note(Unspecified, &[]), "");
        assert_eq!(note(Inactive, &[]), "  (inactive)");
        assert_eq!(
            note(Inactive, &["https://ror.org/01hvx5h04"]),
            "  (inactive; followed by https://ror.org/01hvx5h04)"
        );
    }

    #[test]
    fn the_place_is_that_of_the_first_institution_left() {
        let names = |line: &serde_json::Value| {
            line["institutions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["name"].clone())
                .collect::<Vec<_>>()
        };
        let one_left = line(0.75, false);
        assert_eq!(
            (names(&one_left), &one_left["city"]["name"]),
            (vec![json!("B")], &json!("Beijing"))
        );
        let none_left = line(0.9, true);
        assert_eq!(
            (names(&none_left).len(), &none_left["city"]["name"]),
            (0, &json!("Beijing"))
        );
        let candidates = none_left["candidates"].as_array().unwrap();
        let candidates: Vec<_> = candidates
            .iter()
            .map(|candidate| candidate["name"].as_str().unwrap())
            .collect();
        assert_eq!(candidates, ["A", "B", "C"]);
        assert_eq!(line(0.0, true)["candidates"][0]["name"], json!("C"));
    }
}
