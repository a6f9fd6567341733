//! The working days of 2027. Their announcement is invented and says so: without one no notice and
//! no limit could be counted at the end of the story.

use crate::service::calendar::{self, NewYear};

use super::DemoError;
use super::plan::day;
use super::stage::Stage;

/// Thirteen days by law with plausible make-up days; the festivals of the moon are those of 2027.
const DAYS: &str = "2027-01-01至2027-01-03，休，元旦
2027-02-05至2027-02-13，休，春节
2027-01-30，班
2027-02-20，班
2027-04-03至2027-04-05，休，清明节
2027-05-01至2027-05-05，休，劳动节
2027-05-08，班
2027-06-09，休，端午节
2027-09-15，休，中秋节
2027-10-01至2027-10-07，休，国庆节
2027-09-26，班
2027-10-09，班
";

/// November: one officer reads the arrangement in, another confirms it.
pub(super) async fn next_year(stage: &mut Stage) -> Result<(), DemoError> {
    stage.on(day(11, 23));
    let new = NewYear {
        year: "2027".to_owned(),
        title: "【演示虚构】关于2027年部分节假日安排的通知".to_owned(),
        document_no: "演示〔2026〕27号".to_owned(),
        announced_on: day(11, 20).to_string(),
        days: DAYS.to_owned(),
    };
    let first = stage.actor("hr-province")?.clone();
    let year = calendar::propose(&stage.app, &first, &new).await?;
    stage.later(35);
    let second = stage.actor("hr-province-3")?.clone();
    let note = "演示用，非正式安排";
    Ok(calendar::decide(&stage.app, &second, (year, 1), true, note).await?)
}

#[cfg(test)]
mod tests {
    use crate::domain::arrangement::Arrangement;

    #[test]
    fn the_invented_year_is_as_long_as_the_law_makes_it() {
        let year = Arrangement::read(2027, super::DAYS).unwrap();
        assert_eq!(year.concerns(), Vec::<String>::new());
    }
}
