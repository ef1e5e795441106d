"""The web process: role wr_web, public key only."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("WR_PROCESS", "web")

application = get_wsgi_application()

from config.checks import refuse_to_start  # noqa: E402  needs the settings

refuse_to_start()
