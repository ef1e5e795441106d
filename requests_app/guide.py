"""The pictures of the guides: for each role what its pages look like, in the order of its work.

Made by the tests that tell how people work (docs/architecture.md, “Pictures of the guides”); kept in static/guide.
"""

from dataclasses import dataclass

from requests_app.states import Role

FOLDER = "guide"


@dataclass(frozen=True)
class Picture:
    """`words` say what one does there; `alt` says what the picture shows to those who do not see it."""

    name: str
    words: str
    alt: str

    @property
    def path(self) -> str:
        """The file, as static files are named."""
        return f"{FOLDER}/{self.name}.png"


FORM = (
    Picture(
        "form-sections",
        "The form is a list of sections. Answer them in any order; Continue leads to the next open one.",
        "The form of a request: a list of sections, each with the word Complete or with what it still needs.",
    ),
    Picture(
        "form-package",
        "Three questions find the package type.",
        "The page Package type: will you send a list of people, what do you need back, can you protect it.",
    ),
    Picture(
        "form-purpose",
        "One thing on each page. What you type is saved while you go on.",
        "The page Purpose: the three permitted activities, and boxes for what you want to find out and why.",
    ),
    Picture(
        "form-cohort",
        "A cohort has a name and a reference quarter; its file is sent later.",
        "The page Cohort: name and reference quarter of two cohorts.",
    ),
    Picture(
        "form-tables",
        "Choose rows, columns and measures. The table beside them changes with each choice, with made-up numbers.",
        "The page Tables: choices of rows, columns and measures, and the table as it will look.",
    ),
    Picture(
        "form-missing",
        "Everything that is missing stands together; each line leads to its question.",
        "The page Check your answers with a list of what is missing at the top.",
    ),
    Picture(
        "form-check",
        "When nothing is missing, read your answers once more and sign.",
        "The page Check your answers with every answer and a link to change it.",
    ),
    Picture(
        "submitted",
        "The page of the request says who has it, until when, and what is asked of you.",
        "A submitted request: BLS has your request, the day the review starts, and step 2 of 8.",
    ),
)
FILES = (
    Picture(
        "files",
        "After approval: one file for each cohort and quarter.",
        "The part Cohort files: a grid of cohorts and quarters, each place missing, and the button Send files.",
    ),
    Picture(
        "file-problems",
        "A file with problems is not even sent. Each problem has its lines and what to do.",
        "A list of what is wrong with a file: the header names another state, on line 1.",
    ),
)
RECEIVING = (
    Picture(
        "package-waits",
        "The package has come: open it, then download it.",
        "The part Packages of a released request: delivered, made, size, and the button Open package.",
    ),
)
REVIEWING = (
    Picture(
        "home-reviewer",
        "What waits for you stands on your home page, with the day it is due.",
        "The home page of a reviewer with one review that waits.",
    ),
    Picture(
        "partner-review",
        "The output exactly as it would be released. The answer is bound to these bytes.",
        "The page of a review: due day, the package's SHA-256, and a table with a box beside each row.",
    ),
)
AT_BLS = {
    Role.PROGRAM_ANALYST: Picture(
        "review",
        "Everything on one page: the form on the left, checklist, viability, findings and questions beside it.",
        "The page of a review: sections of the form, and beside them the steps and the checklist.",
    ),
    Role.APPROVING_OFFICIAL: Picture(
        "decision",
        "The decision, with conditions if there are any.",
        "The page Approve: what happens, who recommends, until when, and a box for conditions.",
    ),
    Role.DISCLOSURE_ANALYST: Picture(
        "workbench",
        "The disclosure review begins with the final audit.",
        "The page Disclosure review: counts of cells, the audit is clean, earlier releases.",
    ),
    Role.RELEASE_OFFICER: Picture(
        "release", "The package goes out exactly as it was reviewed.", "The page Release: what happens, until when."
    ),
}
PICTURES: dict[Role, tuple[Picture, ...]] = {
    Role.COORDINATOR: (*FORM, *FILES, *RECEIVING),
    Role.AGENT: (*FILES, *RECEIVING),
    Role.OUTPUT_REVIEWER: REVIEWING,
    **{role: (picture,) for role, picture in AT_BLS.items()},
}
