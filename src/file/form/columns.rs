//! The columns of each form: one table for header matching, templates and help.

use crate::domain::identity::DocumentType;

/// The forms that can be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportKind {
    /// 骨干企业清单.
    KeyEnterprises,
    /// 核心工程师申报.
    Engineers,
    /// 社保个税月份.
    Evidence,
    /// 其他奖补.
    OtherAwards,
    /// 银行回单.
    BankReturn,
    /// 外汇牌价.
    ExchangeRates,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// A long number that is a name, not a quantity; never a number cell.
    Identifier,
    /// A short code or telephone number; a whole number cell still holds all of it.
    ShortCode,
    /// A day.
    Date,
    /// A calendar month.
    Month,
    /// A day, with or without a time.
    Moment,
    /// Yuan with at most two decimals.
    Amount,
    /// A whole number that is not negative.
    Integer,
    /// One of these.
    Choice(&'static [&'static str]),
}

/// One column of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The header.
    pub name: &'static str,
    /// Whether every row must fill it.
    pub required: bool,
    /// What to write, for the template and the help page.
    pub hint: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// A good value.
    pub example: &'static str,
    /// Width in the template, in characters.
    pub width: u8,
    /// Other headers that people use for it.
    pub aliases: &'static [&'static str],
}

impl ImportKind {
    /// Every form.
    pub const ALL: [Self; 6] = [
        Self::KeyEnterprises,
        Self::Engineers,
        Self::Evidence,
        Self::OtherAwards,
        Self::BankReturn,
        Self::ExchangeRates,
    ];

    /// The code in addresses and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::KeyEnterprises => "enterprises",
            Self::Engineers => "engineers",
            Self::Evidence => "evidence",
            Self::OtherAwards => "other-awards",
            Self::BankReturn => "bank-return",
            Self::ExchangeRates => "exchange-rates",
        }
    }

    /// The form with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What users call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::KeyEnterprises => "骨干企业清单",
            Self::Engineers => "核心工程师申报",
            Self::Evidence => "社保个税月份",
            Self::OtherAwards => "其他奖补",
            Self::BankReturn => "银行回单",
            Self::ExchangeRates => "外汇牌价",
        }
    }

    /// Whether it is read in on a page of its own and not as an import of the register; the name of
    /// that page.
    pub const fn own_page(self) -> Option<&'static str> {
        match self {
            Self::BankReturn => Some("银行回单请在发放批次页面导入"),
            Self::ExchangeRates => Some("外汇牌价请在外汇牌价页面录入"),
            _ => None,
        }
    }

    /// Its columns, in template order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::KeyEnterprises => ENTERPRISES,
            Self::Engineers => ENGINEERS,
            Self::Evidence => EVIDENCE,
            Self::OtherAwards => OTHER_AWARDS,
            Self::BankReturn => BANK_RETURN,
            Self::ExchangeRates => EXCHANGE_RATES,
        }
    }
}

/// The labels of the accepted document types, in the order of [`DocumentType::ALL`].
const DOCUMENT_TYPES: &[&str] = &[
    DocumentType::ResidentId.label(),
    DocumentType::ResidencePermit.label(),
    DocumentType::TravelPermitHkMo.label(),
    DocumentType::TravelPermitTw.label(),
    DocumentType::Passport.label(),
    DocumentType::PermanentResidence.label(),
];
pub(super) const YES_NO: &[&str] = &["是", "否"];
pub(super) const SOURCES: &[&str] = &["社保", "个税", "工作许可"];
pub(super) const PAYMENT_STATES: &[&str] = &["正常", "补缴"];
pub(super) const RETURN_STATUSES: &[&str] = &["S", "F", "R"];

const fn required(
    name: &'static str,
    kind: ColumnKind,
    hint: &'static str,
    example: &'static str,
    width: u8,
) -> Column {
    Column { name, required: true, hint, kind, example, width, aliases: &[] }
}

const fn optional(
    name: &'static str,
    kind: ColumnKind,
    hint: &'static str,
    example: &'static str,
    width: u8,
) -> Column {
    Column { required: false, ..required(name, kind, hint, example, width) }
}

impl Column {
    const fn or(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }
}

const NAME: Column =
    required("姓名", ColumnKind::Text, "按证件填写，2至50个字，间隔号用“·”", "张三", 12);
const DOCUMENT_TYPE: Column =
    required("证件类型", ColumnKind::Choice(DOCUMENT_TYPES), "从下拉列表选择", "居民身份证", 22);
const DOCUMENT_NO: Column = required(
    "证件号码",
    ColumnKind::Identifier,
    "文本格式；身份证为18位，末位可为X",
    "350102199003079981",
    22,
)
.or(&["身份证号码", "身份证号", "证件号"]);

const ENGINEERS: &[Column] = &[
    NAME,
    DOCUMENT_TYPE,
    DOCUMENT_NO,
    required(
        "手机号码",
        ColumnKind::ShortCode,
        "11位；境外号码以+和国家代码开头",
        "13800000000",
        14,
    )
    .or(&["手机号", "手机"]),
    required("工作岗位", ColumnKind::Text, "不超过200个字", "算法工程师", 18).or(&["岗位"]),
    optional("职称", ColumnKind::Text, "没有的填“无”", "高级工程师", 14),
    optional("学历", ColumnKind::Text, "最高学历", "硕士研究生", 12),
    required("入职日期", ColumnKind::Date, "例如2023-06-27", "2023-06-27", 13),
    required("是否全职", ColumnKind::Choice(YES_NO), "填是或否", "是", 10),
    required("入册日期", ColumnKind::Date, "不早于入职日期", "2026-01-01", 13),
    required("开户银行", ColumnKind::Text, "银行名称，可含支行", "中国建设银行", 20),
    required("联行号", ColumnKind::Identifier, "12位数字，可向开户银行查询", "105391000010", 15),
    required(
        "银行账号",
        ColumnKind::Identifier,
        "文本格式；本人账户，只含数字",
        "6217000000000000129",
        24,
    ),
];

const ENTERPRISES: &[Column] = &[
    required("企业名称", ColumnKind::Text, "与营业执照一致", "福建示例智能科技有限公司", 32),
    required("统一社会信用代码", ColumnKind::Identifier, "18位", "91350100MAFAKE000K", 22)
        .or(&["信用代码", "社会信用代码"]),
    required("区划代码", ColumnKind::ShortCode, "注册地县级区划的6位代码", "350102", 10),
    optional("所在地", ColumnKind::Text, "与区划代码对应的名称", "福州市鼓楼区", 18),
    optional("行业领域", ColumnKind::Text, "例如行业大模型", "行业大模型", 14),
    required("列入批次", ColumnKind::Text, "清单文件中的批次名称", "2026年第一批", 16),
    required("列入日期", ColumnKind::Date, "列入清单的首日", "2026-01-01", 13),
    optional("有效期至", ColumnKind::Date, "含当日；长期有效的不填", "2028-12-31", 13),
    required("自主认定名额", ColumnKind::Integer, "每年可认定人数", "5", 13),
    required("核心工程师名额", ColumnKind::Integer, "可入册人数", "20", 15),
    optional("联系人", ColumnKind::Text, "姓名", "李四", 12),
    optional("联系电话", ColumnKind::ShortCode, "手机或带区号的固定电话", "13800000000", 16),
];

const EVIDENCE: &[Column] = &[
    NAME,
    DOCUMENT_TYPE,
    DOCUMENT_NO,
    required("月份", ColumnKind::Month, "例如2026-01", "2026-01", 10).or(&["缴费月份", "所属月份"]),
    required(
        "单位统一社会信用代码",
        ColumnKind::Identifier,
        "缴费或扣缴单位，18位",
        "91350100MAFAKE000K",
        24,
    )
    .or(&["统一社会信用代码"]),
    required("来源", ColumnKind::Choice(SOURCES), "社保、个税或工作许可", "社保", 10),
    optional("缴费状态", ColumnKind::Choice(PAYMENT_STATES), "不填视为正常", "正常", 10),
];

const OTHER_AWARDS: &[Column] = &[
    NAME,
    DOCUMENT_TYPE,
    DOCUMENT_NO,
    required("奖补项目", ColumnKind::Text, "项目全称", "省引才百人计划", 24).or(&["项目名称"]),
    required(
        "类别",
        ColumnKind::Text,
        "冲突目录中的类别名称，决定是否与本奖补抵扣",
        "省级人才奖补",
        16,
    ),
    required("所属年度", ColumnKind::ShortCode, "四位年份", "2026", 10).or(&["年度"]),
    required("金额", ColumnKind::Amount, "元，最多两位小数", "80000.00", 14).or(&["金额（元）"]),
    required("发放单位", ColumnKind::Text, "单位全称", "福建省人力资源和社会保障厅", 28),
    optional("文号", ColumnKind::Text, "批复或发放文件的文号", "闽人社〔2026〕1号", 22),
];

const BANK_RETURN: &[Column] = &[
    required("line_id", ColumnKind::Text, "发放文件中的行标识，原样返回", "PL-2026-000001", 20)
        .or(&["行标识"]),
    required("status", ColumnKind::Choice(RETURN_STATUSES), "S成功 F失败 R退回", "S", 8)
        .or(&["状态"]),
    optional("paid_amount", ColumnKind::Amount, "成功时必填，元", "200000.00", 14)
        .or(&["实付金额"]),
    optional(
        "bank_serial",
        ColumnKind::Identifier,
        "成功时必填，银行流水号",
        "ICBC202601150001",
        24,
    )
    .or(&["银行流水号"]),
    optional("paid_at", ColumnKind::Moment, "成功时必填", "2027-03-15 10:20:30", 20)
        .or(&["支付时间", "支付日期"]),
    optional("reason_code", ColumnKind::Text, "失败时与原因至少填一项", "", 14).or(&["原因代码"]),
    optional("reason_text", ColumnKind::Text, "失败原因", "", 24).or(&["原因"]),
    optional("payee_name", ColumnKind::Text, "银行列出收款人的，与发放时核对", "", 24)
        .or(&["收款人"]),
    optional("account_no", ColumnKind::Identifier, "银行列出收款账号的，与发放时核对", "", 24)
        .or(&["收款账号"]),
];

const EXCHANGE_RATES: &[Column] = &[
    required("币种", ColumnKind::Text, "外币的三位字母代码", "USD", 10).or(&["货币代码", "货币"]),
    required("报价日期", ColumnKind::Date, "报价所属的日期", "2026-05-11", 13).or(&["日期"]),
    required("现汇卖出价", ColumnKind::Text, "每100外币折合的人民币数，最多六位小数", "710.50", 14)
        .or(&["卖出价", "汇率"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_header_of_a_form_can_mean_two_columns() {
        for kind in ImportKind::ALL {
            assert_eq!(ImportKind::from_code(kind.code()), Some(kind));
            let mut names = HashSet::new();
            for column in kind.columns() {
                for name in std::iter::once(&column.name).chain(column.aliases) {
                    assert!(names.insert(*name), "{name} twice in {}", kind.title());
                }
                assert!(column.width >= 8 && !column.hint.is_empty(), "{}", column.name);
                if let ColumnKind::Choice(values) = column.kind {
                    assert!(values.contains(&column.example), "{}", column.name);
                }
            }
        }
        let labels: Vec<_> = DocumentType::ALL.map(DocumentType::label).to_vec();
        assert_eq!(DOCUMENT_TYPES, labels);
    }
}
