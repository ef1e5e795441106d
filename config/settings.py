"""Django settings, read from the environment only.

`WR_PROCESS` says which part of the system this process is; it decides the database role and which keys may be present
(docs/adr/0002). `WR_MODE` is production, demo or test; production refuses weak or demo settings (config/checks.py).
"""

import os
import resource
from datetime import timedelta
from pathlib import Path

from config import agency_providers, env, logs

BASE_DIR = Path(__file__).resolve().parent.parent

WR_PROCESS = env.text("WR_PROCESS", "owner")
WR_MODE = env.text("WR_MODE", "production")
SSN_WORLD = env.text("SSN_WORLD", "real" if WR_MODE == "production" else "specimen")
DEMO_MODE = WR_MODE == "demo"
DEBUG = False

# Only the web process signs sessions; the others get a key of their own that signs nothing anyone reads.
SECRET_KEY = env.text("SECRET_KEY", None if WR_PROCESS == "web" else os.urandom(32).hex())
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1" if WR_MODE != "production" else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# -- files and keys (security.md's boundary: which of them exist is part of the boundary) --------------------------
VAULT_ROOT = env.folder("VAULT_ROOT", BASE_DIR / ".run/vault")
OUTBOX_ROOT = env.folder("OUTBOX_ROOT", BASE_DIR / ".run/outbox")
KEY_ROOT = env.file("KEY_ROOT")
# Files the match reads, made from the wage store: worker and loader only.
SEGMENT_ROOT = env.file("SEGMENT_ROOT")
# The channels packages leave by, in order of preference; where they lead is the worker's knowledge alone.
DELIVERY_CHANNELS = env.words("DELIVERY_CHANNELS", "local_outbox" if WR_MODE != "production" else "")
# The same for individual records, where they go another way (MOU, Section I.I); else as all the others.
MICRO_DELIVERY_CHANNELS = env.words("MICRO_DELIVERY_CHANNELS", ",".join(DELIVERY_CHANNELS))
DELIVERY_PLACES_FILE = env.file("DELIVERY_PLACES_FILE")
WORKER_PUBLIC_KEY_FILE = env.file("WORKER_PUBLIC_KEY_FILE")
WORKER_PRIVATE_KEY_FILE = env.file("WORKER_PRIVATE_KEY_FILE")
SSN_KEY_FILE = env.file("SSN_KEY_FILE")
SSN_KEY_FILE_NEXT = env.file("SSN_KEY_FILE_NEXT")  # while the key is rotated
MFA_KEY_FILE = env.file("MFA_KEY_FILE")
DISCLOSURE_PARAMETERS_FILE = env.file("DISCLOSURE_PARAMETERS_FILE")
# The file of signed anchors of the event log, and the key that signs them: one worker's alone (docs/operations.md).
ANCHOR_ROOT = env.folder("ANCHOR_ROOT", BASE_DIR / ".run/anchors")
ANCHOR_KEY_FILE = env.file("ANCHOR_KEY_FILE")
ANCHOR_PUBLIC_KEY_FILE = env.file("ANCHOR_PUBLIC_KEY_FILE")

# -- database: one role per process ---------------------------------------------------------------------------------
DATABASE_URL_OF_PROCESS = {
    "owner": "DATABASE_URL",
    "web": "WEB_DATABASE_URL",
    "scheduler": "WEB_DATABASE_URL",
    "worker": "WORKER_DATABASE_URL",
    "loader": "LOADER_DATABASE_URL",
}
DATABASES = {
    "default": env.database(env.text(DATABASE_URL_OF_PROCESS[WR_PROCESS]))
    | {
        "OPTIONS": {"options": "-c search_path=workflow,public -c timezone=UTC"},
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "requests_app.apps.RequestsConfig",
    "matching.apps.MatchingConfig",
    "disclosure.apps.DisclosureConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "guardian",
    "django_htmx",
]
MIDDLEWARE = [
    # What adds headers stands outside all that may answer by itself: redirects, static files, refused host names.
    "config.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.OneReading",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.RequestLog",
    "config.session_limits.SessionLimits",
    "config.middleware.SecondFactorRequired",
    "config.access.RouteAccess",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "requests_app.navigation.navigation",
                "requests_app.views.sign_in.sessions.context",
            ],
        },
    },
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.folder("STATIC_ROOT", BASE_DIR / ".run/static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WR_MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WR_MODE == "test"

# -- people and sign-in ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "requests_app.Person"
AUTHENTICATION_BACKENDS = [
    "requests_app.sign_in_backend.SignInBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "requests_app.accounts.ClosedAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
# Five failures lock an account for 30 minutes, wrong passwords and wrong codes alike; the counts lie in the database.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/30m/key",
    "reauthenticate": "20/30m/user",
    "change_password": "5/30m/user",
    "api_token_refused": "20/m/ip",
}
MFA_ADAPTER = "requests_app.accounts.SealedSecretsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Wage Records Application"
# A passkey is what one has and, by PIN or biometrics, what one knows or is: it signs in alone, and proves both always.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = WR_MODE != "production"
USERSESSIONS_ADAPTER = "requests_app.accounts.OwnSessionsAdapter"
# Providers of agencies, and Login.gov, by settings alone (docs/operations.md).
OIDC_PROVIDERS_FILE = env.file("OIDC_PROVIDERS_FILE")
OIDC_PROVIDERS = agency_providers.read(OIDC_PROVIDERS_FILE)
SOCIALACCOUNT_ADAPTER = "requests_app.agency_sign_on.people.AgencyAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC_PROVIDERS}}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
# Idle minutes until a session is locked and until it ends, its longest, and idle days until an account is disabled;
# production refuses longer ones (docs/operations.md).
SESSION_LOCK_MINUTES = int(env.text("SESSION_LOCK_MINUTES", "15"))
SESSION_WARN_SECONDS = 60
SESSION_END_MINUTES = int(env.text("SESSION_END_MINUTES", "30"))
SESSION_HOURS = int(env.text("SESSION_HOURS", "12"))
ACCOUNT_IDLE_DAYS = int(env.text("ACCOUNT_IDLE_DAYS", "90"))
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # the link of an invitation
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "start"
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_GET_INIT_ANONYMOUS_USER = None
ANONYMOUS_USER_NAME = None

SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = WR_MODE == "production"
# A browser takes a __Host- cookie over https only, for this host and all its paths: no other host can set one.
SESSION_COOKIE_NAME = "__Host-sessionid" if SESSION_COOKIE_SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if CSRF_COOKIE_SECURE else "csrftoken"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no third cookie
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"

# -- web hardening -----------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = WR_MODE == "production"
SECURE_HSTS_SECONDS = 63_072_000 if WR_MODE == "production" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = WR_MODE == "production"
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
# The proxy's own entry in X-Forwarded-For; without it all people would share the proxy's address and its limits.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_TLS_PROXY else 0
SECURE_REDIRECT_EXEMPT = [r"^health/"]
# Nothing to other sites. Not no-referrer: under it browsers send "Origin: null" with every form, and Django rightly
# takes that for a forgery.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *agency_providers.form_origins(OIDC_PROVIDERS)],
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
# A cohort is read chunk by chunk by a handler of its own; nothing else sends more than a form and a paper.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["requests_app.uploads.SmallFilesInMemory"]
DOCUMENT_MAX_BYTES = 10_000_000
COHORT_MAX_BYTES = int(env.text("COHORT_MAX_BYTES", str(512 * 1024 * 1024)))
COHORT_MAX_SECONDS = int(env.text("COHORT_MAX_SECONDS", "3600"))

# -- the API: tokens only, the table of routes, JSON in and out ------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["requests_app.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["config.access.ByTable", "requests_app.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["requests_app.api.parsers.LimitedJson"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "120/min", "uploads": "600/min"},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "requests_app.api.problems.handle",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Wage Records Application",
    "DESCRIPTION": "Draft, read, discuss and review requests in a named person's name. Signing, deciding, opening data "
    "and confirming destruction need the browser.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "requests_app.api.serializers.KINDS",
        "SideEnum": "requests_app.models.questions.Side",
        "NoticeKindEnum": "requests_app.models.notices.NoticeKind",
        "WayEnum": "requests_app.models.notices.Way",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "requests_app.api.schema.add_problems",
    ],
}

# -- queue, cache, mail ------------------------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL", "")
# Never so full that counts of failures are culled: somebody could fill it with made-up addresses to be forgotten.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000_000},
    }
}
CELERY_BROKER_URL = REDIS_URL
# Ids only, as JSON: a message that is anything else is refused, whoever got at the queue.
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "work"
# Acknowledged on receipt: the job row is the record, so a lost message costs one sweep, while an acknowledgement that
# fails after the work, because Redis was restarted meanwhile, can leave a worker deaf.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5, "retry_on_timeout": True}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Nobody commands a worker through the queue. Its connection for that also hangs for good (kombu 5.7, redis-py 8.1) when
# Redis restarts before the worker looks: redis-py reconnects unseen and then waits for a command without a limit.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# Long jobs have a queue of their own, so that openings, sweeps and deliveries never wait behind one.
CELERY_TASK_ROUTES = {
    f"requests_app.tasks.{name}": {"queue": "interactive"}
    for name in (
        "seal_for_opening",
        "sweep",
        "sweep_sessions",
        "disable_idle_accounts",
        "follow_people",
        "follow_time",
        "tend",
        "remove_orphans",
    )
}
# Targets of steps in business days, by state, over those of requests_app/targets.py: "in_review=15,recommended=3".
STEP_TARGET_DAYS = env.numbers("STEP_TARGET_DAYS")
SWEEP_SECONDS = float(env.text("SWEEP_SECONDS", "5"))
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "requests_app.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "sweep_sessions": {
        "task": "requests_app.tasks.sweep_sessions",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    # Every hour, so that no day is missed because something was down at a certain one.
    "disable_idle_accounts": {
        "task": "requests_app.tasks.disable_idle_accounts",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "follow_time": {
        "task": "requests_app.tasks.follow_time",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "follow_people": {
        "task": "requests_app.tasks.follow_people",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "remove_orphans": {
        "task": "requests_app.tasks.remove_orphans",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    # Asks often and works once a day, so that no day is missed because something was down at its beginning. In the
    # queue of long work: its worker alone has the key of the anchors.
    "verify_events": {
        "task": "requests_app.tasks.verify_events",
        "schedule": 300.0,
        "options": {"expires": 300.0},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(env.folder("BEAT_SCHEDULE_FILE", BASE_DIR / ".run/beat-schedule"))
APPROVAL_EXPIRES_AFTER = timedelta(days=int(env.text("APPROVAL_EXPIRES_DAYS", "183")))
RETENTION_AFTER_CLOSE = timedelta(days=int(env.text("RETENTION_DAYS", "1096")))
PARTNER_REVIEW_BUSINESS_DAYS = int(env.text("PARTNER_REVIEW_BUSINESS_DAYS", "15"))
JOB_LEASE_SECONDS = int(env.text("JOB_LEASE_SECONDS", "30"))
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.folder("EMAIL_FILE_PATH", BASE_DIR / ".run/mail")
# The program's mailbox gets a copy of what the instructions ask to be sent there; empty: no copies.
PROGRAM_MAILBOX = env.text("PROGRAM_MAILBOX", "")
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", "wagerecords@localhost")
# Shown to people: where they write to, and the statement of the Paperwork Reduction Act (a warning where it is unset).
CONTACT_EMAIL = env.text("CONTACT_EMAIL", "Wagerecords@bls.gov")
PRA_NUMBER = env.text("PRA_NUMBER", "")
PRA_EXPIRES_ON = env.text("PRA_EXPIRES_ON", "")
PRA_BURDEN_MINUTES = env.text("PRA_BURDEN_MINUTES", "")
SITE_URL = env.text("SITE_URL", "http://localhost:8000")

# A process that crashes writes no memory to disk: 1 stops dumps to files and to programs, 0 only the former.
resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
# Configured here and at once, without Django's defaults: nothing may be logged past the mask.
LOGGING = logs.configure(WR_PROCESS)
