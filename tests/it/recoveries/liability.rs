//! Who pays back what was paid too much.

use super::*;

on_both! {
    an_enterprise_that_is_liable_is_addressed_and_the_person_loses_nothing => enterprise;
}

async fn enterprise(world: World) {
    let over = Overpaid::new(world).await;
    let hr = over.year.offices.town.hr.clone();
    over.act(&hr, "notify", &[]).await.unwrap();
    over.act(&hr, "hear", &[]).await.unwrap();
    let uscc = over.texts("SELECT uscc FROM enterprise ORDER BY id").await.remove(0);
    for wrong in ["", "91350100M000100Y99"] {
        let told = over.why_not(&over.other, "decide", &[("liable", wrong)]).await;
        assert!(told.contains(&format!("请填“本人”，或涉及企业的代码：{uscc}")), "{told}");
    }
    over.act(&over.other, "decide", &[("liable", uscc.as_str())]).await.unwrap();
    over.act(&hr, "serve", &[]).await.unwrap();
    let app = over.year.app();
    let view = recovery::view(app, &hr, NO).await.unwrap();
    assert_eq!(view.line.liable.as_deref(), Some("企业1"));

    // What is due to the person is not taken for what the enterprise owes.
    let [maker, _, payer] = over.year.finance.clone();
    over.act(&maker, "agree_offset", &[]).await.unwrap();
    let told = over.why_not(&payer, "set_off_rest", &[]).await;
    assert!(told.contains("由企业归还的款项，不从应付给本人的奖补中抵扣"), "{told}");

    let mut reader = Visitor::signed_in(app, "hr").await;
    let letter = reader.get(&format!("/recoveries/{NO}/letters/decision")).await;
    for part in ["企业1：", "由你单位归还", "只追回多付的本金，不计利息"] {
        assert!(letter.text().contains(part), "{part}: {}", letter.text());
    }
    assert!(!letter.text().contains("以后应付给您的奖补抵扣"));
    // Decided once: nobody turns it on somebody else afterwards.
    let turned = "UPDATE recovery SET liable_enterprise_id = NULL";
    let refused = over.year.offices.town.try_sql(turned).await.unwrap_err();
    assert!(refused.contains("recovery_liability_decided_once"), "{refused}");
}
