//! Entities, their kinds, and the level at which institutions stand.
//!
//! On the wire the level is the selection's and a kind says only `INSTITUTION`; in the model the two
//! levels are two kinds. [`check_entity_kind`] joins them and [`level`] takes them apart.

use whence_model::{Entity, EntityKind, Level};

use crate::violations::{IntoModel, Violations};
use crate::{metrics, types};

impl From<Level> for types::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Credited => Self::Credited,
            Level::Rolled => Self::Rolled,
        }
    }
}

impl From<types::Level> for Level {
    fn from(level: types::Level) -> Self {
        match level {
            types::Level::Credited => Self::Credited,
            types::Level::Unspecified | types::Level::Rolled => Self::Rolled,
        }
    }
}

impl From<EntityKind> for types::EntityKind {
    fn from(kind: EntityKind) -> Self {
        match kind {
            EntityKind::Institution | EntityKind::InstitutionRolled => Self::Institution,
            EntityKind::City => Self::City,
            EntityKind::Locality => Self::Locality,
            EntityKind::Country => Self::Country,
            EntityKind::Sector => Self::Sector,
            EntityKind::Group => Self::Group,
        }
    }
}

/// The level that a kind stands for: credited for institutions as credited, else the default.
pub fn level(kind: EntityKind) -> Level {
    if kind == EntityKind::Institution {
        Level::Credited
    } else {
        Level::Rolled
    }
}

/// The kind in an enum field, with institutions at the given level; reports an unknown or unspecified one.
pub fn check_entity_kind(
    violations: &mut Violations,
    field: &'static str,
    kind: i32,
    level: Level,
) -> Option<EntityKind> {
    match violations.accept(field, types::EntityKind::try_from(kind))? {
        types::EntityKind::Unspecified => {
            violations.report(field, "is not set");
            None
        }
        types::EntityKind::Institution => Some(EntityKind::institution(level)),
        types::EntityKind::City => Some(EntityKind::City),
        types::EntityKind::Locality => Some(EntityKind::Locality),
        types::EntityKind::Country => Some(EntityKind::Country),
        types::EntityKind::Sector => Some(EntityKind::Sector),
        types::EntityKind::Group => Some(EntityKind::Group),
    }
}

impl From<&Entity> for metrics::Entity {
    fn from(entity: &Entity) -> Self {
        let kind = match entity {
            Entity::Institution(_) => types::EntityKind::Institution,
            Entity::City(_) => types::EntityKind::City,
            Entity::Locality(_) => types::EntityKind::Locality,
            Entity::Country(_) => types::EntityKind::Country,
            Entity::Sector(_) => types::EntityKind::Sector,
            Entity::Group(_) => types::EntityKind::Group,
        };
        Self {
            kind: kind.into(),
            id: entity.to_string(),
        }
    }
}

impl IntoModel for metrics::Entity {
    type Model = Entity;

    fn check(self, violations: &mut Violations) -> Option<Entity> {
        let Self { kind, id } = self;
        // An institution has the same id at both levels.
        let kind = check_entity_kind(violations, "kind", kind, Level::Rolled)?;
        violations.accept("id", Entity::parse(kind, &id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_the_wire() {
        for kind in EntityKind::ALL {
            let mut violations = Violations::default();
            let wire = types::EntityKind::from(kind).into();
            assert_eq!(
                check_entity_kind(&mut violations, "kind", wire, level(kind)),
                Some(kind)
            );
        }
    }

    #[test]
    fn a_kind_must_be_set_and_an_id_must_fit_it() {
        let read = |kind: types::EntityKind, id: &str| {
            metrics::Entity {
                kind: kind.into(),
                id: id.into(),
            }
            .into_model()
            .map_err(|e| e.violations[0].field.clone())
        };
        assert_eq!(read(types::EntityKind::Unspecified, "CN"), Err("kind".into()));
        assert_eq!(read(types::EntityKind::City, "CN"), Err("id".into()));
        let country = read(types::EntityKind::Country, "CN").unwrap();
        assert_eq!(metrics::Entity::from(&country).id, "CN");
    }
}
