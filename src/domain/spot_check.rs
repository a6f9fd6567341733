//! Samples of registered and self-recognised persons that an HR office checks by hand: at random,
//! or where the risk is (domain.md 7.5: at least a tenth; 7.12: sample audit list). Which person
//! carries which risk is told by the registry; what a risk weighs starts from an assumption and
//! follows what earlier checks found. All of it can be drawn again from the seed.

use std::collections::BTreeSet;

use crate::code_list;

code_list! {
    /// What makes a check worthwhile.
    Risk {
        /// The enterprise came onto the list less than a year ago.
        NewEmployer = "new_employer", "新列入清单的企业";
        /// The enterprise registered many persons on one day.
        ManyAtOnce = "many_at_once", "同日登记人数多";
        /// Somebody else is paid to the same account.
        SharedAccount = "shared_account", "与他人共用银行账号";
        /// Somebody else has the same mobile number.
        SharedMobile = "shared_mobile", "与他人共用手机号码";
        /// Most months on the roster are without evidence.
        ShortInsurance = "short_insurance", "社保个税月份少";
        /// The enterprise has reported a departure late.
        LateDeparture = "late_departure", "企业曾迟报离职";
        /// The enterprise itself recognised the person.
        SelfRecognised = "self_recognised", "自主认定人员";
    }
}

code_list! {
    /// How a sample is drawn.
    Drawing {
        /// Everybody has the same chance.
        Random = "random", "随机抽取";
        /// The chance grows with the points.
        Weighted = "risk", "按风险加权抽取";
    }
}

code_list! {
    /// What a check found.
    Finding {
        /// All is as filed.
        Clean = "clean", "属实";
        /// Something is not.
        Error = "error", "有误";
    }
}

/// Where the points come from.
pub const POINTS_SOURCE: &str = "默认假设，待主管部门确定";
/// Persons registered by an enterprise on one day from which they count as many (same source).
pub const MANY: usize = 10;
/// Working days after which a departure is late (domain.md 7.6).
pub const LATE_WORKING_DAYS: u32 = 10;
/// Fewest checked persons with a risk before its weight follows what was found.
pub const FEWEST_CHECKED: i64 = 5;
/// Smallest and largest share of the population that can be drawn, in percent.
pub const PERCENT: std::ops::RangeInclusive<i64> = 10..=100;

impl Risk {
    /// Points to begin with.
    pub const fn base_points(self) -> i64 {
        match self {
            Self::SharedAccount => 40,
            Self::ShortInsurance => 30,
            Self::ManyAtOnce | Self::NewEmployer => 20,
            Self::SharedMobile | Self::LateDeparture => 15,
            Self::SelfRecognised => 10,
        }
    }
}

/// What checks of persons with one risk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Record {
    /// Persons checked.
    pub checked: i64,
    /// Of them with an error.
    pub hits: i64,
}

impl Record {
    /// Errors among a hundred checked, rounded down; 0 when nobody was checked.
    pub const fn hit_percent(self) -> i64 {
        if self.checked == 0 { 0 } else { self.hits * 100 / self.checked }
    }
}

/// What a risk weighs after these checks: the points to begin with until enough were checked; then
/// half of them when nothing was found, all at one error in ten (the threshold of domain.md 7.5),
/// five hundredths more for each further percent, three times at most; never nothing.
pub const fn points(risk: Risk, record: Record) -> i64 {
    let base = risk.base_points();
    if record.checked < FEWEST_CHECKED {
        return base;
    }
    let percent = 50 + 5 * record.hit_percent();
    let percent = if percent > 300 { 300 } else { percent };
    let points = (base * percent + 50) / 100;
    if points < 1 { 1 } else { points }
}

/// The number of a sample that a text names, the first one.
pub fn number_in(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_uppercase);
    let is_number = |word: &String| {
        let digits = word.strip_prefix("SC").unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.find(is_number)
}

/// Somebody who can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Person.
    pub person_id: i64,
    /// Enterprise that registered or recognised the person.
    pub enterprise_id: i64,
    /// What makes a check worthwhile.
    pub risks: BTreeSet<Risk>,
}

impl Candidate {
    /// The points of all risks together; `points_of` tells what one weighs.
    pub fn points(&self, points_of: impl Fn(Risk) -> i64) -> i64 {
        self.risks.iter().map(|risk| points_of(*risk)).sum()
    }
}

/// How many of a population are drawn: so many percent, rounded up; at least one of anybody.
pub fn sample_size(population: usize, percent: i64) -> usize {
    let percent = usize::try_from(percent.clamp(*PERCENT.start(), *PERCENT.end())).unwrap_or(10);
    population.saturating_mul(percent).div_ceil(100)
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`.
    fn below(&mut self, bound: i64) -> i64 {
        let bound = u64::try_from(bound).unwrap_or(1).max(1);
        i64::try_from(self.next() % bound).unwrap_or(0)
    }
}

/// Sums of weights by position, so that a draw among many is quick (a Fenwick tree).
struct Weights(Vec<i64>);

impl Weights {
    fn new(weights: &[i64]) -> Self {
        let mut tree = Self(vec![0; weights.len() + 1]);
        for (index, weight) in weights.iter().enumerate() {
            tree.add(index, *weight);
        }
        tree
    }

    fn add(&mut self, index: usize, weight: i64) {
        let mut at = index + 1;
        while at < self.0.len() {
            self.0[at] += weight;
            at += at & at.wrapping_neg();
        }
    }

    /// The position on which `mark` falls when the weights lie one after the other.
    fn find(&self, mut mark: i64) -> usize {
        let mut at = 0;
        let mut step = self.0.len().next_power_of_two();
        while step > 0 {
            let next = at + step;
            if next < self.0.len() && self.0[next] <= mark {
                at = next;
                mark -= self.0[next];
            }
            step /= 2;
        }
        at
    }
}

/// Draws positions of `weights`, each at most once, in the order of drawing: the chance of each is
/// its weight among those left. Weights below one count as one. The same seed, weights and size
/// give the same positions.
pub fn draw(seed: i64, weights: &[i64], size: usize) -> Vec<usize> {
    let mut left: Vec<i64> = weights.iter().map(|weight| (*weight).max(1)).collect();
    let mut tree = Weights::new(&left);
    let mut total: i64 = left.iter().sum();
    let mut chance = Chance(u64::from_ne_bytes(seed.to_ne_bytes()));
    let mut drawn = Vec::with_capacity(size.min(left.len()));
    while drawn.len() < size && total > 0 {
        let index = tree.find(chance.below(total));
        tree.add(index, -left[index]);
        total -= left[index];
        left[index] = 0;
        drawn.push(index);
    }
    drawn
}

/// Whether so many errors among so many checked are more than one in ten (domain.md 7.5).
pub const fn is_too_many(errors: i64, checked: i64) -> bool {
    errors * 10 > checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registry::Code;

    #[test]
    fn a_text_names_the_first_number_in_it() {
        for (text, number) in [
            ("SC000012，属实率100%", Some("SC000012")),
            ("见抽查sc000003、SC000004", Some("SC000003")),
            ("抽查2件，均符合", None),
            ("SC、ASC000001", None),
        ] {
            assert_eq!(number_in(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn a_seed_draws_the_same_persons_again_and_each_once() {
        let weights = vec![1; 100];
        let drawn = draw(42, &weights, 10);
        assert_eq!(drawn, draw(42, &weights, 10));
        assert_ne!(drawn, draw(43, &weights, 10));
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 10);
        let mut all = draw(7, &weights, 1_000);
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(draw(1, &[], 3), Vec::<usize>::new());
    }

    #[test]
    fn more_points_are_drawn_more_often() {
        let weights: Vec<i64> = (0..50).map(|n| if n < 10 { 91 } else { 1 }).collect();
        let heavy: usize = (0..200)
            .map(|seed| draw(seed, &weights, 5).iter().filter(|index| **index < 10).count())
            .sum();
        assert!(heavy > 900, "{heavy} of 1000 drawn are risky, though a fifth are");
        let even: usize = (0..200)
            .map(|seed| draw(seed, &[1; 50], 5).iter().filter(|index| **index < 10).count())
            .sum();
        assert!((120..280).contains(&even), "{even} of 1000 at random");
    }

    #[test]
    fn points_follow_what_was_found() {
        let of = |checked, hits| points(Risk::NewEmployer, Record { checked, hits });
        assert_eq!((of(0, 0), of(4, 4)), (20, 20), "too few to tell");
        assert_eq!((of(10, 0), of(10, 1), of(10, 2)), (10, 20, 30));
        assert_eq!((of(10, 10), of(1_000, 999)), (60, 60), "three times at most");
        assert!(Risk::ALL.iter().all(|risk| points(*risk, Record { checked: 9, hits: 0 }) > 0));
    }

    #[test]
    fn a_tenth_is_drawn_at_least_and_more_than_a_tenth_wrong_is_too_many() {
        assert_eq!((sample_size(0, 10), sample_size(1, 10), sample_size(41, 10)), (0, 1, 5));
        assert_eq!((sample_size(40, 5), sample_size(40, 25), sample_size(3, 900)), (4, 10, 3));
        assert!(is_too_many(2, 19) && !is_too_many(1, 10) && !is_too_many(0, 0));
    }
}
