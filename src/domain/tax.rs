//! How income tax is handled for money of a programme and award year, and what the payer withholds
//! (domain.md 2.6). Entitlements are gross whatever the treatment.

use crate::code_list;
use crate::domain::money::Fen;

code_list! {
    /// A treatment that finance and the tax office have settled. What is not settled has none.
    TaxTreatment {
        /// A prize of a provincial government or above (Individual Income Tax Law, art. 4 (1)).
        Exempt = "exempt_art4_1", "免税奖金（个人所得税法第四条第一项）";
        /// Incidental income: a fifth of the whole payment (art. 3 and 6).
        Incidental = "incidental_20", "偶然所得，按 20% 代扣";
        /// Wages: the employer withholds, the payer nothing.
        WageByEmployer = "wage_by_employer", "工资薪金，由用人单位代扣";
        /// A service of a resident: withheld by payment (STA Announcement 2018 No. 61, art. 8).
        LabourService = "labour_service", "劳务报酬，按次预扣";
    }
}

/// Fen of a whole yuan.
const YUAN: i128 = 100;

/// Withholding from services by payment: taxable income up to (yuan), rate (percent), quick
/// deduction (yuan). The last row has no upper end.
const SERVICE_RATES: [(i128, i128, i128); 3] =
    [(20_000, 20, 0), (50_000, 30, 2_000), (i128::MAX, 40, 7_000)];

impl TaxTreatment {
    /// What the payer withholds from one payment of `gross`, rounded half up to the fen; never as
    /// much as the payment. Nothing for a payment that is not above zero.
    pub fn withheld(self, gross: Fen) -> Fen {
        let fen = i128::from(gross.get().max(0));
        let tax = match self {
            Self::Exempt | Self::WageByEmployer => 0,
            Self::Incidental => half_up(fen * 20, 100),
            Self::LabourService => by_service(fen),
        };
        // At most two fifths of an i64.
        Fen::new(i64::try_from(tax).unwrap_or(0))
    }

    /// How the tax is found, for a person who does it by hand.
    pub const fn formula(self) -> &'static str {
        match self {
            Self::Exempt => "代扣 0 元，实发等于应发",
            Self::Incidental => "代扣 = 应发 × 20%，四舍五入到分",
            Self::WageByEmployer => "付款单位不代扣，由用人单位并入工资薪金办理",
            Self::LabourService => {
                "每次应发不超过 4000 元减 800 元，超过的减 20%，为应纳税所得额；\
                 不超过 20000 元按 20%，超过 20000 至 50000 元按 30% 减 2000 元，\
                 超过 50000 元按 40% 减 7000 元"
            }
        }
    }
}

fn half_up(amount: i128, divisor: i128) -> i128 {
    (amount * 2 + divisor) / (divisor * 2)
}

/// `fen` is what is paid for a service.
fn by_service(fen: i128) -> i128 {
    // In hundredths of a fen, so that a fifth off is exact.
    let taxable = if fen <= 4_000 * YUAN { (fen - 800 * YUAN).max(0) * 100 } else { fen * 80 };
    let within = |(end, ..): &&(i128, i128, i128)| taxable <= end.saturating_mul(YUAN * 100);
    let (_, rate, quick) = *SERVICE_RATES.iter().find(within).unwrap_or(&SERVICE_RATES[2]);
    half_up(taxable * rate - quick * YUAN * 100 * 100, 100 * 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registry::Code;

    fn withheld(treatment: TaxTreatment, yuan: &str) -> String {
        treatment.withheld(yuan.parse().expect("an amount")).to_string()
    }

    #[test]
    fn a_fifth_of_incidental_income_is_withheld_to_the_fen() {
        let tax = |yuan| withheld(TaxTreatment::Incidental, yuan);
        assert_eq!(tax("200000.00"), "40000.00");
        assert_eq!(tax("166666.67"), "33333.33");
        assert_eq!(tax("0.02"), "0.00");
        assert_eq!(tax("0.03"), "0.01");
    }

    #[test]
    fn exempt_money_and_wages_lose_nothing_at_the_payer() {
        assert_eq!(withheld(TaxTreatment::Exempt, "200000.00"), "0.00");
        assert_eq!(withheld(TaxTreatment::WageByEmployer, "200000.00"), "0.00");
    }

    #[test]
    fn services_are_withheld_by_the_three_steps() {
        let tax = |yuan| withheld(TaxTreatment::LabourService, yuan);
        assert_eq!(tax("800.00"), "0.00");
        assert_eq!(tax("4000.00"), "640.00");
        // 4000.01 × 80 % × 20 %
        assert_eq!(tax("4000.01"), "640.00");
        assert_eq!(tax("9600.00"), "1536.00");
        assert_eq!(tax("25000.00"), "4000.00");
        // 30000 × 80 % = 24000; × 30 % − 2000
        assert_eq!(tax("30000.00"), "5200.00");
        // 200000 × 80 % = 160000; × 40 % − 7000
        assert_eq!(tax("200000.00"), "57000.00");
    }

    #[test]
    fn what_is_withheld_grows_with_the_payment_and_stays_below_it() {
        for treatment in TaxTreatment::ALL {
            let mut before = Fen::ZERO;
            for fen in (0..12_000_000).step_by(9_973).chain([i64::MAX]) {
                let tax = treatment.withheld(Fen::new(fen));
                assert!(tax >= before, "{treatment:?} {fen}");
                assert!(fen == 0 || tax.get() < fen, "{treatment:?} {fen}");
                before = tax;
            }
        }
    }
}
