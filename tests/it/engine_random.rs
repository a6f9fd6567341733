//! Random policies, enterprises and persons, for comparing the engine with a plain reading of the
//! rules. One seed names one case.

use chrono::{DateTime, NaiveDate};
use juncai::domain::determine::*;
use juncai::domain::edition::Policy;
use juncai::domain::money::Fen;
use juncai::domain::period::Period;

/// A small generator of choices, so that one seed names one case.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    pub fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    pub fn pick<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.roll(words.len() as u64) as usize]
    }

    /// A day of 2026 to 2028, often near the turn or the middle of a month.
    pub fn day(&mut self) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2025, 11, 1).unwrap();
        if self.one_in(2) {
            return first + chrono::Days::new(self.roll(1200));
        }
        let month = first + chrono::Months::new(self.roll(38) as u32);
        let shift = [0, 1, 13, 14, 15, 16, 17, 27][self.roll(8) as usize];
        month + chrono::Days::new(shift)
    }

    fn period(&mut self) -> Period {
        let from = self.day();
        let length = [3, 20, 90, 250, 500][self.roll(5) as usize];
        let through = from + chrono::Days::new(self.roll(length));
        Period::new(from, (!self.one_in(3)).then_some(through)).unwrap()
    }

    fn stamps(&mut self) -> Stamps {
        let mut stamp = |sides: u64| {
            let day = self.one_in(sides).then(|| self.day())?;
            let text = format!("{day}T0{}:00:00+08:00", self.roll(3));
            Some(DateTime::parse_from_rfc3339(&text).unwrap())
        };
        Stamps { recorded_at: stamp(5), superseded_at: stamp(8) }
    }

    fn amount(&mut self) -> String {
        format!("{}.{:02}", self.roll(250_000), self.roll(100))
    }

    fn shares(&mut self) -> &'static str {
        [
            r#"[{source="province",percent="100"}]"#,
            r#"[{source="province",percent="50"},{source="city",percent="50"}]"#,
            r#"[{source="a",percent="33.33"},{source="b",percent="33.33"},{source="c",percent="33.34"}]"#,
            r#"[{source="a",percent="0.005"},{source="b",percent="99.995"}]"#,
        ][self.roll(4) as usize]
    }
}

pub fn random_policy(dice: &mut Dice) -> Policy {
    let mut text = String::from("id = \"random\"\nkind = \"annual_stipend\"\n");
    if dice.one_in(3) {
        text.push_str(&format!("first_award_year = {}\n", 2026 + dice.roll(3)));
    }
    let mut cuts: Vec<NaiveDate> = (0..2 + dice.roll(3) * 2).map(|_| dice.day()).collect();
    cuts.sort();
    cuts.dedup();
    if cuts.len() == 1 {
        // The same day twice would leave a policy without a version.
        cuts.push(cuts[0] + chrono::Days::new(30));
    }
    let proration = dice.pick(&["none", "monthly", "daily"]);
    for pair in cuts.windows(2) {
        if dice.one_in(8) && cuts.len() > 2 && pair[0] != cuts[0] {
            continue;
        }
        let through = pair[1].pred_opt().unwrap();
        let proration =
            if dice.one_in(4) { dice.pick(&["none", "monthly", "daily"]) } else { proration };
        let mut conditions = vec![dice.pick(&["employed", "rostered"])];
        for extra in ["listed", "employed", "rostered"] {
            if !dice.one_in(3) {
                conditions.push(extra);
            }
        }
        for extra in ["recognised", "evidenced", "not_suspended", "not_excluded"] {
            if dice.one_in(2) {
                conditions.push(extra);
            }
        }
        text.push_str(&format!(
            "[[version]]\nfrom = {}\nthrough = {through}\namount = \"{}\"\nconditions = {conditions:?}\n\
             proration = \"{proration}\"\nmonth_min_days = {}\nmin_months = {}\nmin_days = {}\nrounding = \"{}\"\n\
             stacking = \"{}\"\nexclusive_groups = [\"g\"]\n",
            pair[0],
            dice.amount(),
            dice.roll(25),
            dice.roll(5),
            dice.roll(60),
            dice.pick(&["fen", "yuan"]),
            dice.pick(&["stack", "top_up", "exclude"]),
        ));
        if dice.one_in(3) {
            text.push_str(&format!(
                "excluded_divisions = [\"{}\"]\n",
                dice.pick(&["3502", "350102"])
            ));
        }
        if dice.one_in(3) {
            text.push_str("recognition_classes = [\"A\"]\n");
        }
        let first = if dice.one_in(12) { "350102" } else { "35" };
        for division in [first, "3502", "350203"] {
            let shares = dice.shares();
            text.push_str(&format!(
                "[[version.funding]]\ndivision = \"{division}\"\nshares = {shares}\n"
            ));
        }
    }
    Policy::parse(&text, "random").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const PLACES: [&str; 5] = ["E1", "E2", "E3", "E4", "unknown"];

pub fn random_enterprises(dice: &mut Dice) -> Vec<EnterpriseFacts> {
    let divisions = ["350102", "350203", "350503", "35"];
    let mut list = Vec::new();
    for (uscc, division) in PLACES.iter().zip(divisions) {
        let early = Period::new(NaiveDate::from_ymd_opt(2025, 1, 1).unwrap(), None).unwrap();
        let mut listings = vec![Listing {
            period: if dice.one_in(2) { early } else { dice.period() },
            stamps: dice.stamps(),
        }];
        if dice.one_in(2) {
            listings.push(Listing { period: dice.period(), stamps: dice.stamps() });
        }
        list.push(EnterpriseFacts { uscc: (*uscc).into(), division: division.into(), listings });
    }
    list
}

pub fn random_person(dice: &mut Dice) -> PersonFacts {
    let mut person = PersonFacts { person: "P".into(), ..PersonFacts::default() };
    for _ in 0..dice.roll(4) {
        let enterprise = Text::from(dice.pick(&PLACES));
        let period = dice.period();
        let (full_time, stamps) = (!dice.one_in(8), dice.stamps());
        person.employments.push(Employment {
            enterprise: enterprise.clone(),
            period,
            full_time,
            stamps,
        });
        if !dice.one_in(4) {
            let period = if dice.one_in(2) { period } else { dice.period() };
            person.roster.push(RosterSpan { enterprise, period, stamps: dice.stamps() });
        }
    }
    for _ in 0..dice.roll(3) {
        let enterprise = Text::from(dice.pick(&PLACES));
        let (period, stamps) = (dice.period(), dice.stamps());
        person.roster.push(RosterSpan { enterprise, period, stamps });
    }
    for _ in 0..dice.roll(4) {
        let class = Text::from(dice.pick(&["A", "B", "D"]));
        let (period, stamps) = (dice.period(), dice.stamps());
        person.recognitions.push(RecognitionSpan { class, period, stamps });
    }
    for month in 0..36 {
        if !dice.one_in(6) {
            person.evidence.push(EvidenceMonth {
                year: 2026 + month / 12,
                month: (month % 12) as u8 + 1,
                enterprise: "unknown".into(),
                stamps: dice.stamps(),
            });
        }
    }
    for _ in 0..dice.roll(2) {
        let (period, stamps) = (dice.period(), dice.stamps());
        person.suspensions.push(SuspensionSpan { period, stamps });
    }
    if dice.one_in(4) {
        let (period, stamps) = (dice.period(), dice.stamps());
        person.exclusions.push(ExclusionSpan { period, reason: "shareholder".into(), stamps });
    }
    for _ in 0..dice.roll(3) {
        let group = Text::from(dice.pick(&["g", "other"]));
        let (year, amount) = (2026 + dice.roll(3) as i32, dice.amount().parse().unwrap());
        person.other_awards.push(OtherAward { group, year, amount, stamps: dice.stamps() });
        let amount = format!("-{}", dice.amount()).parse().unwrap();
        person.entitled_before.push(EntitledBefore { year, amount, stamps: dice.stamps() });
    }
    person
}

/// A superseded fact of every kind: without a moment of knowledge none of them exists.
pub fn with_superseded_noise(mut person: PersonFacts, dice: &mut Dice) -> PersonFacts {
    let stamps = Stamps {
        recorded_at: None,
        superseded_at: Some(DateTime::parse_from_rfc3339("2999-01-01T00:00:00+08:00").unwrap()),
    };
    let enterprise = Text::from("E1");
    let (period, amount, year) = (dice.period(), Fen::new(7), 2027);
    let full_time = true;
    person.employments.push(Employment {
        enterprise: enterprise.clone(),
        period,
        full_time,
        stamps,
    });
    person.roster.push(RosterSpan { enterprise: enterprise.clone(), period, stamps });
    person.recognitions.push(RecognitionSpan { class: "A".into(), period, stamps });
    person.evidence.push(EvidenceMonth { year, month: 5, enterprise, stamps });
    person.suspensions.push(SuspensionSpan { period, stamps });
    person.exclusions.push(ExclusionSpan { period, reason: "x".into(), stamps });
    person.other_awards.push(OtherAward { group: "g".into(), year, amount, stamps });
    person.entitled_before.push(EntitledBefore { year, amount, stamps });
    person
}
