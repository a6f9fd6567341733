//! What was frozen is what is checked, approved and sent; a changed row stops the batch.

use juncai::domain::payment::Ineligible;
use juncai::file::bank::NEUTRAL;
use juncai::service::payment;
use juncai::store::own_page::{Subject, record_confirmation};

use super::{assert_sound, number, refusal};
use crate::bank_answers::csv_file;
use crate::fixture_payment::{Office, PROVINCE, RETURN_HEADER, account_number, criteria, paid};
use crate::on_both;

on_both! {
    a_row_changed_behind_the_program_stops_every_step => tampered;
    what_changed_since_freezing_stops_the_release => overtaken;
    an_account_that_the_person_disputes_is_not_paid_until_it_is_answered => disputed;
    a_name_the_bank_cannot_hold_stops_the_file_and_is_named => rare_name;
}

/// Takes the guards away as an owner of the database can.
async fn unguard(office: &Office) {
    for (table, guards) in [
        ("batch_line", ["no_update", "closed", "no_delete"]),
        ("payment_line", ["no_update", "closed", "no_delete"]),
        ("bank_account", ["no_update", "closed", "no_delete"]),
    ] {
        for guard in guards {
            let on = if office.world.app.db.is_postgres() {
                format!(" ON {table}")
            } else {
                String::new()
            };
            office.sql(&format!("DROP TRIGGER {table}_{guard}{on}")).await;
        }
    }
}

/// (change, undo, what the refusal names)
const CHANGES: &[(&str, &str, &str)] = &[
    (
        "UPDATE batch_line SET amount_fen = 20000001 WHERE seq = 1",
        "UPDATE batch_line SET amount_fen = 20000000 WHERE seq = 1",
        "第 1 笔 工程师1 在批次中为 200000.01 元",
    ),
    (
        "UPDATE payment_line SET amount_fen = 1 WHERE person_id = 2",
        "UPDATE payment_line SET amount_fen = 15000000 WHERE person_id = 2",
        "第 2 笔 工程师2",
    ),
    (
        "UPDATE batch_line SET amount_fen = 15000001 WHERE seq = 2; \
         UPDATE payment_line SET amount_fen = 15000001 WHERE person_id = 2",
        "UPDATE batch_line SET amount_fen = 15000000 WHERE seq = 2; \
         UPDATE payment_line SET amount_fen = 15000000 WHERE person_id = 2",
        "冻结时合计 350000.00 元，现为 350000.01 元",
    ),
    (
        "UPDATE batch_line SET payee_name = '他人' WHERE seq = 1",
        "UPDATE batch_line SET payee_name = '工程师1' WHERE seq = 1",
        "校验值不符",
    ),
    (
        "UPDATE batch_line SET bank_account_id = 3 - bank_account_id",
        "UPDATE batch_line SET bank_account_id = 3 - bank_account_id",
        "校验值不符",
    ),
    (
        "UPDATE bank_account SET account_index = account_index || '0' WHERE person_id = 1",
        "UPDATE bank_account SET account_index = SUBSTR(account_index, 1, 64) WHERE person_id = 1",
        "校验值不符",
    ),
    (
        "UPDATE batch SET purpose = '其他用途'",
        "UPDATE batch SET purpose = '2026核心工程师奖补'",
        "校验值不符",
    ),
    (
        "UPDATE batch SET total_fen = 1",
        "UPDATE batch SET total_fen = 35000000",
        "冻结时合计 0.01 元",
    ),
    (
        "UPDATE batch SET line_count = 3",
        "UPDATE batch SET line_count = 2",
        "冻结时 3 笔，现有 2 笔",
    ),
    ("UPDATE batch SET revision = 2", "UPDATE batch SET revision = 1", "冻结时 2 笔，现有 0 笔"),
    (
        "UPDATE batch_line SET outcome = 'released', live = FALSE WHERE seq = 2",
        "UPDATE batch_line SET outcome = 'pending', live = TRUE WHERE seq = 2",
        "冻结时 2 笔，现有 1 笔",
    ),
    (
        "UPDATE payment_line SET state = 'payable' WHERE person_id = 1",
        "UPDATE payment_line SET state = 'in_batch' WHERE person_id = 1",
        "待付资金状态为“待付”",
    ),
];

async fn tampered(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(35_000_000).await;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    unguard(&office).await;
    for step in ["check", "approve", "issue", "send", "load"] {
        for (change, undo, named) in CHANGES {
            office.sql(change).await;
            let text = refusal(take(&office, &batch_no, step).await);
            assert!(
                text.contains("不一致，已停止办理") && text.contains(named),
                "{step} {change}: {text}"
            );
            office.sql(undo).await;
        }
        take(&office, &batch_no, step).await.expect(step);
    }
    assert_sound(&office).await;
}

async fn take(office: &Office, batch_no: &str, step: &str) -> Result<(), juncai::service::Error> {
    match step {
        "check" => office.check(batch_no).await.map(drop),
        "approve" => office.approve(batch_no).await.map(drop),
        "issue" => office.issue(batch_no).await.map(drop),
        "send" => office.send(batch_no).await.map(drop),
        _ => {
            let csv = format!("{RETURN_HEADER}{}", paid("B2027-0001-1-00001", "200000.00", "S1"));
            let app = &office.world.app;
            payment::load_return(app, &office.maker, batch_no, &csv_file(&csv)).await.map(drop)
        }
    }
}

async fn overtaken(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(35_000_000).await;
    let app = &office.world.app;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    office.account(2, "工程师2", "6217000000000009002", &office.hr).await;
    let text = refusal(office.check(&batch_no).await);
    assert!(text.contains("收款账户已变更：第 2 笔 工程师2"), "{text}");
    let version = office.batch(&batch_no).await.version;
    payment::send_back(app, &office.checker, &batch_no, version, "账户已变更").await.unwrap();
    // The changed account rests, the other is paid.
    assert_eq!(office.freeze(&batch_no).await.unwrap().total.get(), 20_000_000);
    office.check(&batch_no).await.unwrap();
    office.entitle(1, 16_666_667, "province", PROVINCE).await;
    let text = refusal(office.approve(&batch_no).await);
    assert!(text.contains("核定结果已变化：第 1 笔 工程师1"), "{text}");
    assert_sound(&office).await;
}

async fn disputed(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(35_000_000).await;
    let app = &office.world.app;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    let account = number(&office, "SELECT id FROM bank_account WHERE person_id = 2").await;
    let says = async |agrees: bool| {
        let tx = app.db.begin().await.unwrap();
        let (about, said) = (Subject::BankAccount(account), (agrees, "不是我的账户"));
        record_confirmation(&tx, 2, about, said, app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    says(false).await;
    let text = refusal(office.check(&batch_no).await);
    assert!(text.contains("本人对收款账户有异议，尚未答复：第 2 笔 工程师2"), "{text}");
    let version = office.batch(&batch_no).await.version;
    payment::send_back(app, &office.checker, &batch_no, version, "账户有异议").await.unwrap();
    let preview = payment::preview(app, &office.maker, &criteria()).await.unwrap();
    assert_eq!(preview.excluded[0].reason, Ineligible::Disputed);
    assert_eq!(preview.total.get(), 20_000_000, "the other is paid");
    // When the person takes it back, then the money goes there.
    says(true).await;
    assert_eq!(office.freeze(&batch_no).await.unwrap().total.get(), 35_000_000);
    office.check(&batch_no).await.unwrap();
    assert_sound(&office).await;
}

async fn rare_name(world: super::super::world::World) {
    // domain.md case 35.
    let office = Office::new(world).await;
    office.payees_of(1, &[20_000_000, 20_000_000], "province", PROVINCE).await;
    office.account(1, "李𬱖", &account_number(1), &office.hr).await;
    office.account(2, "王五", &account_number(2), &office.hr).await;
    office.allot(40_000_000).await;
    let app = &office.world.app;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    office.check(&batch_no).await.unwrap();
    let approved = office.approve(&batch_no).await.unwrap();
    let issue = async |profile| {
        payment::issue_file(app, &office.maker, &batch_no, approved.version, profile).await
    };
    let text = refusal(issue("icbc-1").await);
    assert!(text.contains("第 1 笔 李𬱖") && text.contains("GBK 无法表示的字：𬱖"), "{text}");
    assert!(!text.contains("王五"), "{text}");
    assert_eq!(office.batch(&batch_no).await.file_sha256, "");
    assert!(issue(NEUTRAL).await.is_ok());
    assert_sound(&office).await;
}
