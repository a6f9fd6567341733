//! What pages show: the desk of whoever is signed in, lists and records of enterprises and
//! engineers. Reads, with two exceptions that leave a trace: exact searches and exports.

mod engineer;
mod engineers;
mod enterprises;
mod facts;
mod home;
mod lanes;
mod lookup;
mod view;
mod years;

pub(super) use engineer::own_record;
pub use engineer::{AsOf, Deeds, EngineerRecord, Head, PayeeAccount, engineer};
pub use engineers::{
    EngineerLine, EngineerPage, EngineerQuery, Form, Gap, PAGE_SIZE, engineers, enterprise_choices,
    export_engineers,
};
pub use enterprises::{
    EnterpriseLine, EnterprisePage, EnterpriseQuery, EnterpriseRecord, ListingLine, ListingState,
    enterprise, enterprises,
};
pub use facts::FactLine;
pub use home::{Desk, EventRow, Figures, Task, badges, home};
pub use lanes::{History, Lane, LaneKind, Stretch};
pub(super) use lookup::identity_keys;
pub use lookup::lookup;
pub(super) use years::OWN_PART;
pub use years::YearLine;

pub use crate::store::directory::{AmountFilter, ListingFilter};
