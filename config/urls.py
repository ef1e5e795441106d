"""Every URL of the site, by app."""

from django.urls import include, path

from config import views

urlpatterns = [
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("accounts/", include("config.account_urls")),
    path("", include("requests_app.urls")),
    path("", include("matching.urls")),
    path("", include("disclosure.urls")),
]
handler400, handler404, handler500 = views.bad_request, views.not_there, views.fault
