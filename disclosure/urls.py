"""BLS's forecast, the workbench of disclosure review, the tables as they would be released, and a state's review."""

from django.urls import path

from disclosure.views import analyses, designer, forecast, partner_review, released, workbench

urlpatterns = [
    path("requests/<str:number>/form/tables/design/", designer.design_table, name="design_table"),
    path("requests/<str:number>/forecast/", forecast.forecast, name="forecast"),
    path("requests/<str:number>/disclosure/", workbench.workbench, name="workbench"),
    path("requests/<str:number>/disclosure/refuse/", workbench.refuse, name="refuse_sign_off"),
    path("requests/<str:number>/disclosure/analyses/", analyses.page, name="disclosure_analyses"),
    path("requests/<str:number>/tables/", released.tables, name="tables"),
    path("requests/<str:number>/tables/<slug:chart>.csv", released.chart_data, name="chart_data"),
    path("reviews/<str:review_id>/", partner_review.partner_review, name="partner_review"),
    path("reviews/<str:review_id>/ask/", partner_review.partner_review_ask, name="partner_review_ask"),
    path("reviews/<str:review_id>/withdraw/", partner_review.withdraw_objection, name="withdraw_objection"),
]
