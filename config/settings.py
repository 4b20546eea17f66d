"""Settings of every environment, read top to bottom; what differs comes from variables (docs/settings.md)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from config import env as environment
from config.kernel import logs
from config.kernel.clock import MOST_DAYS
from config.kernel.content_policy import DATA

BASE_DIR = environment.BASE_DIR
RUN_DIR = environment.run_dir()
env = environment.load()

# --- Which environment -----------------------------------------------------------------------------------------------
ENVIRONMENT = env.str("ENVIRONMENT", "production")
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = environment.words(env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEVELOPMENT else []))

# A proxy in front usually ends TLS: say so, and tell Django that X-Forwarded-Proto can be believed.
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", False)
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", False)
# How many of them append to X-Forwarded-For whom they were called by; 0: the header is anybody's word.
PROXIES_IN_FRONT = env.int("PROXIES_IN_FRONT", 0)

# --- Who enters the back-office (docs/admin-access.md) ---------------------------------------------------------------
ADMIN_SECOND_FACTOR = env.str("ADMIN_SECOND_FACTOR", "optional" if DEVELOPMENT else "required")
ADMIN_LOGIN_ATTEMPTS = env.int("ADMIN_LOGIN_ATTEMPTS", 5)
ADMIN_LOCKOUT_SECONDS = env.int("ADMIN_LOCKOUT_SECONDS", 900)
ADMIN_SESSION_SECONDS = env.int("ADMIN_SESSION_SECONDS", 12 * 3600)
ADMIN_IDLE_SECONDS = env.int("ADMIN_IDLE_SECONDS", 1800)

# --- Where the data lies ---------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL")
REDIS_URL = env.str("REDIS_URL")
# 0: no pool, a persistent connection for each thread (workers, commands). The web process sets it (config/gunicorn.py).
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 0)
DATABASE_POOL_TIMEOUT_SECONDS = env.float("DATABASE_POOL_TIMEOUT_SECONDS", 2.0)

# --- Whom we trust (docs/tokens.md) ----------------------------------------------------------------------------------
DEVELOPMENT_ISSUER_ENABLED = env.bool("DEVELOPMENT_ISSUER_ENABLED", DEVELOPMENT)
DEVELOPMENT_ISSUER_DIR = RUN_DIR / "issuer"
TRUSTED_ISSUERS = env.json("TRUSTED_ISSUERS", [])
ISSUER_KEYS_FRESH_SECONDS = env.int("ISSUER_KEYS_FRESH_SECONDS", 600)
ISSUER_KEYS_STALE_SECONDS = env.int("ISSUER_KEYS_STALE_SECONDS", 24 * 3600)

# --- What is accepted ------------------------------------------------------------------------------------------------
MAX_JSON_BODY_BYTES = env.int("MAX_JSON_BODY_BYTES", 4 * 1024 * 1024)
BODY_READ_SECONDS = env.float("BODY_READ_SECONDS", 30.0)  # for a whole JSON body
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", 50_000_000_000)
MAX_FORM_FILE_BYTES = env.int("MAX_FORM_FILE_BYTES", 2_000_000_000)
FORM_MAX_VALUES = env.int("FORM_MAX_VALUES", 5000)
MIN_EXPIRATION_DAYS = env.int("MIN_EXPIRATION_DAYS", 14)
# Off: every well-formed recipient is taken, whoever the register knows.
RECIPIENTS_MUST_BE_KNOWN = env.bool("RECIPIENTS_MUST_BE_KNOWN", False)
CORS_ORIGINS = environment.words(env.list("CORS_ORIGINS", []))

# --- How files stream in and out (docs/attachments.md) ---------------------------------------------------------------
# Of each web process; fewer together than it has threads, so that short requests always find one.
WEB_THREADS = env.int("WEB_THREADS", 32)  # config/gunicorn.py reads it too
UPLOADS_AT_ONCE = env.int("UPLOADS_AT_ONCE", 12)
DOWNLOADS_AT_ONCE = env.int("DOWNLOADS_AT_ONCE", 12)
# A body that brings less than this in each such window ends in 408; a client that takes less of a file is cut off.
TRANSFER_WINDOW_SECONDS = env.float("TRANSFER_WINDOW_SECONDS", 60.0)
TRANSFER_LEAST_BYTES_PER_SECOND = env.int("TRANSFER_LEAST_BYTES_PER_SECOND", 1000)
UPLOAD_MOST_SECONDS = env.float("UPLOAD_MOST_SECONDS", 12 * 3600.0)
# An upload whose process has not been heard of for so long has died.
UPLOAD_LEASE_SECONDS = env.float("UPLOAD_LEASE_SECONDS", 120.0)
SCAN_LEASE_SECONDS = env.float("SCAN_LEASE_SECONDS", 60.0)  # the same for a scan and its worker
SCAN_RETRY_SECONDS = env.float("SCAN_RETRY_SECONDS", 15.0)
SCAN_TASK_SECONDS = env.int("SCAN_TASK_SECONDS", 4 * 3600)
ORPHAN_AFTER_SECONDS = env.float("ORPHAN_AFTER_SECONDS", 24 * 3600.0)  # longer than any upload may last
ORPHANS_EVERY_SECONDS = env.float("ORPHANS_EVERY_SECONDS", 3600.0)

# --- Where attachments lie (docs/attachments.md) ---------------------------------------------------------------------
ATTACHMENTS_STORAGE = env.str("ATTACHMENTS_STORAGE", "local")
ATTACHMENTS_DIR = env.path("ATTACHMENTS_DIR", RUN_DIR / "attachments")
# Credentials are not among these: boto3 finds them where it always does.
S3_BUCKET = env.str("S3_BUCKET", "")
S3_PREFIX = env.str("S3_PREFIX", "")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", "")
S3_REGION = env.str("S3_REGION", "")
S3_ENCRYPTION = env.str("S3_ENCRYPTION", "")
S3_KMS_KEY_ID = env.str("S3_KMS_KEY_ID", "")
S3_PATH_STYLE = env.bool("S3_PATH_STYLE", False)

# --- How attachments are scanned -------------------------------------------------------------------------------------
# No default in production: that files go out unscanned must be somebody's decision (attachments/scanners refuses "").
MALWARE_SCANNER = env.str("MALWARE_SCANNER", "none" if DEVELOPMENT else "")
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", "127.0.0.1:3310")
CLAMAV_TIMEOUT_SECONDS = env.float("CLAMAV_TIMEOUT_SECONDS", 300.0)  # for its answer, once it has the whole file

# --- How the queue works (docs/architecture.md) ----------------------------------------------------------------------
SWEEP_EVERY_SECONDS = env.float("SWEEP_EVERY_SECONDS", 5.0)
FORGOTTEN_AFTER_SECONDS = env.float("FORGOTTEN_AFTER_SECONDS", 10.0)
PUBLISH_CHUNK = env.int("PUBLISH_CHUNK", 100)
PUBLISH_TASK_SECONDS = env.float("PUBLISH_TASK_SECONDS", 20.0)
PUBLISH_ATTEMPTS = env.int("PUBLISH_ATTEMPTS", 5)
PUBLISH_RETRY_SECONDS = env.float(
    "PUBLISH_RETRY_SECONDS", 5.0
)  # the first pause; each further one is four times longer

# --- How long things are kept, unless a resource says otherwise (docs/retention.md) -----------------------------------
# None: for ever.
KEEP_PURGED_CONTENT_DAYS = env.days("KEEP_PURGED_CONTENT_DAYS", 0)
KEEP_EXPIRED_CONTENT_DAYS = env.days("KEEP_EXPIRED_CONTENT_DAYS", None)
KEEP_PUBLISHED_CONTENT_DAYS = env.days("KEEP_PUBLISHED_CONTENT_DAYS", None)
KEEP_HISTORY_DAYS = env.days("KEEP_HISTORY_DAYS", None)
KEEP_IDEMPOTENCY_KEYS_DAYS = env.int("KEEP_IDEMPOTENCY_KEYS_DAYS", 90)
RETENTION_EVERY_SECONDS = env.float("RETENTION_EVERY_SECONDS", 3600.0)

LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
STATIC_ROOT = env.path("STATIC_ROOT", RUN_DIR / "static")

try:
    env.seal()
except Exception as error:
    raise ImproperlyConfigured(f"Settings: {error}") from error

if DEVELOPMENT_ISSUER_ENABLED and not DEVELOPMENT:
    raise ImproperlyConfigured("DEVELOPMENT_ISSUER_ENABLED is for ENVIRONMENT=development only.")


def _storage_faults() -> Iterator[str]:
    """What keeps attachments from being stored as these settings ask; each fault in one sentence."""
    if ATTACHMENTS_STORAGE not in {"local", "s3"}:
        yield "ATTACHMENTS_STORAGE is local or s3."
    if ATTACHMENTS_STORAGE == "s3" and not S3_BUCKET:
        yield "ATTACHMENTS_STORAGE=s3 needs S3_BUCKET."
    if ATTACHMENTS_STORAGE == "s3" and not find_spec("boto3"):
        yield "ATTACHMENTS_STORAGE=s3 needs boto3: python -m pip install 'boto3~=1.44'"
    if S3_ENCRYPTION not in {"", "AES256", "aws:kms"}:
        yield "S3_ENCRYPTION is empty, AES256 or aws:kms."
    if S3_KMS_KEY_ID and S3_ENCRYPTION != "aws:kms":
        yield "S3_KMS_KEY_ID needs S3_ENCRYPTION=aws:kms."
    if S3_ENDPOINT_URL and not S3_ENDPOINT_URL.startswith(("https://", "http://")):
        yield "S3_ENDPOINT_URL begins with https:// or http://."


if found := list(_storage_faults()):
    raise ImproperlyConfigured(" ".join(found))

if UPLOADS_AT_ONCE + DOWNLOADS_AT_ONCE >= WEB_THREADS:
    raise ImproperlyConfigured("UPLOADS_AT_ONCE and DOWNLOADS_AT_ONCE must together be below WEB_THREADS.")
if ORPHAN_AFTER_SECONDS <= UPLOAD_MOST_SECONDS + 3600:
    raise ImproperlyConfigured("ORPHAN_AFTER_SECONDS must be an hour above UPLOAD_MOST_SECONDS, or files are lost.")


def _retention_faults() -> Iterator[str]:
    """What keeps the retention from being what these settings ask; each fault in one sentence."""
    days = {
        "KEEP_PURGED_CONTENT_DAYS": KEEP_PURGED_CONTENT_DAYS,
        "KEEP_EXPIRED_CONTENT_DAYS": KEEP_EXPIRED_CONTENT_DAYS,
        "KEEP_PUBLISHED_CONTENT_DAYS": KEEP_PUBLISHED_CONTENT_DAYS,
        "KEEP_HISTORY_DAYS": KEEP_HISTORY_DAYS,
        "KEEP_IDEMPOTENCY_KEYS_DAYS": KEEP_IDEMPOTENCY_KEYS_DAYS,
    }
    for name, value in days.items():
        if value is not None and not 0 <= value <= MOST_DAYS:
            yield f"{name} is 0 to {MOST_DAYS} days."
    if KEEP_IDEMPOTENCY_KEYS_DAYS < 90:
        yield "KEEP_IDEMPOTENCY_KEYS_DAYS is at least 90: until then senders may rely on a key to send only once."


if found := list(_retention_faults()):
    raise ImproperlyConfigured(" ".join(found))


def _staff_faults() -> Iterator[str]:
    """What keeps the doors of the back-office from being as these settings ask; each fault in one sentence."""
    if ADMIN_SECOND_FACTOR not in {"off", "optional", "required"}:
        yield "ADMIN_SECOND_FACTOR is off, optional or required."
    if min(ADMIN_LOGIN_ATTEMPTS, ADMIN_LOCKOUT_SECONDS, ADMIN_SESSION_SECONDS, ADMIN_IDLE_SECONDS) < 1:
        yield (
            "ADMIN_LOGIN_ATTEMPTS, ADMIN_LOCKOUT_SECONDS, ADMIN_SESSION_SECONDS and ADMIN_IDLE_SECONDS are at least 1."
        )
    if PROXIES_IN_FRONT < 0:
        yield "PROXIES_IN_FRONT is the number of proxies, 0 or more."


if found := list(_staff_faults()):
    raise ImproperlyConfigured(" ".join(found))

# --- Django ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "config.staff.apps.StaffConfig",  # between those whose pages it takes away and the admin that it extends
    "correspondence",  # before the admin, whose index page it extends
    "config.staff.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "recipients",
    "registry",
    "attachments",
]
MIDDLEWARE = [
    "config.kernel.trace.TraceMiddleware",
    "config.kernel.content_policy.ContentPolicyMiddleware",
    "config.kernel.middleware.WirePathMiddleware",
    "config.kernel.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.staff.sessions.SessionRulesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.kernel.middleware.BackOfficeInputMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # the wire contract tolerates both forms; a redirect would lose the body of a POST
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_REDIRECT_URL = "admin:index"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True


def _database() -> dict[str, Any]:
    parts = conninfo_to_dict(DATABASE_URL)
    options: dict[str, Any] = {
        key: value for key, value in parts.items() if key not in {"dbname", "user", "password", "host", "port"}
    }
    pooled = DATABASE_POOL_SIZE > 0
    if pooled:
        options["pool"] = {
            "min_size": 1,
            "max_size": DATABASE_POOL_SIZE,
            "timeout": DATABASE_POOL_TIMEOUT_SECONDS,
            # The pool doubles its pauses up to this: with its default a long outage would outlive itself by minutes.
            "reconnect_timeout": 2,
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": {"connect_timeout": 5, **options},
        # Django refuses a pool together with persistent connections.
        "CONN_MAX_AGE": 0 if pooled else 60,
        "CONN_HEALTH_CHECKS": not pooled,  # config/kernel/database.py says why not with a pool
    }


DATABASES = {"default": _database()}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "config.staff.backend.StaffBackend"]
# Failed logins (config/staff/lockout.py).
AXES_FAILURE_LIMIT = ADMIN_LOGIN_ATTEMPTS
AXES_COOLOFF_TIME = timedelta(seconds=ADMIN_LOCKOUT_SECONDS)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "config.staff.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "config.staff.lockout.address_of"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or a guesser would shut the owner out for as long as he likes
# A right password alone wipes nothing out: it would make room for ever more guesses at the second factor.
AXES_RESET_ON_SUCCESS = False
AXES_DISABLE_ACCESS_LOG = True  # the log has it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "key", "next", "csrfmiddlewaretoken"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
# Browsers take a name that begins like this from this very host only, over TLS, and not from another below its domain.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("sessionid", "csrftoken") if DEVELOPMENT else ("__Host-sessionid", "__Host-csrftoken")
)
SESSION_COOKIE_AGE = ADMIN_SESSION_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "config.staff.refusals.form_is_stale"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": DATA}
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None

# --- CORS (contract/http-api.md §8) ----------------------------------------------------------------------------------
CORS_ALLOWED_ORIGINS = [origin for origin in CORS_ORIGINS if "*" not in origin]
CORS_ALLOWED_ORIGIN_REGEXES = [
    "^" + re.escape(origin).replace(r"\*", r"[A-Za-z0-9.-]+") + "$" for origin in CORS_ORIGINS if "*" in origin
]
CORS_URLS_REGEX = r"(?i)^/(correspondence/api/v1/|health)"
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    "authorization",
    "content-type",
    "request-id",
    "request-context",
    "traceparent",
    "prefer",
]

# --- DRF and OpenAPI -------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.kernel.authentication.IssuerAuthentication"],
    "EXCEPTION_HANDLER": "config.kernel.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "config.kernel.openapi.WireSchema",
    "UNAUTHENTICATED_USER": None,
    "NON_FIELD_ERRORS_KEY": "\x00whole",  # a key that no sender can write: property names may be anything else
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Correspondence",
    "DESCRIPTION": (
        "Official digital mail from public bodies. Speaks the wire contract of the Altinn 3 Correspondence API; "
        "every error is a problem-details document (RFC 9457) that names the field and the rule."
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": ["config.kernel.openapi.add_problem_schema"],  # enums stay where they are used
    "SCHEMA_PATH_PREFIX": "/correspondence/api/v1",
    "TAGS": [
        {"name": "correspondence", "description": "Letters, one for each recipient."},
        {"name": "attachment", "description": "Files that go along: uploaded first, then named in a letter."},
    ],
}

# --- Celery (config/celery.py reads the names that begin with CELERY_) -----------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_keepalive": True, "socket_connect_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True  # the rows are the state
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TASK_ROUTES = {
    "correspondence.queue_mailing": {"queue": "queue"},
    "correspondence.publish_due": {"queue": "publish"},
    "correspondence.sweep": {"queue": "maintenance"},
    "correspondence.clear_mailing": {"queue": "maintenance"},
    "correspondence.retention": {"queue": "maintenance"},
    "attachments.scan": {"queue": "scan"},
    "attachments.remove_bytes": {"queue": "maintenance"},
    "attachments.sweep": {"queue": "maintenance"},
    "attachments.remove_orphans": {"queue": "scan"},
    "attachments.remove_all_orphans": {"queue": "scan"},
    "staff.tidy": {"queue": "maintenance"},
}
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "correspondence.sweep",
        "schedule": SWEEP_EVERY_SECONDS,
        # A sweep that waited longer than the next one's turn has nothing left to say.
        "options": {"expires": SWEEP_EVERY_SECONDS * 2},
    },
    "sweep-attachments": {
        "task": "attachments.sweep",
        "schedule": SWEEP_EVERY_SECONDS,
        "options": {"expires": SWEEP_EVERY_SECONDS * 2},
    },
    "retention": {
        "task": "correspondence.retention",
        "schedule": RETENTION_EVERY_SECONDS,
        "options": {"expires": RETENTION_EVERY_SECONDS},
    },
    "remove-orphans": {
        "task": "attachments.remove_orphans",
        "schedule": ORPHANS_EVERY_SECONDS,
        "options": {"expires": ORPHANS_EVERY_SECONDS},
    },
    "tidy-staff": {"task": "staff.tidy", "schedule": 3600.0, "options": {"expires": 3600.0}},
    # At an hour, since an interval begins anew wherever beat's schedule file is lost.
    "remove-all-orphans": {"task": "attachments.remove_all_orphans", "schedule": crontab(hour="3", minute="17")},
}

LOGGING_CONFIG = None
logs.configure(LOG_LEVEL)
