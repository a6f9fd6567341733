//! What pages show: the desk of whoever is signed in, lists and records of enterprises and
//! engineers. Reads, with two exceptions that leave a trace: exact searches and exports.

mod account_filing;
mod bulk;
mod bulk_table;
mod change_request;
mod engineer;
mod engineers;
mod enterprise_account;
mod enterprises;
mod facts;
mod grants;
mod home;
mod lanes;
mod lookup;
mod money;
mod unconfirmed;
mod versions;
mod view;
mod years;

pub(super) use account_filing::owners;
pub use account_filing::{
    AccountFiling, AccountOwner, FILINGS_A_PAGE, MaskedAccount, OwnedFiling, account_filing,
    account_filings,
};
pub use bulk::{
    Asked, BulkLine, BulkLookup, BulkState, KEPT_MINUTES, MAX_NUMBERS, PaymentRow, bulk_lookup,
    bulk_lookup_export,
};
pub use change_request::{
    ChangeLine, REQUESTS_A_PAGE, change_request, change_requests, changes_waiting,
};
pub(super) use engineer::own_record;
pub use engineer::{AsOf, Deeds, EngineerRecord, Head, PayeeAccount, engineer, leading};
pub use engineers::{
    EngineerLine, EngineerPage, EngineerQuery, Form, Gap, PAGE_SIZE, Start, engineers,
    enterprise_choices, export_engineers,
};
pub(super) use engineers::{
    count as count_engineers, lines as engineer_lines, piece as engineer_piece,
    table as engineer_table,
};
pub use enterprise_account::{EnterpriseAccounts, enterprise_accounts};
pub(super) use enterprises::heads as enterprise_heads;
pub use enterprises::{
    EnterpriseLine, EnterprisePage, EnterpriseQuery, EnterpriseRecord, ListingLine, ListingState,
    enterprise, enterprises,
};
pub use facts::FactLine;
pub(super) use facts::{InWords, document_kind};
pub use grants::GrantLine;
pub(super) use grants::grants_of;
pub use home::{Desk, EventRow, Figures, Task, badges, home};
pub use lanes::{History, Lane, LaneKind, Stretch};
pub(super) use lookup::identity_keys;
pub use lookup::lookup;
pub(super) use money::own_money;
pub use money::{AwardLine, MoneyYear, PersonMoney, person_money};
pub use unconfirmed::{
    ConfirmationQuery, UnconfirmedLine, UnconfirmedPage, Word, export_unconfirmed, unconfirmed,
};
pub use versions::{
    CityCount, Comparison, ListKind, Point, VersionQuery, VersionRow, compare_versions,
    export_versions,
};
pub(super) use years::OWN_PART;
pub use years::YearLine;

pub use crate::store::directory::{AmountFilter, ListingFilter, Unconfirmed};
