"""The shapes of what the API takes and answers; the OpenAPI document is made from them."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from requests_app.forms.by_section import FORMS
from requests_app.forms.text import refuse_numbers_of_people
from requests_app.models import DataRequest, FormSection, Incident
from requests_app.selectors.life.steps import OWN_PAGE
from requests_app.states import Kind, State

KINDS = [(kind.value, kind.label) for kind in Kind]
FILTERS = [
    OpenApiParameter("q", str, description="Part of the number or the title."),
    OpenApiParameter("state", str, enum=[state.value for state in State]),
    OpenApiParameter("kind", str, enum=[kind.value for kind in Kind]),
]
OF_LIST = [
    *FILTERS,
    OpenApiParameter("late", bool, description="Only those past their target."),
    OpenApiParameter("agency", str, description="For BLS: the postal code of the requesting state."),
]
SECTION = OpenApiParameter("section", str, OpenApiParameter.PATH, enum=list(FORMS))
STATES = [(state.value, state.label) for state in State]


class Agency(serializers.Serializer[Any]):
    """A state agency, or BLS."""

    postal = serializers.CharField()
    name = serializers.CharField()


class Named(serializers.Serializer[Any]):
    """A person: the key by which calls name them, and their name."""

    person = serializers.CharField(source="public_id")
    name = serializers.CharField()


class Token(serializers.Serializer[Any]):
    """The token the call was made with."""

    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()


class Me(serializers.Serializer[Any]):
    """Whose token it is, and what has stopped them."""

    name = serializers.CharField()
    email = serializers.EmailField()
    agency = Agency()
    roles = serializers.ListField(child=serializers.CharField(), help_text="The roles held today.")
    stopped_by = serializers.ListField(
        child=serializers.CharField(), help_text="Why nothing can be done today; reading goes on. Empty: nothing."
    )
    token = Token()


class RequestLine(serializers.ModelSerializer[DataRequest]):
    """A request as it stands in the list."""

    kind = serializers.ChoiceField(KINDS, allow_blank=True)
    state = serializers.ChoiceField(STATES)
    agency = Agency()
    suspended = serializers.SerializerMethodField()

    class Meta:
        model = DataRequest
        fields = ("number", "title", "kind", "state", "state_since", "created_at", "agency", "suspended")
        read_only_fields = fields

    def get_suspended(self, request: DataRequest) -> bool:
        """True while BLS or a lapsed agreement stops the request."""
        return bool(request.suspended_reason)


class SectionLine(serializers.Serializer[Any]):
    """A section of the form, and what it still needs."""

    section = serializers.CharField(source="name")
    title = serializers.CharField()
    status = serializers.CharField()
    missing = serializers.ListField(source="problems", child=serializers.CharField())


class RequestDetail(RequestLine):
    """One request: where it stands in words, and its form's sections for those who may read them."""

    coordinator = serializers.CharField(source="coordinator.name")
    status = serializers.CharField(
        source="status_words", help_text="Where it stands and what is asked of you, in a sentence."
    )
    sections = SectionLine(source="section_lines", many=True)

    class Meta(RequestLine.Meta):
        fields = (*RequestLine.Meta.fields, "coordinator", "status", "sections")
        read_only_fields = fields


class Section(serializers.ModelSerializer[FormSection]):
    """A section as it is kept. `version` 0: nothing was saved yet."""

    section = serializers.CharField(source="name")
    answers = serializers.JSONField(source="data")
    saved_by = serializers.CharField(source="saved_by.name", default=None)
    saved_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = FormSection
        fields = ("section", "version", "answers", "saved_at", "saved_by")
        read_only_fields = fields


class SectionSent(serializers.Serializer[Any]):
    """All answers of a section, and the version they were made from."""

    version = serializers.IntegerField(min_value=0, help_text="The version you read; 0 where nothing was saved yet.")
    answers = serializers.DictField(help_text="All answers of the section, as reading it shows them.")


class Action(serializers.Serializer[Any]):
    """A step of the request that your roles could take, and what stands in the way."""

    name = serializers.CharField(source="transition.name")
    label = serializers.CharField(source="transition.label")
    possible = serializers.BooleanField(source="enabled")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Everything that stands in the way.")
    page = serializers.SerializerMethodField(help_text="Where a person takes the step, in the browser.")

    def get_page(self, action: Any) -> str:
        """The whole address."""
        number, name = self.context["number"], action.transition.name
        own = OWN_PAGE.get(name)
        place = reverse(own, args=[number]) if own else reverse("step", args=[number, name])
        return str(settings.SITE_URL).rstrip("/") + place


class IncidentSent(serializers.Serializer[Any]):
    """A suspected breach, with what is known; none of the data themselves."""

    what_is_known = serializers.CharField(
        allow_blank=True, default="", max_length=10_000, validators=[refuse_numbers_of_people]
    )


class IncidentKept(serializers.ModelSerializer[Incident]):
    """The report as it was kept."""

    class Meta:
        model = Incident
        fields = ("id", "reported_at", "report_due_at")
        read_only_fields = fields


class NamedAgent(serializers.Serializer[Any]):
    """An agent named on the request."""

    person = serializers.CharField(max_length=26)
    name = serializers.CharField()
    may_upload = serializers.BooleanField()


class Agents(serializers.Serializer[Any]):
    """Who is named, and who could be."""

    agents = NamedAgent(many=True)
    could_be_named = Named(many=True)


class AgentSent(serializers.Serializer[Any]):
    """An agent to name, by the `person` that reading shows."""

    person = serializers.RegexField(r"^[0-9A-Z]{26}$")
    may_upload = serializers.BooleanField(default=False)


class AgentsSent(serializers.Serializer[Any]):
    """Everybody who is to be named."""

    agents = AgentSent(many=True, max_length=100)


class Amendment(serializers.Serializer[Any]):
    """An amendment and where it stands; `child` is the request it became, where it added data."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    reason = serializers.CharField()
    changes = serializers.JSONField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    child = serializers.CharField(source="child.number", default=None, allow_null=True)


class AmendmentSent(serializers.Serializer[Any]):
    """What is to be added or extended, and why."""

    reason = serializers.CharField(max_length=10_000, validators=[refuse_numbers_of_people])
    agents = serializers.ListField(child=serializers.CharField(max_length=26), default=list, max_length=100)
    may_upload = serializers.BooleanField(default=False)
    quarters = serializers.ListField(child=serializers.IntegerField(min_value=0), default=list, max_length=400)
    states = serializers.ListField(child=serializers.CharField(max_length=2), default=list, max_length=60)
    destruction_on = serializers.DateField(default=None, allow_null=True)
