//! From how the engine came to an answer to the message that clients read: names are filled in from the
//! registry that decided.

use whence_proto::affiliation as pb;
use whence_registry::Registry;
use whence_resolve::explain::{ExplainedCandidate, Explanation, PlaceMention, Verdict};
use whence_resolve::{AffiliationTooLong, Resolver};

/// How the engine comes to its answer to one address; overrides have no part in it.
pub fn explain(resolver: &Resolver, affiliation: &str) -> Result<pb::Explanation, AffiliationTooLong> {
    let (_, explanation) = resolver.explain(affiliation)?;
    Ok(message(resolver.registry(), explanation))
}

fn message(registry: &Registry, explanation: Explanation) -> pb::Explanation {
    let Explanation {
        segments,
        places,
        candidates,
    } = explanation;
    pb::Explanation {
        segments: segments.into_iter().map(Into::into).collect(),
        places: places.into_iter().map(place).collect(),
        candidates: candidates
            .into_iter()
            .map(|considered| candidate(registry, considered))
            .collect(),
    }
}

fn place(mention: PlaceMention) -> pb::PlaceMention {
    let PlaceMention { span, what } = mention;
    pb::PlaceMention {
        span: Some(span.into()),
        description: what,
    }
}

fn candidate(registry: &Registry, considered: ExplainedCandidate) -> pb::ExplainedCandidate {
    let ExplainedCandidate {
        ror_id,
        name: found_name,
        how,
        span,
        features,
        probability,
        confidence,
        verdict,
        because,
    } = considered;
    let name = registry
        .find(ror_id)
        .map(|index| registry.institution(index).name().to_owned());
    let features = features.into_iter().map(|(name, value)| pb::FeatureValue {
        name: name.to_owned(),
        value,
    });
    let verdict = match verdict {
        Verdict::Chosen => pb::CandidateVerdict::Chosen,
        Verdict::Parent => pb::CandidateVerdict::Parent,
        Verdict::Rejected => pb::CandidateVerdict::Rejected,
    };
    pb::ExplainedCandidate {
        ror_id: ror_id.to_string(),
        name: name.unwrap_or_default(),
        found_name,
        found_by: how.to_owned(),
        span: Some(span.into()),
        features: features.collect(),
        probability_ten_thousandths: probability.ten_thousandths().into(),
        confidence_ten_thousandths: confidence.ten_thousandths().into(),
        verdict: verdict.into(),
        reason: because,
    }
}

#[cfg(test)]
mod tests {
    use whence_model::{Confidence, RorId, Span};

    use super::*;

    #[test]
    fn a_candidate_keeps_all_it_has_and_gets_its_name_in_the_registry() {
        let registry = crate::registry::open(None).unwrap();
        let oxford = ExplainedCandidate {
            ror_id: RorId::parse("052gg0110").unwrap(),
            name: "oxford university".to_owned(),
            how: "exact name",
            span: Span { start: 0, end: 17 },
            features: vec![("coverage", 1_000), ("points", -3)],
            probability: Confidence::from_ten_thousandths(9_000).unwrap(),
            confidence: Confidence::MAX,
            verdict: Verdict::Parent,
            because: "named beside its department".to_owned(),
        };
        let explanation = Explanation {
            segments: vec![Span { start: 0, end: 17 }],
            places: vec![PlaceMention {
                span: Span { start: 0, end: 6 },
                what: "city Oxford, GB".to_owned(),
            }],
            candidates: vec![oxford],
        };
        let pb::Explanation {
            segments,
            places,
            candidates,
        } = message(&registry, explanation);
        assert_eq!(
            (segments[0].end_byte, places[0].description.as_str()),
            (17, "city Oxford, GB")
        );
        let found = &candidates[0];
        assert_eq!(
            (
                found.ror_id.as_str(),
                found.name.as_str(),
                found.found_name.as_str()
            ),
            (
                "https://ror.org/052gg0110",
                "University of Oxford",
                "oxford university"
            )
        );
        assert_eq!(
            (
                found.probability_ten_thousandths,
                found.confidence_ten_thousandths
            ),
            (9_000, 10_000)
        );
        assert_eq!(found.verdict(), pb::CandidateVerdict::Parent);
        assert_eq!(
            (found.features[1].name.as_str(), found.features[1].value),
            ("points", -3)
        );
    }
}
