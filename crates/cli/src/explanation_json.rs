//! Why an address resolved as it did, as `whence resolve --explain` shows it: JSON, and tables for people.

use std::collections::BTreeMap;

use serde::Serialize;
use whence_proto::{affiliation as pb, types};

use crate::output::{Column, table};
use crate::resolution_json::span;

/// People are shown at most this many candidates: what follows was ruled out at once.
const CANDIDATES_SHOWN: usize = 15;

/// The field `explanation` of a line.
#[derive(Debug, Serialize)]
pub struct ExplanationJson {
    segments: Vec<PrintedJson>,
    places: Vec<PlaceJson>,
    candidates: Vec<CandidateJson>,
}

#[derive(Debug, Serialize)]
struct PrintedJson {
    text: String,
    span: [i32; 2],
}

#[derive(Debug, Serialize)]
struct PlaceJson {
    text: String,
    span: [i32; 2],
    what: String,
}

#[derive(Debug, Serialize)]
struct CandidateJson {
    ror_id: String,
    name: String,
    found_name: String,
    found_by: String,
    text: String,
    span: [i32; 2],
    probability: f64,
    confidence: f64,
    verdict: &'static str,
    reason: String,
    features: BTreeMap<String, i32>,
}

impl ExplanationJson {
    /// The explanation of the answer to this address.
    pub fn new(affiliation: &str, explanation: pb::Explanation) -> Self {
        let pb::Explanation {
            segments,
            places,
            candidates,
        } = explanation;
        let printed = |at| PrintedJson {
            text: text(affiliation, Some(at)),
            span: span(Some(at)),
        };
        let place = |pb::PlaceMention {
                         span: at,
                         description,
                     }| PlaceJson {
            text: text(affiliation, at),
            span: span(at),
            what: description,
        };
        Self {
            segments: segments.into_iter().map(printed).collect(),
            places: places.into_iter().map(place).collect(),
            candidates: candidates
                .into_iter()
                .map(|considered| CandidateJson::new(affiliation, considered))
                .collect(),
        }
    }

    /// For people: what was read, and a table of the best of what was considered; with the values of the
    /// features below it if they are asked for.
    pub fn for_people(&self, features: bool) -> String {
        let mut parts = vec![self.segments_for_people()];
        if !self.places.is_empty() {
            parts.push(self.places_for_people());
        }
        if self.candidates.is_empty() {
            parts.push("no record was considered".to_owned());
        } else {
            parts.push(self.candidates_for_people());
        }
        if features {
            parts.extend(self.shown().iter().map(CandidateJson::features_for_people));
        }
        parts.join("\n\n")
    }

    fn segments_for_people(&self) -> String {
        let segments = self.segments.iter().enumerate();
        let lines = segments.map(|(at, segment)| format!("\n  {:<3}{}", at + 1, one_line(&segment.text)));
        format!("segments{}", lines.collect::<String>())
    }

    fn places_for_people(&self) -> String {
        let columns = [
            Column::text("text", |place: &PlaceJson| one_line(&place.text)),
            Column::text("taken for", |place| place.what.clone()),
        ];
        format!("places\n{}", indented(&table(&self.places, &columns).trim_fmt()))
    }

    /// The best of the candidates.
    fn shown(&self) -> &[CandidateJson] {
        &self.candidates[..self.candidates.len().min(CANDIDATES_SHOWN)]
    }

    fn candidates_for_people(&self) -> String {
        let columns = [
            Column::text("verdict", |row: &CandidateJson| row.verdict.to_owned()),
            Column::number("alone", |row| format!("{:.2}", row.probability)),
            Column::number("in the set", |row| format!("{:.2}", row.confidence)),
            Column::text("institution", |row| row.name.clone()),
            Column::text("printed", |row| one_line(&row.text)),
            Column::text("found by", CandidateJson::found),
            Column::text("why", |row| row.reason.clone()),
            Column::text("ROR id", |row| row.ror_id.clone()),
        ];
        let table = indented(&table(self.shown(), &columns).trim_fmt());
        let more = match self.candidates.len() - self.shown().len() {
            0 => String::new(),
            more => format!("\n  and {more} less likely ones; --json has them all"),
        };
        format!("candidates\n{table}{more}")
    }
}

impl CandidateJson {
    fn new(affiliation: &str, considered: pb::ExplainedCandidate) -> Self {
        let verdict = match considered.verdict() {
            pb::CandidateVerdict::Chosen => "chosen",
            pb::CandidateVerdict::Parent => "parent",
            pb::CandidateVerdict::Rejected | pb::CandidateVerdict::Unspecified => "rejected",
        };
        let pb::ExplainedCandidate {
            ror_id,
            name,
            found_name,
            found_by,
            span: at,
            features,
            probability_ten_thousandths,
            confidence_ten_thousandths,
            verdict: _,
            reason,
        } = considered;
        Self {
            ror_id,
            name,
            found_name,
            found_by,
            text: text(affiliation, at),
            span: span(at),
            probability: f64::from(probability_ten_thousandths) / 10_000.0,
            confidence: f64::from(confidence_ten_thousandths) / 10_000.0,
            verdict,
            reason,
            features: features
                .into_iter()
                .map(|pb::FeatureValue { name, value }| (name, value))
                .collect(),
        }
    }

    /// How it was found, with the form of the name where that is not what is printed.
    fn found(&self) -> String {
        if self.found_name.to_lowercase() == self.text.to_lowercase() {
            self.found_by.clone()
        } else {
            format!("{} {:?}", self.found_by, self.found_name)
        }
    }

    fn features_for_people(&self) -> String {
        let width = self.features.keys().map(|name| name.chars().count()).max();
        let lines = self.features.iter().map(|(name, value)| {
            let width = width.unwrap_or_default();
            format!("\n  {name:<width$}  {value:>8}")
        });
        format!("{}  {}{}", self.name, self.ror_id, lines.collect::<String>())
    }
}

fn text(affiliation: &str, at: Option<types::TextSpan>) -> String {
    let [start, end] = span(at).map(|byte| usize::try_from(byte).unwrap_or_default());
    affiliation.get(start..end).unwrap_or_default().to_owned()
}

/// A text without line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "Dept. of\nPhysics, Oxford Univ., UK";

    fn at(words: &str) -> types::TextSpan {
        let start = ADDRESS.find(words).unwrap();
        let byte = |byte: usize| i32::try_from(byte).unwrap();
        types::TextSpan {
            start_byte: byte(start),
            end_byte: byte(start + words.len()),
        }
    }

    fn explanation() -> ExplanationJson {
        let candidate =
            |name: &str, found_name: &str, verdict: pb::CandidateVerdict| pb::ExplainedCandidate {
                ror_id: "https://ror.org/052gg0110".into(),
                name: name.into(),
                found_name: found_name.into(),
                found_by: "exact name".into(),
                span: Some(at("Oxford Univ.")),
                features: vec![pb::FeatureValue {
                    name: "coverage".into(),
                    value: 1_000,
                }],
                probability_ten_thousandths: 9_700,
                confidence_ten_thousandths: 9_900,
                verdict: verdict.into(),
                reason: "the country agrees".into(),
            };
        let explanation = pb::Explanation {
            segments: vec![at("Dept. of\nPhysics"), at("Oxford Univ."), at("UK")],
            places: vec![pb::PlaceMention {
                span: Some(at("UK")),
                description: "country GB".into(),
            }],
            candidates: vec![
                candidate(
                    "University of Oxford",
                    "Oxford Univ.",
                    pb::CandidateVerdict::Chosen,
                ),
                candidate(
                    "Oxford Brookes University",
                    "Oxford",
                    pb::CandidateVerdict::Rejected,
                ),
            ],
        };
        ExplanationJson::new(ADDRESS, explanation)
    }

    #[test]
    fn people_read_what_was_read_what_was_considered_and_why() {
        assert_eq!(
            explanation().for_people(false),
            "segments\n  1  Dept. of Physics\n  2  Oxford Univ.\n  3  UK\n\n\
             places\n  text  taken for\n  UK    country GB\n\n\
             candidates\n  \
             verdict   alone  in the set  institution                printed       found by             why                 ROR id\n  \
             chosen     0.97        0.99  University of Oxford       Oxford Univ.  exact name           the country agrees  https://ror.org/052gg0110\n  \
             rejected   0.97        0.99  Oxford Brookes University  Oxford Univ.  exact name \"Oxford\"  the country agrees  https://ror.org/052gg0110"
        );
        let with_features = explanation().for_people(true);
        assert!(
            with_features
                .contains("\n\nUniversity of Oxford  https://ror.org/052gg0110\n  coverage      1000")
        );
    }

    #[test]
    fn people_are_shown_the_best_of_many_candidates() {
        let mut explanation = explanation();
        while explanation.candidates.len() < 40 {
            explanation
                .candidates
                .extend(super::tests::explanation().candidates);
        }
        let text = explanation.for_people(false);
        assert_eq!(text.matches("https://ror.org/").count(), CANDIDATES_SHOWN);
        assert!(
            text.ends_with("and 25 less likely ones; --json has them all"),
            "{text}"
        );
    }

    #[test]
    fn scripts_read_every_value() {
        let json = serde_json::to_value(explanation()).unwrap();
        assert_eq!(json["segments"][1]["text"], "Oxford Univ.");
        assert_eq!(json["places"][0]["what"], "country GB");
        let first = &json["candidates"][0];
        assert_eq!(
            (&first["verdict"], &first["features"]["coverage"]),
            (&"chosen".into(), &1_000.into())
        );
        assert_eq!(
            (&first["probability"], &first["confidence"]),
            (&0.97.into(), &0.99.into())
        );
    }
}
