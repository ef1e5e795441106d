"""Cohort files: the grid and the page of one file."""

from django.urls import path

from matching import views

urlpatterns = [
    path("requests/<str:number>/files/", views.cohort_grid, name="cohort_grid"),
    path("requests/<str:number>/files/<int:cohort_number>/<int:quarter>/", views.cohort_file, name="cohort_file"),
]
