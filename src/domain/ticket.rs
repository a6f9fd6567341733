//! Tickets and receipts of a trip (domain.md 3.4): what makes a number the same however it is spelled,
//! whose ticket it is, and where it leads, leg by leg.

use chrono::NaiveDate;

/// Digits of a ticket number: three of the carrier, ten of the ticket.
const TICKET_DIGITS: usize = 13;
/// Titles that carriers print behind a passenger's name, often without a blank.
const TITLES: [&str; 6] = ["MSTR", "MISS", "MRS", "MR", "MS", "DR"];
/// Most legs of a ticket.
const MOST_LEGS: usize = 12;
/// Longest name of a place or flight.
const MOST_LETTERS: usize = 40;

/// What makes two numbers of papers the same: letters and digits, wide ones as narrow ones. A check digit
/// behind the thirteen digits of a ticket is left out.
pub fn number_key(number: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let letters = number.chars().map(narrow).filter(|c| c.is_alphanumeric());
    let mut key: String = letters.flat_map(char::to_uppercase).collect();
    if key.len() == TICKET_DIGITS + 1 && key.bytes().all(|b| b.is_ascii_digit()) {
        key.truncate(TICKET_DIGITS);
    }
    key
}

/// What is wrong with the number of a ticket: too short, or without the three digits of the carrier, so
/// that the same ticket could stand under two numbers.
pub fn ticket_fault(number: &str) -> Option<&'static str> {
    let key = number_key(number);
    let digits_only = key.bytes().all(|b| b.is_ascii_digit());
    match key.chars().count() {
        0..6 => Some("客票号码至少六位字母或数字，请照客票填写"),
        10 if digits_only => Some("请填写完整的 13 位客票号码，前三位是航空公司代码"),
        _ => None,
    }
}

/// Whether a name as a carrier prints it is that of a person: `SMITH/ANNA MS` is `SMITH ANNA`, and so is
/// `ANNA SMITH`. Titles are looked over, wherever they are glued to a name.
pub fn is_passenger(printed: &str, name: &str) -> bool {
    let printed = parts(printed).concat();
    let parts = parts(name);
    if parts.is_empty() {
        return false;
    }
    let mut spelled = (0..parts.len()).map(|first| {
        let (before, after) = parts.split_at(first);
        [after, before].concat().concat()
    });
    spelled.any(|name| {
        let title = printed.strip_prefix(name.as_str());
        title.is_some_and(|rest| rest.is_empty() || TITLES.contains(&rest))
    })
}

/// The words of a name, in capitals.
fn parts(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_uppercase).collect()
}

/// A leg of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Day of departure.
    pub on: NaiveDate,
    /// From this place.
    pub from: String,
    /// To this one.
    pub to: String,
    /// Flight, train or ship.
    pub flight: String,
}

impl Leg {
    /// As it is typed and kept: `2026-05-10 波士顿—香港 CX811`.
    pub fn written(&self) -> String {
        format!("{} {}—{} {}", self.on, self.from, self.to, self.flight)
    }
}

/// The legs of an itinerary as it is typed, one a line: day, places, flight.
///
/// # Errors
/// What is wrong, in words, with the number of the line.
pub fn typed_legs(text: &str) -> Result<Vec<Leg>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let legs: Vec<Leg> = (1..).zip(lines).map(|(number, line)| {
        leg(line).ok_or_else(|| {
            format!("第 {number} 行“{line}”读不出航段，请写成“2026-05-10 波士顿—香港 CX811”，每段一行")
        })
    }).collect::<Result<_, _>>()?;
    if legs.is_empty() || legs.len() > MOST_LEGS {
        return Err(format!("请填写 1 至 {MOST_LEGS} 个航段，每段一行"));
    }
    match legs.windows(2).find(|pair| matches!(pair, [a, b] if a.on > b.on)) {
        Some(_) => Err("航段请按日期先后填写".to_owned()),
        None => Ok(legs),
    }
}

fn leg(line: &str) -> Option<Leg> {
    let (day, rest) = line.split_once(char::is_whitespace)?;
    let (places, flight) = rest.trim().rsplit_once(char::is_whitespace)?;
    let (from, to) = places.split_once(['—', '–', '－', '-', '至', '→'])?;
    let word = |text: &str| {
        let text = text.trim_matches(|c: char| c.is_whitespace() || "—–－-→".contains(c));
        let is_word = (1..=MOST_LETTERS).contains(&text.chars().count());
        is_word.then(|| text.to_owned())
    };
    let flight = word(flight).filter(|flight| flight.chars().any(|c| c.is_ascii_digit()))?;
    Some(Leg { on: day.parse().ok()?, from: word(from)?, to: word(to)?, flight })
}

/// The legs as they are kept.
pub fn written_legs(legs: &[Leg]) -> String {
    legs.iter().map(Leg::written).collect::<Vec<_>>().join("\n")
}

/// The legs of a text that [`written_legs`] wrote; none of an itinerary that was kept before legs were
/// asked for.
pub fn read_legs(text: &str) -> Vec<Leg> {
    typed_legs(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_spelled() {
        for number in ["781-2400123456", "7812400 123456", "７８１2400123456", "781-2400123456-3"]
        {
            assert_eq!(number_key(number), "7812400123456", "{number}");
        }
        assert_eq!(number_key("nk 12"), "NK12");
        assert_eq!(number_key("闽票 0012"), "闽票0012");
        assert_ne!(number_key("7812400123457"), number_key("7812400123456"));
    }

    #[test]
    fn a_ticket_has_its_whole_number() {
        assert_eq!(ticket_fault("781-2400123456"), None);
        assert_eq!(ticket_fault("G1-2026-77"), None);
        assert!(ticket_fault("2400123456").unwrap().contains("13 位"));
        assert!(ticket_fault("12-34").is_some() && ticket_fault("").is_some());
    }

    #[test]
    fn a_ticket_is_the_visitors_own_in_whatever_order_its_name_is_printed() {
        for printed in
            ["SMITH/ANNA", "SMITH/ANNA MS", "SMITH/ANNAMS", "Anna Smith", "smith anna mrs"]
        {
            assert!(is_passenger(printed, "SMITH ANNA"), "{printed}");
        }
        for printed in ["SMITH/ANNE", "SMITH", "", "SMITH/ANNA MARIA", "LI/NA", "MS"] {
            assert!(!is_passenger(printed, "SMITH ANNA"), "{printed}");
        }
        assert!(is_passenger("ZHANG/XIAOMING MR", "ZHANG XIAO MING"));
        assert!(is_passenger("张小明", "张小明") && !is_passenger("张大明", "张小明"));
        assert!(!is_passenger("", "") && !is_passenger("MS", ""));
    }

    #[test]
    fn legs_are_read_line_by_line_and_come_out_as_they_went_in() {
        let text = "2026-05-10 波士顿—香港 CX811\n 2026-05-11  香港 - 福州  MF382 \n";
        let legs = typed_legs(text).unwrap();
        assert_eq!(legs.len(), 2);
        assert_eq!((legs[1].from.as_str(), legs[1].flight.as_str()), ("香港", "MF382"));
        assert_eq!(read_legs(&written_legs(&legs)), legs);
        assert_eq!(read_legs("波士顿—香港—福州，往返"), [], "kept before legs were asked for");
        for wrong in ["", "波士顿—香港 CX811", "2026-02-30 A—B X1", "2026-05-10 波士顿 CX811"]
        {
            assert!(typed_legs(wrong).is_err(), "{wrong}");
        }
        let late = typed_legs("2026-05-11 A—B X1\n2026-05-10 B—C X2").unwrap_err();
        assert!(late.contains("先后"), "{late}");
    }
}
