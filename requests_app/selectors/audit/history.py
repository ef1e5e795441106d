"""A request's history as people read it, from the event log: what, who, when.

States see every step of their request, but not the reasons given inside BLS: a reason for a redesign could tell what
was withheld and why (security.md, "States never see disclosure parameters").
"""

from dataclasses import dataclass, replace
from datetime import datetime

from requests_app.form import SECTIONS
from requests_app.models import DataRequest, Event, Person

AT_MOST = 200

WORDS: dict[str, str] = {
    "request.clone": "Draft started from an earlier request",
    "request.start_amendment": "Started as an approved amendment",
    "request.approve_amendment": "Approved as an amendment",
    "amendment.draft": "Amendment drafted",
    "amendment.submit": "Amendment signed and submitted",
    "amendment.withdraw": "Amendment withdrawn",
    "amendment.approve": "Amendment approved",
    "amendment.deny": "Amendment denied",
    "request.start_draft": "Draft started",
    "request.save_section": "Form saved",
    "request.name_agent": "Agent named",
    "request.remove_agent": "Agent removed",
    "request.answer_viability": "Viability question answered",
    "request.submit": "Signed and submitted",
    "request.start_review": "Review started",
    "request.return_to_state": "Returned with questions",
    "request.recommend": "Approval recommended",
    "request.send_back": "Sent back to review",
    "request.approve": "Approved",
    "request.deny": "Denied",
    "request.appeal": "Appealed",
    "request.accept_appeal": "Appeal accepted",
    "request.uphold_denial": "Denial upheld",
    "review.claim": "Review claimed",
    "review.hand_over": "Review handed over",
    "review.give_up": "Review given up",
    "review.state_interest": "Statement of interest made",
    "review.checklist": "Checklist answered",
    "review.finding": "Finding raised",
    "review.settle_finding": "Finding settled",
    "review.note": "Note written",
    "review.template": "Template for replies kept",
    "review.end_template": "Template for replies ended",
    "time.soon": "Reminded that it is due soon",
    "time.late": "Target missed, and told",
    "time.escalated": "Target missed, and told to the next desk",
    "notice.try_again": "Notices sent again by hand",
    "notice.choose": "Ways of notices chosen",
    "absence.announce": "Absence announced",
    "absence.take_back": "Absence taken back",
    "requests.export": "List of requests exported",
    "request.enter_emailed": "Form entered from an email",
    "question.ask": "Question asked",
    "question.reply": "Question answered",
    "question.settle": "Question settled",
    "request.ask_for_cohort": "Cohort files asked for",
    "request.begin_matching": "Matching started",
    "request.begin_building": "Building started",
    "request.finish_matching": "Matched",
    "request.fail": "The work failed",
    "request.stop_work": "The work stopped by hand",
    "request.repeat_matching": "Match repeated",
    "request.repeat_building": "Build repeated",
    "request.finish_tables": "Tables built",
    "request.finish_micro_package": "Package built",
    "request.send_to_partners": "Sent to the partner states",
    "request.clear_for_release": "Cleared for release",
    "request.redesign": "Tables built again",
    "request.suggest_design": "A coarser design suggested",
    "request.accept_design": "The coarser design accepted",
    "request.refuse_sign_off": "Sign-off refused",
    "request.rebuild": "Tables built again",
    "request.refuse_release": "Release refused",
    "request.partners_agreed": "All partner states agreed",
    "request.withdraw_cells": "Tables built again",
    "request.release": "Released",
    "request.begin_use": "Package received",
    "request.ask_to_share": "Partner states asked before sharing",
    "request.clear_to_share": "Cleared to share",
    "request.close_shared": "Closed",
    "request.close": "Closed",
    "request.refuse_sharing": "Sharing refused",
    "request.close_unshared": "Closed without sharing",
    "request.finish_use": "Use of the data finished",
    "request.order_destruction": "Destruction ordered at once",
    "request.confirm_destruction": "Destruction confirmed",
    "request.reject_destruction": "Confirmation of destruction rejected",
    "request.acknowledge_destruction": "Destruction acknowledged",
    "request.withdraw": "Withdrawn",
    "request.expire": "Expired unused",
    "package.build": "Package made",
    "package.sign_off": "Package signed off",
    "package.verify": "Package checked against its disclosure record",
    "package.deliver": "Package delivered",
    "package.delivery_stopped": "Delivery of the package stopped",
    "package.delivery_retry": "Delivery of the package asked for again",
    "package.collected": "Package collected by the agency",
    "package.recall_ask": "Package asked back",
    "package.recall": "Package taken back",
    "partner_review.answer": "A partner state answered",
    "partner_review.withdraw_objection": "A partner state withdrew its objection",
    "partner_review.extend": "A partner state was given more time",
    "partner_review.remind": "A partner state was reminded",
    "partner_review.escalate": "A partner state's deadline passed",
    "output_review.withdraw_objection": "A partner state withdrew its objection to an output",
    "output_review.extend": "A partner state was given more time for an output",
    "output_review.message": "A question about the review of an output, or its answer",
    "output_review.remind": "A partner state was reminded",
    "output_review.escalate": "A partner state's deadline passed",
    "partner_review.message": "A question about a review, or its answer",
    "reviewers.nobody": "Nobody in a partner state could answer",
    "consent.give": "Consent in advance given",
    "consent.end": "Consent in advance ended",
    "uses.export": "Register of uses exported",
    "destruction.confirm": "Destruction stated",
    "destruction.remind": "Reminded of the day of destruction",
    "destruction.overdue": "Destruction is overdue",
    "held_data.register": "Copy or linked data set registered",
    "file_lock.destroy": "Secret of the request's files destroyed",
    "file.open": "File opened",
    "document.open": "Paper opened",
    "agency.add": "Agency added",
    "agency.add_contact": "Contact added",
    "agency.end_contact": "Contact ended",
    "agency.record_statement": "Statement of Assurance recorded",
    "mou.record": "MOU recorded",
    "mou.amend": "MOU amended",
    "mou.renew": "MOU renewed",
    "mou.end": "MOU ended early",
    "mou.complete": "MOU completed",
    "mou.lapse": "MOU lapsed",
    "mou.remind": "Reminded that the MOU ends",
    "section_ii_g.add": "Named in Section II.G",
    "section_ii_g.change": "Successor or fallback contact changed",
    "section_ii_g.end": "Taken off Section II.G",
    "request.hand_over": "Coordination handed over",
    "incident.report": "Incident reported",
    "output.start": "Output started",
    "output.add_file": "File added to an output",
    "output.remove_file": "File taken out of an output",
    "output.submit": "Output submitted",
    "output.finish_checks": "Output checked by machine",
    "output.return_unreadable": "Output returned by machine",
    "output.pass": "Output sent to the states",
    "output.return": "Output returned",
    "output.refuse": "Output refused",
    "output.clear": "Output cleared",
    "output.take_up": "Output taken up again",
    "output_review.answer": "A state answered about an output",
    "job.check_output": "Checking an output",
    "incident.submit_report": "Written report of an incident",
    "incident.add": "Added to an incident",
    "incident.close": "Incident closed",
    "incident.late": "Written report of an incident is late",
    "request.lift_suspension": "Suspension lifted",
    "request.suspend": "Suspended",
    "analysis.ask": "Analysis asked for",
    "analysis.answer": "Analysis made",
    "job.analyse": "Making an analysis",
    "events.read": "Event log read",
    "record.export": "Record downloaded as PDF",
    "events.export": "Event log exported",
    "disclosures.export": "Accounting of disclosures exported",
    "events.verify": "Event log checked",
    "person.invite": "Person added",
    "person.give_role": "Role given",
    "person.end_role": "Role ended",
    "person.change_employment": "Kind of employment changed",
    "person.disable": "Account disabled",
    "person.enable": "Account enabled",
    "person.send_link": "New link to set a password sent",
    "person.set_password": "Password set with the link",
    "person.reset_factor": "Second factor reset by BLS",
    "person.give_notice": "Notice of leaving given",
    "person.withdraw_notice": "Notice of leaving withdrawn",
    "membership.recertify": "Roles certified for another year",
    "agreement.nominate": "Nominated for an agreement",
    "agreement.sign_for_bls": "Agreement signed for BLS",
    "agreement.read_duties": "Duties under CIPSEA read",
    "agreement.sign": "Agreement signed",
    "agreement.file": "Agreement filed",
    "agreement.end": "Last day of an agreement set",
    "agreement.revoke": "Agreement revoked",
    "training.submit": "Training submitted",
    "training.record": "Training recorded",
    "training.accept": "Training accepted",
    "pre_release.add": "Put on the pre-release list",
    "pre_release.certify": "Pre-release list certified",
    "pre_release.end": "Taken off the pre-release list",
    "person.sign_in": "Signed in",
    "person.sign_out": "Signed out",
    "person.change_password": "Password changed",
    "person.confirm_factor": "Second factor confirmed",
    "person.add_factor": "Second factor set up",
    "person.remove_factor": "Second factor removed",
    "person.renew_recovery_codes": "Recovery codes made anew",
    "person.disable_idle": "Idle account disabled",
    "person.link_provider": "Sign-in of the agency linked",
    "person.rename_factor": "Second factor renamed",
    "session.end": "Session ended",
    "session.lock": "Session locked",
    "session.unlock": "Session unlocked",
    "token.create": "API token made",
    "token.revoke": "API token revoked",
    "token.use": "API token used",
    "attempt.refused": "Attempt refused",
    "file.shred": "Encrypted file destroyed",
    "cohort.upload": "Cohort file received",
    "cohort.check": "Cohort file checked",
    "cohort.confirm": "Left-out lines of a cohort file confirmed",
    "cohort.policy": "Policy for cohort files set",
    "cohort_key.destroy": "Key of the cohort files destroyed",
    "job.check_cohort": "Checking a cohort file",
    "job.make_cohort_key": "Making the key of the cohort files",
    "job.shred_cohort": "Destroying the cohort files",
    "job.prove_shredding": "Proving that the cohort files are destroyed",
    "job.match_statistics": "Making the statistics of the match",
    "job.shred_match_results": "Destroying the results of the match",
    "cohort.destroyed": "Cohort files proved destroyed",
    "wage_records.load": "Wage records loaded",
    "establishments.load": "Establishments loaded",
    "wage_records.undo": "Load of wage records undone",
    "establishments.undo": "Load of establishments undone",
    "wage_records.drop": "Version of wage records dropped",
    "establishments.drop": "Version of establishments dropped",
    "wage_records.final": "Wage records said to be final",
    "establishments.final": "Establishments said to be final",
    "published_qcew.load": "Published QCEW loaded",
    "holding.replaced": "A load this was made from was replaced",
    "wage_records.look_at": "Findings looked at",
    "establishments.look_at": "Findings looked at",
    "vault.rotate_key_begin": "Rotation of the SSN key begun",
    "vault.rotate_key": "SSN key rotated",
    "vault.rotate_key_abandon": "Rotation of the SSN key given up",
}
INSIDE_BLS = {
    "request.answer_viability",
    "request.refuse_sign_off",
    "analysis.ask",
    "analysis.answer",
    "package.build",
    "package.sign_off",
    "package.verify",
    "partner_review.answer",
    "partner_review.withdraw_objection",
    "partner_review.extend",
    "partner_review.remind",
    "partner_review.escalate",
    "partner_review.message",
    "reviewers.nobody",
    "output_review.remind",
    "output_review.escalate",
    "output_review.withdraw_objection",
    "output_review.extend",
    "output_review.message",
    "record.export",
    "output_review.answer",
    "review.claim",
    "review.hand_over",
    "review.give_up",
    "review.state_interest",
    "review.checklist",
    "review.finding",
    "review.settle_finding",
    "review.note",
    "time.soon",
    "time.late",
    "time.escalated",
}
FILES_INSIDE_BLS = ["workbench", "forecast", "analysis"]  # that and when BLS looked is its own
REASON_FOR_STATES = {
    "request.rebuild",
    "amendment.draft",
    "amendment.approve",
    "amendment.deny",
    "request.return_to_state",
    "request.deny",
    "request.accept_appeal",
    "request.uphold_denial",
    "request.refuse_sharing",
    "request.close_unshared",
    "request.appeal",
    "request.reject_destruction",
    "request.order_destruction",
    "request.withdraw",
    "request.approve",
    "request.stop_work",
}


@dataclass(frozen=True)
class HistoryLine:
    """One line: when, who, what, and the reason or conditions given."""

    at: datetime
    who: str
    words: str
    detail: str = ""
    saved: tuple[str, ...] = ()
    times: int = 1


def history(request: DataRequest, viewer: Person) -> list[HistoryLine]:
    """The newest events of the request that `viewer` may read, newest first."""
    events = Event.objects.filter(request_number=request.number).order_by("-seq")
    if not viewer.agency.is_bls:
        events = events.filter(outcome="done").exclude(kind__in=INSIDE_BLS)
        events = events.exclude(kind="file.open", detail__kind__in=FILES_INSIDE_BLS)
        if viewer.agency_id != request.agency_id:
            events = events.filter(kind__startswith="request.").exclude(kind="request.save_section")
    return _saves_joined([_line(event, viewer) for event in events[:AT_MOST]])


def _saves_joined(lines: list[HistoryLine]) -> list[HistoryLine]:
    """Sections saved one after the other by one person are one line: the newest time, all their names.

    So is anything else that was done several times in a row, with how many times.
    """
    joined: list[HistoryLine] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last and line.saved and last.saved and (last.who, last.words) == (line.who, line.words):
            sections = dict.fromkeys([*line.saved, *last.saved])
            joined[-1] = replace(last, saved=tuple(sections), detail=", ".join(sections))
        elif last and not line.saved and (last.who, last.words, last.detail) == (line.who, line.words, line.detail):
            joined[-1] = replace(last, times=last.times + 1)
        else:
            joined.append(line)
    return joined


def words_of(kind: str) -> str:
    """An event's kind in words; one without a line above reads as its own name."""
    return WORDS.get(kind) or kind.rpartition(".")[2].replace("_", " ").capitalize()


def _line(event: Event, viewer: Person) -> HistoryLine:
    words = words_of(event.kind)
    if event.kind == "request.save_section" and event.subject in SECTIONS:
        title = SECTIONS[event.subject][0]
        return HistoryLine(event.occurred_at, event.actor, words, title, (title,))
    if event.outcome != "done":
        words = f"{words} ({event.outcome})"
    reads_reason = viewer.agency.is_bls or event.kind in REASON_FOR_STATES
    return HistoryLine(event.occurred_at, event.actor, words, _said(event) if reads_reason else "")


def _said(event: Event) -> str:
    detail = event.detail
    said = [str(detail[key]) for key in ("reason", "conditions") if detail.get(key)]
    return " ".join([*said, *map(str, detail.get("reasons", []))])
