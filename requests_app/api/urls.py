"""The addresses of the API, version 1."""

from django.urls import path

from requests_app.api import figures, form_views, life_views, own, queue, review, schema, talk, views

urlpatterns = [
    path("openapi.yaml", schema.document, name="api_schema"),
    path("me", views.Me.as_view(), name="api_me"),
    path("requests", views.Requests.as_view(), name="api_requests"),
    path("requests/<str:number>", views.OneRequest.as_view(), name="api_request"),
    path("requests/<str:number>/form/<slug:section>", views.FormOfSection.as_view(), name="api_form_section"),
    path("requests/<str:number>/agents", life_views.Agents.as_view(), name="api_agents"),
    path("requests/<str:number>/clone", life_views.Clone.as_view(), name="api_clone"),
    path("requests/<str:number>/amendments", life_views.Amendments.as_view(), name="api_amendments"),
    path("requests/<str:number>/actions", views.Actions.as_view(), name="api_actions"),
    path("requests/<str:number>/actions/<slug:transition>", form_views.TakeStep.as_view(), name="api_take_step"),
    path("requests/<str:number>/versions", form_views.Versions.as_view(), name="api_versions"),
    path("requests/<str:number>/form.pdf", form_views.FormPdf.as_view(), name="api_form_pdf"),
    path("requests/<str:number>/questions", talk.Questions.as_view(), name="api_questions"),
    path("requests/<str:number>/questions/<str:question_id>/replies", talk.Replies.as_view(), name="api_replies"),
    path(
        "requests/<str:number>/questions/<str:question_id>/settle",
        talk.SettleQuestion.as_view(),
        name="api_settle_question",
    ),
    path("requests/<str:number>/review", review.OneReview.as_view(), name="api_review"),
    path("requests/<str:number>/review/claim", review.ReviewClaim.as_view(), name="api_review_claim"),
    path("requests/<str:number>/review/interest", review.ReviewInterest.as_view(), name="api_review_interest"),
    path("requests/<str:number>/review/checklist", review.ReviewChecklist.as_view(), name="api_review_checklist"),
    path("requests/<str:number>/review/viability", review.ReviewViability.as_view(), name="api_review_viability"),
    path("requests/<str:number>/review/notes", review.ReviewNotes.as_view(), name="api_review_notes"),
    path("requests/<str:number>/review/findings", review.ReviewFindings.as_view(), name="api_review_findings"),
    path(
        "requests/<str:number>/review/findings/<str:finding_id>/settle",
        review.ReviewFindingSettled.as_view(),
        name="api_settle_finding",
    ),
    path("requests/<str:number>/review/hand-over", queue.HandOver.as_view(), name="api_hand_over"),
    path("queue", queue.Queue.as_view(), name="api_queue"),
    path("reply-templates", queue.ReplyTemplates.as_view(), name="api_reply_templates"),
    path("reply-templates/<str:template_id>", queue.OneReplyTemplate.as_view(), name="api_reply_template"),
    path("emailed-forms", queue.EmailedForms.as_view(), name="api_emailed_forms"),
    path("dashboards", figures.DashboardFigures.as_view(), name="api_dashboards"),
    path("how-long", figures.PublishedTimes.as_view(), name="api_how_long"),
    path("views", own.SavedViews.as_view(), name="api_views"),
    path("views/<str:view_id>", own.OneSavedView.as_view(), name="api_view"),
    path("absences", own.OwnAbsences.as_view(), name="api_absences"),
    path("absences/<str:absence_id>", own.OneAbsence.as_view(), name="api_absence"),
    path("notices/choices", own.OwnNoticeChoices.as_view(), name="api_notice_choices"),
    path("notices", talk.Notices.as_view(), name="api_notices"),
    path("notices/<int:notice_id>/read", talk.NoticeRead.as_view(), name="api_notice_read"),
    path("requests/<str:number>/incidents", views.Incidents.as_view(), name="api_incidents"),
]
