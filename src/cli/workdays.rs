//! `juncai workdays`: the last day of a notice.

use std::process::ExitCode;

use chrono::NaiveDate;

use crate::domain::calendar::WorkCalendar;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The day of publication, as 2026-09-18
    #[arg(long)]
    from: NaiveDate,
    /// Number of working days
    #[arg(long)]
    count: u32,
    /// Count the day of publication as well, when it is a working day
    #[arg(long)]
    count_first_day: bool,
}

/// Prints the last day; a year whose calendar is not loaded is an error.
pub fn run(args: &Args) -> ExitCode {
    let last =
        WorkCalendar::shipped().last_day_of_notice(args.from, args.count, args.count_first_day);
    super::print_or_complain(last)
}
