//! Why an identifier is refused, in the words that people see, and what only deserves a look.

use super::{DocumentType, ResidentId};

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Nothing but blanks.
    #[error("未填写")]
    Missing,
    /// The check character does not fit the rest.
    #[error("校验码错误")]
    CheckDigit,
    /// The birth date inside the number is no date.
    #[error("出生日期不存在")]
    BirthDate,
    /// Not 18 characters.
    #[error("身份证号码应为18位")]
    ResidentIdLength,
    /// Something other than digits before the last character.
    #[error("证件号码前17位只能是数字，末位为数字或X")]
    NotDigits,
    /// The retired 15-digit form; holds what it has become.
    #[error("15位身份证号码已停用，对应的18位号码为{}", .0.as_str())]
    RetiredForm(ResidentId),
    /// A good shape, but of another kind of document.
    #[error("该号码是{}号码，与证件类型不符", .0.label())]
    OtherDocument(DocumentType),
    /// The number begins with no code of this kind of document.
    #[error("身份证号码前两位不是省级代码")]
    ResidentIdPrefix,
    /// Not 810000, 820000 or 830000.
    #[error("港澳台居民居住证号码应以810000、820000或830000开头")]
    ResidencePermitPrefix,
    /// Not H or M with 8 digits and an optional issue counter of 2.
    #[error("港澳居民来往内地通行证号码应为H或M加8位数字")]
    TravelPermitHkMo,
    /// Not 8 digits, nor the older 10 with an optional letter.
    #[error("台湾居民来往大陆通行证号码应为8位数字")]
    TravelPermitTw,
    /// Neither the 18-character card of 2023 nor the 15-character card of 2017.
    #[error("外国人永久居留身份证号码应为18位（9开头）或15位（国家代码开头）")]
    PermanentResidence,
    /// Not 5 to 20 letters and digits.
    #[error("护照号码应为5至20位字母或数字")]
    Passport,
    /// No country code of ISO 3166.
    #[error("国家或地区代码应为三位字母代码")]
    Country,
    /// Not 18 characters.
    #[error("统一社会信用代码应为18位")]
    UsccLength,
    /// A character outside the alphabet of the standard.
    #[error("统一社会信用代码只用数字和大写字母，且不含I、O、Z、S、V")]
    UsccCharacter,
    /// The region part is not numeric.
    #[error("统一社会信用代码第3至8位应为数字")]
    UsccRegion,
    /// A declared card of another length than 16 to 19 digits.
    #[error("银行卡号应为16至19位数字")]
    CardLength,
    /// A personal account with something other than digits.
    #[error("银行账号只能是数字")]
    AccountDigits,
    /// A corporate account with something other than digits, letters and hyphens.
    #[error("银行账号只能含数字、字母和连字符")]
    AccountCharacters,
    /// Not 12 to 25 characters.
    #[error("银行账号应为12至25位")]
    AccountLength,
    /// Not 12 digits.
    #[error("联行号应为12位数字")]
    CnapsLength,
    /// A domestic number of another length than 11 digits.
    #[error("手机号码位数错误")]
    MobileLength,
    /// Something other than digits after an optional plus sign.
    #[error("手机号码只能是数字")]
    MobileDigits,
    /// 11 digits that do not begin 13 to 19.
    #[error("手机号码号段错误")]
    MobilePrefix,
    /// No name.
    #[error("姓名必填")]
    NameMissing,
    /// Not 2 to 50 characters.
    #[error("姓名应为2至50个字")]
    NameLength,
    /// A character from the private use area, which every system shows differently.
    #[error("姓名含有私用区字符U+{:04X}，请改用规范汉字", u32::from(*.0))]
    NamePrivateUse(char),
    /// Neither Han nor Latin letter, nor a mark that joins name parts.
    #[error("姓名含有不允许的字符U+{:04X}", u32::from(*.0))]
    NameCharacter(char),
}

impl IdentityError {
    /// What the person who typed the value can do about it.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Missing | Self::NameMissing => "请补充填写",
            Self::CheckDigit => "请对照证件原件逐位核对",
            Self::BirthDate => "请核对号码中的出生年月日",
            Self::ResidentIdLength | Self::NotDigits | Self::ResidentIdPrefix => {
                "请填写18位身份证号码，末位可为X"
            }
            Self::RetiredForm(_) => "请按证件填写18位号码",
            Self::OtherDocument(_) => "请改选证件类型或更正号码",
            Self::ResidencePermitPrefix
            | Self::TravelPermitHkMo
            | Self::TravelPermitTw
            | Self::PermanentResidence
            | Self::Passport => "请对照证件填写号码，并核对证件类型",
            Self::Country => "例如中国填 CHN",
            Self::UsccLength | Self::UsccCharacter | Self::UsccRegion => {
                "请对照营业执照填写18位代码"
            }
            Self::CardLength | Self::AccountDigits | Self::AccountLength => {
                "请填写本人银行卡号或账号，只含数字"
            }
            Self::AccountCharacters => "请对照开户许可填写账号",
            Self::CnapsLength => "请向开户银行查询12位联行号",
            Self::MobileLength | Self::MobileDigits | Self::MobilePrefix => {
                "请填写11位手机号码；境外号码以+和国家代码开头"
            }
            Self::NameLength | Self::NamePrivateUse(_) | Self::NameCharacter(_) => {
                "请按证件填写姓名，间隔号用“·”"
            }
        }
    }
}

/// What a person should look at although the value is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The address code was abolished: usual for older numbers.
    #[error("地址码{code}（{name}）已撤销")]
    AbolishedAddress {
        /// Six digits.
        code: String,
        /// The last place that used it.
        name: String,
    },
    /// The address code is in no table here.
    #[error("地址码{0}不在行政区划表中，请核对")]
    UnknownAddress(String),
    /// The nationality inside the number is no country code.
    #[error("号码中的国籍代码{0}不在国家代码表中，请核对")]
    UnknownNationality(String),
    /// The inner organisation code fails its own check; some early codes are irregular.
    #[error("主体标识码（第9至17位）校验不符，请核对")]
    OrganisationCode,
    /// Not the Luhn check of cards; passbooks and settlement accounts never had it.
    #[error("账号不符合银行卡校验规则，请核对")]
    AccountCheckDigit,
    /// Longer than passport numbers usually are.
    #[error("护照号码超过12位，请核对")]
    LongPassport,
}
