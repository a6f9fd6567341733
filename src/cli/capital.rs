//! `juncai capital`: an amount of yuan in Chinese capitals.

use std::process::ExitCode;

use crate::domain::capital::in_capitals;
use crate::domain::money::Fen;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Yuan with at most two decimals, for example 200000.00
    #[arg(allow_hyphen_values = true)]
    amount: String,
}

/// Prints the capitals; an amount that is none, or too large, is an error.
pub fn run(args: &Args) -> ExitCode {
    let capitals = args
        .amount
        .parse::<Fen>()
        .map_err(|error| error.to_string())
        .and_then(|amount| in_capitals(amount).map_err(|error| error.to_string()));
    super::print_or_complain(capitals)
}
