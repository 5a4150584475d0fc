//! Values that many articles share, each kept once and named by a number.

use std::collections::BTreeMap;

/// Numbers for values, in order of first appearance. Values are never forgotten.
#[derive(Clone, Debug)]
pub(crate) struct Interner<T> {
    numbers: BTreeMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self {
            numbers: BTreeMap::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Ord + Clone> Interner<T> {
    /// The number of a value, a new one if need be.
    pub(crate) fn intern(&mut self, value: T) -> u32 {
        if let Some(&number) = self.numbers.get(&value) {
            return number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    /// The value with a number that this interner gave.
    pub(crate) fn value(&self, number: u32) -> &T {
        &self.values[number as usize]
    }

    /// All values, by number.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }
}
