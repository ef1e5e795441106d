"""What a token may do of what its person may."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from requests_app.models import ApiToken
from requests_app.policies import Denied
from requests_app.services.sign_in.tokens import Scope

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads the settings that name this module


class HasScope(BasePermission):
    """Every token reads; a call that changes something needs the scope its view names (`draft` unless it says)."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """True, or `Denied` with what to do."""
        needed = Scope.READ if request.method in SAFE_METHODS else getattr(view, "needs_scope", Scope.DRAFT)
        token = request.auth
        if isinstance(token, ApiToken) and needed not in token.scopes:
            raise Denied(f"This token may only {' and '.join(token.scopes)}. Make one with the scope “{needed}”.")
        return True
