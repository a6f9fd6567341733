//! Amounts in Chinese capitals, 人民币大写 (domain.md 5.2).
//!
//! The payment rules leave some zeros and the closing 整 optional. [`in_capitals`] writes one
//! canonical form; [`parse_capitals`] reads every form that the rules allow, and no other.

use super::money::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const SECTIONS: [&str; 3] = ["", "万", "亿"];
/// One fen beyond the largest amount that 仟亿 can name: 10^12 yuan.
const LIMIT: u64 = 100_000_000_000_000;

/// Why an amount has no capitals, or capitals are no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapitalError {
    /// 10^12 yuan or more, either way.
    #[error("金额超出大写可表示的范围（应小于一万亿元）")]
    OutOfRange,
    /// Not an amount in capitals that the payment rules allow.
    #[error("不是规范的人民币大写金额")]
    Malformed,
}

/// The choices that the payment rules leave to the writer.
#[derive(Clone, Copy)]
struct Style {
    /// Write 零 between 元 and 角 when the digit of 元 is zero.
    zero_before_jiao: bool,
    /// Write 零 before a full section (仟 not zero) that follows a zero digit: below 亿, below 万.
    zero_before_section: [Option<bool>; 2],
    /// Close with 整 after 角.
    whole_after_jiao: bool,
}

const CANONICAL: Style =
    Style { zero_before_jiao: true, zero_before_section: [None, None], whole_after_jiao: true };

/// The canonical capitals of an amount, `人民币` first; a negative one begins `人民币负`.
pub fn in_capitals(amount: Fen) -> Result<String, CapitalError> {
    let fen = amount.get().unsigned_abs();
    if fen >= LIMIT {
        return Err(CapitalError::OutOfRange);
    }
    let sign = if amount < Fen::ZERO { "负" } else { "" };
    Ok(format!("人民币{sign}{}", render(fen, CANONICAL)))
}

/// Reads capitals: with or without 人民币, 圆 or 元, 正 or 整, optional zeros, 整 after 角 or not.
pub fn parse_capitals(text: &str) -> Result<Fen, CapitalError> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '圆' | '圓' => '元',
            '正' => '整',
            other => other,
        })
        .collect();
    let plain = plain.strip_prefix("人民币").unwrap_or(&plain);
    let (negative, plain) =
        plain.strip_prefix('负').map_or((false, plain), |unsigned| (true, unsigned));
    let fen = value(plain).filter(|fen| *fen < LIMIT).ok_or(CapitalError::Malformed)?;
    // Reading is lenient, so only what some allowed style would have written is accepted.
    if (negative && fen == 0) || !styles().any(|style| render(fen, style) == plain) {
        return Err(CapitalError::Malformed);
    }
    let signed = i64::try_from(fen).map_err(|_| CapitalError::OutOfRange)?;
    Ok(Fen::new(if negative { -signed } else { signed }))
}

fn styles() -> impl Iterator<Item = Style> {
    (0..16_u8).map(|bits| Style {
        zero_before_jiao: bits & 1 != 0,
        zero_before_section: [Some(bits & 2 != 0), Some(bits & 4 != 0)],
        whole_after_jiao: bits & 8 != 0,
    })
}

fn digit(number: u64) -> char {
    DIGITS[usize::try_from(number % 10).expect("one digit fits")]
}

fn render(fen: u64, style: Style) -> String {
    let (yuan, jiao, cent) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut out = String::new();
    if yuan > 0 || fen == 0 {
        render_yuan(yuan, style, &mut out);
        out.push('元');
    }
    if jiao > 0 {
        if yuan > 0 && yuan.is_multiple_of(10) && style.zero_before_jiao {
            out.push('零');
        }
        out.extend([digit(jiao), '角']);
    } else if cent > 0 && yuan > 0 {
        out.push('零');
    }
    if cent > 0 {
        out.extend([digit(cent), '分']);
    } else if jiao == 0 || style.whole_after_jiao {
        out.push('整');
    }
    out
}

fn render_yuan(yuan: u64, style: Style, out: &mut String) {
    if yuan == 0 {
        out.push('零');
    }
    let mut written = false;
    // Whether the section just above was zero throughout, and its last digit was zero.
    let (mut gap, mut ends_in_zero) = (false, false);
    for index in (0..3_u32).rev() {
        let section = yuan / 10_u64.pow(4 * index) % 10_000;
        if section == 0 {
            gap = written;
            ends_in_zero = written;
            continue;
        }
        let optional = || style.zero_before_section[usize::from(index == 0)].unwrap_or(gap);
        if written && (section < 1000 || (ends_in_zero && optional())) {
            out.push('零');
        }
        render_section(section, out);
        out.push_str(SECTIONS[usize::try_from(index).expect("three sections")]);
        written = true;
        gap = false;
        ends_in_zero = section.is_multiple_of(10);
    }
}

fn render_section(section: u64, out: &mut String) {
    let (mut written, mut zeros) = (false, false);
    for (place, name) in PLACES.iter().enumerate().rev() {
        let number = section / [1, 10, 100, 1000][place] % 10;
        if number == 0 {
            zeros = written;
            continue;
        }
        if zeros {
            out.push('零');
        }
        out.push(digit(number));
        out.push_str(name);
        (written, zeros) = (true, false);
    }
}

/// The amount that the characters add up to, whatever their order; `None` for foreign characters.
fn value(plain: &str) -> Option<u64> {
    if plain.chars().count() > 64 {
        return None;
    }
    let (mut fen, mut total, mut section, mut number) = (0_u64, 0_u64, 0_u64, 0_u64);
    for c in plain.chars() {
        let mut place = |factor: u64| section += std::mem::take(&mut number) * factor;
        match c {
            '拾' => place(10),
            '佰' => place(100),
            '仟' => place(1000),
            '万' | '亿' | '元' => {
                place(1);
                let factor = match c {
                    '万' => 10_000,
                    '亿' => 100_000_000,
                    _ => 1,
                };
                total = total.checked_add(std::mem::take(&mut section).checked_mul(factor)?)?;
            }
            '角' => fen += std::mem::take(&mut number) * 10,
            '分' => fen += std::mem::take(&mut number),
            '整' => {}
            _ => number = u64::try_from(DIGITS.iter().position(|d| *d == c)?).ok()?,
        }
    }
    total.checked_mul(100)?.checked_add(fen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fen(yuan: &str) -> Fen {
        yuan.parse().expect("an amount")
    }

    #[test]
    fn amounts_are_written_in_the_canonical_form() {
        for (yuan, capitals) in [
            ("200000.00", "人民币贰拾万元整"),
            ("116666.67", "人民币壹拾壹万陆仟陆佰陆拾陆元陆角柒分"),
            ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
            ("6007.14", "人民币陆仟零柒元壹角肆分"),
            ("1680.32", "人民币壹仟陆佰捌拾元零叁角贰分"),
            ("107000.53", "人民币壹拾万柒仟元零伍角叁分"),
            ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
            ("325.04", "人民币叁佰贰拾伍元零肆分"),
            ("15.00", "人民币壹拾伍元整"),
            ("100500.00", "人民币壹拾万零伍佰元整"),
            ("10000001.00", "人民币壹仟万零壹元整"),
            ("10010001.00", "人民币壹仟零壹万零壹元整"),
            ("100000000.00", "人民币壹亿元整"),
            ("100001000.00", "人民币壹亿零壹仟元整"),
            ("100000001.10", "人民币壹亿零壹元壹角整"),
            ("0.05", "人民币伍分"),
            ("0.50", "人民币伍角整"),
            ("0.00", "人民币零元整"),
            ("-16666.67", "人民币负壹万陆仟陆佰陆拾陆元陆角柒分"),
            ("999999999999.99", "人民币玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ] {
            assert_eq!(in_capitals(fen(yuan)).as_deref(), Ok(capitals));
            assert_eq!(parse_capitals(capitals), Ok(fen(yuan)), "{capitals}");
        }
        assert_eq!(in_capitals(fen("1000000000000.00")), Err(CapitalError::OutOfRange));
        assert_eq!(in_capitals(Fen::new(i64::MIN)), Err(CapitalError::OutOfRange));
    }

    #[test]
    fn every_allowed_variant_is_read() {
        for (capitals, yuan) in [
            ("人民币壹仟陆佰捌拾元叁角贰分", "1680.32"),
            ("人民币壹拾万零柒仟元伍角叁分", "107000.53"),
            ("壹仟肆佰零玖圆伍角", "1409.50"),
            ("人民币 贰拾万圆正", "200000.00"),
            ("伍角正", "0.50"),
            ("壹亿壹仟元整", "100001000.00"),
            ("负壹元整", "-1.00"),
        ] {
            assert_eq!(parse_capitals(capitals), Ok(fen(yuan)), "{capitals}");
        }
    }

    #[test]
    fn what_the_rules_do_not_allow_is_refused() {
        for capitals in [
            "",
            "人民币",
            "整",
            "贰拾万",
            "拾伍元整",
            "叁佰贰拾伍元肆分",
            "伍分整",
            "壹元贰元整",
            "壹万亿元整",
            "壹仟万壹元整",
            "壹万零贰仟元整",
            "零元壹角整",
            "负零元整",
            "200000元整",
            "一元整",
            "壹元整整",
        ] {
            assert_eq!(parse_capitals(capitals), Err(CapitalError::Malformed), "{capitals}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(number in 0_i64..10_000_000_000_000) {
            let amount = Fen::new(number);
            let capitals = in_capitals(amount).expect("in range");
            prop_assert_eq!(parse_capitals(&capitals), Ok(amount));
        }

        #[test]
        fn sparse_amounts_read_back_in_every_style(
            digits in prop::collection::vec(prop::sample::select(vec![0_u64, 0, 0, 1, 9]), 14),
            bits in 0_usize..16,
        ) {
            let number = digits.iter().fold(0, |sum, d| sum * 10 + d);
            let style = styles().nth(bits).expect("sixteen styles");
            let signed = i64::try_from(number).expect("fourteen digits");
            prop_assert_eq!(parse_capitals(&render(number, style)), Ok(Fen::new(signed)));
        }

        #[test]
        fn no_text_makes_the_reader_fail(text in "[零壹贰拾佰仟万亿元角分整负 ]{0,40}") {
            let _ = parse_capitals(&text).map(in_capitals);
        }
    }
}
