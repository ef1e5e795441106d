"""The states of a request and the one table of transitions between them.

Services, policies, buttons, the database trigger, the state diagram and the exhaustive tests are all made from
`TRANSITIONS`; nothing else says who may move a request where. Source: the request instructions' general steps 1-5.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    DENIED = "denied"
    APPEALED = "appealed"
    DENIED_FOR_GOOD = "denied_for_good"
    AWAITING_COHORT = "awaiting_cohort"
    MATCHING = "matching"
    BUILDING = "building"
    FAILED = "failed"
    DISCLOSURE_REVIEW = "disclosure_review"
    PARTNER_REVIEW = "partner_review"
    READY_FOR_RELEASE = "ready_for_release"
    RELEASED = "released"
    SHARING_REVIEW = "sharing_review"
    CLEARED_TO_SHARE = "cleared_to_share"
    IN_USE = "in_use"
    DESTRUCTION_DUE = "destruction_due"
    DESTRUCTION_CONFIRMED = "destruction_confirmed"
    CLOSED = "closed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words, as pages show it."""
        return self.value.replace("_", " ").capitalize()


class Kind(StrEnum):
    """The three packages of the instructions."""

    MACRO = "macro"
    MICRO_TO_MACRO = "micro_to_macro"
    MICRO = "micro"

    @property
    def label(self) -> str:
        """The kind in the instructions' words."""
        return {"macro": "Macro", "micro_to_macro": "Micro to macro", "micro": "Micro"}[self.value]


class Role(StrEnum):
    """What a person may be; SYSTEM is the worker and the scheduler, never a person."""

    COORDINATOR = "coordinator"
    AGENT = "agent"
    OUTPUT_REVIEWER = "output_reviewer"
    PROGRAM_ANALYST = "program_analyst"
    APPROVING_OFFICIAL = "approving_official"
    DISCLOSURE_ANALYST = "disclosure_analyst"
    RELEASE_OFFICER = "release_officer"
    DATA_STEWARD = "data_steward"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The role's title."""
        return "Project Coordinator" if self is Role.COORDINATOR else self.value.replace("_", " ").title()


STATE_ROLES = frozenset({Role.COORDINATOR, Role.AGENT, Role.OUTPUT_REVIEWER})
BLS_ROLES = frozenset(Role) - STATE_ROLES - {Role.SYSTEM}
AGGREGATED = frozenset({Kind.MACRO, Kind.MICRO_TO_MACRO})
WITH_COHORT = frozenset({Kind.MICRO_TO_MACRO, Kind.MICRO})
ALL_KINDS = frozenset(Kind)
BEFORE_RELEASE = frozenset(State) - {
    State.RELEASED,
    State.SHARING_REVIEW,
    State.CLEARED_TO_SHARE,
    State.IN_USE,
    State.DESTRUCTION_DUE,
    State.DESTRUCTION_CONFIRMED,
    State.CLOSED,
    State.EXPIRED,
    State.WITHDRAWN,
    State.DENIED_FOR_GOOD,
}


# Nothing is asked of anybody any more; a denial may still be appealed.
ENDED = frozenset({State.CLOSED, State.EXPIRED, State.WITHDRAWN, State.DENIED, State.DENIED_FOR_GOOD})


@dataclass(frozen=True)
class Transition:
    """One arrow: who may take it, what must hold (names in `guards`), and which roles are told.

    Before every arrow but those `while_suspended` nothing may have stopped the request or the person: no suspension,
    no lapsed training, agreement or MOU, and for a coordinator a line in Section II.G (`standing.acting_problems`).
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State
    roles: frozenset[Role]
    holds: tuple[str, ...] = ()
    tells: tuple[Role, ...] = ()
    kinds: frozenset[Kind] = ALL_KINDS
    needs_reason: bool = False
    while_suspended: bool = False

    @property
    def event(self) -> str:
        """The name of the event the transition records."""
        return f"request.{self.name}"


def _arrow(
    name: str,
    label: str,
    sources: State | frozenset[State],
    target: State,
    roles: Role | set[Role],
    **rest: object,
) -> Transition:
    return Transition(
        name,
        label,
        sources if isinstance(sources, frozenset) else frozenset({sources}),
        target,
        frozenset({roles}) if isinstance(roles, Role) else frozenset(roles),
        **rest,  # type: ignore[arg-type]
    )


S, R = State, Role
TRANSITIONS: tuple[Transition, ...] = (
    # -- asking and deciding
    _arrow(
        "submit",
        "Sign and submit",
        frozenset({S.DRAFT, S.RETURNED}),
        S.SUBMITTED,
        R.COORDINATOR,
        holds=(
            "mou_in_force",
            "form_complete",
            "states_permit_use",
            "quarters_are_held",
            "design_can_be_tabulated",
            "team_is_cleared",
            "no_destruction_overdue",
            "pre_release_listed",
        ),
        tells=(R.PROGRAM_ANALYST,),
    ),
    _arrow(
        "start_review",
        "Start review",
        S.SUBMITTED,
        S.IN_REVIEW,
        R.PROGRAM_ANALYST,
        holds=("nobody_else_has_it",),
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "return_to_state",
        "Return with questions",
        S.IN_REVIEW,
        S.RETURNED,
        R.PROGRAM_ANALYST,
        holds=("nobody_else_has_it", "no_conflict_of_interest"),
        needs_reason=True,
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "recommend",
        "Recommend approval",
        S.IN_REVIEW,
        S.RECOMMENDED,
        R.PROGRAM_ANALYST,
        holds=(
            "nobody_else_has_it",
            "no_conflict_of_interest",
            "checklist_is_done",
            "findings_are_settled",
            "viability_answered",
        ),
        needs_reason=True,
        tells=(R.APPROVING_OFFICIAL,),
    ),
    _arrow(
        "send_back",
        "Send back to review",
        S.RECOMMENDED,
        S.IN_REVIEW,
        R.APPROVING_OFFICIAL,
        holds=("nobody_else_has_it", "decider_did_not_recommend"),
        needs_reason=True,
        tells=(R.PROGRAM_ANALYST,),
    ),
    _arrow(
        "approve",
        "Approve",
        S.RECOMMENDED,
        S.APPROVED,
        R.APPROVING_OFFICIAL,
        holds=(
            "nobody_else_has_it",
            "decider_did_not_recommend",
            "no_conflict_of_interest",
            "checklist_is_done",
            "mou_in_force",
        ),
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "approve_amendment",
        "Approved as an amendment",
        S.DRAFT,
        S.APPROVED,
        R.SYSTEM,
        holds=("amendment_is_approved",),
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "deny",
        "Deny",
        S.RECOMMENDED,
        S.DENIED,
        R.APPROVING_OFFICIAL,
        holds=("nobody_else_has_it", "decider_did_not_recommend", "no_conflict_of_interest"),
        needs_reason=True,
        tells=(R.COORDINATOR,),
    ),
    _arrow("appeal", "Appeal", S.DENIED, S.APPEALED, R.COORDINATOR, needs_reason=True, tells=(R.APPROVING_OFFICIAL,)),
    _arrow(
        "accept_appeal",
        "Accept the appeal",
        S.APPEALED,
        S.IN_REVIEW,
        R.APPROVING_OFFICIAL,
        holds=("nobody_else_has_it", "appeal_is_decided_by_another", "no_conflict_of_interest"),
        needs_reason=True,
        tells=(R.COORDINATOR, R.PROGRAM_ANALYST),
    ),
    _arrow(
        "uphold_denial",
        "Uphold the denial",
        S.APPEALED,
        S.DENIED_FOR_GOOD,
        R.APPROVING_OFFICIAL,
        holds=("nobody_else_has_it", "appeal_is_decided_by_another", "no_conflict_of_interest"),
        needs_reason=True,
        tells=(R.COORDINATOR,),
    ),
    # -- matching and building
    _arrow(
        "ask_for_cohort",
        "Ask for the cohort files",
        S.APPROVED,
        S.AWAITING_COHORT,
        R.SYSTEM,
        holds=("cohort_key_ready",),
        kinds=WITH_COHORT,
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "begin_matching",
        "Start matching",
        S.AWAITING_COHORT,
        S.MATCHING,
        R.COORDINATOR,
        holds=("mou_in_force", "cohort_complete", "a_state_may_be_searched", "pre_release_listed"),
        kinds=WITH_COHORT,
    ),
    _arrow("begin_building", "Start building", S.APPROVED, S.BUILDING, R.SYSTEM, kinds=frozenset({Kind.MACRO})),
    _arrow("finish_matching", "Matched", S.MATCHING, S.BUILDING, R.SYSTEM, kinds=WITH_COHORT),
    _arrow(
        "fail",
        "Failed",
        frozenset({S.MATCHING, S.BUILDING}),
        S.FAILED,
        R.SYSTEM,
        while_suspended=True,
        tells=(R.PROGRAM_ANALYST,),
    ),
    _arrow(
        "stop_work",
        "Stop the work",
        frozenset({S.MATCHING, S.BUILDING}),
        S.FAILED,
        {R.COORDINATOR, R.PROGRAM_ANALYST},
        needs_reason=True,
        tells=(R.COORDINATOR, R.PROGRAM_ANALYST),
    ),
    _arrow(
        "repeat_matching",
        "Repeat the match",
        S.FAILED,
        S.MATCHING,
        R.PROGRAM_ANALYST,
        holds=("failed_in_matching", "a_state_may_be_searched"),
        kinds=WITH_COHORT,
    ),
    _arrow(
        "repeat_building",
        "Repeat the build",
        S.FAILED,
        S.BUILDING,
        R.PROGRAM_ANALYST,
        holds=("failed_in_building",),
    ),
    _arrow(
        "finish_tables",
        "Tables built",
        S.BUILDING,
        S.DISCLOSURE_REVIEW,
        R.SYSTEM,
        kinds=AGGREGATED,
        tells=(R.DISCLOSURE_ANALYST,),
    ),
    _arrow(
        "finish_micro_package",
        "Package built",
        S.BUILDING,
        S.READY_FOR_RELEASE,
        R.SYSTEM,
        kinds=frozenset({Kind.MICRO}),
        tells=(R.RELEASE_OFFICER,),
    ),
    # -- what may leave
    _arrow(
        "send_to_partners",
        "Confirm and send to partner states",
        S.DISCLOSURE_REVIEW,
        S.PARTNER_REVIEW,
        R.DISCLOSURE_ANALYST,
        holds=("audit_is_clean", "second_analyst", "partners_review_before_release", "nothing_came_in_between"),
        kinds=AGGREGATED,
        tells=(R.OUTPUT_REVIEWER,),
    ),
    _arrow(
        "clear_for_release",
        "Confirm and clear for release",
        S.DISCLOSURE_REVIEW,
        S.READY_FOR_RELEASE,
        R.DISCLOSURE_ANALYST,
        holds=("audit_is_clean", "second_analyst", "no_partner_review_before_release", "nothing_came_in_between"),
        kinds=AGGREGATED,
        tells=(R.RELEASE_OFFICER,),
    ),
    _arrow(
        "redesign",
        "Set aside and build again",
        S.DISCLOSURE_REVIEW,
        S.BUILDING,
        R.DISCLOSURE_ANALYST,
        kinds=AGGREGATED,
        needs_reason=True,
    ),
    _arrow(
        "accept_design",
        "Accept the coarser design",
        S.DISCLOSURE_REVIEW,
        S.BUILDING,
        R.COORDINATOR,
        holds=("design_is_suggested",),
        kinds=AGGREGATED,
        tells=(R.DISCLOSURE_ANALYST,),
    ),
    _arrow(
        "refuse_release",
        "Refuse the release",
        frozenset({S.DISCLOSURE_REVIEW, S.PARTNER_REVIEW}),
        S.DENIED,
        R.APPROVING_OFFICIAL,
        kinds=AGGREGATED,
        needs_reason=True,
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "partners_agreed",
        "All partner states agreed",
        S.PARTNER_REVIEW,
        S.READY_FOR_RELEASE,
        R.SYSTEM,
        holds=("all_partners_agreed",),
        kinds=AGGREGATED,
        tells=(R.RELEASE_OFFICER,),
    ),
    _arrow(
        "withdraw_cells",
        "Rebuild without the cells objected to",
        S.PARTNER_REVIEW,
        S.BUILDING,
        R.DISCLOSURE_ANALYST,
        holds=("objection_is_open",),
        kinds=AGGREGATED,
        needs_reason=True,
    ),
    _arrow(
        "rebuild",
        "Build again with what changed meanwhile",
        frozenset({S.DISCLOSURE_REVIEW, S.PARTNER_REVIEW, S.READY_FOR_RELEASE}),
        S.BUILDING,
        R.SYSTEM,
        holds=("something_came_in_between",),
        kinds=AGGREGATED,
        tells=(R.DISCLOSURE_ANALYST,),
    ),
    _arrow(
        "release",
        "Release",
        S.READY_FOR_RELEASE,
        S.RELEASED,
        R.RELEASE_OFFICER,
        holds=(
            "releaser_did_not_approve",
            "mou_in_force",
            "security_is_attested",
            "channel_is_allowed",
            "package_is_the_reviewed_one",
            "match_statistics_are_made",
            "nothing_came_in_between",
        ),
        tells=(R.COORDINATOR,),
    ),
    # -- after release
    _arrow(
        "begin_use",
        "Package received",
        S.RELEASED,
        S.IN_USE,
        R.SYSTEM,
        holds=("package_was_delivered",),
        kinds=frozenset({Kind.MICRO}),
    ),
    _arrow(
        "ask_to_share",
        "Ask the partner states to review before sharing",
        S.RELEASED,
        S.SHARING_REVIEW,
        R.COORDINATOR,
        holds=("partners_review_before_sharing",),
        kinds=AGGREGATED,
        tells=(R.OUTPUT_REVIEWER,),
    ),
    _arrow(
        "clear_to_share",
        "Cleared to share",
        S.SHARING_REVIEW,
        S.CLEARED_TO_SHARE,
        R.SYSTEM,
        holds=("all_partners_agreed",),
        kinds=AGGREGATED,
        tells=(R.COORDINATOR,),
    ),
    _arrow("close_shared", "Close", S.CLEARED_TO_SHARE, S.CLOSED, R.COORDINATOR, kinds=AGGREGATED),
    _arrow(
        "refuse_sharing",
        "Refuse the sharing",
        S.SHARING_REVIEW,
        S.CLOSED,
        R.APPROVING_OFFICIAL,
        holds=("an_objection_stands",),
        kinds=AGGREGATED,
        needs_reason=True,
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "close_unshared",
        "Close without sharing",
        frozenset({S.RELEASED, S.SHARING_REVIEW}),
        S.CLOSED,
        R.COORDINATOR,
        holds=("package_was_delivered", "partners_review_before_sharing"),
        kinds=AGGREGATED,
        needs_reason=True,
    ),
    _arrow(
        "close",
        "Close",
        S.RELEASED,
        S.CLOSED,
        R.COORDINATOR,
        holds=("package_was_delivered", "no_partner_review_before_sharing"),
        kinds=AGGREGATED,
    ),
    _arrow(
        "finish_use",
        "We have finished with the data",
        S.IN_USE,
        S.DESTRUCTION_DUE,
        {R.COORDINATOR, R.SYSTEM},
        kinds=frozenset({Kind.MICRO}),
        while_suspended=True,
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "order_destruction",
        "Order the destruction now",
        frozenset({S.RELEASED, S.IN_USE}),
        S.DESTRUCTION_DUE,
        R.APPROVING_OFFICIAL,
        holds=("data_are_held",),
        kinds=frozenset({Kind.MICRO}),
        needs_reason=True,
        while_suspended=True,
        tells=(R.COORDINATOR, R.PROGRAM_ANALYST),
    ),
    _arrow(
        "confirm_destruction",
        "Confirm destruction",
        S.DESTRUCTION_DUE,
        S.DESTRUCTION_CONFIRMED,
        R.COORDINATOR,
        holds=("every_package_confirmed",),
        kinds=frozenset({Kind.MICRO}),
        while_suspended=True,
        tells=(R.PROGRAM_ANALYST,),
    ),
    _arrow(
        "reject_destruction",
        "Reject the confirmation",
        S.DESTRUCTION_CONFIRMED,
        S.DESTRUCTION_DUE,
        R.PROGRAM_ANALYST,
        kinds=frozenset({Kind.MICRO}),
        needs_reason=True,
        while_suspended=True,
        tells=(R.COORDINATOR,),
    ),
    _arrow(
        "acknowledge_destruction",
        "Acknowledge and close",
        S.DESTRUCTION_CONFIRMED,
        S.CLOSED,
        R.PROGRAM_ANALYST,
        kinds=frozenset({Kind.MICRO}),
        while_suspended=True,
        tells=(R.COORDINATOR,),
    ),
    # -- leaving early
    _arrow("withdraw", "Withdraw", BEFORE_RELEASE, S.WITHDRAWN, R.COORDINATOR, needs_reason=True),
    _arrow(
        "expire",
        "Expired unused",
        frozenset({S.APPROVED, S.AWAITING_COHORT}),
        S.EXPIRED,
        R.SYSTEM,
        holds=("unused_too_long",),
        tells=(R.COORDINATOR,),
    ),
)
BY_NAME = {transition.name: transition for transition in TRANSITIONS}
# The steps after which nothing more is built from a request as it stands.
ENDINGS = tuple(t.name for t in TRANSITIONS if t.target in {S.DENIED, S.DENIED_FOR_GOOD, S.EXPIRED, S.WITHDRAWN})


def transitions_from(state: State, kind: Kind) -> list[Transition]:
    """The arrows that leave `state` for a request of `kind`, in the table's order."""
    return [t for t in TRANSITIONS if state in t.sources and kind in t.kinds]


def allowed_moves() -> list[tuple[str, State, State]]:
    """Every (kind, from, to) the table allows: what the database trigger enforces."""
    return sorted(
        {(kind, source, t.target) for t in TRANSITIONS for source in t.sources for kind in t.kinds},
    )
