//! Overrides: what any sequence of creations and deletions leaves equals a plain list, also after
//! opening again; a request acts once.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use proptest::prelude::*;
use support::{decision, no_institution};
use whence_model::{
    CountryCode, ErrorKind, NamePattern, Override, OverrideChange, OverrideId, OverrideSubject, RequestId,
    RorId,
};
use whence_store::{NewOverride, Store, StoreError, StoreOptions};

#[derive(Clone, Debug)]
enum Step {
    Create(NewOverride, Option<u8>),
    Delete(u64),
    OpenAgain,
}

fn new_override() -> impl Strategy<Value = NewOverride> {
    let subject = prop_oneof![
        ".{1,12}".prop_map(OverrideSubject::Address),
        (".{1,12}", any::<bool>()).prop_map(|(name, placed)| {
            let country = placed.then(|| CountryCode::parse("CN").unwrap());
            OverrideSubject::Pattern(NamePattern {
                name,
                country,
                locality: None,
            })
        }),
    ];
    (subject, any::<bool>(), ".{1,9}").prop_map(|(subject, none, reason)| {
        let ror_ids = vec![RorId::parse("04c4dkn09").unwrap()];
        NewOverride {
            subject,
            ror_ids: if none { vec![] } else { ror_ids },
            decision: decision(&reason),
        }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (new_override(), prop::option::of(0..3_u8)).prop_map(|(new, request)| Step::Create(new, request)),
        2 => (0..12_u64).prop_map(Step::Delete),
        1 => Just(Step::OpenAgain),
    ];
    prop::collection::vec(step, 1..25)
}

fn request_id(number: u8) -> RequestId {
    RequestId::parse(&format!("request-{number}")).unwrap()
}

/// The naive twin: a list, and what each request has created.
#[derive(Default)]
struct Twin {
    overrides: Vec<Override>,
    requests: [Option<usize>; 3],
    revision: u64,
}

impl Twin {
    /// None if the request has created something else.
    fn create(&mut self, new: &NewOverride, request: Option<u8>) -> Option<Override> {
        let NewOverride {
            subject,
            ror_ids,
            decision,
        } = new.clone();
        if let Some(at) = request.and_then(|request| self.requests[usize::from(request)]) {
            let earlier = &self.overrides[at];
            let same = (&earlier.subject, &earlier.ror_ids, &earlier.created.decision)
                == (&subject, &ror_ids, &decision);
            return same.then(|| earlier.clone());
        }
        self.revision += 1;
        let created = Override {
            id: OverrideId::new(self.revision).unwrap(),
            subject,
            ror_ids,
            created: OverrideChange {
                decision,
                revision: self.revision,
            },
            deleted: None,
        };
        if let Some(request) = request {
            self.requests[usize::from(request)] = Some(self.overrides.len());
        }
        self.overrides.push(created.clone());
        Some(created)
    }

    fn delete(&mut self, id: u64) -> Option<Override> {
        let found = self.overrides.iter_mut().find(|entry| entry.id.get() == id)?;
        if found.stands() {
            self.revision += 1;
            found.deleted = Some(OverrideChange {
                decision: decision("mistaken"),
                revision: self.revision,
            });
        }
        Some(found.clone())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_store_keeps_what_a_plain_list_keeps(steps in steps()) {
        let dir = tempfile::tempdir().unwrap();
        let open = || Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
        let (mut store, mut twin) = (Some(open()), Twin::default());
        for step in steps {
            let opened = store.take().unwrap_or_else(open);
            match step {
                Step::Create(new, request) => {
                    let id = request.map(request_id);
                    match (opened.create_override(new.clone(), id.as_ref()), twin.create(&new, request)) {
                        (Ok(created), expected) => prop_assert_eq!(Some(created), expected),
                        (Err(error), expected) => {
                            let conflict = matches!(error, StoreError::RequestConflict { .. });
                            prop_assert!(conflict, "{}", error);
                            prop_assert_eq!((error.kind(), expected), (ErrorKind::Aborted, None));
                        }
                    }
                    store = Some(opened);
                }
                Step::Delete(id) => {
                    let deleted = OverrideId::new(id)
                        .and_then(|id| opened.delete_override(id, decision("mistaken")).unwrap());
                    prop_assert_eq!(deleted, twin.delete(id));
                    store = Some(opened);
                }
                Step::OpenAgain => drop(opened),
            }
        }
        let store = store.unwrap_or_else(open);
        prop_assert_eq!(store.overrides_after(None, usize::MAX).unwrap(), twin.overrides.clone());
        prop_assert_eq!(store.override_revision().unwrap(), twin.revision);
    }
}

#[test]
fn overrides_are_read_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
    assert_eq!(store.overrides_after(None, 10).unwrap(), []);
    for number in 1..=5 {
        store
            .create_override(no_institution(&format!("Institute {number}")), None)
            .unwrap();
    }
    let pages = |after: Option<OverrideId>| store.overrides_after(after, 2).unwrap();
    let first = pages(None);
    let second = pages(Some(first[1].id));
    let third = pages(Some(second[1].id));
    let ids = [first, second, third].concat();
    assert_eq!(
        ids.iter().map(|entry| entry.id.get()).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(pages(OverrideId::new(u64::MAX)), []);
}
