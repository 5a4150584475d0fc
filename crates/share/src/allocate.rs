//! Largest remainder: an article of exactly 10¹² units handed out to quotas that are fractions.
//!
//! Takes one quota for each part, as a list of denominators: `[6, 6, 4]` is 1/6 + 1/6 + 1/4. The quotas
//! add up to 1. Gives each part the floor of its quota; the units that are then missing go one by one to
//! the largest remainders, and among equal remainders to the earlier part. The sum is always exact.
//!
//! Arithmetic is in 128 bits, and in numbers without bound for the rare article that needs more.

use std::cmp::Reverse;

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul, ToPrimitive, Zero};
use whence_model::Share;

/// The units of each part, in the order of the quotas.
pub(crate) fn allocate<Q: AsRef<[u128]>>(quotas: &[Q]) -> Vec<u64> {
    let exact = allocate_with::<u128, Q>(quotas).or_else(|| allocate_with::<BigUint, Q>(quotas));
    // Numbers without bound cannot overflow, so there always is an answer.
    exact.unwrap_or_default()
}

/// None if a number overflows.
fn allocate_with<N: Number, Q: AsRef<[u128]>>(quotas: &[Q]) -> Option<Vec<u64>> {
    let mut units = Vec::with_capacity(quotas.len());
    let mut remainders = Vec::with_capacity(quotas.len());
    for quota in quotas {
        let quota = add_up::<N>(quota.as_ref())?;
        let scaled = quota
            .numer()
            .checked_mul(&N::from(u128::from(Share::UNITS_PER_ARTICLE)))?;
        let (floor, remainder) = scaled.div_rem(quota.denom());
        units.push(floor.to_u64()?);
        remainders.push(Ratio::new_raw(remainder, quota.denom().clone()));
    }
    let missing = Share::UNITS_PER_ARTICLE.checked_sub(units.iter().sum())?;
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|&part| Reverse(&remainders[part]));
    for (_, &part) in (0..missing).zip(&order) {
        units[part] += 1;
    }
    Some(units)
}

/// The sum of 1/d over the denominators; none if a number overflows.
fn add_up<N: Number>(denominators: &[u128]) -> Option<Ratio<N>> {
    let mut sorted = denominators.to_vec();
    sorted.sort_unstable();
    let mut same = sorted
        .chunk_by(PartialEq::eq)
        .map(|run| Ratio::new_raw(N::from(run.len() as u128), N::from(run[0])));
    let first = same.next().unwrap_or_else(Ratio::zero);
    same.try_fold(first, |sum, next| sum.checked_add(&next))
}

trait Number: Clone + Integer + CheckedAdd + CheckedMul + ToPrimitive + From<u128> {}
impl<N: Clone + Integer + CheckedAdd + CheckedMul + ToPrimitive + From<u128>> Number for N {}

#[cfg(test)]
mod tests {
    use super::*;

    const ARTICLE: u64 = Share::UNITS_PER_ARTICLE;

    #[test]
    fn the_largest_remainders_take_the_missing_units() {
        assert_eq!(
            allocate(&[vec![3], vec![6], vec![6], vec![3]]),
            [333_333_333_333, 166_666_666_667, 166_666_666_667, 333_333_333_333]
        );
        assert_eq!(
            allocate(&[vec![3], vec![3], vec![3]]),
            [333_333_333_334, 333_333_333_333, 333_333_333_333]
        );
        assert_eq!(
            allocate(&[vec![2, 4], vec![4]]),
            [750_000_000_000, 250_000_000_000]
        );
        assert_eq!(allocate(&[vec![1]]), [ARTICLE]);
    }

    #[test]
    fn quotas_beyond_128_bits_are_exact_too() {
        // Denominators with no common factor, one author with an address for each.
        let primes = [
            59_u128, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151,
            157,
        ];
        let addresses = primes.len() as u128;
        let own: Vec<u128> = primes.iter().map(|p| addresses * p).collect();
        // Institution 0 is named in every address; each other one in a single address.
        let mut quotas = vec![own.clone()];
        for (&prime, &denominator) in primes.iter().zip(&own) {
            quotas.extend((1..prime).map(|_| vec![denominator]));
        }
        assert!(allocate_with::<u128, _>(&quotas).is_none());
        assert_eq!(allocate(&quotas).iter().sum::<u64>(), ARTICLE);
    }

    #[test]
    fn both_widths_of_number_agree() {
        let quotas = [
            vec![6, 10],
            vec![15, 10],
            vec![10],
            vec![6],
            vec![5],
            vec![5, 10, 30, 30, 30, 30, 30, 30],
        ];
        let total: u64 = allocate(&quotas).iter().sum();
        assert_eq!(
            allocate_with::<u128, _>(&quotas),
            allocate_with::<BigUint, _>(&quotas)
        );
        assert!(total <= ARTICLE + quotas.len() as u64);
    }
}
