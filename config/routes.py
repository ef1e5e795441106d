"""The one table of routes: for every address of the site and every method, who may come.

`config.access` enforces it before any view runs, and refuses what it does not list; documents, help and the exhaustive
test are made from it. An address without a row stops the start (`config/checks.py`).
"""

from requests_app.audiences import (
    PARTY,
    PUBLIC,
    READS_RECORD,
    SEES_REQUEST,
    SIGNED_IN,
    Audience,
    holders,
    on_request,
)
from requests_app.states import Role

API_PREFIX = "/api/"
R = Role
Methods = dict[str, Audience]


def reads(audience: Audience) -> Methods:
    """GET, and HEAD with it."""
    return {"GET": audience}


def writes(audience: Audience) -> Methods:
    """POST only."""
    return {"POST": audience}


def form(audience: Audience) -> Methods:
    """A page with a form: the same people read and send it."""
    return {"GET": audience, "POST": audience}


WORKS_ON_PEOPLE = holders(R.COORDINATOR, R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.ADMINISTRATOR)
HANDLES_INCIDENTS = holders(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.ADMINISTRATOR)
CERTIFIES = holders(R.APPROVING_OFFICIAL, R.ADMINISTRATOR)
TEAM = on_request(R.COORDINATOR, R.AGENT)
COORDINATORS = on_request(R.COORDINATOR)
UPLOAD: Methods = {"GET": TEAM, "PUT": TEAM, "DELETE": TEAM}
READS_PARTNERS = holders(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.ADMINISTRATOR)
READS_DASHBOARDS = holders(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.DISCLOSURE_ANALYST, R.RELEASE_OFFICER)
REVIEWERS = holders(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL)
REVIEWS = on_request(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL)
ENTERS_FORM = on_request(R.COORDINATOR, R.PROGRAM_ANALYST)  # of an emailed form, until the state has signed it
TALKS = on_request(R.COORDINATOR, R.AGENT, R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL)
KEEPS_PARTNERS = holders(R.ADMINISTRATOR)
READS_QUALITY = holders(R.DATA_STEWARD, R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.DISCLOSURE_ANALYST)
READS_MATCH = on_request(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.DISCLOSURE_ANALYST, R.RELEASE_OFFICER)
REVIEWERS_ASKED = Audience("Output Reviewers of the state asked", roles=frozenset({R.OUTPUT_REVIEWER}), hidden=True)

ROUTES: dict[str, Methods] = {
    # -- for everybody
    "start": reads(PUBLIC),
    "formats": reads(PUBLIC),
    "instructions": reads(PUBLIC),
    "current_partners": reads(PUBLIC),
    "questions": reads(PUBLIC),
    "privacy": reads(PUBLIC),
    "accessibility": reads(PUBLIC),
    "public_holdings": reads(PUBLIC),
    "check_file": reads(PUBLIC),
    "components": reads(PUBLIC),
    "live": reads(PUBLIC),
    "ready": reads(PUBLIC),
    # -- accounts
    "account_login": form(PUBLIC),
    "account_logout": form(PUBLIC),
    "account_inactive": reads(PUBLIC),
    "account_reauthenticate": form(SIGNED_IN),
    "account_change_password": form(SIGNED_IN),
    "mfa_index": reads(SIGNED_IN),
    "mfa_authenticate": form(PUBLIC),
    "mfa_reauthenticate": form(SIGNED_IN),
    "mfa_activate_totp": form(SIGNED_IN),
    "mfa_replace_totp": form(SIGNED_IN),
    "mfa_deactivate_totp": form(SIGNED_IN),
    "mfa_view_recovery_codes": reads(SIGNED_IN),
    "mfa_generate_recovery_codes": form(SIGNED_IN),
    "mfa_download_recovery_codes": reads(SIGNED_IN),
    "mfa_add_webauthn": form(SIGNED_IN),
    "mfa_login_webauthn": form(PUBLIC),
    "mfa_reauthenticate_webauthn": form(SIGNED_IN),
    "mfa_edit_webauthn": form(SIGNED_IN),
    "mfa_remove_webauthn": form(SIGNED_IN),
    "openid_connect_login": form(PUBLIC),
    "openid_connect_callback": reads(PUBLIC),
    "usersessions_list": form(SIGNED_IN),
    "session_state": reads(PUBLIC),
    "session_stay": writes(SIGNED_IN),
    "session_locked": form(SIGNED_IN),
    "session_resend": form(SIGNED_IN),
    # -- home and lists
    "home": reads(SIGNED_IN),
    "request_list": reads(SIGNED_IN),
    "start_request": writes(holders(R.COORDINATOR)),
    "event_list": reads(holders(R.AUDITOR)),
    "disclosure_list": reads(holders(R.AUDITOR)),
    "access_on_day": reads(holders(R.AUDITOR)),
    "record_list": reads(holders(R.AUDITOR)),
    "document": reads(SIGNED_IN),  # 404 but for BLS's readers and who uploaded it
    # -- people; whom one does not see is not there
    "invitation": form(PUBLIC),
    "people": reads(WORKS_ON_PEOPLE),
    "invite": form(holders(R.ADMINISTRATOR)),
    "recertify": form(CERTIFIES),
    "pre_release_list": form(CERTIFIES),
    "person": reads(WORKS_ON_PEOPLE),
    "person_act": form(WORKS_ON_PEOPLE),
    "person_record_act": form(WORKS_ON_PEOPLE),
    "my_standing": reads(SIGNED_IN),
    "read_duties": form(SIGNED_IN),
    "sign_agreement": form(SIGNED_IN),
    "submit_training": form(SIGNED_IN),
    # -- partners
    "partner_list": reads(READS_PARTNERS),
    "agency": reads(READS_PARTNERS),
    "add_agency": form(KEEPS_PARTNERS),
    "record_mou": form(KEEPS_PARTNERS),
    "amend_mou": form(KEEPS_PARTNERS),
    "renew_mou": form(KEEPS_PARTNERS),
    "end_mou": form(KEEPS_PARTNERS),
    "complete_mou": form(KEEPS_PARTNERS),
    "add_coordinator": form(KEEPS_PARTNERS),
    "change_coordinator": form(KEEPS_PARTNERS),
    "end_coordinator": form(KEEPS_PARTNERS),
    "hand_over": form(KEEPS_PARTNERS),
    "add_contact": form(KEEPS_PARTNERS),
    "end_contact": form(KEEPS_PARTNERS),
    "add_statement": form(KEEPS_PARTNERS),
    # -- a request
    "request": reads(SEES_REQUEST),
    "request_progress": reads(SEES_REQUEST),
    "record": reads(READS_RECORD),
    "record_pdf": reads(READS_RECORD),
    "form": reads(PARTY),
    "form_check": reads(PARTY),
    "form_versions": reads(PARTY),
    "form_pdf": reads(PARTY),  # 404 until a version is there for the reader
    "clone_request": writes(COORDINATORS),
    "add_amendment": form(COORDINATORS),
    "amendment": form(PARTY),  # one that is not signed yet is its agency's alone
    "form_sign": form(COORDINATORS),
    "form_people": form(COORDINATORS),
    "remove_agent": writes(COORDINATORS),
    "form_section": form(ENTERS_FORM),
    "design_table": form(ENTERS_FORM),
    "step": form(SEES_REQUEST),
    "how_long": reads(PUBLIC),
    "dashboards": reads(READS_DASHBOARDS),
    "save_view": writes(SIGNED_IN),
    "drop_view": writes(SIGNED_IN),  # another person's is not there
    "inbox": form(SIGNED_IN),
    "notice_choices": form(SIGNED_IN),
    "absence": form(SIGNED_IN),
    "end_absence": writes(SIGNED_IN),  # another person's is not there
    "outbox": form(holders(R.PROGRAM_ANALYST, R.ADMINISTRATOR)),
    "review_queue": form(REVIEWERS),
    "enter_emailed_form": form(holders(R.PROGRAM_ANALYST)),
    "reply_templates": form(REVIEWERS),
    "reply_template": form(REVIEWERS),
    "end_reply_template": writes(REVIEWERS),
    "review": form(REVIEWS),
    "review_act": writes(REVIEWS),
    "request_questions": form(TALKS),
    "question": form(TALKS),
    "settle_question": writes(TALKS),
    "package": reads(TEAM),
    "package_download": writes(TEAM),
    "package_delivery": form(on_request(R.RELEASE_OFFICER)),
    "destruction": form(COORDINATORS),
    "held_data": {"GET": PARTY, "POST": COORDINATORS},
    # -- outputs a state made itself
    "output_list": {"GET": PARTY, "POST": COORDINATORS},
    "output": form(PARTY),
    "output_file": reads(SIGNED_IN),  # there for the request's team, BLS, and the states asked
    "output_picture": reads(SIGNED_IN),
    "output_review": form(REVIEWERS_ASKED),
    # -- incidents: reporting one never stops
    "incident_list": reads(SIGNED_IN),
    "report_incident": form(SIGNED_IN),
    "incident": reads(SIGNED_IN),
    "incident_report": form(SIGNED_IN),  # of an incident one sees
    "incident_add": form(SIGNED_IN),
    "incident_tell": form(HANDLES_INCIDENTS),
    "close_incident": form(holders(R.APPROVING_OFFICIAL)),
    "lift_suspension": form(on_request(R.APPROVING_OFFICIAL)),
    # -- cohort files
    "cohort_grid": reads(PARTY),
    "cohort_file": form(PARTY),
    "cohort_report": reads(PARTY),
    "send_files": reads(TEAM),
    "confirm_file": writes(COORDINATORS),
    "cohort_policy": form(on_request(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL)),
    "cohort_uploads": writes(TEAM),
    "cohort_upload": UPLOAD,  # an upload is there for who began it
    "cohort_upload_finish": writes(TEAM),
    # -- the match: what was found is for BLS
    "match_report": reads(READS_MATCH),
    # -- holdings: what is not released yet is there for people on the pre-release list only
    "holding_list": reads(SIGNED_IN),
    "holding": reads(READS_QUALITY),
    "load": reads(holders(R.DATA_STEWARD)),
    "look_at_load": writes(holders(R.DATA_STEWARD)),
    "load_rejects": reads(holders(R.DATA_STEWARD)),
    "compare_loads": reads(holders(R.DATA_STEWARD)),
    # -- what may leave
    "forecast": form(on_request(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.DISCLOSURE_ANALYST)),
    "workbench": form(on_request(R.DISCLOSURE_ANALYST)),
    "refuse_sign_off": writes(on_request(R.DISCLOSURE_ANALYST)),
    "disclosure_analyses": form(on_request(R.DISCLOSURE_ANALYST)),
    "tables": reads(SEES_REQUEST),
    "chart_data": reads(SEES_REQUEST),
    "partner_review": form(REVIEWERS_ASKED),
    "partner_review_ask": writes(REVIEWERS_ASKED),
    "withdraw_objection": form(REVIEWERS_ASKED),
    "review_list": form(holders(R.OUTPUT_REVIEWER)),
    "consent_list": form(holders(R.OUTPUT_REVIEWER)),
    "end_consent": writes(REVIEWERS_ASKED),  # of the reviewer's own state
    "uses_of_records": reads(holders(R.OUTPUT_REVIEWER, R.COORDINATOR)),
    "review_care": form(on_request(R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.DISCLOSURE_ANALYST)),
    # -- help, and keys to the API
    "help": reads(SIGNED_IN),
    "help_role": reads(SIGNED_IN),
    "api_tokens": form(SIGNED_IN),
    "revoke_token": writes(SIGNED_IN),  # somebody else's is there for the Administrator only
    "all_tokens": reads(holders(R.ADMINISTRATOR)),
    # -- the API: the person of a token
    "api_schema": reads(PUBLIC),
    "api_me": reads(SIGNED_IN),
    "api_requests": {"GET": SIGNED_IN, "POST": holders(R.COORDINATOR)},
    "api_request": reads(SEES_REQUEST),
    "api_form_section": {"GET": PARTY, "PUT": COORDINATORS},
    "api_actions": reads(SEES_REQUEST),
    "api_take_step": writes(SEES_REQUEST),  # the table of transitions says whose it is
    "api_versions": reads(PARTY),
    "api_form_pdf": reads(PARTY),
    "api_questions": form(TALKS),
    "api_replies": writes(TALKS),
    "api_settle_question": writes(TALKS),
    "api_review": reads(REVIEWS),
    "api_review_claim": {"POST": REVIEWS, "DELETE": REVIEWS},
    "api_review_interest": writes(REVIEWS),
    "api_review_checklist": {"PUT": REVIEWS},
    "api_review_viability": writes(REVIEWS),
    "api_review_notes": writes(REVIEWS),
    "api_review_findings": writes(REVIEWS),
    "api_settle_finding": writes(REVIEWS),
    "api_hand_over": form(REVIEWS),
    "api_queue": reads(REVIEWERS),
    "api_reply_templates": form(REVIEWERS),
    "api_reply_template": {"PUT": REVIEWERS, "DELETE": REVIEWERS},
    "api_emailed_forms": form(holders(R.PROGRAM_ANALYST)),
    "api_dashboards": reads(READS_DASHBOARDS),
    "api_how_long": reads(PUBLIC),
    "api_held": reads(PUBLIC),
    "api_views": form(SIGNED_IN),
    "api_view": {"DELETE": SIGNED_IN},  # another person's is not there
    "api_absences": form(SIGNED_IN),
    "api_absence": {"DELETE": SIGNED_IN},  # another person's is not there
    "api_notice_choices": {"GET": SIGNED_IN, "PUT": SIGNED_IN},
    "api_notices": reads(SIGNED_IN),
    "api_notice_read": writes(SIGNED_IN),  # another person's is not there
    "api_agents": {"GET": PARTY, "PUT": COORDINATORS},
    "api_clone": writes(COORDINATORS),
    "api_amendments": {"GET": PARTY, "POST": COORDINATORS},
    "api_incidents": writes(SEES_REQUEST),
    "api_cohort_files": reads(PARTY),
    "api_uploads": writes(TEAM),
    "api_upload": UPLOAD,
    "api_upload_finish": writes(TEAM),
}
