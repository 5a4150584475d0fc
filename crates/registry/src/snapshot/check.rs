//! Checks that the rows of an open snapshot make sense: the checksums say that the bytes are those that were
//! written, this says that every position in them points at something.
//!
//! One pass over all rows, some ten milliseconds for the whole of ROR. After it, accessors index without
//! asking again.

use whence_model::{GeonamesId, RorId};
use zerocopy::byteorder::little_endian::U32;

use super::bytes::{Section, inconsistent};
use super::tables::{
    CURATED, INSTITUTIONS, InstitutionRow, LINKS, NAMES, NO_POSITION, NameRow, PLACES, PlaceRow, TEXT,
    Tables, TextRef,
};
use crate::kinds::{InstitutionState, InstitutionTypes, NameKind};
use crate::read::on_earth;
use crate::{InstitutionIndex, SnapshotError};

impl Tables {
    /// Checks everything, and gives the ids of institutions and places in order.
    pub(super) fn check(&self) -> Result<(Vec<RorId>, Vec<GeonamesId>), SnapshotError> {
        self.check_rows()?;
        let ror_ids = self.check_institutions()?;
        let geonames_ids = self.check_places()?;
        self.check_curated(ror_ids.len())?;
        Ok((ror_ids, geonames_ids))
    }

    fn check_rows(&self) -> Result<(), SnapshotError> {
        let whole = |section: &Section, row: usize, name: &str| match section.as_ref().len() % row {
            0 => Ok(()),
            _ => Err(inconsistent(name, "it ends in mid-row")),
        };
        whole(&self.institutions, size_of::<InstitutionRow>(), INSTITUTIONS)?;
        whole(&self.names, size_of::<NameRow>(), NAMES)?;
        whole(&self.links, size_of::<U32>(), LINKS)?;
        whole(&self.places, size_of::<PlaceRow>(), PLACES)?;
        str::from_utf8(self.text.as_ref()).map_err(|error| inconsistent(TEXT, error.to_string()))?;
        Ok(())
    }

    fn check_institutions(&self) -> Result<Vec<RorId>, SnapshotError> {
        let wrong = |at: usize, what: &str| inconsistent(INSTITUTIONS, format!("row {at}: {what}"));
        let all = self.institution_rows();
        let Some((last, real)) = all.split_last() else {
            return Err(wrong(0, "missing"));
        };
        let mut ids: Vec<RorId> = Vec::with_capacity(real.len());
        for (at, (row, next)) in real.iter().zip(&all[1..]).enumerate() {
            let id = str::from_utf8(&row.ror_id)
                .ok()
                .and_then(|text| RorId::parse(text).ok());
            let id = id
                .filter(|id| ids.last().is_none_or(|last| last < id))
                .ok_or_else(|| wrong(at, "ROR id"))?;
            ids.push(id);
            if InstitutionTypes::from_bits(row.types.get()).is_none() {
                return Err(wrong(at, "types"));
            }
            if usize::from(row.state) >= InstitutionState::ALL.len() {
                return Err(wrong(at, "state"));
            }
            if row.names_start.get() >= next.names_start.get() {
                return Err(wrong(at, "names"));
            }
            let bounds: Vec<u32> = row
                .links_start
                .iter()
                .chain([&next.links_start[0]])
                .map(|start| start.get())
                .collect();
            if !bounds.is_sorted() {
                return Err(wrong(at, "links"));
            }
            self.check_links(&bounds, real.len())
                .ok_or_else(|| wrong(at, "links"))?;
        }
        let ends = (
            last.names_start.get() as usize,
            last.links_start[0].get() as usize,
        );
        if ends != (self.name_rows().len(), self.links().len()) {
            return Err(wrong(real.len(), "ends"));
        }
        self.check_names()?;
        Ok(ids)
    }

    /// Places exist, and so do institutions.
    fn check_links(&self, bounds: &[u32], institutions: usize) -> Option<()> {
        let places = self.place_rows().len();
        let links = self.links().get(bounds[0] as usize..bounds[5] as usize)?;
        let (locations, others) = links.split_at_checked((bounds[1] - bounds[0]) as usize)?;
        let within = |links: &[U32], count: usize| links.iter().all(|link| (link.get() as usize) < count);
        (within(locations, places) && within(others, institutions)).then_some(())
    }

    fn check_names(&self) -> Result<(), SnapshotError> {
        for (at, row) in self.name_rows().iter().enumerate() {
            let kind = usize::from(row.kind) < NameKind::ALL.len();
            if !kind || !self.is_text(row.text) || !self.is_text(row.language) {
                return Err(inconsistent(NAMES, format!("row {at}")));
            }
        }
        Ok(())
    }

    fn check_places(&self) -> Result<Vec<GeonamesId>, SnapshotError> {
        let wrong = |at: usize, what: &str| inconsistent(PLACES, format!("row {at}: {what}"));
        let mut ids: Vec<GeonamesId> = Vec::with_capacity(self.place_rows().len());
        for (at, row) in self.place_rows().iter().enumerate() {
            let id =
                GeonamesId::new(row.geonames_id.get()).filter(|id| ids.last().is_none_or(|last| last < id));
            ids.push(id.ok_or_else(|| wrong(at, "GeoNames id"))?);
            if !self.is_text(row.name) || !self.is_text(row.admin1_code) {
                return Err(wrong(at, "text"));
            }
            if usize::from(row.country.get()) >= self.curated.countries.len() {
                return Err(wrong(at, "country"));
            }
            let area = row.metropolitan_area.get();
            if area != NO_POSITION && area as usize >= self.curated.metropolitan_areas.len() {
                return Err(wrong(at, "metropolitan area"));
            }
            if !on_earth(row.latitude.get(), row.longitude.get()) {
                return Err(wrong(at, "coordinates"));
            }
        }
        Ok(ids)
    }

    fn check_curated(&self, institutions: usize) -> Result<(), SnapshotError> {
        let policies = &self.curated.policies;
        let roll_up = &policies.roll_up;
        let lists = [
            &roll_up.barred_parents,
            &roll_up.standing_institutions,
            &roll_up.rolling_institutions,
        ];
        let joint = policies
            .joint_institutions
            .iter()
            .flat_map(|row| [&row.institution, &row.parent]);
        let exceptions = policies.sector_exceptions.iter().map(|row| &row.institution);
        let members = self.curated.groups.iter().flat_map(|group| &group.members);
        let mut named = members
            .chain(lists.into_iter().flatten())
            .chain(joint)
            .chain(exceptions);
        let exists = |index: &InstitutionIndex| index.to_usize() < institutions;
        if !named.all(exists) {
            return Err(inconsistent(CURATED, "it names an institution that is not there"));
        }
        let sorted = self.curated.countries.is_sorted_by(|a, b| a.code < b.code)
            && self
                .curated
                .metropolitan_areas
                .is_sorted_by(|a, b| a.slug < b.slug)
            && self.curated.groups.is_sorted_by(|a, b| a.slug < b.slug);
        if sorted {
            Ok(())
        } else {
            Err(inconsistent(CURATED, "a table is out of order"))
        }
    }

    fn is_text(&self, at: TextRef) -> bool {
        let start = at.offset.get() as usize;
        let text = self.text.as_ref();
        let boundary = |at: usize| text.get(at).is_none_or(|byte| byte & 0xC0 != 0x80);
        let end = start + at.length.get() as usize;
        end <= text.len() && boundary(start) && boundary(end)
    }
}
