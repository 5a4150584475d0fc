//! What is written as Whence JSONL reads back as the same article.

#![expect(clippy::unwrap_used, reason = "a failure to set up is a failure of the test")]

use std::io::Cursor;

use proptest::prelude::*;
use whence_formats::{Record, RecordReader, write_article};
use whence_model::{
    Article, ArticleIdentifiers, Author, AuthorKind, Doi, Issn, Orcid, Pmcid, Pmid, PublicationDate,
    ResearchField, Slug, Venue,
};

fn date() -> impl Strategy<Value = Option<PublicationDate>> {
    prop::option::of((
        1_u16..=9999,
        prop::option::of((1_u8..=12, prop::option::of(1_u8..=28))),
    ))
    .prop_map(|date| {
        let (year, rest) = date?;
        PublicationDate::new(year, rest.map(|(month, _)| month), rest.and_then(|(_, day)| day))
    })
}

fn slug() -> impl Strategy<Value = Slug> {
    "[a-z0-9-]{1,64}".prop_map(|text| Slug::parse(&text).unwrap())
}

fn identifiers() -> impl Strategy<Value = ArticleIdentifiers> {
    let doi =
        prop::option::of("10\\.[0-9]{1,5}/[a-z0-9().;/-]{1,20}".prop_map(|text| Doi::parse(&text).unwrap()));
    let pmid = prop::option::of((1_u32..).prop_map(|number| Pmid::parse(&number.to_string()).unwrap()));
    let central = prop::option::of((1_u32..).prop_map(|number| Pmcid::parse(&number.to_string()).unwrap()));
    (doi, pmid, central, "\\PC{1,20}").prop_map(|(doi, pmid, pmcid, id)| {
        let known = doi.is_some() || pmid.is_some() || pmcid.is_some();
        let source_id = (!known || id.len().is_multiple_of(2)).then_some(id);
        ArticleIdentifiers {
            doi,
            pmid,
            pmcid,
            source_id,
        }
    })
}

fn author() -> impl Strategy<Value = Author> {
    let orcid = prop::option::of(Just(Orcid::parse("0000-0002-1825-0097").unwrap()));
    let kind = prop_oneof![Just(AuthorKind::Person), Just(AuthorKind::Consortium)];
    // Readers cut the white space around an address and drop an empty one.
    let address = any::<String>()
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("empty", |text| !text.is_empty());
    (any::<String>(), kind, orcid, prop::collection::vec(address, 0..4)).prop_map(
        |(name, kind, orcid, affiliations)| Author {
            name,
            kind,
            orcid,
            affiliations,
        },
    )
}

fn venue() -> impl Strategy<Value = Venue> {
    let issns = prop::sample::subsequence(vec!["0028-0836", "2050-084X", "1476-4687"], 0..=3);
    (any::<String>(), issns).prop_map(|(title, issns)| {
        let issns = issns.into_iter().map(|text| Issn::parse(text).unwrap()).collect();
        Venue { issns, title }
    })
}

fn field() -> impl Strategy<Value = ResearchField> {
    (slug(), any::<String>(), any::<String>()).prop_map(|(scheme, code, label)| ResearchField {
        scheme,
        code,
        label,
    })
}

fn article() -> impl Strategy<Value = Article> {
    let facts = (identifiers(), slug(), 1_u32.., date(), venue(), date(), date());
    let content = (
        prop::collection::vec(any::<String>(), 0..3),
        any::<bool>(),
        prop::collection::vec(slug(), 0..3),
    );
    let people = (
        any::<String>(),
        prop::collection::vec(field(), 0..3),
        prop::collection::vec(author(), 0..4),
    );
    (facts, content, people).prop_map(|(facts, (types, retracted, flags), (title, fields, authors))| {
        let (identifiers, source, version, revision_date, venue, electronic_date, print_date) = facts;
        Article {
            identifiers,
            source,
            version,
            revision_date,
            venue,
            electronic_date,
            print_date,
            types,
            retracted,
            flags,
            title,
            fields,
            authors,
        }
    })
}

proptest! {
    #[test]
    fn a_written_article_reads_back_as_itself(articles in prop::collection::vec(article(), 0..4)) {
        let mut text = Vec::new();
        for article in &articles {
            write_article(&mut text, article).unwrap();
        }
        let reader = RecordReader::from_read("t.jsonl", Box::new(Cursor::new(text)), None).unwrap();
        let read: Vec<Record> = reader.map(Result::unwrap).collect();
        let expected: Vec<Record> = articles.into_iter().map(|article| Record::Article(Box::new(article))).collect();
        prop_assert_eq!(read, expected);
    }
}
