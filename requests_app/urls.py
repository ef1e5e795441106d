"""Pages of requests and people."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
