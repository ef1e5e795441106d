"""Disclosure review: the workbench, the tables as they would be released, and a state's review."""

from django.urls import path

from disclosure import views

urlpatterns = [
    path("requests/<str:number>/disclosure/", views.workbench, name="workbench"),
    path("requests/<str:number>/tables/", views.tables, name="tables"),
    path("reviews/<str:review_id>/", views.partner_review, name="partner_review"),
]
