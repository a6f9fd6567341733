//! One file per table: primitive columns, text codes, no behaviour. The columns are documented
//! by the migrations that create them and by the domain types they convert to.
#![expect(missing_docs, reason = "columns are named and documented by the migrations")]

pub mod account;
pub mod account_holder;
pub mod audit_event;
pub mod audit_head;
pub mod audit_seal;
pub mod bank_account;
pub mod bank_return;
pub mod bank_return_row;
pub mod batch;
pub mod batch_line;
pub mod batch_step;
pub mod budget_allocation;
pub mod compute_run;
pub mod counter;
pub mod employment;
pub mod enterprise;
pub mod enterprise_division;
pub mod enterprise_name;
pub mod enterprise_profile;
pub mod entitlement;
pub mod entitlement_share;
pub mod evidence_month;
pub mod exclusion;
pub mod idempotency_key;
pub mod import;
pub mod import_issue;
pub mod installation;
pub mod listing;
pub mod organisation;
pub mod other_award;
pub mod payment_line;
pub mod person;
pub mod person_contact;
pub mod person_document;
pub mod person_name;
pub mod policy_document;
pub mod recognition;
pub mod recovery;
pub mod roster_entry;
pub mod session;
pub mod setup_link;
pub mod sign_in_attempt;
pub mod source_document;
pub mod suspension;
