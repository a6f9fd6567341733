use proptest::prelude::*;

use super::*;

fn payer(source: &str, division: &str) -> Payer {
    Payer { source: source.into(), division: division.into() }
}

fn province() -> Payer {
    payer("province", "350000")
}

fn line(id: i64, payer: Payer, component_no: i64, fen: i64, is_frozen: bool) -> Line {
    Line { id, payer, component_no, amount: Fen::new(fen), is_frozen }
}

fn new_line(payer: Payer, component_no: i64, fen: i64) -> NewLine {
    NewLine { payer, component_no, amount: Fen::new(fen) }
}

fn lines_only(lines: &[Line]) -> Held<'_> {
    Held { lines, ..Held::default() }
}

fn owing<'a>(lines: &'a [Line], recoveries: &'a [Recovery]) -> Held<'a> {
    Held { lines, recoveries, claims: &[] }
}

#[test]
fn a_first_result_makes_one_stipend_line_a_payer() {
    let entitled = [
        (province(), Fen::new(8_333_333)),
        (province(), Fen::new(1)),
        (payer("city", "350200"), Fen::new(500)),
        (payer("county", "350102"), Fen::ZERO),
    ];
    let plan = plan(&entitled, Held::default()).unwrap();
    let expected =
        vec![new_line(payer("city", "350200"), 0, 500), new_line(province(), 0, 8_333_334)];
    assert_eq!(plan, Plan { create: expected, ..Plan::default() });
    assert!(!plan.corrects_frozen());
}

#[test]
fn a_changed_result_replaces_payable_lines_and_supplements_frozen_ones() {
    let entitled = [(province(), Fen::new(20_000_000))];
    let open = [line(7, province(), 0, 18_333_333, false)];
    let replaced = plan(&entitled, lines_only(&open)).unwrap();
    assert_eq!(replaced.void, [7]);
    assert_eq!(replaced.create, [new_line(province(), 0, 20_000_000)]);
    assert!(!replaced.corrects_frozen());

    // Case 27 of domain.md: the evidence of August comes late.
    let frozen = [line(7, province(), 0, 18_333_333, true)];
    let supplemented = plan(&entitled, lines_only(&frozen)).unwrap();
    let expected = vec![new_line(province(), 1, 1_666_667)];
    assert_eq!(supplemented, Plan { create: expected, ..Plan::default() });
    assert!(supplemented.corrects_frozen());
}

#[test]
fn each_source_gets_back_exactly_its_own_part() {
    // Case 29: 200,000.00 paid 50/30/20, entitled 166,666.67.
    let payers = [province(), payer("city", "350100"), payer("county", "350102")];
    let paid = [10_000_000, 6_000_000, 4_000_000];
    let due = [8_333_334, 5_000_000, 3_333_333];
    let lines: Vec<Line> = (1..)
        .zip(&payers)
        .zip(paid)
        .map(|((id, payer), fen)| line(id, payer.clone(), 0, fen, true))
        .collect();
    let entitled: Vec<_> = payers.iter().cloned().zip(due.map(Fen::new)).collect();
    let plan = plan(&entitled, lines_only(&lines)).unwrap();
    let back = |payer: &Payer| plan.propose.iter().find(|p| p.payer == *payer).unwrap().amount;
    let amounts: Vec<i64> = payers.iter().map(|payer| back(payer).get()).collect();
    assert_eq!(amounts, [1_666_666, 1_000_000, 666_667]);
    assert!(plan.void.is_empty() && plan.create.is_empty() && plan.corrects_frozen());
}

#[test]
fn a_returned_line_above_the_result_is_cut_and_its_recovery_falls() {
    let entitled = [(province(), Fen::new(100))];
    let returned = [line(1, province(), 0, 150, false)];
    let proposed = [Recovery { id: 9, payer: province(), amount: Fen::new(50) }];
    let plan = plan(&entitled, owing(&returned, &proposed)).unwrap();
    assert_eq!((plan.void, plan.cancel), (vec![1], vec![9]));
    assert_eq!(plan.create, [new_line(province(), 0, 100)]);
}

#[test]
fn what_was_paid_to_a_merged_number_is_not_paid_again() {
    // 200,000.00 for the one person; 150,000.00 were paid to the merged number, 50,000.00 of
    // its money and 20,000.00 of the leading one's are open.
    let entitled = [(province(), Fen::new(20_000_000))];
    let own = [line(1, province(), 0, 2_000_000, false)];
    let merged =
        [line(2, province(), 0, 15_000_000, true), line(3, province(), 1, 5_000_000, false)];
    let back = [Recovery { id: 9, payer: province(), amount: Fen::new(7) }];
    let plan = plan_together(&entitled, lines_only(&own), owing(&merged, &back)).unwrap();
    assert_eq!((plan.void, plan.cancel), (vec![1, 3], vec![9]));
    assert_eq!(plan.create, [new_line(province(), 1, 5_000_000)]);

    // Paid twice before: the excess is to come back, once.
    let twice = [line(1, province(), 0, 20_000_000, true)];
    let plan = plan_together(&entitled, lines_only(&twice), lines_only(&merged[..1])).unwrap();
    let back = NewRecovery { payer: province(), amount: Fen::new(15_000_000) };
    assert_eq!(plan, Plan { propose: vec![back], ..Plan::default() });
    let proposed = [Recovery { id: 4, payer: province(), amount: Fen::new(15_000_000) }];
    assert!(
        plan_together(&entitled, owing(&twice, &proposed), lines_only(&merged[..1]))
            .unwrap()
            .is_empty()
    );
}

fn claim(id: i64, outstanding: i64, back: i64, given_up: i64) -> Claim {
    let [outstanding, back, given_up] = [outstanding, back, given_up].map(Fen::new);
    Claim { id, payer: province(), outstanding, waiting: Fen::ZERO, back, given_up }
}

#[test]
fn what_came_back_is_owed_again_when_the_person_was_right() {
    // 200,000.00 paid, 33,333.33 decided to come back, then all of the year is granted after all.
    let entitled = [(province(), Fen::new(20_000_000))];
    let paid = [line(1, province(), 0, 20_000_000, true)];
    let after = |claims: &[Claim]| plan(&entitled, Held { claims, ..lines_only(&paid) }).unwrap();
    // Nothing is back: the claim falls, nothing is paid.
    let lowered = after(&[claim(9, 3_333_333, 0, 0)]);
    assert_eq!(lowered, Plan { lower: vec![(9, Fen::new(3_333_333))], ..Plan::default() });
    // A part is back: it is paid again, the rest of the claim falls.
    let part = after(&[claim(9, 2_333_333, 1_000_000, 0)]);
    assert_eq!(part.lower, [(9, Fen::new(2_333_333))]);
    assert_eq!(part.create, [new_line(province(), 1, 1_000_000)]);
    // What was written off the person has kept.
    assert!(after(&[claim(9, 0, 0, 3_333_333)]).is_empty());
}

#[test]
fn a_receipt_that_waits_is_neither_let_go_nor_paid_again() {
    // 200,000.00 paid, 33,333.33 decided to come back and noted as received in full, then all of the
    // year is granted after all.
    let entitled = [(province(), Fen::new(20_000_000))];
    let paid = [line(1, province(), 0, 20_000_000, true)];
    let after = |claims: &[Claim]| plan(&entitled, Held { claims, ..lines_only(&paid) }).unwrap();
    let noted = |fen| Claim { waiting: Fen::new(fen), ..claim(9, 3_333_333, 0, 0) };
    assert!(after(&[noted(3_333_333)]).is_empty());
    // Of a part, the rest falls at once.
    assert_eq!(after(&[noted(1_000_000)]).lower, [(9, Fen::new(2_333_333))]);
    // Confirmed, it is paid again; refused, it falls.
    assert_eq!(after(&[claim(9, 0, 3_333_333, 0)]).create, [new_line(province(), 1, 3_333_333)]);
    assert_eq!(after(&[claim(9, 3_333_333, 0, 0)]).lower, [(9, Fen::new(3_333_333))]);
}

#[test]
fn a_decided_recovery_is_not_proposed_again() {
    let entitled = [(province(), Fen::new(16_666_667))];
    let paid = [line(1, province(), 0, 20_000_000, true)];
    for settled in [claim(9, 3_333_333, 0, 0), claim(9, 0, 3_333_333, 0), claim(9, 0, 0, 3_333_333)]
    {
        let held = Held { claims: &[settled], ..lines_only(&paid) };
        assert!(plan(&entitled, held).unwrap().is_empty());
        // Less is due than that: only what is more is proposed.
        let less = [(province(), Fen::new(15_000_000))];
        let back = NewRecovery { payer: province(), amount: Fen::new(1_666_667) };
        assert_eq!(plan(&less, held).unwrap(), Plan { propose: vec![back], ..Plan::default() });
    }
}

/// Lines, proposed and decided recoveries.
#[derive(Default)]
struct Books {
    lines: Vec<Line>,
    recoveries: Vec<Recovery>,
    claims: Vec<Claim>,
}

impl Books {
    fn held(&self) -> Held<'_> {
        Held { lines: &self.lines, recoveries: &self.recoveries, claims: &self.claims }
    }

    fn carry_out(&mut self, plan: &Plan) {
        self.lines.retain(|line| !plan.void.contains(&line.id));
        self.lines.extend(plan.create.iter().map(|new| Line {
            id: 0,
            payer: new.payer.clone(),
            component_no: new.component_no,
            amount: new.amount,
            is_frozen: false,
        }));
        self.recoveries.retain(|recovery| !plan.cancel.contains(&recovery.id));
        self.recoveries.extend(plan.propose.iter().map(|new| Recovery {
            id: 0,
            payer: new.payer.clone(),
            amount: new.amount,
        }));
        for (id, less) in &plan.lower {
            let claim = self.claims.iter_mut().find(|claim| claim.id == *id).unwrap();
            claim.outstanding = claim.outstanding.checked_sub(*less).unwrap();
        }
    }

    /// Lets time pass: lines are frozen or come back, recoveries are decided, a part is repaid.
    fn pass(&mut self, freezing: &[bool], (decides, repaid): (bool, i64)) {
        for (at, line) in self.lines.iter_mut().enumerate() {
            line.id = at as i64 + 1;
            line.is_frozen = freezing[at % freezing.len()];
        }
        for claim in &mut self.claims {
            let back = claim.outstanding.min(Fen::new(repaid));
            claim.outstanding = claim.outstanding.checked_sub(back).unwrap();
            claim.back = claim.back.checked_add(back).unwrap();
        }
        if decides {
            let decided = self.recoveries.drain(..).map(|recovery| Claim {
                id: 0,
                payer: recovery.payer,
                outstanding: recovery.amount,
                waiting: Fen::ZERO,
                back: Fen::ZERO,
                given_up: Fen::ZERO,
            });
            self.claims.extend(decided);
        }
        for (at, recovery) in self.recoveries.iter_mut().enumerate() {
            recovery.id = at as i64 + 1;
        }
        for (at, claim) in self.claims.iter_mut().enumerate() {
            claim.id = at as i64 + 1;
        }
    }

    /// What the person has and will have of a payer, when everything under way is done.
    fn in_the_end(&self, payer: &Payer) -> i64 {
        let sum = |all: &mut dyn Iterator<Item = Fen>| all.map(Fen::get).sum::<i64>();
        let of = |p: &Payer| p == payer;
        sum(&mut self.lines.iter().filter(|l| of(&l.payer)).map(|l| l.amount))
            - sum(&mut self.recoveries.iter().filter(|r| of(&r.payer)).map(|r| r.amount))
            - sum(&mut self.claims.iter().filter(|c| of(&c.payer)).map(|c| c.outstanding))
            - sum(&mut self.claims.iter().filter(|c| of(&c.payer)).map(|c| c.back))
    }
}

/// A result, as (payer, fen), which lines are frozen after it, whether recoveries are decided
/// and how much of each is repaid.
type Turn = (Vec<(usize, i64)>, Vec<bool>, (bool, i64));

/// A history: results one after another, with what happens in between.
fn history() -> impl Strategy<Value = Vec<Turn>> {
    let result = prop::collection::vec((0..3_usize, 0..5_i64), 0..5);
    let freezing = prop::collection::vec(any::<bool>(), 12);
    prop::collection::vec((result, freezing, (any::<bool>(), 0..3_i64)), 1..8)
}

proptest! {
    #[test]
    fn after_every_plan_lines_less_recoveries_are_the_entitlement(history in history()) {
        let payers = [province(), payer("city", "350100"), payer("city", "350200")];
        let mut books = Books::default();
        for (result, freezing, recovering) in history {
            let entitled: Vec<_> =
                result.iter().map(|(at, fen)| (payers[*at].clone(), Fen::new(*fen))).collect();
            let frozen_before: Vec<Line> =
                books.lines.iter().filter(|l: &&Line| l.is_frozen).cloned().collect();
            let made = plan(&entitled, books.held()).unwrap();
            books.carry_out(&made);
            for payer in &payers {
                let due: i64 =
                    entitled.iter().filter(|e| e.0 == *payer).map(|e| e.1.get()).sum();
                prop_assert_eq!(books.in_the_end(payer), due);
                let mine = books.lines.iter().filter(|l| l.payer == *payer);
                let mut numbers: Vec<i64> = mine.map(|l| l.component_no).collect();
                numbers.sort_unstable();
                let count = numbers.len();
                numbers.dedup();
                prop_assert_eq!(numbers.len(), count, "a component twice");
                let proposed = books.recoveries.iter().filter(|r| r.payer == *payer);
                prop_assert!(proposed.count() <= 1);
            }
            prop_assert!(books.lines.iter().all(|line| line.amount > Fen::ZERO));
            prop_assert!(books.claims.iter().all(|claim| claim.outstanding >= Fen::ZERO));
            prop_assert!(frozen_before.iter().all(|line| books.lines.contains(line)));
            prop_assert!(plan(&entitled, books.held()).unwrap().is_empty());
            books.pass(&freezing, recovering);
        }
    }
}
