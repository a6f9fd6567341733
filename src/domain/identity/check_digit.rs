//! Check characters. Every function takes the part before the check character and is total:
//! characters that the standard does not know yield `None`.

/// ISO 7064 MOD 11-2 as in GB 11643: 17 digits to `0`-`9` or `X`.
pub(super) fn mod11_2(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum = weighted(body, &WEIGHTS, digit)?;
    b"10X98765432".get(usize::try_from(sum % 11).ok()?).copied()
}

/// GB 32100 (unified social credit code): 17 characters to one of its 31.
pub(super) fn mod31(body: &[u8]) -> Option<u8> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let place = |c| u32::try_from(ALPHABET.iter().position(|known| *known == c)?).ok();
    let sum = weighted(body, &WEIGHTS, place)?;
    ALPHABET.get(usize::try_from((31 - sum % 31) % 31).ok()?).copied()
}

/// GB 11714 (organisation code): 8 characters to `0`-`9` or `X`.
pub(super) fn gb11714(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum = weighted(body, &WEIGHTS, base36)?;
    b"0X987654321".get(usize::try_from(sum % 11).ok()?).copied()
}

/// ICAO 9303 (7-3-1): any length, `<` counts zero.
pub(super) fn icao(body: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (c, weight) in body.iter().zip([7, 3, 1].into_iter().cycle()) {
        sum += if *c == b'<' { 0 } else { base36(*c)? } * weight;
    }
    char_of(sum % 10)
}

/// Luhn: any number of digits.
pub(super) fn luhn(body: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (index, c) in body.iter().rev().enumerate() {
        let doubled = digit(*c)? * if index.is_multiple_of(2) { 2 } else { 1 };
        sum += doubled / 10 + doubled % 10;
    }
    char_of((10 - sum % 10) % 10)
}

/// ISO 7064 MOD 11,10 (CNAPS codes): any number of digits.
pub(super) fn mod11_10(body: &[u8]) -> Option<u8> {
    let mut product = 10;
    for c in body {
        let sum = (product + digit(*c)?) % 10;
        let carried = if sum == 0 { 10 } else { sum };
        product = carried * 2 % 11;
    }
    char_of((11 - product) % 10)
}

fn weighted<const N: usize>(
    body: &[u8],
    weights: &[u32; N],
    value: impl Fn(u8) -> Option<u32>,
) -> Option<u32> {
    if body.len() != N {
        return None;
    }
    body.iter().zip(weights).try_fold(0, |sum, (c, weight)| Some(sum + value(*c)? * weight))
}

fn digit(c: u8) -> Option<u32> {
    char::from(c).to_digit(10)
}

fn base36(c: u8) -> Option<u32> {
    if c.is_ascii_lowercase() { None } else { char::from(c).to_digit(36) }
}

fn char_of(number: u32) -> Option<u8> {
    u8::try_from(number).ok().map(|number| b'0' + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_standard_gives_its_published_check_character() {
        for (check, body, expected) in [
            (gb11714 as fn(&[u8]) -> Option<u8>, "MAFAKE00", '0'),
            (gb11714, "MAFAKE01", '9'),
            (gb11714, "MADEMQ02", '0'),
            (gb11714, "00360001", 'X'),
            (icao, "L898902C3", '6'),
            (icao, "E99999991", '4'),
            (icao, "EA9999992", '8'),
            (mod11_2, "35010219900307998", '1'),
            (mod31, "91350100MAFAKE000", 'K'),
            (luhn, "621700000000000012", '9'),
            (mod11_10, "31365102701", '2'),
        ] {
            assert_eq!(check(body.as_bytes()).map(char::from), Some(expected), "{body}");
        }
        assert_eq!(mod31(b"91350100MAFAKE0O0"), None, "the letter O is no character of it");
        assert_eq!(mod11_2(b"3501021990030799"), None, "one character short");
    }
}
