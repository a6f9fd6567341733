//! What is owed is set off against the next money of the same source.

use juncai::domain::money::Fen;
use juncai::domain::registry::OtherAward;

use super::*;

on_both! {
    it_is_set_off_against_the_next_money_of_the_same_source => set_off;
    more_than_the_next_money_is_set_off_in_parts => set_off_in_parts;
    money_under_a_merged_number_is_set_off_as_well => merged;
}

async fn set_off(world: World) {
    let mut over = Overpaid::served(world).await;
    let [maker, _, payer] = over.year.finance.clone();
    assert_eq!(over.act(&maker, "agree_offset", &[]).await.unwrap(), "约定抵扣");
    let none = over.why_not(&payer, "set_off_rest", &[]).await;
    assert!(none.contains("没有同一资金来源的待付金额"), "{none}");
    // The next year: back since January, 200,000.00 are released.
    let town = &mut over.year.offices.town;
    town.engineer(1, 1, "2027-01-01", None).await;
    town.insured(1, 2027, 1..=12).await;
    town.at("2028-01-15T09:00:00+08:00");
    town.compute(2027).await;
    town.sql("UPDATE payment_line SET state = 'payable' WHERE award_year = 2027").await;
    let poor = over.why_not(&payer, "set_off_rest", &[]).await;
    assert!(poor.contains("可用指标不足"), "{poor}");
    over.allot("2028").await;
    assert_eq!(over.act(&payer, "set_off_rest", &[]).await.unwrap(), "已还清");
    assert_eq!(
        over.lines().await,
        ["stipend paid 20000000", "stipend payable 16666667", "offset paid 3333333"]
    );
    assert_eq!(over.books().await, ["0.00", "33333.33", "0.00"]);
    assert_eq!(over.states().await, words(["closed", "repaid", "paid"]));
    over.year.offices.town.compute(2026).await;
    over.year.offices.town.compute(2027).await;
    assert_eq!(over.lines().await.len(), 3, "nothing is paid or asked for twice");
    let twice = "INSERT INTO payment_line (line_no, person_id, programme, award_year, source, \
                 payer_division, component_no, kind, amount_fen, entitlement_id, state, recorded_at) \
                 SELECT 'L99999999', person_id, programme, award_year, source, payer_division, 9, \
                 'supplement', 1, entitlement_id, 'pending', recorded_at FROM payment_line \
                 WHERE kind = 'offset'";
    let refused = over.year.offices.town.try_sql(twice).await.unwrap_err();
    assert!(refused.contains("payment_line_overpaid"), "{refused}");
}

async fn set_off_in_parts(world: World) {
    let mut over = Overpaid::served(world).await;
    let [maker, _, payer] = over.year.finance.clone();
    over.act(&maker, "agree_offset", &[]).await.unwrap();
    // Another award leaves 20,000.00 of the next year, less than the 33,333.33 that are owed.
    let town = &mut over.year.offices.town;
    town.engineer(1, 1, "2027-01-01", None).await;
    town.insured(1, 2027, 1..=12).await;
    let award = OtherAward {
        programme: "百人计划".to_owned(),
        exclusive_group: "provincial-talent".to_owned(),
        award_year: 2027,
        amount_fen: Fen::new(18_000_000),
        granted_by: "省委组织部".to_owned(),
        document_no: "闽组〔2027〕8号".to_owned(),
    };
    town.state(1, "2027-01-01", Some("2027-12-31"), award).await;
    town.at("2028-01-15T09:00:00+08:00");
    town.compute(2027).await;
    town.sql("UPDATE payment_line SET state = 'payable' WHERE award_year = 2027").await;
    over.allot("2028").await;
    over.why_not(&payer, "set_off_rest", &[]).await;
    assert_eq!(over.act(&payer, "set_off_part", &[]).await.unwrap(), "约定抵扣");
    assert_eq!(over.books().await, ["13333.33", "20000.00", "0.00"]);
    assert_eq!(over.lines().await, ["stipend paid 20000000", "offset paid 2000000"]);
    let nothing = over.why_not(&payer, "set_off_part", &[]).await;
    assert!(nothing.contains("没有同一资金来源的待付金额"), "{nothing}");
}

async fn merged(world: World) {
    let mut over = Overpaid::served(world).await;
    let [maker, _, payer] = over.year.finance.clone();
    over.act(&maker, "agree_offset", &[]).await.unwrap();
    let town = &mut over.year.offices.town;
    town.insured(2, 2027, 1..=12).await;
    town.at("2028-01-15T09:00:00+08:00");
    town.compute(2027).await;
    town.sql("UPDATE payment_line SET state = 'payable' WHERE award_year = 2027").await;
    over.allot("2028").await;
    let other = over.why_not(&payer, "set_off_rest", &[]).await;
    assert!(other.contains("没有同一资金来源的待付金额"), "{other}");
    let merge = "INSERT INTO person_merge (merge_no, leading_id, merged_id, recorded_at, recorded_by, \
                 source_id, reason) SELECT 'HB000001', 1, 2, recorded_at, recorded_by, id, '同一人' \
                 FROM source_document ORDER BY id LIMIT 1";
    over.year.offices.town.sql(merge).await;
    assert_eq!(over.act(&payer, "set_off_rest", &[]).await.unwrap(), "已还清");
    let lines = "SELECT CAST(person_id AS TEXT) || ' ' || kind || ' ' || state || ' ' || \
                 CAST(amount_fen AS TEXT) FROM payment_line \
                 WHERE award_year = 2027 AND state <> 'void' ORDER BY id";
    assert_eq!(over.texts(lines).await, ["2 offset paid 3333333", "2 stipend payable 16666667"]);
    assert_eq!(over.books().await, ["0.00", "33333.33", "0.00"]);
}
