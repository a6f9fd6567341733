//! The approver signs what was frozen, with the own password; without a signature that holds no
//! file is made.

use juncai::service::Error;
use juncai::service::payment::{self, Approval};

use super::{assert_sound, invalid, number, refusal};
use crate::browser_like::Visitor;
use crate::fixture_payment::{Office, approval};
use crate::on_both;
use crate::world::World;

on_both! {
    an_approval_is_signed_with_the_own_password => signed;
    a_signature_that_does_not_hold_stops_the_file => forged;
}

async fn checked(world: World) -> (Office, String) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    office.check(&batch_no).await.unwrap();
    (office, batch_no)
}

async fn signed(world: World) {
    let (office, batch_no) = checked(world).await;
    let app = &office.world.app;
    let version = office.batch(&batch_no).await.version;
    let wrong = Approval { total: "200000.00", password: "武夷山的茶" };
    let refused = payment::approve(app, &office.approver, &batch_no, version, wrong).await;
    assert!(invalid(refused, "password").contains("登录密码不正确"));
    let foreign = payment::approve(app, &office.checker, &batch_no, version, wrong).await;
    assert!(matches!(foreign, Err(Error::Forbidden(_))), "{foreign:?}");
    assert_eq!(number(&office, "SELECT COUNT(*) FROM batch_signature").await, 0);
    let right = payment::approve(app, &office.approver, &batch_no, version, approval("200000.00"));
    right.await.unwrap();
    let mut approver = Visitor::signed_in(app, "approver").await;
    let paper = approver.get(&format!("/batches/{batch_no}/summary")).await;
    assert!(paper.text().contains("电子签名有效"), "{}", paper.text());
    office.issue(&batch_no).await.unwrap();
    assert_sound(&office).await;

    // Five wrong passwords close the account for a while, as at the door.
    let (office, batch_no) = (office, "B2027-0001");
    for _ in 0..5 {
        let _ = payment::approve(&office.world.app, &office.approver, batch_no, 1, wrong).await;
    }
    let locked = payment::approve(&office.world.app, &office.approver, batch_no, 1, wrong).await;
    assert!(refusal(locked).contains("已锁定"));
}

async fn forged(world: World) {
    let (office, batch_no) = checked(world).await;
    office.approve(&batch_no).await.unwrap();
    // Somebody with the database at hand lets another person have approved.
    let other = office.checker_two.holder_id;
    let real = office.approver.holder_id;
    office.sql(&format!("UPDATE batch SET approved_by = {other}")).await;
    assert!(refusal(office.issue(&batch_no).await).contains("审批签名与内容不符"));
    office.sql(&format!("UPDATE batch SET approved_by = {real}")).await;
    let on = if office.world.app.db.is_postgres() { " ON batch_signature" } else { "" };
    let edit = "UPDATE batch_signature SET signed_at = signed_at, signature = 'x'";
    let refused = sea_orm::ConnectionTrait::execute_unprepared(office.world.app.db.read(), edit);
    assert!(refused.await.is_err(), "a signature is never edited");
    for guard in ["no_update", "no_delete"] {
        office.sql(&format!("DROP TRIGGER batch_signature_{guard}{on}")).await;
    }
    office.sql("DELETE FROM batch_signature").await;
    assert!(refusal(office.issue(&batch_no).await).contains("没有审批人的电子签名"));
}
