//! Programs are told of what happened instead of asking again and again: the administrator of
//! accounts enters an endpoint for a system account, an act writes events beside its own rows, the
//! sender takes them from there.
//!
//! An event names an object and its state, nobody's name and no number of a document or account:
//! the receiver reads the rest over the JSON interface with its own token. Written are only events
//! about what lies in the account's scope at that moment.

mod desk;
mod outbox;
mod send;

pub use desk::{
    DeliveryLine, EndpointLine, NewEndpoint, SystemEndpoints, delete, endpoints, make, rotate,
    send_again, set_enabled, test,
};
pub(in crate::service) use outbox::{
    certificate_changed, filing_decided, money_moved, moved, published,
};
pub use send::{Delivered, forget_old, send_due};
