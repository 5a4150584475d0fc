//! The filters of the methodology, under the names that the protos use.

use clap::{Args, ValueEnum};
use whence_model::{CityId, CountryCode, InvalidText, Issn, Month, Sector, Slug};
use whence_proto::{metrics, types};

/// Which articles and which parts are counted, and how.
#[derive(Args, Clone, Debug, Default)]
pub struct Filters {
    /// First month counted, as YYYY-MM
    #[arg(long, value_name = "YYYY-MM", value_parser = text(Month::parse), help_heading = "Article filters")]
    from: Option<String>,
    /// Last month counted, itself included, as YYYY-MM
    #[arg(long, value_name = "YYYY-MM", value_parser = text(Month::parse), help_heading = "Article filters")]
    to: Option<String>,
    /// Only articles of the journals in this set, such as nature-index
    #[arg(long, value_name = "SET", value_parser = text(Slug::parse), help_heading = "Article filters")]
    journal_set: Option<String>,
    /// Only articles in the journal with this ISSN; may be repeated
    #[arg(long, value_name = "ISSN", value_parser = text(Issn::parse), help_heading = "Article filters")]
    journal: Vec<String>,
    /// Only articles in this subject of the journal set; may be repeated
    #[arg(long, value_name = "SUBJECT", value_parser = text(Slug::parse), help_heading = "Article filters")]
    subject: Vec<String>,
    /// Only articles in this field of research, as scheme:code; may be repeated
    #[arg(long, value_name = "SCHEME:CODE", value_parser = field, help_heading = "Article filters")]
    field: Vec<String>,
    /// Article type: research, all, or a source's own type as a slug; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = text(Slug::parse), help_heading = "Article filters")]
    types: Vec<String>,
    /// Only articles with at most this many authors
    #[arg(long, value_name = "N", help_heading = "Article filters", value_parser = clap::value_parser!(i32).range(1..))]
    max_authors: Option<i32>,
    /// Only articles with some part in this country (ISO alpha-2)
    #[arg(long, value_name = "CC", value_parser = text(CountryCode::parse), help_heading = "Article filters")]
    with_country: Option<String>,
    /// Only parts in this country (ISO alpha-2); may be repeated
    #[arg(long, value_name = "CC", value_parser = text(CountryCode::parse), help_heading = "Part filters")]
    country: Vec<String>,
    /// Only parts in this sector; may be repeated
    #[arg(long, value_name = "SECTOR", value_parser = text(|text| Sector::parse(text).map(Sector::as_str)), help_heading = "Part filters")]
    sector: Vec<String>,
    /// Only parts in this group of institutions, such as project-985; may be repeated
    #[arg(long, value_name = "GROUP", value_parser = text(Slug::parse), help_heading = "Part filters")]
    group: Vec<String>,
    /// Only parts in this city, as metro:<slug> or geonames:<n>; may be repeated
    #[arg(long, value_name = "CITY", value_parser = text(CityId::parse), help_heading = "Part filters")]
    city: Vec<String>,
    /// Institutions as credited, or rolled up to their parents
    #[arg(long, value_enum, default_value_t, help_heading = "Counting")]
    level: Level,
    /// How an article is split
    #[arg(long, value_enum, default_value_t, help_heading = "Counting")]
    method: Method,
    /// Which territories count as countries
    #[arg(long, value_enum, default_value_t, help_heading = "Counting")]
    territories: Territories,
}

/// Text that must be a word of the model, in the form in which that prints.
fn text<T: ToString>(
    parse: impl Fn(&str) -> Result<T, InvalidText> + Clone,
) -> impl Fn(&str) -> Result<String, InvalidText> + Clone {
    move |text| parse(text).map(|value| value.to_string())
}

fn field(text: &str) -> Result<String, String> {
    let parts = text
        .split_once(':')
        .filter(|(scheme, code)| Slug::parse(scheme).is_ok() && !code.is_empty());
    parts
        .map(|_| text.to_owned())
        .ok_or_else(|| "not a field as scheme:code, such as mesh:D000818".to_owned())
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Level {
    Credited,
    #[default]
    Rolled,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Method {
    #[default]
    AuthorInstitution,
    AuthorAddress,
    Institution,
    Full,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Territories {
    #[default]
    Iso,
    NatureIndex,
}

impl From<Filters> for metrics::Selection {
    fn from(filters: Filters) -> Self {
        let level = match filters.level {
            Level::Credited => types::Level::Credited,
            Level::Rolled => types::Level::Rolled,
        };
        let method = match filters.method {
            Method::AuthorInstitution => metrics::CountingMethod::AuthorInstitution,
            Method::AuthorAddress => metrics::CountingMethod::AuthorAddress,
            Method::Institution => metrics::CountingMethod::Institution,
            Method::Full => metrics::CountingMethod::Full,
        };
        let territories = match filters.territories {
            Territories::Iso => metrics::TerritoryPolicy::Iso,
            Territories::NatureIndex => metrics::TerritoryPolicy::NatureIndex,
        };
        Self {
            from: filters.from.unwrap_or_default(),
            to: filters.to.unwrap_or_default(),
            journal_set: filters.journal_set.unwrap_or_default(),
            journals: filters.journal,
            subjects: filters.subject,
            fields: filters.field,
            types: filters.types,
            max_authors: filters.max_authors.unwrap_or_default(),
            with_country: filters.with_country.unwrap_or_default(),
            countries: filters.country,
            sectors: filters.sector,
            groups: filters.group,
            cities: filters.city,
            level: level.into(),
            method: method.into(),
            territories: territories.into(),
        }
    }
}
