//! Schema 1 of an article: mirrors of the model's types with a frozen layout, postcard-encoded.
//!
//! The model derives no serialisation, so that it may change freely; these types may not. A field added
//! to the model asks for a new schema version, mirrors of its own, and a committed sample. Every
//! address stands once in a table, whose places the authors give.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use whence_model::{
    AddressResolution, Article, ArticleIdentifiers, Author, AuthorKind, Confidence, CountryCode, Doi,
    GeonamesId, InstitutionMatch, InvalidText, Issn, Orcid, Place, Pmcid, Pmid, PublicationDate, RecordRank,
    ResearchField, Resolution, ResolvedArticle, Role, RorId, Slug, Span, UnmatchedInstitution, Venue,
};

use crate::StoreError;
use crate::codec::{damaged, decode, encode, seal, unseal};
use crate::identity::{RecordState, Superseded};
use crate::key::Key;

#[derive(Serialize, Deserialize)]
struct ClusterV1<'a> {
    #[serde(borrow)]
    records: Vec<RecordV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RecordV1<'a> {
    digest: [u8; 32],
    resolved_with: u32,
    #[serde(borrow)]
    article: ArticleV1<'a>,
    resolutions: Vec<ResolutionV1>,
    superseded: Vec<SupersededV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct SupersededV1<'a> {
    version: u32,
    revision_date: Option<DateV1>,
    digest: [u8; 32],
    doi: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct ArticleV1<'a> {
    doi: Option<&'a str>,
    pmid: Option<u32>,
    pmcid: Option<String>,
    source_id: Option<&'a str>,
    source: &'a str,
    version: u32,
    revision_date: Option<DateV1>,
    issns: Vec<String>,
    venue_title: &'a str,
    electronic_date: Option<DateV1>,
    print_date: Option<DateV1>,
    #[serde(borrow)]
    types: Vec<&'a str>,
    retracted: bool,
    flags: Vec<&'a str>,
    title: &'a str,
    fields: Vec<FieldV1<'a>>,
    addresses: Vec<&'a str>,
    authors: Vec<AuthorV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct FieldV1<'a> {
    scheme: &'a str,
    code: &'a str,
    label: &'a str,
}

#[derive(Serialize, Deserialize)]
struct AuthorV1<'a> {
    name: &'a str,
    kind: AuthorKindV1,
    orcid: Option<String>,
    /// Places in the table of addresses.
    addresses: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
enum AuthorKindV1 {
    Person,
    Consortium,
}

/// Year, month or 0, day or 0.
#[derive(Serialize, Deserialize)]
struct DateV1(u16, u8, u8);

#[derive(Serialize, Deserialize)]
struct ResolutionV1 {
    institutions: Vec<MatchV1>,
    candidates: Vec<MatchV1>,
    unmatched: Vec<SpanV1>,
    place: PlaceV1,
}

#[derive(Serialize, Deserialize)]
struct MatchV1 {
    ror_id: [u8; 9],
    confidence: u16,
    span: SpanV1,
    role: RoleV1,
    place: PlaceV1,
}

#[derive(Serialize, Deserialize)]
struct SpanV1(u32, u32);

#[derive(Serialize, Deserialize)]
enum RoleV1 {
    Affiliation,
    PresentAddress,
}

#[derive(Serialize, Deserialize)]
enum PlaceV1 {
    Unknown,
    Country([u8; 2]),
    Locality(u32, [u8; 2]),
}

/// SHA-256 of the article's encoding: the digest of [`RecordRank`].
pub(crate) fn digest(article: &Article) -> Result<[u8; 32], StoreError> {
    let encoded = encode(&article_to_v1(article)).map_err(|error| StoreError::Unencodable {
        key: article.id().map_or_else(
            || "a record without an identifier".to_owned(),
            |id| id.to_string(),
        ),
        detail: error.to_string(),
    })?;
    Ok(Sha256::digest(encoded).into())
}

/// The value of an article: its records, the winner first.
pub(crate) fn seal_records(key: &Key, records: &[RecordState]) -> Result<Vec<u8>, StoreError> {
    seal(
        key,
        &ClusterV1 {
            records: records.iter().map(record_to_v1).collect(),
        },
    )
}

/// The records that a value holds, in the order in which they were stored.
pub(crate) fn unseal_records(key: &[u8], sealed: &[u8]) -> Result<Vec<RecordState>, StoreError> {
    let payload = unseal(key, sealed)?;
    let cluster: ClusterV1<'_> = decode(key, &payload)?;
    let records: Result<Vec<_>, String> = cluster.records.into_iter().map(record_from_v1).collect();
    records.map_err(|detail| damaged(key, &detail))
}

fn record_to_v1(record: &RecordState) -> RecordV1<'_> {
    RecordV1 {
        digest: record.rank().digest,
        resolved_with: record.resolved_with,
        article: article_to_v1(record.article.article()),
        resolutions: record
            .article
            .resolutions()
            .iter()
            .map(|r| resolution_to_v1(&r.resolution))
            .collect(),
        superseded: record.superseded.iter().map(superseded_to_v1).collect(),
    }
}

fn record_from_v1(record: RecordV1<'_>) -> Result<RecordState, String> {
    let RecordV1 {
        digest,
        resolved_with,
        article,
        resolutions,
        superseded,
    } = record;
    let article = article_from_v1(article)?;
    let addresses = article
        .distinct_affiliations()
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    if addresses.len() != resolutions.len() {
        return Err(format!(
            "{} resolutions for {} addresses",
            resolutions.len(),
            addresses.len()
        ));
    }
    let resolutions = addresses
        .into_iter()
        .zip(resolutions)
        .map(|(affiliation, resolution)| {
            resolution_from_v1(resolution).map(|resolution| AddressResolution {
                affiliation,
                resolution,
            })
        });
    let resolutions = resolutions.collect::<Result<Vec<_>, _>>()?;
    let article = ResolvedArticle::new(article, resolutions).map_err(text)?;
    let mut state = RecordState::new(Arc::new(article), digest, resolved_with)?;
    state.superseded = superseded
        .into_iter()
        .map(superseded_from_v1)
        .collect::<Result<_, _>>()?;
    Ok(state)
}

fn superseded_to_v1(superseded: &Superseded) -> SupersededV1<'_> {
    SupersededV1 {
        version: superseded.rank.version,
        revision_date: superseded.rank.revision_date.map(date_to_v1),
        digest: superseded.rank.digest,
        doi: superseded.doi.as_ref().map(Doi::as_str),
    }
}

fn superseded_from_v1(superseded: SupersededV1<'_>) -> Result<Superseded, String> {
    let SupersededV1 {
        version,
        revision_date,
        digest,
        doi,
    } = superseded;
    let revision_date = revision_date.map(date_from_v1).transpose()?;
    let rank = RecordRank {
        version,
        revision_date,
        digest,
    };
    Ok(Superseded {
        rank,
        doi: doi.map(Doi::parse).transpose().map_err(text)?,
    })
}

fn article_to_v1(article: &Article) -> ArticleV1<'_> {
    let Article {
        identifiers:
            ArticleIdentifiers {
                doi,
                pmid,
                pmcid,
                source_id,
            },
        source,
        version,
        revision_date,
        venue: Venue {
            issns,
            title: venue_title,
        },
        electronic_date,
        print_date,
        types,
        retracted,
        flags,
        title,
        fields,
        authors,
    } = article;
    let mut addresses = AddressTable::default();
    let authors = authors
        .iter()
        .map(|author| author_to_v1(author, &mut addresses))
        .collect();
    ArticleV1 {
        doi: doi.as_ref().map(Doi::as_str),
        pmid: pmid.map(Pmid::get),
        pmcid: pmcid.map(|id| id.to_string()),
        source_id: source_id.as_deref(),
        source: source.as_str(),
        version: *version,
        revision_date: revision_date.map(date_to_v1),
        issns: issns.iter().map(ToString::to_string).collect(),
        venue_title,
        electronic_date: electronic_date.map(date_to_v1),
        print_date: print_date.map(date_to_v1),
        types: types.iter().map(String::as_str).collect(),
        retracted: *retracted,
        flags: flags.iter().map(Slug::as_str).collect(),
        title,
        fields: fields.iter().map(field_to_v1).collect(),
        addresses: addresses.texts,
        authors,
    }
}

fn article_from_v1(article: ArticleV1<'_>) -> Result<Article, String> {
    let parse_slug = |slug: &str| Slug::parse(slug).map_err(text);
    let authors = article
        .authors
        .into_iter()
        .map(|author| author_from_v1(author, &article.addresses));
    Ok(Article {
        identifiers: ArticleIdentifiers {
            doi: article.doi.map(Doi::parse).transpose().map_err(text)?,
            pmid: article
                .pmid
                .map(|number| Pmid::parse(&number.to_string()))
                .transpose()
                .map_err(text)?,
            pmcid: article
                .pmcid
                .as_deref()
                .map(Pmcid::parse)
                .transpose()
                .map_err(text)?,
            source_id: article.source_id.map(str::to_owned),
        },
        source: parse_slug(article.source)?,
        version: article.version,
        revision_date: article.revision_date.map(date_from_v1).transpose()?,
        venue: Venue {
            issns: article
                .issns
                .iter()
                .map(|issn| Issn::parse(issn))
                .collect::<Result<_, _>>()
                .map_err(text)?,
            title: article.venue_title.to_owned(),
        },
        electronic_date: article.electronic_date.map(date_from_v1).transpose()?,
        print_date: article.print_date.map(date_from_v1).transpose()?,
        types: article.types.into_iter().map(str::to_owned).collect(),
        retracted: article.retracted,
        flags: article
            .flags
            .into_iter()
            .map(parse_slug)
            .collect::<Result<_, _>>()?,
        title: article.title.to_owned(),
        fields: article
            .fields
            .iter()
            .map(field_from_v1)
            .collect::<Result<_, _>>()?,
        authors: authors.collect::<Result<_, _>>()?,
    })
}

/// The distinct addresses of an article, numbered in order of first appearance.
#[derive(Default)]
struct AddressTable<'a> {
    texts: Vec<&'a str>,
    numbers: HashMap<&'a str, u32>,
}

impl<'a> AddressTable<'a> {
    fn number(&mut self, address: &'a str) -> u32 {
        *self.numbers.entry(address).or_insert_with(|| {
            self.texts.push(address);
            u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

fn author_to_v1<'a>(author: &'a Author, addresses: &mut AddressTable<'a>) -> AuthorV1<'a> {
    let Author {
        name,
        kind,
        orcid,
        affiliations,
    } = author;
    AuthorV1 {
        name,
        kind: match kind {
            AuthorKind::Person => AuthorKindV1::Person,
            AuthorKind::Consortium => AuthorKindV1::Consortium,
        },
        orcid: orcid.map(|orcid| orcid.to_string()),
        addresses: affiliations
            .iter()
            .map(|address| addresses.number(address))
            .collect(),
    }
}

fn author_from_v1(author: AuthorV1<'_>, addresses: &[&str]) -> Result<Author, String> {
    let address = |number: u32| {
        let found = addresses.get(number as usize);
        found
            .map(|&address| address.to_owned())
            .ok_or_else(|| format!("there is no address {number}"))
    };
    Ok(Author {
        name: author.name.to_owned(),
        kind: match author.kind {
            AuthorKindV1::Person => AuthorKind::Person,
            AuthorKindV1::Consortium => AuthorKind::Consortium,
        },
        orcid: author
            .orcid
            .as_deref()
            .map(Orcid::parse)
            .transpose()
            .map_err(text)?,
        affiliations: author
            .addresses
            .into_iter()
            .map(address)
            .collect::<Result<_, _>>()?,
    })
}

fn field_to_v1(field: &ResearchField) -> FieldV1<'_> {
    let ResearchField { scheme, code, label } = field;
    FieldV1 {
        scheme: scheme.as_str(),
        code,
        label,
    }
}

fn field_from_v1(field: &FieldV1<'_>) -> Result<ResearchField, String> {
    let scheme = Slug::parse(field.scheme).map_err(text)?;
    Ok(ResearchField {
        scheme,
        code: field.code.to_owned(),
        label: field.label.to_owned(),
    })
}

fn date_to_v1(date: PublicationDate) -> DateV1 {
    DateV1(
        date.year(),
        date.month().map_or(0, whence_model::Month::month),
        date.day().unwrap_or(0),
    )
}

fn date_from_v1(DateV1(year, month, day): DateV1) -> Result<PublicationDate, String> {
    let known = |part: u8| (part > 0).then_some(part);
    let date = PublicationDate::new(year, known(month), known(day));
    date.ok_or_else(|| format!("there is no date {year}-{month}-{day}"))
}

fn resolution_to_v1(resolution: &Resolution) -> ResolutionV1 {
    let Resolution {
        institutions,
        candidates,
        unmatched,
        place,
    } = resolution;
    ResolutionV1 {
        institutions: institutions.iter().map(match_to_v1).collect(),
        candidates: candidates.iter().map(match_to_v1).collect(),
        unmatched: unmatched.iter().map(|named| span_to_v1(named.span)).collect(),
        place: place_to_v1(*place),
    }
}

fn resolution_from_v1(resolution: ResolutionV1) -> Result<Resolution, String> {
    let ResolutionV1 {
        institutions,
        candidates,
        unmatched,
        place,
    } = resolution;
    Ok(Resolution {
        institutions: institutions.iter().map(match_from_v1).collect::<Result<_, _>>()?,
        candidates: candidates.iter().map(match_from_v1).collect::<Result<_, _>>()?,
        unmatched: unmatched
            .into_iter()
            .map(|span| UnmatchedInstitution {
                span: span_from_v1(&span),
            })
            .collect(),
        place: place_from_v1(&place)?,
    })
}

fn match_to_v1(found: &InstitutionMatch) -> MatchV1 {
    let InstitutionMatch {
        ror_id,
        confidence,
        span,
        role,
        place,
    } = found;
    MatchV1 {
        ror_id: ror_id.to_bytes(),
        confidence: confidence.ten_thousandths(),
        span: span_to_v1(*span),
        role: match role {
            Role::Affiliation => RoleV1::Affiliation,
            Role::PresentAddress => RoleV1::PresentAddress,
        },
        place: place_to_v1(*place),
    }
}

fn match_from_v1(found: &MatchV1) -> Result<InstitutionMatch, String> {
    let confidence = Confidence::from_ten_thousandths(found.confidence);
    Ok(InstitutionMatch {
        ror_id: RorId::parse(ascii(&found.ror_id)?).map_err(text)?,
        confidence: confidence.ok_or_else(|| format!("a confidence of {}", found.confidence))?,
        span: span_from_v1(&found.span),
        role: match found.role {
            RoleV1::Affiliation => Role::Affiliation,
            RoleV1::PresentAddress => Role::PresentAddress,
        },
        place: place_from_v1(&found.place)?,
    })
}

fn span_to_v1(Span { start, end }: Span) -> SpanV1 {
    SpanV1(start, end)
}

fn span_from_v1(SpanV1(start, end): &SpanV1) -> Span {
    Span {
        start: *start,
        end: *end,
    }
}

fn place_to_v1(place: Place) -> PlaceV1 {
    match place {
        Place::Unknown => PlaceV1::Unknown,
        Place::Country(country) => PlaceV1::Country(country.to_bytes()),
        Place::Locality(id, country) => PlaceV1::Locality(id.get(), country.to_bytes()),
    }
}

fn place_from_v1(place: &PlaceV1) -> Result<Place, String> {
    let country = |bytes: &[u8]| CountryCode::parse(ascii(bytes)?).map_err(text);
    match place {
        PlaceV1::Unknown => Ok(Place::Unknown),
        PlaceV1::Country(code) => Ok(Place::Country(country(code)?)),
        PlaceV1::Locality(id, code) => {
            let id = GeonamesId::new(*id).ok_or_else(|| format!("there is no GeoNames id {id}"))?;
            Ok(Place::Locality(id, country(code)?))
        }
    }
}

fn ascii(bytes: &[u8]) -> Result<&str, String> {
    str::from_utf8(bytes).map_err(|error| error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn text(error: InvalidText) -> String {
    error.to_string()
}
