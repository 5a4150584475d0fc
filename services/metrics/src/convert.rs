//! Requests into queries, answers into messages. Every violation of a request is reported, with its path.

use whence_model::{
    CityId, CountryCode, Entity, EntityKind, InvalidText, Issn, Level, Month, Sector, Slug, Window,
};
use whence_proto::{Violations, check_entity_kind, metrics as pb, types};
use whence_share::{
    Coverage, EntityShare, FieldCode, Method, RankingRow, Selection, Territories, TypeFilter,
};

use crate::error::MetricsError;

/// A question about one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityQuery {
    pub(crate) kind: EntityKind,
    pub(crate) entity: Entity,
    pub(crate) selection: Selection,
}

/// Reads the fields of `GetShare` and `ExplainShare`.
pub(crate) fn entity_query(
    entity: Option<pb::Entity>,
    selection: Option<pb::Selection>,
) -> Result<EntityQuery, MetricsError> {
    let mut violations = Violations::default();
    let selection = checked_selection(&mut violations, selection.unwrap_or_default());
    // Without a level the entity is still checked, so that all violations come at once.
    let level = selection.as_ref().map(|(_, level)| *level).unwrap_or_default();
    let entity = checked_entity(&mut violations, entity, level);
    let query = entity.zip(selection);
    let query = query.map(|((kind, entity), (selection, _))| EntityQuery {
        kind,
        entity,
        selection,
    });
    Ok(violations.finish(query)?)
}

fn checked_entity(
    violations: &mut Violations,
    entity: Option<pb::Entity>,
    level: Level,
) -> Option<(EntityKind, Entity)> {
    let Some(pb::Entity { kind, id }) = entity else {
        violations.report("entity", "is not set");
        return None;
    };
    violations.within("entity", |violations| {
        let kind = check_entity_kind(violations, "kind", kind, level)?;
        Some((kind, violations.accept("id", Entity::parse(kind, &id))?))
    })
}

/// Reads a selection, and the level at which it lets institutions stand.
pub(crate) fn checked_selection(
    violations: &mut Violations,
    selection: pb::Selection,
) -> Option<(Selection, Level)> {
    violations.within("selection", |violations| read_selection(violations, selection))
}

fn read_selection(violations: &mut Violations, selection: pb::Selection) -> Option<(Selection, Level)> {
    let pb::Selection {
        from,
        to,
        journal_set,
        journals,
        subjects,
        fields,
        types,
        max_authors,
        with_country,
        countries,
        sectors,
        groups,
        cities,
        level,
        method,
        territories,
    } = selection;
    let from = violations.accept_optional("from", &from, Month::parse);
    let to = violations.accept_optional("to", &to, Month::parse);
    let journal_set = violations.accept_optional("journal_set", &journal_set, Slug::parse);
    let journals = violations.accept_each("journals", journals, |text| Issn::parse(&text));
    let subjects = violations.accept_each("subjects", subjects, |text| Slug::parse(&text));
    let fields = violations.accept_each("fields", fields, |text| parse_field(&text));
    let types = violations.accept_each("types", types, |text| TypeFilter::parse(&text));
    let max_authors = checked_max_authors(violations, max_authors);
    let with_country = violations.accept_optional("with_country", &with_country, CountryCode::parse);
    let countries = violations.accept_each("countries", countries, |text| CountryCode::parse(&text));
    let sectors = violations.accept_each("sectors", sectors, |text| Sector::parse(&text));
    let groups = violations.accept_each("groups", groups, |text| Slug::parse(&text));
    let cities = violations.accept_each("cities", cities, |text| CityId::parse(&text));
    let level = violations.accept("level", types::Level::try_from(level));
    let method = violations.accept("method", pb::CountingMethod::try_from(method));
    let territories = violations.accept("territories", pb::TerritoryPolicy::try_from(territories));
    let selection = Selection {
        window: Window { from: from?, to: to? },
        journal_set: journal_set?,
        journals: journals?,
        subjects: subjects?,
        fields: fields?,
        types: types?,
        max_authors: max_authors?,
        with_country: with_country?,
        countries: countries?,
        sectors: sectors?,
        groups: groups?,
        cities: cities?,
        method: method.map(read_method)?,
        territories: territories.map(read_territories)?,
    };
    Some((selection, level?.into()))
}

fn parse_field(text: &str) -> Result<FieldCode, String> {
    FieldCode::parse(text).ok_or_else(|| format!("{text:?} is not a field of research, such as mesh:D012345"))
}

/// The outer option is none after a violation.
#[expect(
    clippy::option_option,
    reason = "no bound and no value are two things, as in `accept_optional`"
)]
fn checked_max_authors(violations: &mut Violations, max_authors: i32) -> Option<Option<u32>> {
    let checked =
        u32::try_from(max_authors).map_err(|_| format!("{max_authors} is negative; use 0 for no bound"));
    violations
        .accept("max_authors", checked)
        .map(|bound| (bound > 0).then_some(bound))
}

fn read_method(method: pb::CountingMethod) -> Method {
    match method {
        pb::CountingMethod::Unspecified | pb::CountingMethod::AuthorInstitution => Method::AuthorInstitution,
        pb::CountingMethod::AuthorAddress => Method::AuthorAddress,
        pb::CountingMethod::Institution => Method::Institution,
        pb::CountingMethod::Full => Method::Full,
    }
}

fn read_territories(territories: pb::TerritoryPolicy) -> Territories {
    match territories {
        pb::TerritoryPolicy::Unspecified | pb::TerritoryPolicy::Iso => Territories::Iso,
        pb::TerritoryPolicy::NatureIndex => Territories::NatureIndex,
    }
}

/// Reads one field that is text of a certain form.
pub(crate) fn only_text<T, E: std::fmt::Display>(
    field: &'static str,
    parsed: Result<T, E>,
) -> Result<T, MetricsError> {
    let mut violations = Violations::default();
    let value = violations.accept(field, parsed);
    Ok(violations.finish(value)?)
}

/// Reads the identifier of an article.
pub(crate) fn article_id(text: &str) -> Result<whence_model::ArticleId, MetricsError> {
    let parsed: Result<_, InvalidText> = whence_model::ArticleId::parse(text);
    only_text("article_id", parsed)
}

/// The message of a coverage.
pub(crate) fn coverage(coverage: Coverage) -> pb::Coverage {
    let Coverage {
        article_count,
        unresolved,
        undated_count,
        flag_missing_count,
    } = coverage;
    pb::Coverage {
        article_count: count(article_count),
        unresolved: Some(unresolved.into()),
        undated_count: count(undated_count),
        flag_missing_count: count(flag_missing_count),
    }
}

/// The message of an entity's figures.
pub(crate) fn entity_share(entity_share: &EntityShare) -> pb::EntityShare {
    let EntityShare {
        named,
        share,
        count: articles,
    } = entity_share;
    pb::EntityShare {
        entity: Some((&named.entity).into()),
        name: named.name.clone(),
        country_code: named
            .country
            .map(|country| country.to_string())
            .unwrap_or_default(),
        share: Some((*share).into()),
        count: count(*articles),
    }
}

/// The message of a row of a ranking.
pub(crate) fn ranking_row(row: &RankingRow) -> pb::RankingRow {
    pb::RankingRow {
        rank: count(row.rank),
        entity_share: Some(entity_share(&row.entity_share)),
    }
}

/// A number of things; no store holds more than the wire can say.
pub(crate) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_of(error: MetricsError) -> Vec<String> {
        match error {
            MetricsError::Invalid(invalid) => invalid.violations.into_iter().map(|one| one.field).collect(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn every_violation_is_found_at_once() {
        let selection = pb::Selection {
            from: "2021".into(),
            journal_set: "Nature Index".into(),
            journals: vec!["0028-0836".into(), "0028-0837".into()],
            fields: vec!["D012345".into()],
            max_authors: -1,
            countries: vec!["China".into()],
            sectors: vec!["academia".into()],
            cities: vec!["Beijing".into()],
            level: 9,
            method: 9,
            ..pb::Selection::default()
        };
        let entity = pb::Entity {
            kind: types::EntityKind::Institution.into(),
            id: "05qbk4x58".into(),
        };
        let expected = [
            "selection.from",
            "selection.journal_set",
            "selection.journals[1]",
            "selection.fields[0]",
            "selection.max_authors",
            "selection.countries[0]",
            "selection.sectors[0]",
            "selection.cities[0]",
            "selection.level",
            "selection.method",
            "entity.id",
        ];
        assert_eq!(
            fields_of(entity_query(Some(entity), Some(selection)).unwrap_err()),
            expected
        );
        assert_eq!(fields_of(entity_query(None, None).unwrap_err()), ["entity"]);
    }

    #[test]
    fn what_is_unset_is_the_default() {
        let entity = |kind: types::EntityKind, id: &str| {
            Some(pb::Entity {
                kind: kind.into(),
                id: id.into(),
            })
        };
        let query = entity_query(entity(types::EntityKind::Country, "cn"), None).unwrap();
        assert_eq!(query.selection, Selection::default());
        let institution = || entity(types::EntityKind::Institution, "https://ror.org/05qbk4x57");
        assert_eq!(
            entity_query(institution(), None).unwrap().kind,
            EntityKind::InstitutionRolled
        );
        let credited = pb::Selection {
            level: types::Level::Credited.into(),
            ..pb::Selection::default()
        };
        assert_eq!(
            entity_query(institution(), Some(credited)).unwrap().kind,
            EntityKind::Institution
        );
    }
}
