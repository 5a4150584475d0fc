use std::io::{self, Cursor, Read};

use whence_model::{Article, AuthorKind};

use crate::{FormatError, Record, RecordReader, Refused};

const REAL: &str = include_str!("../../tests/data/pubmed-33914111.xml");

/// What a reader makes of a text: the records, and the error that ended it.
fn read(text: &str) -> (Vec<Record>, Option<FormatError>) {
    read_bytes(Box::new(Cursor::new(text.to_owned())))
}

fn read_bytes(bytes: Box<dyn Read + Send>) -> (Vec<Record>, Option<FormatError>) {
    let mut reader = RecordReader::from_read("t.xml", bytes, None).unwrap();
    let mut records = Vec::new();
    for record in reader.by_ref() {
        match record {
            Ok(record) => records.push(record),
            Err(error) => {
                assert!(reader.next().is_none(), "nothing follows an error");
                return (records, Some(error));
            }
        }
    }
    (records, None)
}

/// The article of a citation with this `<Article>` content, and what follows the `<Article>`.
fn article(model: &str, inside: &str, after: &str) -> Article {
    match read(&set(&citation("7", model, inside, after))) {
        (records, None) => match records.as_slice() {
            [Record::Article(article)] => (**article).clone(),
            other => panic!("{other:?}"),
        },
        (_, Some(error)) => panic!("{error}"),
    }
}

fn set(content: &str) -> String {
    format!("<PubmedArticleSet>{content}</PubmedArticleSet>")
}

fn citation(pmid: &str, model: &str, inside: &str, after: &str) -> String {
    format!(
        "<PubmedArticle><MedlineCitation><PMID Version=\"1\">{pmid}</PMID><Article PubModel=\"{model}\">{inside}</Article>\
         {after}</MedlineCitation></PubmedArticle>"
    )
}

fn pub_date(parts: &str) -> String {
    format!("<Journal><JournalIssue><PubDate>{parts}</PubDate></JournalIssue></Journal>")
}

fn refused(content: &str) -> Refused {
    match read(&set(content)) {
        (mut records, None) if records.len() == 1 => match records.remove(0) {
            Record::Refused(refused) => refused,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_real_record_reads_as_it_is() {
    let (records, error) = read(REAL);
    assert!(error.is_none());
    let [
        Record::Article(article),
        Record::Deleted(first),
        Record::Deleted(second),
    ] = records.as_slice()
    else {
        panic!("{records:?}")
    };
    let mut line = Vec::new();
    crate::write_article(&mut line, article).unwrap();
    let expected = include_str!("../../tests/data/pubmed-33914111.jsonl");
    assert_eq!(String::from_utf8(line).unwrap(), expected);
    assert_eq!(article.authors[3].kind, AuthorKind::Consortium);
    assert_eq!(
        [first.to_string(), second.to_string()],
        ["pubmed:31688362", "pubmed:31764432"]
    );
}

#[test]
fn the_model_of_publication_says_what_the_dates_are() {
    let article_date =
        "<ArticleDate DateType=\"Electronic\"><Year>2021</Year><Month>06</Month><Day>08</Day></ArticleDate>";
    for (model, ahead, electronic, print) in [
        ("Print", "", None, Some("2021-07")),
        (
            "Print-Electronic",
            article_date,
            Some("2021-06-08"),
            Some("2021-07"),
        ),
        (
            "Electronic-Print",
            article_date,
            Some("2021-06-08"),
            Some("2021-07"),
        ),
        ("Electronic", article_date, Some("2021-06-08"), None),
        ("Electronic-eCollection", article_date, Some("2021-06-08"), None),
        ("Electronic", "", Some("2021-07"), None),
    ] {
        let inside = pub_date("<Year>2021</Year><Month>Jul</Month>") + ahead;
        let article = article(model, &inside, "");
        let text = |date: Option<whence_model::PublicationDate>| date.map(|date| date.to_string());
        assert_eq!(text(article.electronic_date).as_deref(), electronic, "{model}");
        assert_eq!(text(article.print_date).as_deref(), print, "{model}");
    }
}

#[test]
fn seasons_and_free_text_are_as_exact_as_they_are() {
    for (parts, date) in [
        ("<Year>1979</Year><Season>Spring</Season>", Some("1979")),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", Some("1998-12")),
        ("<MedlineDate>Winter</MedlineDate>", None),
    ] {
        let article = article("Print", &pub_date(parts), "");
        assert_eq!(
            article.print_date.map(|date| date.to_string()).as_deref(),
            date,
            "{parts}"
        );
    }
}

#[test]
fn authors_come_in_order_with_their_addresses() {
    let list = "<AuthorList CompleteYN=\"Y\">\
        <Author ValidYN=\"N\"><LastName>Smyth</LastName></Author>\
        <Author ValidYN=\"Y\"><LastName>Smith</LastName><Initials>J</Initials><Suffix>Jr</Suffix>\
        <Identifier Source=\"ORCID\">http://orcid.org/0000-0002-1825-009X</Identifier>\
        <AffiliationInfo><Affiliation> R&amp;D, Z&#xFC;rich&#8217;s\n lab. </Affiliation><Identifier Source=\"GRID\">x</Identifier></AffiliationInfo>\
        <AffiliationInfo><Affiliation/></AffiliationInfo></Author></AuthorList>";
    let after = "<InvestigatorList><Investigator><LastName>Not an author</LastName></Investigator></InvestigatorList>";
    let article = article("Print", list, after);
    let [author] = article.authors.as_slice() else {
        panic!("{:?}", article.authors)
    };
    assert_eq!(author.name, "J Smith Jr");
    assert_eq!(author.orcid, None, "the check character is wrong");
    assert_eq!(author.affiliations, ["R&D, Zürich’s\n lab."]);
}

#[test]
fn what_is_left_out_is_noted() {
    let inside = "<Journal><ISSN>0028-0837</ISSN></Journal><AuthorList CompleteYN=\"N\"><Author ValidYN=\"N\"><LastName>A</LastName></Author></AuthorList>";
    let text = set(&citation("7", "Print", inside, ""));
    let mut reader = RecordReader::from_read("t.xml", Box::new(Cursor::new(text)), None).unwrap();
    assert!(matches!(reader.next(), Some(Ok(Record::Article(_)))));
    let notes: Vec<_> = reader
        .notes()
        .iter()
        .map(|(note, count)| (note.split(' ').next().unwrap(), count))
        .collect();
    assert_eq!(notes, [("author", 1), ("author's", 1), ("malformed", 1)]);
}

#[test]
fn inline_markup_in_a_title_is_flattened() {
    let title = "<ArticleTitle>The <i>in vivo</i> role of H<sub>2</sub>O\n in <mml:math><mml:mi>x</mml:mi></mml:math>.</ArticleTitle>";
    assert_eq!(article("Print", title, "").title, "The in vivo role of H2O in x.");
}

#[test]
fn retraction_is_a_type_or_a_notice() {
    let kind =
        "<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>";
    let notice = |kind: &str| {
        format!(
            "<CommentsCorrectionsList><CommentsCorrections RefType=\"{kind}\"><PMID>8</PMID></CommentsCorrections></CommentsCorrectionsList>"
        )
    };
    assert!(article("Print", kind, "").retracted);
    assert!(article("Print", "", &notice("RetractionIn")).retracted);
    assert!(!article("Print", "", &notice("RetractionOf")).retracted);
}

#[test]
fn the_doi_of_a_reference_is_not_the_article_s() {
    let location = "<ELocationID EIdType=\"doi\" ValidYN=\"N\">10.1/no</ELocationID><ELocationID EIdType=\"doi\" ValidYN=\"Y\">10.1/YES</ELocationID>";
    let text = set(&citation("7", "Print", location, "")).replace(
        "</PubmedArticle>",
        "<PubmedData><ArticleIdList><ArticleId IdType=\"pmc\">PMC12.4</ArticleId></ArticleIdList><ReferenceList><Reference><ArticleIdList>\
         <ArticleId IdType=\"doi\">10.1/reference</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>",
    );
    let (records, _) = read(&text);
    let [Record::Article(article)] = records.as_slice() else {
        panic!("{records:?}")
    };
    let keys: Vec<String> = article.identity_keys().iter().map(ToString::to_string).collect();
    assert_eq!(keys, ["10.1/yes", "pmid:7", "pmcid:PMC12"]);
}

#[test]
fn a_bad_record_is_refused_with_its_place_and_reason() {
    let bad_date = citation(
        "7",
        "Print",
        &pub_date("<Year>2021</Year><Month>Jun</Month><Day>31</Day>"),
        "",
    );
    for (content, id, location, reason) in [
        (
            bad_date.as_str(),
            "7",
            "t.xml: record 1 (PMID 7), line 1",
            "PubDate: \"2021 Jun 31\" is not a date",
        ),
        (
            &citation("", "Print", "", ""),
            "",
            "t.xml: record 1, line 1",
            "PMID: absent",
        ),
        (
            &citation("x", "Print", "", ""),
            "x",
            "t.xml: record 1 (PMID x), line 1",
            "PMID: \"x\" is not a PMID",
        ),
        ("<PubmedArticle/>", "", "t.xml: record 1, line 1", "PMID: absent"),
        (
            "<PubmedBookArticle><PMID>7</PMID></PubmedBookArticle>",
            "",
            "t.xml: record 1, line 1",
            "<PubmedBookArticle> is not an article",
        ),
        (
            &citation("7", "Print", "<ArticleTitle>&nbsp;</ArticleTitle>", ""),
            "7",
            "t.xml: record 1 (PMID 7), line 1",
            "entity &nbsp; is not defined",
        ),
        (
            "<DeleteCitation><PMID>x</PMID></DeleteCitation>",
            "x",
            "t.xml: record 1 (PMID x), line 1",
            "DeleteCitation: \"x\" is not a PMID",
        ),
    ] {
        let refused = refused(content);
        assert_eq!(
            (refused.record_id.as_str(), refused.location.as_str()),
            (id, location),
            "{content}"
        );
        assert!(refused.reason.starts_with(reason), "{}", refused.reason);
    }
    let (records, error) = read(&set(&(bad_date + &citation("8", "Print", "", ""))));
    assert!(
        matches!(records.as_slice(), [Record::Refused(_), Record::Article(_)]),
        "reading goes on: {error:?}"
    );
}

#[test]
fn a_broken_stream_gives_what_came_before_it() {
    let good = citation("7", "Print", "", "");
    for (text, records_before, reason) in [
        (
            format!("<PubmedArticleSet>{good}<PubmedArticle><Medline"),
            1,
            "malformed XML",
        ),
        (
            format!("<PubmedArticleSet>{good}"),
            1,
            "the XML ends in the middle",
        ),
        (
            format!("<PubmedArticleSet>{good}<PubmedArticle></PMID>"),
            1,
            "malformed XML",
        ),
        ("<html></html>".to_owned(), 0, "the document is <html>"),
        ("<?xml version=\"1.0\"?>".to_owned(), 0, "there is no XML element"),
        (
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><PubmedArticleSet/>".to_owned(),
            0,
            "the XML is encoded in ISO-8859-1",
        ),
    ] {
        let (records, error) = read(&text);
        assert_eq!(records.len(), records_before, "{text}");
        let Some(FormatError::Malformed {
            location,
            reason: found,
        }) = error
        else {
            panic!("{text}: {error:?}")
        };
        assert!(found.starts_with(reason), "{found}");
        let after = format!(" of the text, after record {}", records.len());
        assert!(
            location.starts_with("t.xml: line 1, byte ")
                && location.contains(after.split(',').next().unwrap()),
            "{location}"
        );
    }
}

#[test]
fn one_record_without_end_is_bounded() {
    let start = Cursor::new("<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>");
    let (records, error) = read_bytes(Box::new(start.chain(io::repeat(b'7'))));
    assert!(records.is_empty());
    assert!(
        error
            .unwrap()
            .to_string()
            .contains("one record has more than 67108864 bytes")
    );
}

#[test]
fn entities_do_not_expand_and_the_declaration_is_not_followed() {
    let text = "<!DOCTYPE PubmedArticleSet SYSTEM \"file:///etc/hostname\" [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>".to_owned()
        + &set(&citation("7", "Print", "<ArticleTitle>&b;</ArticleTitle>", ""));
    let (records, error) = read(&text);
    assert!(
        matches!(records.as_slice(), [Record::Refused(_)]),
        "{records:?} {error:?}"
    );
}
