"""The OpenAPI document: made from the code, answered to everybody, and kept in docs/api/openapi.yaml."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

MEDIA_TYPE = "application/yaml"
PROBLEM = {
    "type": "object",
    "description": "Why the call was refused (RFC 9457).",
    "required": ["type", "title", "status", "reasons"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "reasons": {"type": "array", "items": {"type": "string"}, "description": "Every reason, as a sentence."},
        "current": {
            "allOf": [{"$ref": "#/components/schemas/Section"}],
            "description": "Where somebody else saved the section meanwhile: what they saved.",
        },
    },
}
REFUSED = {
    "description": "Refused, with every reason",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
METHODS = ("get", "put", "post", "patch", "delete")


def document(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of this version."""
    return HttpResponse(as_yaml(), content_type=MEDIA_TYPE)


@cache
def as_yaml() -> bytes:
    """The document; the same bytes for the same code."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return bytes(OpenApiYamlRenderer().render(schema, renderer_context={}))


def add_problems(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's hook: every call may be refused in the same shape."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method in METHODS:
            if method in path:
                path[method]["responses"]["default"] = REFUSED
    return result


class TokenScheme(OpenApiAuthenticationExtension):
    """Tells drf-spectacular how callers show who they are; it finds this class by itself."""

    target_class = "requests_app.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A token of the page “My API tokens”."""
        return {"type": "http", "scheme": "bearer", "description": "A token of the page “My API tokens”."}
