//! Exact sums: one rounding, half up, and splits by largest remainder (engine.md 4 and 6).

use crate::domain::edition::Rounding;
use crate::domain::money::Fen;

/// `numerator / denominator` fen, rounded half up once to the unit. `None` when the result does
/// not fit. The numerator is not negative, the denominator positive.
pub(super) fn round_half_up(numerator: i128, denominator: i128, to: Rounding) -> Option<Fen> {
    let unit = match to {
        Rounding::Fen => 1,
        Rounding::Yuan => 100,
    };
    let denominator = denominator * unit;
    let units = numerator.checked_mul(2)?.checked_add(denominator)? / (2 * denominator);
    i64::try_from(units * unit).ok().map(Fen::new)
}

/// One piece of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// What it gets.
    pub(super) amount: Fen,
    /// Remainder of the exact quotient, as numerator over the sum of the weights.
    pub(super) remainder: u128,
    /// Whether `amount` contains one fen for the remainder.
    pub(super) extra: bool,
}

/// One piece needs no memory, several are listed.
pub(super) type Pieces = std::iter::Chain<std::option::IntoIter<Piece>, std::vec::IntoIter<Piece>>;

/// Splits a non-negative total in proportion to weights by largest remainder; equal remainders go
/// to the earlier one. The pieces sum exactly to the total. All weights zero: nothing is split.
pub(super) fn pieces(total: Fen, weights: impl ExactSizeIterator<Item = u64> + Clone) -> Pieces {
    let single = weights.len() == 1;
    let mut list = Vec::new();
    if !single {
        list = several(total, weights);
    }
    let whole = single.then_some(Piece { amount: total, remainder: 0, extra: false });
    whole.into_iter().chain(list)
}

fn several(total: Fen, weights: impl ExactSizeIterator<Item = u64> + Clone) -> Vec<Piece> {
    let sum: u128 = weights.clone().map(u128::from).sum();
    let mut list = Vec::with_capacity(weights.len());
    if sum == 0 {
        return list;
    }
    let mut rest = total.get();
    for weight in weights {
        // 63 bits times at most 64 bits fits 128 bits; the quotient is at most the total.
        let product = u128::from(total.get().unsigned_abs()) * u128::from(weight);
        let floor = (product / sum) as i64;
        rest -= floor;
        let remainder = product % sum;
        list.push(Piece { amount: Fen::new(floor), remainder, extra: false });
    }
    while rest > 0 {
        let next = list
            .iter_mut()
            .filter(|piece| !piece.extra)
            .reduce(|best, piece| if piece.remainder > best.remainder { piece } else { best });
        let Some(next) = next else { break };
        next.amount = Fen::new(next.amount.get() + 1);
        next.extra = true;
        rest -= 1;
    }
    list
}

/// Splits a non-negative total in proportion to weights by largest remainder; equal remainders go
/// to the earlier weight. The parts sum exactly to the total unless all weights are zero.
pub fn split(total: Fen, weights: &[u64]) -> Vec<Fen> {
    pieces(total, weights.iter().copied()).map(|piece| piece.amount).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_remainder_gives_the_last_fen_to_the_larger_then_the_earlier() {
        let split = |total, weights: &[u64]| -> Vec<i64> {
            split(Fen::new(total), weights).into_iter().map(Fen::get).collect()
        };
        assert_eq!(split(20_000_000, &[1, 1, 1]), [6_666_667, 6_666_667, 6_666_666]);
        assert_eq!(split(11_666_667, &[50, 30, 20]), [5_833_334, 3_500_000, 2_333_333]);
        assert_eq!(split(13_333_333, &[50, 30, 20]), [6_666_666, 4_000_000, 2_666_667]);
        assert_eq!(split(1, &[1, 1]), [1, 0]);
        assert_eq!(split(i64::MAX, &[1, u64::MAX]).into_iter().sum::<i64>(), i64::MAX);
        assert_eq!(split(7, &[3]), [7]);
        assert_eq!(split(0, &[3, 4]), [0, 0]);
    }

    #[test]
    fn half_goes_up_once() {
        for (numerator, denominator, rounding, fen) in [
            (1, 2, Rounding::Fen, 1),
            (5, 12, Rounding::Fen, 0),
            (6, 12, Rounding::Fen, 1),
            (149, 1, Rounding::Yuan, 100),
            (150, 1, Rounding::Yuan, 200),
            (1799, 12, Rounding::Yuan, 100),
            (1800, 12, Rounding::Yuan, 200),
        ] {
            assert_eq!(round_half_up(numerator, denominator, rounding), Some(Fen::new(fen)));
        }
        assert_eq!(round_half_up(i128::from(i64::MAX) * 2, 1, Rounding::Fen), None);
    }
}
