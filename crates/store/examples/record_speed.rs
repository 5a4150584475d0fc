//! How fast are articles recorded, read back and verified? `cargo run --release -p whence-store --example
//! record_speed [articles] [batch]`. Made-up articles with the sizes of PubMed's: 7 authors, 9 addresses of about 120
//! bytes, 15 fields.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use whence_model::{
    AddressResolution, Article, ArticleIdentifiers, Author, Confidence, CountryCode, Doi, GeonamesId,
    InstitutionMatch, Place, Pmcid, Pmid, PublicationDate, ResearchField, Resolution, ResolvedArticle,
    ResolverVersions, Role, RorId, Slug, Span, Venue,
};
use whence_store::{EntryContent, ImportEntry, ImportId, Store, StoreOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let articles = numbers.next().transpose()?.unwrap_or(50_000);
    let batch = numbers.next().transpose()?.unwrap_or(500);
    let dir = std::env::current_dir()?.join("record-speed.store");
    if dir.exists() {
        return Err(format!("{} exists; remove it first", dir.display()).into());
    }
    let result = measure(&dir, articles, batch);
    std::fs::remove_dir_all(&dir)?;
    result
}

fn measure(dir: &Path, articles: u64, batch: u64) -> Result<(), Box<dyn Error>> {
    let (store, _) = Store::open(dir, &StoreOptions::default())?;
    let import = ImportId::parse("speed")?;
    store.open_import(&import, &ResolverVersions::default())?;
    let mut seconds = 0.0;
    for first in (1..=articles).step_by(usize::try_from(batch)?) {
        let entries: Result<Vec<_>, _> = (first..=articles.min(first + batch - 1)).map(entry).collect();
        let entries = entries?;
        let start = Instant::now();
        store.record(&import, entries)?;
        seconds += start.elapsed().as_secs_f64();
    }
    report("recorded", articles, seconds);
    let start = Instant::now();
    drop(store);
    println!("closed in {:.2} s", start.elapsed().as_secs_f64());
    let bytes = size(dir)?;
    println!(
        "{} MB on disk, {} bytes an article",
        bytes / 1_000_000,
        bytes / articles
    );
    let start = Instant::now();
    let (store, _) = Store::open(dir, &StoreOptions::default())?;
    report("opened and verified", articles, start.elapsed().as_secs_f64());
    let start = Instant::now();
    let (mut after, mut read) = (None, 0);
    while let Some(last) = {
        let page = store.articles_after(after.as_ref(), 1000)?;
        read += page.len() as u64;
        page.into_iter().last()
    } {
        after = Some(last.id);
    }
    report("read", read, start.elapsed().as_secs_f64());
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn report(what: &str, articles: u64, seconds: f64) {
    println!(
        "{what} {articles} articles in {seconds:.2} s: {:.0} a second",
        articles as f64 / seconds
    );
}

fn size(dir: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() {
            size(&entry.path())?
        } else {
            meta.len()
        };
    }
    Ok(bytes)
}

/// Numbers that look random and are the same in every run.
fn scatter(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 8
}

fn entry(sequence: u64) -> Result<ImportEntry, Box<dyn Error>> {
    let address = |number: u64| {
        let [street, school, code] = [scatter(number), scatter(number + 1), number % 90_000];
        format!(
            "Department of Subject {}, School of Science {school:x}, University of Somewhere, {street:x} Long Street, \
             Hefei {code}, People's Republic of China.",
            school % 700
        )
    };
    let author = |number: u64| Author {
        name: format!(
            "Given{:x} Family{:x}",
            scatter(number) % 999,
            scatter(number + 7) % 99_999
        ),
        affiliations: (0..=number % 2)
            .map(|index| address(scatter(sequence * 9 + number + index)))
            .collect(),
        ..Author::default()
    };
    let field = |number: u64| -> Result<ResearchField, Box<dyn Error>> {
        let code = scatter(sequence * 15 + number) % 30_000;
        Ok(ResearchField {
            scheme: Slug::parse("mesh")?,
            code: format!("D{code:06}"),
            label: format!("Subject {code}"),
        })
    };
    let article = Article {
        identifiers: ArticleIdentifiers {
            doi: Some(Doi::parse(&format!(
                "10.1234/journal.{}.{:x}",
                sequence % 97,
                scatter(sequence)
            ))?),
            pmid: Some(Pmid::parse(&(33_000_000 + sequence).to_string())?),
            pmcid: if sequence.is_multiple_of(3) {
                Some(Pmcid::parse(&(7_000_000 + sequence).to_string())?)
            } else {
                None
            },
            source_id: Some((33_000_000 + sequence).to_string()),
        },
        source: Slug::parse("pubmed")?,
        version: 1,
        revision_date: Some(PublicationDate::parse("2021-06-08")?),
        venue: Venue {
            issns: vec![],
            title: format!("Journal of Things {}", sequence % 97),
        },
        electronic_date: Some(PublicationDate::parse("2021-06-08")?),
        print_date: Some(PublicationDate::parse("2021-07")?),
        types: vec!["Journal Article".to_owned()],
        retracted: false,
        flags: vec![],
        title: format!(
            "On the {:x} of {:x} and of {:x}",
            scatter(sequence + 1),
            scatter(sequence + 2),
            scatter(sequence + 3)
        ),
        fields: (0..15).map(field).collect::<Result<_, _>>()?,
        authors: (0..7).map(author).collect(),
    };
    let addresses: Vec<String> = article
        .distinct_affiliations()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let resolutions = addresses.into_iter().map(resolve).collect::<Result<_, _>>()?;
    let content = EntryContent::Article(Box::new(ResolvedArticle::new(article, resolutions)?));
    Ok(ImportEntry { sequence, content })
}

fn resolve(affiliation: String) -> Result<AddressResolution, Box<dyn Error>> {
    let id = GeonamesId::new(1_808_722).ok_or("no GeoNames id")?;
    let place = Place::Locality(id, CountryCode::parse("CN")?);
    let found = InstitutionMatch {
        ror_id: RorId::parse("04c4dkn09")?,
        confidence: Confidence::MAX,
        span: Span { start: 0, end: 40 },
        role: Role::Affiliation,
        place,
    };
    let resolution = Resolution {
        institutions: vec![found],
        candidates: vec![found; 2],
        unmatched: vec![],
        place,
    };
    Ok(AddressResolution {
        affiliation,
        resolution,
    })
}
