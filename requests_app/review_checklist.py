"""What a reviewer looks at, item by item: the Program Analyst before recommending, the Official before approving.

Each item is about one section of the form, so that a section which was changed is looked at again. Sources: the request
instructions (who may ask, what for, the three types, micro data, linkage, destruction) and the MOU's sections II.A.5,
II.F and II.G as the instructions name them.
"""

from dataclasses import dataclass
from enum import StrEnum

from requests_app.form import SECTIONS
from requests_app.states import Kind


class Part(StrEnum):
    """The two parts of a review that have a checklist."""

    REVIEW = "review"
    DECISION = "decision"


@dataclass(frozen=True)
class Item:
    """One question, to be answered yes, no, or does not apply."""

    name: str
    part: Part
    section: str
    text: str

    def asked_of(self, kind: Kind) -> bool:
        """The item's section is part of the form of this kind of request."""
        return kind in SECTIONS[self.section][1]


ITEMS: tuple[Item, ...] = (
    Item("title", Part.REVIEW, "project", "The title says what the project is about, and names nobody."),
    Item("activity", Part.REVIEW, "purpose", "The research questions fit the permitted activity that was chosen."),
    Item("need", Part.REVIEW, "purpose", "It is clear which data are needed, and why (MOU Section II.A.5)."),
    Item("results", Part.REVIEW, "outputs", "The planned use and publication are exclusively statistical."),
    Item("type", Part.REVIEW, "package", "The package type is the least detailed one that answers the questions."),
    Item("scope", Part.REVIEW, "scope", "The questions need every state and quarter that is asked for."),
    Item("authority", Part.REVIEW, "cohorts", "The authority to send these Social Security numbers is named and fits."),
    Item("tables", Part.REVIEW, "tables", "The tables ask for no more detail than the questions need."),
    Item(
        "people",
        Part.REVIEW,
        "people",
        "Nobody named is an assignee, a detailee, or an agent of another agreement with BLS.",
    ),
    Item("security", Part.REVIEW, "security", "The place of the data meets MOU Section II.F."),
    Item("disposition", Part.REVIEW, "disposition", "The destruction date and method fit the project."),
    Item("linkage", Part.REVIEW, "linkage", "The data sets it is linked to are named, and none is of personnel."),
    Item("certified", Part.REVIEW, "certify", "Nothing in the form speaks against what is certified."),
    Item("follows", Part.DECISION, "purpose", "The recommendation follows from the findings and the forecast."),
    Item("states", Part.DECISION, "scope", "No state asked for is put at a risk that its MOU does not accept."),
)
BY_NAME = {item.name: item for item in ITEMS}


def items_of(part: Part, kind: Kind) -> list[Item]:
    """The part's items for a request of this kind, in the form's order."""
    return [item for item in ITEMS if item.part is part and item.asked_of(kind)]
