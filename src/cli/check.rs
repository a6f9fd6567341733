//! `juncai check`: identifiers, one a line, as the import forms check them.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use crate::domain::identity::{
    BankAccountNo, Checked, Cnaps, IdentityError, Passport, PermanentResidence, ResidencePermit,
    ResidentId, Uscc, Warning,
};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the values should be
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Resident identity number (GB 11643)
    ResidentId,
    /// Unified social credit code (GB 32100)
    Uscc,
    /// Residence permit of a Hong Kong, Macao or Taiwan resident
    ResidencePermit,
    /// Foreign permanent residence card, of 2023 or 2017
    PermanentResidence,
    /// Passport
    Passport,
    /// Declared bank card
    BankCard,
    /// CNAPS code of a bank branch
    Cnaps,
}

/// Answers each line of standard input with `ok`, `ok: warning …` or `error: …`; fails only when
/// reading or writing does.
pub fn run(args: &Args) -> ExitCode {
    let answered = answer(args.kind, io::stdin().lock(), io::BufWriter::new(io::stdout().lock()));
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::complain(&format!("读写失败：{error}")),
    }
}

fn answer(kind: Kind, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        let verdict = match std::str::from_utf8(&line) {
            Ok(text) => check(kind, text),
            Err(_) => "error: 不是UTF-8文本".to_owned(),
        };
        writeln!(output, "{verdict}")?;
    }
}

fn check(kind: Kind, text: &str) -> String {
    fn verdict<T>(
        checked: Result<Checked<T>, IdentityError>,
    ) -> Result<Option<Warning>, IdentityError> {
        checked.map(|checked| checked.warning)
    }
    let found = match kind {
        Kind::ResidentId => verdict(ResidentId::parse(text)),
        Kind::Uscc => verdict(Uscc::parse(text)),
        Kind::ResidencePermit => verdict(ResidencePermit::parse(text)),
        Kind::PermanentResidence => verdict(PermanentResidence::parse(text)),
        Kind::Passport => verdict(Passport::parse(text)),
        Kind::BankCard => verdict(BankAccountNo::parse_card(text)),
        Kind::Cnaps => verdict(Cnaps::parse(text)),
    };
    match found {
        Ok(None) => "ok".to_owned(),
        Ok(Some(warning)) => format!("ok: warning {warning}"),
        Err(error) => format!("error: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(kind: Kind, input: &[u8]) -> String {
        let mut output = Vec::new();
        answer(kind, input, &mut output).expect("memory does not fail");
        String::from_utf8(output).expect("text")
    }

    #[test]
    fn every_line_gets_exactly_one_answer() {
        let input = b"350102199003079981\r\n350402197806159958\n\n350102199003079980\n\xff\n\
            35090219880808981x";
        assert_eq!(
            answers(Kind::ResidentId, input),
            "ok\nok: warning 地址码350402（三明市梅列区）已撤销\nerror: 未填写\nerror: 校验码错误\n\
             error: 不是UTF-8文本\nok\n"
        );
        assert_eq!(answers(Kind::Uscc, b""), "");
    }

    #[test]
    fn each_kind_has_its_own_rules() {
        for (kind, good, bad) in [
            (Kind::Uscc, "91350100mafake000k", "91350100MAFAKE0O0K"),
            (Kind::ResidencePermit, "810000199001019988", "840000199001019983"),
            (Kind::PermanentResidence, "USA350190070403", "USA350190070404"),
            (Kind::Passport, "E99999991", "E9_"),
            (Kind::BankCard, "6217000000000000129", "6217000000000000120"),
            (Kind::Cnaps, "102391099995", "102391099994"),
        ] {
            assert_eq!(answers(kind, good.as_bytes()), "ok\n", "{kind:?}");
            assert!(answers(kind, bad.as_bytes()).starts_with("error: "), "{kind:?}");
        }
    }
}
