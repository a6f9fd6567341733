//! What every page that shows computed amounts says of the policy behind them.

use crate::service::Error;
use crate::service::policy;
use crate::service::stipend::DEFAULT_RULES;
use crate::web::site::Site;

/// Notes on the policy of the stipend; none while nothing is loaded.
#[derive(Debug, Clone, Default)]
pub struct PolicyNotes {
    /// Name of the set of default assumptions, when the text rests on some.
    pub default_rules: Option<String>,
    /// That the text is near its end, or past it.
    pub ending: Option<String>,
}

impl PolicyNotes {
    /// With both.
    pub fn sample() -> Self {
        Self {
            default_rules: Some(DEFAULT_RULES.to_owned()),
            ending: Some("政策适用到 2028-12-31，还有 60 天。".into()),
        }
    }
}

/// The notes as of today.
pub(in crate::web) async fn notes(site: &Site) -> Result<PolicyNotes, Error> {
    let standing = policy::standing(&site.app).await?;
    Ok(PolicyNotes {
        default_rules: standing.uses_defaults.then(|| DEFAULT_RULES.to_owned()),
        ending: standing.ending,
    })
}
