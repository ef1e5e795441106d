"""The record of one request as a paper: what the record's page says to this reader, from top to bottom, and figures.

Nothing is looked up here but in the record itself, so the paper says no more and no less than the page. `figures` are
counted from the parts; the log's own counts are theirs too, and a test holds them equal.
"""

from collections.abc import Callable, Iterable

from requests_app.models import (
    DataRequest,
    Event,
    Incident,
    OutputReview,
    PartnerReview,
    Person,
    StateReview,
    Suspension,
)
from requests_app.papers.paper import Paper, Part, Table
from requests_app.selectors.audit.history import words_of
from requests_app.selectors.audit.record import DecisionLine, Record
from requests_app.selectors.audit.record_outputs import OutputRecord
from requests_app.selectors.life.answers import Answer
from requests_app.templatetags.formats import count, day, moment

Row = list[str]


def paper_of(request: DataRequest, record: Record, reader: Person) -> Paper:
    """The whole record; a part this reader may not see is left out, an empty one says so."""
    return Paper(
        title=f"Record of {request.number}",
        subtitle=request.title or "Request without a title",
        facts=[
            ("State", request.agency.state_name),
            ("Agency", request.agency.name),
            ("Package type", request.get_kind_display() or "Not chosen yet"),
            ("Where it stands", f"{request.status.label} since {moment(request.state_since)}"),
            ("Started", moment(request.created_at)),
            ("Read by", f"{reader.name}, {reader.agency.name}"),
        ],
        parts=[part for make in PARTS if (part := make(record)) is not None],
        footer=request.number,
    )


def figures(record: Record) -> list[tuple[str, int]]:
    """How much of each there is, as far as the reader sees it; every one of them is counted by events too."""
    files, duties, outputs = record.files or [], record.destructions or [], record.outputs or []
    about_outputs = None if record.reviews is None else [one for row in outputs for one in row.reviews or []]
    counted: list[tuple[str, object, int]] = [
        ("Decisions", record.decisions, len(record.decisions)),
        ("Amendments", record.amendments, len(record.amendments or [])),
        ("Encrypted files destroyed", record.files, sum(file.shredded_at is not None for file in files)),
        ("Packages", record.packages, len(record.packages or [])),
        ("Openings and deliveries", record.openings, len(record.openings)),
        ("Partner states' answers", record.reviews, _answered(record.reviews or [])),
        ("Releases", record.deliveries, len(record.deliveries or [])),
        ("Outputs", record.outputs, len(outputs)),
        ("Partner states' answers about outputs", about_outputs, _answered(about_outputs or [])),
        ("Duties to destroy", record.destructions, len(duties)),
        ("Duties confirmed", record.destructions, sum(duty.confirmed_at is not None for duty in duties)),
        ("Suspensions", record.suspensions, len(record.suspensions or [])),
        ("Incidents", record.incidents, len(record.incidents or [])),
        ("Events", record.events or record.history, len(record.events or record.history)),
    ]
    return [(title, number) for title, part, number in counted if part is not None]


def _answered(reviews: Iterable[StateReview]) -> int:
    return sum(review.answered_at is not None for review in reviews)


def _figures(record: Record) -> Part:
    rows = [[title, count(number)] for title, number in figures(record)]
    return Part("Figures", table=Table("How much of each this record holds", ["What", "How many"], rows))


def _form(record: Record) -> Part | None:
    rows = [(f"{title}: {answer.key}", _lines(answer)) for title, answers in record.form for answer in answers]
    if not rows and not record.is_party:
        return None
    return Part("The form as it was signed", note="" if rows else "Not signed yet.", rows=rows)


def _people(record: Record) -> Part | None:
    if record.people is None:
        return None
    return Part("People", rows=[(answer.key, _lines(answer)) for answer in record.people])


def _amendments(record: Record) -> Part | None:
    if record.amendments is None:
        return None
    rows = [
        [str(row.number), row.status.label, "\n".join(f"{fact.key}: {', '.join(_lines(fact))}" for fact in facts)]
        for row, facts in record.amendments
    ]
    return _table("Amendments", "By number", ["Number", "Where it stands", "What it changes, and why"], rows)


def _lines(answer: Answer) -> list[str]:
    return [*answer.lines] or [line for line in answer.value.splitlines() if line]


def _table(title: str, caption: str, columns: list[str], rows: Iterable[Row]) -> Part:
    found = list(rows)
    return Part(title, table=Table(caption, columns, found)) if found else Part(title, note="None.")


def _decisions(record: Record) -> Part:
    def said(line: DecisionLine) -> str:
        return "\n".join(filter(None, [line.reason, *(f"{fact.key}: {fact.value}" for fact in line.facts)]))

    rows = [[moment(line.at), line.who, line.words, said(line)] for line in record.decisions]
    return _table("Decisions", "The first one first", ["When", "Who", "What", "Why, and on which facts"], rows)


def _files(record: Record) -> Part | None:
    if record.files is None:
        return None
    rows = [
        [file.get_kind_display(), moment(file.created_at), count(file.plain_bytes), file.sealed_sha256,
         moment(file.shredded_at) or "No"]
        for file in record.files
    ]  # fmt: skip
    columns = ["File", "Received or made", "Bytes", "SHA-256 as encrypted", "Destroyed"]
    return _table("Files in and out", "Every encrypted file", columns, rows)


def _packages(record: Record) -> Part | None:
    if record.packages is None:
        return None
    rows = [
        [str(line.package.version), moment(line.built_at), line.package.sha256, line.delivery_words,
         ", ".join(line.signed_by) or "Nobody"]
        for line in record.packages
    ]  # fmt: skip
    return _table("Packages", "Newest first", ["Version", "Built", "SHA-256", "Delivery", "Signed off by"], rows)


def _openings(record: Record) -> Part:
    rows = [
        [moment(line.event.occurred_at), line.event.actor, f"{line.what}: {line.file_kind.lower()}",
         line.purpose or "Not given", "\n".join([line.event.outcome, *line.reasons])]
        for line in record.openings
    ]  # fmt: skip
    return _table("Who opened what", "Openings and deliveries", ["When", "Who", "What", "Why", "Outcome"], rows)


def _reviews(record: Record) -> Part | None:
    if record.reviews is None:
        return None

    rows = [
        [
            review.agency.state_name, str(review.package.version), day(review.due_on),
            _said(review, "Void: the tables were built again" if review.is_void else ""),  # type: ignore[attr-defined]
            review.package_sha256,
        ]
        for review in record.reviews
    ]  # fmt: skip
    columns = ["State", "Package", "Due", "Answer", "SHA-256 of what was looked at"]
    return _table("Partner states' reviews", "By package", columns, rows)


def _said(review: PartnerReview | OutputReview, void: str) -> str:
    """An answer with its reason, what was given and withdrawn, and whether it still counts."""
    by = f", {review.answered_by.name}" if review.answered_by else ""
    answered = f"{review.get_verdict_display()}, {moment(review.answered_at)}{by}" if review.answered_at else "Open"
    withdrawn = f"Withdrawn {moment(review.withdrawn_at)}: {review.withdrawn_why}" if review.withdrawn_at else ""
    time = [f"More time until {day(one.to_due)}: {one.reason}" for one in review.extensions.all()]
    return "\n".join(filter(None, [answered, review.reason, withdrawn, *time, void]))


def _outputs(record: Record) -> Part | None:
    if record.outputs is None:
        return None
    rows = [
        [
            f"{row.output.title}\nFor: {row.output.shared_with}\n{row.output.status.label}",
            "\n".join(_file_words(row)),
            "\n".join([*row.step_lines, *_answers_about(row)]),
        ]
        for row in record.outputs
    ]
    columns = ["Output", "Files with their SHA-256", "Steps and answers"]
    return _table("Outputs made from individual records", "The first one first", columns, rows)


def _file_words(row: OutputRecord) -> list[str]:
    files = [f"{file.name}{', taken out' if file.removed_at else ''}:\n{file.sha256}" for file in row.files]
    return [*files, *([f"Clearance letter:\n{row.output.letter.sha256}"] if row.output.letter else [])]


def _answers_about(row: OutputRecord) -> list[str]:
    now = row.output.files_sha256
    return [
        f"{one.agency.state_name}, due {day(one.due_on)}: "
        + _said(one, "" if one.files_sha256 == now else "Void: other files came in its place")
        for one in row.reviews or []
    ]


def _deliveries(record: Record) -> Part | None:
    if record.deliveries is None:
        return None
    rows = [
        [str(row.package.version), channel, row.get_status_display(), moment(row.delivered_at),
         "\n".join(f"{name}: {value}" for name, value in row.receipt.items())]
        for row, channel in record.deliveries
    ]  # fmt: skip
    return _table("Deliveries and receipts", "By time", ["Package", "By", "Status", "Delivered", "Receipt"], rows)


def _destructions(record: Record) -> Part | None:
    if record.destructions is None:
        return None
    rows = []
    for duty in record.destructions:
        statements = list(duty.statements.all())
        rows += [[duty.subject, day(duty.due_on), "Not confirmed yet", "", ""]] if not statements else []
        rows += [
            [duty.subject, day(duty.due_on),
             f"{one.get_method_display()}, {day(one.destroyed_on)}" + (", rejected by BLS" if one.rejected_at else ""),
             f"{one.confirmed_by.name}, {moment(one.confirmed_at)}", one.certificate.sha256 if one.certificate else ""]
            for one in statements
        ]  # fmt: skip
    columns = ["What", "Due", "Destroyed", "Stated", "SHA-256 of the certificate"]
    return _table("Destruction", "Duties and statements", columns, rows)


def _stops(record: Record) -> Part | None:
    if record.suspensions is None or record.incidents is None:
        return None

    def suspension(row: Suspension) -> Row:
        lifted = f"Lifted {moment(row.lifted_at)}: {row.lifted_why}" if row.lifted_at else "Not lifted"
        return [moment(row.suspended_at), row.get_cause_display(), row.reason, lifted]

    def incident(row: Incident) -> Row:
        return [moment(row.reported_at), "Incident", row.what_is_known, f"By {row.reported_by.name}"]

    rows = [*map(suspension, record.suspensions), *map(incident, record.incidents)]
    return _table("Suspensions and incidents", "By kind", ["When", "What", "Words", "What followed"], rows)


def _events(record: Record) -> Part:
    def row(event: Event) -> Row:
        what = "\n".join([words_of(event.kind), *map(str, event.detail.get("reasons", []))])
        return [str(event.seq), moment(event.occurred_at), what, event.actor, event.outcome, event.hash]

    if record.events:
        columns = ["Number", "When", "What", "Who", "Outcome", "Hash"]
        return _table("Events", "The first one first", columns, map(row, record.events))
    lines = [[moment(line.at), line.who, line.words, line.detail] for line in record.history]
    return _table("History", "Newest first", ["When", "Who", "What", "Detail"], lines)


PARTS: tuple[Callable[[Record], Part | None], ...] = (
    _figures, _form, _people, _amendments, _decisions, _files, _packages, _openings, _reviews, _deliveries, _outputs,
    _destructions, _stops, _events,
)  # fmt: skip
