//! Schema 1 of overrides, and of the requests that created them. The id stands in the key.

use serde::{Deserialize, Serialize};
use whence_model::{
    CountryCode, Decision, GeonamesId, NamePattern, Override, OverrideChange, OverrideId, OverrideSubject,
    RorId,
};

use crate::StoreError;
use crate::codec::{damaged, decode, seal, unseal};
use crate::key::Key;

#[derive(Serialize, Deserialize)]
struct OverrideV1<'a> {
    #[serde(borrow)]
    subject: SubjectV1<'a>,
    ror_ids: Vec<&'a str>,
    created: ChangeV1<'a>,
    deleted: Option<ChangeV1<'a>>,
}

#[derive(Serialize, Deserialize)]
enum SubjectV1<'a> {
    Address(&'a str),
    Pattern {
        name: &'a str,
        country: Option<&'a str>,
        locality: Option<u32>,
    },
}

#[derive(Serialize, Deserialize)]
struct ChangeV1<'a> {
    curator: &'a str,
    reason: &'a str,
    unix_milliseconds: i64,
    revision: u64,
}

pub(crate) fn seal_override(entry: &Override) -> Result<Vec<u8>, StoreError> {
    let Override {
        id,
        subject,
        ror_ids,
        created,
        deleted,
    } = entry;
    let subject = match subject {
        OverrideSubject::Address(address) => SubjectV1::Address(address),
        OverrideSubject::Pattern(pattern) => SubjectV1::Pattern {
            name: &pattern.name,
            country: pattern.country.as_ref().map(CountryCode::as_str),
            locality: pattern.locality.map(GeonamesId::get),
        },
    };
    let stored = OverrideV1 {
        subject,
        ror_ids: ror_ids.iter().map(RorId::as_str).collect(),
        created: change_to_v1(created),
        deleted: deleted.as_ref().map(change_to_v1),
    };
    seal(&Key::Override(*id), &stored)
}

pub(crate) fn unseal_override(id: OverrideId, sealed: &[u8]) -> Result<Override, StoreError> {
    let key = Key::Override(id).encode();
    let payload = unseal(&key, sealed)?;
    let OverrideV1 {
        subject,
        ror_ids,
        created,
        deleted,
    } = decode(&key, &payload)?;
    let created = change_from_v1(&created);
    if created.revision != id.get() {
        return Err(damaged(&key, "another revision created it"));
    }
    let ror_ids = ror_ids.into_iter().map(|text| parsed(&key, RorId::parse(text)));
    Ok(Override {
        id,
        subject: subject_from_v1(&key, &subject)?,
        ror_ids: ror_ids.collect::<Result<_, _>>()?,
        created,
        deleted: deleted.as_ref().map(change_from_v1),
    })
}

fn subject_from_v1(key: &[u8], subject: &SubjectV1<'_>) -> Result<OverrideSubject, StoreError> {
    let (name, country, locality) = match *subject {
        SubjectV1::Address(address) => return Ok(OverrideSubject::Address(address.to_owned())),
        SubjectV1::Pattern {
            name,
            country,
            locality,
        } => (name.to_owned(), country, locality),
    };
    let country = country
        .map(|text| parsed(key, CountryCode::parse(text)))
        .transpose()?;
    let no_locality = || damaged(key, "its locality is not a GeoNames id");
    let locality = locality
        .map(|number| GeonamesId::new(number).ok_or_else(no_locality))
        .transpose()?;
    Ok(OverrideSubject::Pattern(NamePattern {
        name,
        country,
        locality,
    }))
}

fn change_to_v1(change: &OverrideChange) -> ChangeV1<'_> {
    let OverrideChange {
        decision: Decision {
            curator,
            reason,
            unix_milliseconds,
        },
        revision,
    } = change;
    ChangeV1 {
        curator,
        reason,
        unix_milliseconds: *unix_milliseconds,
        revision: *revision,
    }
}

fn change_from_v1(change: &ChangeV1<'_>) -> OverrideChange {
    let ChangeV1 {
        curator,
        reason,
        unix_milliseconds,
        revision,
    } = *change;
    OverrideChange {
        decision: Decision {
            curator: curator.to_owned(),
            reason: reason.to_owned(),
            unix_milliseconds,
        },
        revision,
    }
}

pub(crate) fn seal_request(key: &Key, created: OverrideId) -> Result<Vec<u8>, StoreError> {
    seal(key, &created.get())
}

pub(crate) fn unseal_request(key: &[u8], sealed: &[u8]) -> Result<OverrideId, StoreError> {
    let payload = unseal(key, sealed)?;
    let id = OverrideId::new(decode(key, &payload)?);
    id.ok_or_else(|| damaged(key, "0 is not the id of an override"))
}

fn parsed<T>(key: &[u8], parsed: Result<T, whence_model::InvalidText>) -> Result<T, StoreError> {
    parsed.map_err(|error| damaged(key, &error.to_string()))
}
