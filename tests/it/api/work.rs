//! What programs get done.

use juncai::domain::registry::{EvidenceMonth, RosterEntry, RosterStatus};
use juncai::file::form::ImportKind;
use juncai::service::import;
use serde_json::{Value, json};

use super::caller::{ID, Office, engineer, first};
use crate::imports::ground::{self, E1, engineer as sheet_row, live, periods};
use crate::on_both;
use crate::world::World;

on_both! {
    a_registration_ends_where_an_imported_row_ends => registration;
    evidence_counts_once_the_office_has_confirmed_it => evidence;
    a_departure_ends_entry_and_employment_and_is_logged_as_the_program => departure;
    lists_are_read_piece_by_piece_within_the_scope => pieces;
}

async fn registration(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    let told = program.post("/engineers", "k1", &json!({ "engineers": [first()] })).await;
    assert_eq!(told.status, 201, "{:?}", told.body);
    assert_eq!((told.body["rows"].clone(), told.body["rows_known"].clone()), (json!(1), json!(0)));
    let no = told.body["engineers"][0]["person_no"].as_str().unwrap().to_owned();
    let entries = live::<RosterEntry>(&office.world).await;
    assert_eq!(periods(&entries), ["2026-01-05.."]);
    assert_eq!(entries[0].fact.status, RosterStatus::Declared);

    // The same as a row of a spreadsheet: the registry holds it all.
    let row = sheet_row("张三", ID, "2023-06-27", "2026-01-05");
    let kind = ImportKind::Engineers;
    let again = ground::import(&office.world, &office.clerk, kind, &[&row]).await.unwrap();
    assert_eq!((again.rows_good, again.rows_known, again.facts_added), (1, 1, 0));

    let seen = program.get(&format!("/engineers/{no}")).await;
    assert_eq!((seen.status.as_u16(), seen.text("standing")), (200, "declared"));
    assert_eq!((seen.text("name"), seen.text("uscc")), ("张三", E1));
    let body = seen.seen.body();
    assert!(!body.contains(ID) && !body.contains("6217000000000000129"), "{body}");
    let import_no = told.text("import_no").to_owned();
    let filing = program.get(&format!("/imports/{import_no}")).await;
    assert_eq!((filing.text("state"), filing.text("kind")), ("confirmed", "engineers"));
    assert!(
        import::withdraw(&office.world.app, &office.clerk, &import_no, "报送错误").await.is_ok()
    );
}

async fn evidence(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    program.post("/engineers", "k1", &json!({ "engineers": [first()] })).await;
    let month = json!({ "name": "张三", "document_type": "resident_id", "document_no": ID,
        "month": "2026-01", "source": "social_insurance" });

    let told = program.post("/evidence", "k2", &json!({ "months": [month] })).await;
    assert_eq!((told.status.as_u16(), told.text("state")), (202, "previewed"), "{:?}", told.body);
    assert_eq!(live::<EvidenceMonth>(&office.world).await.len(), 0, "nobody vouches for himself");
    let own = import::confirm(&office.world.app, &office.clerk, told.text("import_no")).await;
    assert!(own.is_err(), "nor does the enterprise's clerk");
    import::confirm(&office.world.app, &office.hr, told.text("import_no")).await.unwrap();
    let months = live::<EvidenceMonth>(&office.world).await;
    assert_eq!(
        (months[0].fact.month.as_str(), months[0].fact.payer_uscc.as_str()),
        ("2026-01", E1)
    );
    let filing = program.get(&format!("/imports/{}", told.text("import_no"))).await;
    assert_eq!(filing.text("state"), "confirmed");

    // Somebody else's people are as unknown as people who do not exist.
    let mut stranger = office.program("other", &office.other, &["evidence", "read"], "60").await;
    let refused = stranger.post("/evidence", "k1", &json!({ "months": [month] })).await;
    assert_eq!(refused.problem(), (422, "invalid"));
    assert_eq!(refused.fields(), ["months[0].document_no"]);
    assert!(refused.seen.body().contains("没有登记的人员"), "{}", refused.seen.body());
    let hidden = stranger.get(&format!("/imports/{}", told.text("import_no"))).await;
    assert_eq!(hidden.problem(), (404, "not-found"));
}

async fn departure(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    let made = program.post("/engineers", "k1", &json!({ "engineers": [first()] })).await;
    let no = made.body["engineers"][0]["person_no"].as_str().unwrap().to_owned();
    let path = format!("/engineers/{no}/departure");
    let end = json!({ "last_day": "2026-01-31", "reason": "resigned", "document_no": "离字1号" });

    let mut stranger = office.program("other", &office.other, &["register"], "60").await;
    assert_eq!(stranger.post(&path, "k1", &end).await.problem(), (404, "not-found"));
    let told = program.post(&path, "k2", &end).await;
    assert_eq!(told.status, 201, "{:?}", told.body);
    assert_eq!(told.body["entry_ended"], json!(true));
    assert_eq!(periods(&live::<RosterEntry>(&office.world).await), ["2026-01-05..2026-01-31"]);
    assert_eq!(program.post(&path, "k3", &end).await.problem(), (409, "conflict"));

    let events = logged(&office.world).await;
    assert!(events.contains(&("hr-system".to_owned(), "engineer.departed".to_owned())));
    assert!(events.contains(&("hr-system".to_owned(), "import.confirmed".to_owned())));
    assert!(events.contains(&("admin".to_owned(), "token.made".to_owned())));
}

async fn logged(world: &World) -> Vec<(String, String)> {
    use sea_orm::EntityTrait;
    let events = entity::audit_event::Entity::find().all(world.app.db.read()).await.unwrap();
    events.into_iter().map(|event| (event.login, event.action)).collect()
}

async fn pieces(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    let people = [
        first(),
        engineer("李四", "350203198512319979", "6222021402000000346"),
        engineer("王五", "350582199311079821", "6231660000000000568"),
    ];
    let told = program.post("/engineers", "k1", &json!({ "engineers": people })).await;
    assert_eq!(told.status, 201, "{:?}", told.body);

    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let piece = program.get(&format!("/engineers?limit=2{after}")).await;
        assert_eq!(piece.status, 200, "{:?}", piece.body);
        let items = piece.body["items"].as_array().unwrap().clone();
        names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match piece.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["张三", "李四", "王五"]);

    let mut stranger = office.program("other", &office.other, &["read"], "60").await;
    assert_eq!(stranger.get("/engineers").await.body["items"], json!([]));
    let own = stranger.get("/enterprises?on=2026-02-01").await;
    assert_eq!(own.body["items"].as_array().map(Vec::len), Some(1), "its own only");
    let foreign = stranger.get(&format!("/enterprises?after={E1}")).await;
    assert_eq!((foreign.problem(), foreign.fields()), ((422, "invalid"), vec!["after"]));

    let mut province = office.program("exchange", &office.hr, &["read", "register"], "60").await;
    let first = province.get("/enterprises?limit=1").await;
    assert_eq!((first.body["items"][0]["uscc"].as_str(), first.text("next")), (Some(E1), E1));
    assert_eq!(province.get("/enterprises?on=2025-12-31").await.body["items"], json!([]));
    let rows = json!({ "engineers": [super::caller::first()] });
    assert_eq!(province.post("/engineers", "k1", &rows).await.problem(), (403, "forbidden"));
    let years = program.get("/entitlements?year=2026").await;
    assert_eq!((years.status.as_u16(), &years.body["items"]), (200, &json!([])));
    let quotas: Value = program.get("/quotas").await.body;
    assert_eq!(quotas, json!({ "items": [] }));
    let token = program.get("/token").await;
    assert_eq!(token.body["scopes"], json!(["read", "register", "evidence"]));
    let read = ("exchange".to_owned(), "api.read".to_owned());
    assert!(logged(&office.world).await.contains(&read), "reading a list is logged");
}
