//! What another policy text would change: sums under both texts, who gains and who loses, how the
//! amounts lie. Sums grow person by person; nothing here is anybody's result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::money::Fen;
use crate::code_list;

/// Width of a band of the distribution: 50,000 yuan.
const BAND_FEN: i64 = 5_000_000;
/// The last band is open: more than 350,000 yuan.
const LAST_BAND: i64 = 8;
/// Persons whose facts contradict each other that are named; the number counts all.
const NAMED_FAILURES: usize = 20;

code_list! {
    /// Which of the persons whose amount differs.
    Which {
        /// All of them.
        All = "all", "增加和减少";
        /// Those who get more.
        Gain = "gain", "增加";
        /// Those who get less.
        Loss = "loss", "减少";
    }
}

/// One person under one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Counted months.
    pub months: u8,
    /// Amount before other awards.
    pub gross: Fen,
    /// What other awards take away.
    pub offset: Fen,
    /// Net amount.
    pub net: Fen,
    /// Why nothing is due, in words; empty when something is.
    pub reasons: String,
    /// What each payer pays.
    pub parts: Vec<Part>,
}

/// What one payer pays for one city-level unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// City-level unit of the enterprise.
    pub city_unit: String,
    /// Source of the money.
    pub source: String,
    /// Division of the office that pays.
    pub payer_division: String,
    /// Its part, fen.
    pub amount: Fen,
}

/// Persons and money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Persons.
    pub persons: i64,
    /// Fen.
    pub fen: i64,
}

impl Sum {
    fn add(&mut self, amount: Fen) {
        self.persons += 1;
        self.fen = self.fen.saturating_add(amount.get());
    }
}

/// Everybody under one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Persons who are paid, and what.
    pub paid: Sum,
    /// By city-level unit: a person with money from two counts in both.
    pub cities: BTreeMap<String, Sum>,
    /// By source and payer, joined by [`SEPARATOR`]: a person whom two pay counts with both.
    pub payers: BTreeMap<String, Sum>,
    /// Persons by band of the net amount; see [`band_label`].
    pub bands: BTreeMap<i64, i64>,
}

/// Between the codes of source and payer.
pub const SEPARATOR: char = '/';

impl Side {
    fn add(&mut self, outcome: &Outcome) {
        if outcome.net > Fen::ZERO {
            self.paid.add(outcome.net);
        }
        *self.bands.entry(band_of(outcome.net)).or_default() += 1;
        let payer = |part: &Part| format!("{}{SEPARATOR}{}", part.source, part.payer_division);
        add_parts(&mut self.cities, &outcome.parts, |part| part.city_unit.clone());
        add_parts(&mut self.payers, &outcome.parts, payer);
    }
}

/// Adds a person's parts, each person once under a key.
fn add_parts(sums: &mut BTreeMap<String, Sum>, parts: &[Part], key: impl Fn(&Part) -> String) {
    let mut own: BTreeMap<String, i64> = BTreeMap::new();
    for part in parts {
        let sum = own.entry(key(part)).or_default();
        *sum = sum.saturating_add(part.amount.get());
    }
    for (key, fen) in own {
        sums.entry(key).or_default().add(Fen::new(fen));
    }
}

/// Everybody under both texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Under the text in force.
    pub before: Side,
    /// Under the text that is tried.
    pub after: Side,
    /// Persons who get more, and how much more.
    pub gain: Sum,
    /// Persons who get less, and how much less (not negative).
    pub loss: Sum,
    /// Persons whose amount stays.
    pub unchanged: i64,
    /// Persons whose facts contradict each other; they are in no sum.
    pub failed: i64,
    /// The first of them, with the reason.
    pub failures: Vec<String>,
}

impl Tally {
    /// Adds a person of whom something is known.
    pub fn add(&mut self, before: &Outcome, after: &Outcome) {
        self.before.add(before);
        self.after.add(after);
        let difference = after.net.get().saturating_sub(before.net.get());
        match difference {
            0 => self.unchanged += 1,
            more if more > 0 => self.gain.add(Fen::new(more)),
            less => self.loss.add(Fen::new(less.saturating_neg())),
        }
    }

    /// Adds a person who cannot be decided.
    pub fn add_failed(&mut self, person_no: &str, why: &str) {
        self.failed += 1;
        if self.failures.len() < NAMED_FAILURES {
            self.failures.push(format!("{person_no}：{why}"));
        }
    }
}

/// The band of a net amount: 0 for nothing, then 1 up to 50,000 yuan, and so on.
fn band_of(net: Fen) -> i64 {
    match net.get() {
        fen if fen <= 0 => 0,
        fen => ((fen - 1) / BAND_FEN + 1).min(LAST_BAND),
    }
}

/// A band in words.
pub fn band_label(band: i64) -> String {
    match band {
        0 => "0 元".to_owned(),
        LAST_BAND => format!("{} 万元以上", (LAST_BAND - 1) * 5),
        band => format!("{} 至 {} 万元", (band - 1) * 5, band * 5),
    }
}

/// Why an amount is another one, in one phrase.
pub fn reason(before: &Outcome, after: &Outcome) -> String {
    let mut parts = Vec::new();
    if before.months != after.months {
        parts.push(format!("计入月数由 {} 变为 {}", before.months, after.months));
    }
    let mut fen = |what: &str, before: Fen, after: Fen| {
        if before != after {
            parts.push(format!("{what}由 {} 元变为 {} 元", before.grouped(), after.grouped()));
        }
    };
    fen("应计金额", before.gross, after.gross);
    fen("同类奖补抵扣", before.offset, after.offset);
    if before.reasons != after.reasons && !after.reasons.is_empty() {
        parts.push(after.reasons.clone());
    }
    parts.join("；")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(yuan: i64) -> Outcome {
        let net = Fen::new(yuan * 100);
        let part = |source: &str, payer: &str, fen: i64| Part {
            city_unit: "350100".into(),
            source: source.into(),
            payer_division: payer.into(),
            amount: Fen::new(fen),
        };
        // Two sources in one city: one person there, one with each payer.
        let parts = vec![part("province", "350000", net.get() - 1), part("city", "350100", 1)];
        Outcome { months: 12, gross: net, net, parts, ..Outcome::default() }
    }

    #[test]
    fn gains_and_losses_add_up_to_the_difference_of_the_sums() {
        let mut tally = Tally::default();
        for (before, after) in [(200_000, 240_000), (100_000, 80_000), (50_000, 50_000)] {
            tally.add(&paid(before), &paid(after));
        }
        tally
            .add(&paid(150_000), &Outcome { reasons: "计入月数不足".into(), ..Outcome::default() });
        assert_eq!((tally.gain, tally.unchanged), (Sum { persons: 1, fen: 4_000_000 }, 1));
        assert_eq!(tally.loss, Sum { persons: 2, fen: 17_000_000 });
        let difference = tally.after.paid.fen - tally.before.paid.fen;
        assert_eq!(difference, tally.gain.fen - tally.loss.fen);
        assert_eq!(tally.before.cities["350100"], tally.before.paid);
        assert_eq!(tally.before.payers["city/350100"], Sum { persons: 4, fen: 4 });
        assert_eq!(tally.after.bands.get(&0), Some(&1));
        assert_eq!(tally.before.bands.get(&4), Some(&1), "200,000 lies in 15 to 20");
        let text = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), tally);
    }

    #[test]
    fn bands_and_reasons_read_as_people_say_them() {
        assert_eq!(band_of(Fen::new(1)), 1);
        assert_eq!(band_label(band_of(Fen::new(5_000_000))), "0 至 5 万元");
        assert_eq!(band_label(band_of(Fen::new(5_000_001))), "5 至 10 万元");
        assert_eq!(band_label(band_of(Fen::new(99_000_000))), "35 万元以上");
        let less =
            Outcome { months: 6, reasons: "计入月数不足".into(), ..Outcome::default() };
        let told = reason(&paid(200_000), &less);
        assert_eq!(
            told,
            "计入月数由 12 变为 6；应计金额由 200,000.00 元变为 0.00 元；计入月数不足"
        );
    }
}
