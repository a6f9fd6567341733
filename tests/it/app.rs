//! The site from outside: signing in, what each role may open, and what browsers are told.

use axum::http::StatusCode;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::world::World;

on_both! {
    an_unknown_address_is_answered_by_a_page => unknown_address;
}

async fn unknown_address(world: World) {
    let mut guest = Visitor::new(&world.app);

    let seen = guest.get("/no/such/page").await;

    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    assert_eq!(seen.texts("h1"), ["没有找到这个页面"]);
}
