//! Guards of the database that look other rows up: they find them by an index, also before anybody has
//! gathered statistics.

use sea_orm::{ConnectionTrait, Statement};

use crate::on_both;
use crate::world::World;

on_both! {
    a_new_line_is_compared_with_the_lines_of_its_person => lines_of_a_person;
}

async fn lines_of_a_person(world: World) {
    let db = &world.app.db;
    let tx = db.begin().await.unwrap();
    let (head, column) = if db.is_postgres() {
        // So few rows are read faster without an index; a province's are not.
        tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        ("EXPLAIN", "QUERY PLAN")
    } else {
        ("EXPLAIN QUERY PLAN", "detail")
    };
    let asked = "SELECT SUM(l.amount_fen) FROM payment_line l WHERE l.person_id = 1 \
                 AND l.programme = 'core-engineer' AND l.award_year = 2026 \
                 AND l.source = 'province' AND l.payer_division = '350000' AND l.state <> 'void'";
    let explain = Statement::from_string(tx.get_database_backend(), format!("{head} {asked}"));
    let rows = tx.query_all_raw(explain).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    let plan = plan.join("\n");
    let by_person = ["payment_line_one_live", "payment_line_person"];
    assert!(by_person.iter().any(|index| plan.contains(index)), "{plan}");
    assert!(!plan.contains("payment_line_payable"), "{plan}");
}
