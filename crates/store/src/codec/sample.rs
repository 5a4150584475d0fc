//! The committed sample of schema 1: one value of each kind, as the first version wrote it.
//!
//! A later version must read these bytes as they are read here. `UPDATE=1 cargo test -p whence-store`
//! writes the file anew; that is right only for a schema that was never released.

use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fs};

use whence_model::{
    AddressResolution, Article, ArticleId, Author, AuthorKind, Confidence, CountryCode, Decision, Doi,
    GeonamesId, Issn, NamePattern, Orcid, Override, OverrideChange, OverrideId, OverrideSubject, Place,
    PublicationDate, RecordRank, RequestId, ResearchField, ResolvedArticle, ResolverVersions, Role, RorId,
    Slug, Span, UnmatchedInstitution, Venue,
};

use crate::codec::article::{digest, seal_records, unseal_records};
use crate::codec::ledger::{
    Import, LedgerEntry, seal_alias, seal_import, seal_rejection, seal_run, seal_state, seal_versions,
    unseal_alias, unseal_import, unseal_rejection, unseal_run, unseal_state, unseal_versions,
};
use crate::codec::overrides::{seal_override, seal_request, unseal_override, unseal_request};
use crate::codec::{decode, seal, unseal};
use crate::identity::{Cluster, RecordState, Superseded};
use crate::import::{Accounting, EntryOutcome, ImportState, RefusedRecord};
use crate::key::Key;
use crate::state::State;
use crate::support::{id, record, versions};
use crate::{ImportId, Outcome};

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/schema-1.txt")
}

/// A record with something in every field.
fn full_article() -> ResolvedArticle {
    let (article, mut resolutions) = record("pubmed", "7")
        .doi("10.1/ab")
        .pmid(7)
        .pmcid(77)
        .build()
        .into_parts();
    let slug = |text: &str| Slug::parse(text).unwrap();
    let date = |text: &str| PublicationDate::parse(text).ok();
    let mut authors = article.authors.clone();
    authors[0].orcid = Orcid::parse("0000-0002-1825-0097").ok();
    let affiliations = vec!["of a consortium".to_owned()];
    authors.push(Author {
        name: "The C".into(),
        kind: AuthorKind::Consortium,
        orcid: None,
        affiliations,
    });
    let article = Article {
        version: 2,
        revision_date: date("2022-03-04"),
        venue: Venue {
            issns: vec![Issn::parse("0028-0836").unwrap()],
            title: "Nature".into(),
        },
        electronic_date: date("2021-06"),
        print_date: date("2021"),
        types: vec!["Journal Article".into(), "Review".into()],
        retracted: true,
        flags: vec![slug("letter")],
        title: "On addresses — 地址".into(),
        fields: vec![ResearchField {
            scheme: slug("mesh"),
            code: "D000001".into(),
            label: "Address".into(),
        }],
        authors,
        ..article
    };
    let AddressResolution { resolution, .. } = &mut resolutions[0];
    let mut candidate = resolution.institutions[0];
    candidate.role = Role::PresentAddress;
    candidate.confidence = Confidence::from_ten_thousandths(1_200).unwrap();
    candidate.place = Place::Country(CountryCode::parse("FR").unwrap());
    resolution.candidates = vec![candidate];
    resolution.unmatched = vec![UnmatchedInstitution {
        span: Span { start: 6, end: 11 },
    }];
    ResolvedArticle::new(article, resolutions).unwrap()
}

fn state_of(article: ResolvedArticle) -> RecordState {
    let digest = digest(article.article()).unwrap();
    RecordState::new(Arc::new(article), digest, 1).unwrap()
}

fn records() -> Vec<RecordState> {
    let mut winner = state_of(full_article());
    let rank = RecordRank {
        version: 1,
        revision_date: PublicationDate::parse("2021").ok(),
        digest: [7; 32],
    };
    winner.superseded = vec![Superseded {
        rank,
        doi: Doi::parse("10.1/older").ok(),
    }];
    let other = state_of(record("crossref", "").doi("10.1/ab").title("by Crossref").build());
    Cluster::new(vec![other, winner]).unwrap().records
}

fn import() -> Import {
    let accounting = Accounting {
        read: 15,
        recorded: 1,
        unchanged: 2,
        updated: 3,
        excluded: 4,
        rejected: 5,
        deleted: 6,
        authors: 7,
        affiliations: 8,
        resolved_affiliations: 300,
    };
    Import {
        state: ImportState {
            flushed_through: 21,
            accounting,
        },
        resolved_with: 1,
    }
}

fn run() -> Vec<LedgerEntry> {
    use Outcome::{Deleted, Excluded, Recorded, Rejected, Unchanged, Updated};
    let entry = |(sequence, outcome): (u64, Outcome)| {
        let article_id = Some(id("10.1/ab")).filter(|_| outcome != Rejected);
        let reason = if outcome == Rejected {
            "no identifier".to_owned()
        } else {
            String::new()
        };
        LedgerEntry {
            digest: [9; 32],
            outcome: EntryOutcome {
                sequence,
                outcome,
                article_id,
                reason,
            },
        }
    };
    (16..)
        .zip([Recorded, Unchanged, Updated, Excluded, Rejected, Deleted])
        .map(entry)
        .collect()
}

fn refused() -> RefusedRecord {
    RefusedRecord {
        record_id: "8".into(),
        location: "f.xml: record 20".into(),
        reason: "no identifier".into(),
    }
}

fn state() -> State {
    State {
        revision: 5,
        articles: 1,
        fingerprint: u64::MAX - 1,
        previous: [3; 32],
    }
}

/// The number of the versions that had overrides; those without are as they were before there were any.
const CURATED: u32 = 2;

fn versions_of(number: u32) -> ResolverVersions {
    ResolverVersions {
        override_revision: if number == CURATED { 300 } else { 0 },
        ..versions("v2.1-2026-09-01")
    }
}

fn override_of(id: OverrideId) -> Override {
    let change = |reason: &str, revision| OverrideChange {
        decision: Decision {
            curator: "C. Urator".into(),
            reason: reason.into(),
            unix_milliseconds: 1_789_000_000_123,
        },
        revision,
    };
    let standing = Override {
        id,
        subject: OverrideSubject::Address("Institut für Nichts, Paris".into()),
        ror_ids: vec![],
        created: change("no such institute", id.get()),
        deleted: None,
    };
    if id.get() == 1 {
        return standing;
    }
    Override {
        subject: OverrideSubject::Pattern(NamePattern {
            name: "Northeastern University".into(),
            country: CountryCode::parse("CN").ok(),
            locality: GeonamesId::new(2_034_937),
        }),
        ror_ids: vec![
            RorId::parse("04c4dkn09").unwrap(),
            RorId::parse("05qbk4x57").unwrap(),
        ],
        deleted: Some(change("no longer needed", 3)),
        ..standing
    }
}

fn keys() -> [Key; 12] {
    let import = ImportId::parse("sample").unwrap();
    [
        Key::Article(id("10.1/ab")),
        Key::Alias(id("pmid:7")),
        Key::Import(import.clone()),
        Key::Ledger(import.clone(), 21),
        Key::Rejection(import, 20),
        Key::Versions(1),
        Key::Schema,
        Key::State,
        Key::Versions(CURATED),
        Key::Override(OverrideId::new(1).unwrap()),
        Key::Override(OverrideId::new(2).unwrap()),
        Key::Request(RequestId::parse("7f1c0b9e").unwrap()),
    ]
}

fn sealed(key: &Key) -> Vec<u8> {
    match key {
        Key::Article(_) => seal_records(key, &records()),
        Key::Alias(_) => seal_alias(key, &id("10.1/ab")),
        Key::Import(_) => seal_import(key, &import()),
        Key::Ledger(..) => seal_run(key, &run()),
        Key::Rejection(..) => seal_rejection(key, &refused()),
        Key::Override(id) => seal_override(&override_of(*id)),
        Key::Request(_) => seal_request(key, OverrideId::new(2).unwrap()),
        Key::Versions(number) => seal_versions(key, &versions_of(*number)),
        Key::Schema => seal(key, &1_u32),
        Key::State => seal_state(key, &state()),
    }
    .unwrap()
}

/// Reads a value of the sample as the store does, and compares it with what was written.
fn check(key: &Key, sealed: &[u8]) {
    let bytes = key.encode();
    match key {
        Key::Article(_) => assert_eq!(unseal_records(&bytes, sealed).unwrap(), records()),
        Key::Alias(_) => assert_eq!(unseal_alias(&bytes, sealed).unwrap(), id("10.1/ab")),
        Key::Import(_) => assert_eq!(unseal_import(&bytes, sealed).unwrap(), import()),
        Key::Ledger(..) => assert_eq!(unseal_run(&bytes, sealed).unwrap(), run()),
        Key::Rejection(..) => assert_eq!(unseal_rejection(&bytes, sealed).unwrap(), refused()),
        Key::Override(id) => assert_eq!(unseal_override(*id, sealed).unwrap(), override_of(*id)),
        Key::Request(_) => assert_eq!(unseal_request(&bytes, sealed).unwrap().get(), 2),
        Key::Versions(number) => assert_eq!(unseal_versions(&bytes, sealed).unwrap(), versions_of(*number)),
        Key::Schema => assert_eq!(
            decode::<u32>(&bytes, &unseal(&bytes, sealed).unwrap()).unwrap(),
            1
        ),
        Key::State => assert_eq!(unseal_state(&bytes, sealed).unwrap(), state()),
    }
}

#[test]
fn the_sample_of_schema_1_is_read_as_it_was_written() {
    if env::var_os("UPDATE").is_some() {
        let line = |key: &Key| format!("{} {}\n", hex::encode(key.encode()), hex::encode(sealed(key)));
        fs::write(file(), keys().iter().map(line).collect::<String>()).unwrap();
    }
    let text = fs::read_to_string(file()).unwrap();
    let lines: Vec<(Key, Vec<u8>)> = text
        .lines()
        .map(|line| {
            let (key, value) = line.split_once(' ').unwrap();
            (
                Key::decode(&hex::decode(key).unwrap()).unwrap(),
                hex::decode(value).unwrap(),
            )
        })
        .collect();
    assert!(lines.iter().map(|(key, _)| key).eq(&keys()));
    for (key, value) in &lines {
        check(key, value);
        // zstd may pack otherwise in another version; what it packs may not change.
        let bytes = key.encode();
        let now = sealed(key);
        assert_eq!(
            unseal(&bytes, value).unwrap(),
            unseal(&bytes, &now).unwrap(),
            "{key}: this needs schema 2"
        );
    }
}

#[test]
fn an_article_reads_back_equal() {
    let key = Key::Article(ArticleId::parse("10.1/ab").unwrap());
    for records in [records(), vec![state_of(record("x", "1").build())]] {
        let sealed = seal_records(&key, &records).unwrap();
        assert_eq!(unseal_records(&key.encode(), &sealed).unwrap(), records);
    }
}
