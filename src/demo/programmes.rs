//! The two talent programmes of the notice in 2027: separate places, a nomination whose result two
//! people put down and confirmed, and one that waits for the second of them.

use crate::service::Error;
use crate::service::talent_programme::{self as programme, Entered, NewPlaces, NewTeam};

use super::plan::Life;
use super::recognitions::staying;
use super::stage::Stage;

const HR: &str = "hr-province";
const SECOND: &str = "hr-province-2";
const CLERK: &str = "clerk-01";

/// From the places of the year to the results.
pub(super) async fn play(stage: &mut Stage, lives: &[Life]) -> Result<(), Error> {
    for (no, nominee, places) in [
        ("PR001", "person", "10"),
        ("PR001", "team", "3"),
        ("PR002", "person", "20"),
        ("PR002", "team", "5"),
    ] {
        let new = NewPlaces {
            year: "2027",
            nominee,
            places,
            ai_group: "yes",
            target: "30",
            document_no: "闽委人才〔2027〕1号",
        };
        programme::set_places(&stage.app, stage.actor(HR)?, no, &new).await?;
    }
    let mut people = Vec::new();
    for life in staying(lives).skip(10).take(2) {
        people.push(stage.person_no(life).await?);
    }
    let [first, second] = people.as_slice() else { return Ok(()) };
    for (no, person, title, money, confirmed) in [
        ("PR001", first, "具身智能", "300000.00", true),
        ("PR002", second, "多模态大模型", "100000.00", false),
    ] {
        stage.later(30);
        let new = NewTeam { year: "2027", nominee: "person", title, members: person };
        let filed = programme::nominate(&stage.app, stage.actor(CLERK)?, no, &new).await?;
        stage.later(60);
        let money = [(person.as_str(), money)];
        let result =
            Entered {
                outcome: "selected", document_no: "闽委人才〔2027〕9号", money: &money
            };
        let ruling = programme::record(&stage.app, stage.actor(HR)?, &filed, &result).await?;
        if confirmed {
            stage.later(30);
            let actor = stage.actor(SECOND)?;
            programme::decide_results(&stage.app, actor, &ruling, (true, "")).await?;
        }
    }
    Ok(())
}
