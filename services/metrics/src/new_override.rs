//! What a curator asks for: the fields of `CreateOverride` and `DeleteOverride`, checked against the registry.
//!
//! Every violation is reported. What passes here can be applied by any resolver with this registry.

use std::time::{SystemTime, UNIX_EPOCH};

use whence_model::{Decision, NamePattern, OverrideId, OverrideSubject, RequestId, RorId};
use whence_proto::curation::create_override_request::Subject;
use whence_proto::{IntoModel, Violations, curation as pb};
use whence_registry::{Institution, InstitutionState, Registry};
use whence_resolve::AFFILIATION_BYTES_MAX;
use whence_resolve::text::Splitter;
use whence_store::NewOverride;

use crate::error::MetricsError;

const NAME_BYTES_MAX: usize = 1_000;
const CURATOR_BYTES_MAX: usize = 200;
const REASON_BYTES_MAX: usize = 2_000;
const INSTITUTIONS_MAX: usize = 100;

/// What curators are held to.
pub(crate) struct Rules<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) splitter: &'a Splitter,
}

impl Rules<'_> {
    /// Reads the fields of `CreateOverride`.
    pub(crate) fn creation(
        &self,
        request: pb::CreateOverrideRequest,
    ) -> Result<(NewOverride, Option<RequestId>), MetricsError> {
        let pb::CreateOverrideRequest {
            subject,
            ror_ids,
            none,
            curator,
            reason,
            request_id,
            report_articles: _,
        } = request;
        let mut violations = Violations::default();
        let subject = self.subject(&mut violations, subject);
        let ror_ids = self.institutions(&mut violations, ror_ids, none);
        let decision = decision(&mut violations, &curator, &reason);
        let request = violations.accept_optional("request_id", &request_id, RequestId::parse);
        let fields = subject.zip(ror_ids).zip(decision).zip(request);
        let read = fields.map(|(((subject, ror_ids), decision), request)| {
            let new = NewOverride {
                subject,
                ror_ids,
                decision,
            };
            (new, request)
        });
        Ok(violations.finish(read)?)
    }

    fn subject(&self, violations: &mut Violations, subject: Option<Subject>) -> Option<OverrideSubject> {
        match subject {
            Some(Subject::Address(address)) => {
                let checked = self.check_address(&address);
                violations.accept("address", checked)?;
                Some(OverrideSubject::Address(address))
            }
            Some(Subject::Pattern(pattern)) => violations
                .within("pattern", |violations| self.pattern(violations, pattern))
                .map(OverrideSubject::Pattern),
            None => {
                violations.report("subject", "is not set; set address or pattern");
                None
            }
        }
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        if address.len() > AFFILIATION_BYTES_MAX {
            return Err(format!(
                "has {} bytes, more than {AFFILIATION_BYTES_MAX}",
                address.len()
            ));
        }
        match self.splitter.words(address).as_slice() {
            [] => Err("has no word in it; give an address as it is printed".to_owned()),
            _ => Ok(()),
        }
    }

    fn pattern(&self, violations: &mut Violations, pattern: pb::NamePattern) -> Option<NamePattern> {
        let name = self.check_name(&pattern.name);
        let name = violations.accept("name", name);
        let NamePattern {
            name: text,
            country,
            locality,
        } = pattern.check(violations)?;
        let known = |code| self.registry.country_name(code).is_some();
        if let Some(code) = country.filter(|&code| !known(code)) {
            violations.report("country_code", format!("{code} is not assigned to a country"));
        }
        let place = locality.map(|id| self.registry.find_place(id).ok_or(id));
        match place.transpose() {
            Err(id) => violations.report("geonames_id", format!("the registry has no locality {id}")),
            Ok(place) => {
                let within = place.map(|index| self.registry.place(index).country());
                if let (Some(code), Some(within)) = (country, within.filter(|&it| Some(it) != country)) {
                    violations.report(
                        "country_code",
                        format!("is {code}, and the locality is in {within}"),
                    );
                }
            }
        }
        name.map(|()| NamePattern {
            name: text,
            country,
            locality,
        })
    }

    fn check_name(&self, name: &str) -> Result<(), String> {
        if name.len() > NAME_BYTES_MAX {
            return Err(format!("has {} bytes, more than {NAME_BYTES_MAX}", name.len()));
        }
        let words = self.splitter.words(name);
        if words.is_empty() {
            return Err("has no word in it; give a name as it is printed".to_owned());
        }
        if words.iter().all(|word| word.stop) {
            return Err(format!(
                "{name:?} stands in too many addresses; give more words of the name"
            ));
        }
        Ok(())
    }

    fn institutions(
        &self,
        violations: &mut Violations,
        texts: Vec<String>,
        none: bool,
    ) -> Option<Vec<RorId>> {
        if texts.is_empty() != none {
            let description = if none {
                "are set together with none; leave out one of the two"
            } else {
                "are empty; name institutions, or set none"
            };
            violations.report("ror_ids", description);
            return None;
        }
        if texts.len() > INSTITUTIONS_MAX {
            violations.report(
                "ror_ids",
                format!("are {}, more than {INSTITUTIONS_MAX}", texts.len()),
            );
            return None;
        }
        let mut seen: Vec<RorId> = vec![];
        violations.each("ror_ids", texts, |violations, text| {
            let id = violations.accept("", RorId::parse(&text))?;
            let twice = seen.contains(&id);
            seen.push(id);
            let once = if twice {
                Err(format!("{id} stands here twice"))
            } else {
                Ok(id)
            };
            let checked = self.check_institution(id).and(once);
            violations.accept("", checked)
        })
    }

    fn check_institution(&self, id: RorId) -> Result<(), String> {
        let index = self.registry.find(id);
        let index = index.ok_or_else(|| format!("the registry has no institution {id}"))?;
        let record = self.registry.institution(index);
        if record.state() == InstitutionState::Withdrawn {
            return Err(format!("{id} is withdrawn{}", self.successors(record)));
        }
        Ok(())
    }

    fn successors(&self, record: Institution<'_>) -> String {
        let successors = record
            .successors()
            .map(|index| self.registry.institution(index).ror_id().to_string());
        let successors: Vec<_> = successors.collect();
        if successors.is_empty() {
            String::new()
        } else {
            format!("; use its successor {}", successors.join(" or "))
        }
    }
}

/// Reads the fields of `DeleteOverride`.
pub(crate) fn deletion(request: &pb::DeleteOverrideRequest) -> Result<(OverrideId, Decision), MetricsError> {
    let pb::DeleteOverrideRequest {
        override_id,
        curator,
        reason,
    } = request;
    let mut violations = Violations::default();
    let id = violations.accept("override_id", OverrideId::parse(override_id));
    let decision = decision(&mut violations, curator, reason);
    Ok(violations.finish(id.zip(decision))?)
}

/// Who decides, why, and that it is now.
fn decision(violations: &mut Violations, curator: &str, reason: &str) -> Option<Decision> {
    let curator = violations.accept("curator", bounded(curator, CURATOR_BYTES_MAX));
    let reason = violations.accept("reason", bounded(reason, REASON_BYTES_MAX));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(Decision {
        curator: curator?,
        reason: reason?,
        unix_milliseconds: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
    })
}

fn bounded(text: &str, bytes_max: usize) -> Result<String, String> {
    let text = text.trim();
    match text.len() {
        0 => Err("is empty; overrides are kept with who decided and why".to_owned()),
        bytes if bytes > bytes_max => Err(format!("has {bytes} bytes, more than {bytes_max}")),
        _ => Ok(text.to_owned()),
    }
}
