//! Chance that can be replayed.

/// Numbers that follow from a seed alone. Own code (SplitMix64, public domain), because a recorded
/// seed has to mean the same numbers after any update of a crate.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The numbers of `seed`, another sequence for each `purpose`.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let start = purpose
            .bytes()
            .fold(seed, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(start)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Heads or tails.
    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }
}

/// A seed for who gave none: the time.
pub fn fresh() -> u64 {
    Chance(crate::machine::now().to_bits()).next() % 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_recorded_seed_means_the_same_for_ever() {
        let mut chance = Chance::new(7, "kill");
        let drawn: Vec<u64> = (0..3).map(|_| chance.below(1_000_000)).collect();
        let mut again = Chance::new(7, "kill");
        assert_eq!(drawn, (0..3).map(|_| again.below(1_000_000)).collect::<Vec<_>>());
        assert_eq!(Chance(0).next(), 0xe220_a839_7b1d_cdaf, "the published first number of seed 0");
        assert_ne!(Chance::new(7, "stop").next(), Chance::new(7, "kill").next());
    }
}
