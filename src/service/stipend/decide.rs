//! One person's year: facts in, a version to store out. Pure; runs on all cores.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use chrono::{DateTime, FixedOffset};

use crate::domain::adjustment::Payer;
use crate::domain::determine::{
    Determination, DetermineError, EntitledBefore, PersonFacts, Run, Stamps, Status, Text, Trace,
};
use crate::domain::dossier::{Dossier, DossierError, KnownEnterprises};
use crate::domain::edition::{GroupRelation, Policy};
use crate::domain::funding::payer_division;
use crate::domain::money::Fen;
use crate::domain::region::city_unit;
use crate::file::hash::sha256_hex;
use crate::store::stipend::result::{NewEntitlement, NewShare};

/// Why a person could not be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Undecided {
    #[error(transparent)]
    Facts(#[from] DossierError),
    #[error(transparent)]
    Rules(#[from] DetermineError),
    #[error("资金来源“{0}”没有对应的出资单位")]
    NoPayer(Text),
    #[error("结果无法保存")]
    Unwritable,
}

/// Everything that is the same for all persons of a run.
pub(super) struct Ground {
    pub(super) policy: Policy,
    pub(super) policy_sha256: String,
    /// What the conflict catalogue of the year said, as known; the policy has it in it.
    pub(super) relations: Vec<GroupRelation>,
    pub(super) enterprises: KnownEnterprises,
    pub(super) known_at: DateTime<FixedOffset>,
}

/// A person with what is known, and with the version that stands.
pub(super) struct Case {
    pub(super) person_id: i64,
    pub(super) person_no: String,
    pub(super) dossier: Dossier,
    pub(super) standing: Option<Before>,
}

/// The version that stands.
pub(super) struct Before {
    pub(super) version_no: i64,
    pub(super) is_eligible: bool,
    pub(super) net: Fen,
    pub(super) fingerprint: String,
}

/// What came out for a person.
pub(super) enum Outcome {
    /// Nothing is known of the person, and nothing was stored before.
    Unknown,
    /// The facts that matter are the same as those of the standing version.
    Same { is_eligible: bool },
    /// A new version.
    New(Box<Decided>),
    /// The facts contradict each other.
    Failed(Undecided),
}

/// A new version with its shares.
pub(super) struct Decided {
    pub(super) is_eligible: bool,
    pub(super) entitlement: NewEntitlement,
    /// The version's identity is not known yet and stands as 0.
    pub(super) shares: Vec<NewShare>,
    pub(super) entitled: Vec<(Payer, Fen)>,
}

/// The outcome of each case, in order.
pub(super) fn decide_all(ground: &Ground, cases: Vec<Case>) -> Vec<(i64, String, Outcome)> {
    let run = Run::new(
        &ground.policy,
        ground.enterprises.facts(),
        ground.enterprises.year(),
        Some(ground.known_at),
    );
    let run = &run;
    cases
        .into_par_iter()
        .map(|case| {
            let outcome = match run {
                Ok(run) => outcome(ground, run, &case),
                Err(error) => Err(error.clone().into()),
            };
            (case.person_id, case.person_no, outcome.unwrap_or_else(Outcome::Failed))
        })
        .collect()
}

fn outcome(ground: &Ground, run: &Run<'_>, case: &Case) -> Result<Outcome, Undecided> {
    if case.dossier.is_empty() && case.standing.is_none() {
        return Ok(Outcome::Unknown);
    }
    let mut facts = case.dossier.facts(&case.person_no, &ground.enterprises)?;
    let fingerprint = fingerprint(ground, &case.dossier, &facts)?;
    if let Some(before) = &case.standing {
        if before.fingerprint == fingerprint {
            return Ok(Outcome::Same { is_eligible: before.is_eligible });
        }
        add_before(&mut facts, ground.enterprises.year(), before.net);
    }
    let (determination, trace) = run.explain(&facts)?;
    let version_no = case.standing.as_ref().map_or(0, |before| before.version_no) + 1;
    decided(ground, case.person_id, version_no, fingerprint, &determination, &trace)
        .map(|decided| Outcome::New(Box::new(decided)))
}

/// Hash of what the result depends on.
pub(super) fn fingerprint(
    ground: &Ground,
    dossier: &Dossier,
    facts: &PersonFacts,
) -> Result<String, Undecided> {
    let text = dossier.canonical(
        facts,
        &ground.enterprises,
        (&ground.policy_sha256, &ground.relations),
    )?;
    Ok(sha256_hex(text.as_bytes()))
}

/// What the version before granted is what was decided before: the difference is the adjustment.
pub(super) fn add_before(facts: &mut PersonFacts, year: i32, net: Fen) {
    let stamps = Stamps::default();
    facts.entitled_before.push(EntitledBefore { year, amount: net, stamps });
}

fn decided(
    ground: &Ground,
    person_id: i64,
    version_no: i64,
    fingerprint: String,
    determination: &Determination,
    trace: &Trace,
) -> Result<Decided, Undecided> {
    let is_eligible = determination.status == Status::Eligible;
    let (shares, entitled) = shares(&ground.enterprises, determination)?;
    let json = |text: serde_json::Result<String>| text.map_err(|_| Undecided::Unwritable);
    let entitlement = NewEntitlement {
        person_id,
        version_no,
        status: if is_eligible { "eligible" } else { "ineligible" },
        eligible_days: determination.eligible_days.into(),
        counted_months: determination.counted_months.into(),
        gross: determination.gross,
        offset: determination.offset,
        net: determination.net,
        reasons: json(serde_json::to_string(&determination.reasons))?,
        determination: json(serde_json::to_string(determination))?,
        trace: json(serde_json::to_string(trace))?,
        fingerprint,
    };
    Ok(Decided { is_eligible, entitlement, shares, entitled })
}

pub(super) type Shares = (Vec<NewShare>, Vec<(Payer, Fen)>);

/// What each payer pays of a result, as rows and as sums.
pub(super) fn shares(
    enterprises: &KnownEnterprises,
    determination: &Determination,
) -> Result<Shares, Undecided> {
    let mut shares = Vec::new();
    let mut entitled = Vec::new();
    for portion in &determination.portions {
        let id = enterprises.id_of(&portion.enterprise).ok_or(DossierError::UnknownEnterprise)?;
        for part in &portion.funding {
            let payer = payer_division(&part.source, &portion.division)
                .ok_or_else(|| Undecided::NoPayer(part.source.clone()))?;
            let division = Text::from(payer.as_str());
            entitled.push((Payer { source: part.source.clone(), division }, part.amount));
            shares.push(NewShare {
                entitlement_id: 0,
                enterprise_id: id,
                division: portion.division.to_string(),
                city_unit: city_unit(&portion.division),
                source: part.source.to_string(),
                payer_division: payer,
                amount: part.amount,
            });
        }
    }
    Ok((shares, entitled))
}
