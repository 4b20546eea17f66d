"""Settings of every environment, read top to bottom; what differs comes from variables (docs/settings.md)."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import Any
from zoneinfo import available_timezones

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

import config.env as environment
from config import production
from config.kernel import logs
from config.kernel.clock import MOST_DAYS
from config.kernel.content_policy import DATA
from config.kernel.postgresql.connections import BoundedConnection

BASE_DIR = environment.BASE_DIR
env = environment.Reader()

env.section("Which environment")
ENVIRONMENT = env.str(
    "ENVIRONMENT",
    "production",
    "`production` or `development`, which turns the development issuer on, lets `load_demo` run, lets the "
    "back-office's cookies travel over plain HTTP, sends no HSTS header, and puts the error's text into answers of 500",
)
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = env.bool("DEBUG", False, "Django's debug mode. Not needed for development; never in production")
SECRET_KEY = env.required(
    "SECRET_KEY", "signs the back-office's sessions. Random, 50 characters or more, the same for all web processes"
)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"] if DEVELOPMENT else [],
    "host names that are answered; all others are 400. Health probes send one too. In production at least one, and "
    "none with `*`; `.example.no` is that name and all below it",
    shown="development: `localhost,127.0.0.1,[::1]`, else empty",
)
BEHIND_TLS_PROXY = env.bool(
    "BEHIND_TLS_PROXY",
    False,
    "believe `X-Forwarded-Proto`. Only behind a proxy that always sets or removes it",
)
SECURE_SSL_REDIRECT = env.bool(
    "SECURE_SSL_REDIRECT",
    not DEVELOPMENT,
    "plain HTTP is redirected to HTTPS, health probes excepted. Behind a proxy that ends TLS it takes "
    "`BEHIND_TLS_PROXY` too, or every request counts as plain HTTP",
    shown="false in development, else true",
)
RUN_DIR = env.path(
    "RUN_DIR",
    BASE_DIR / ".run",
    "the run folder: the file `env`, the development issuer's key, attachments and static files unless their own "
    "variables say otherwise",
    shown="`.run` in the project",
)

PROXIES_IN_FRONT = env.int(
    "PROXIES_IN_FRONT",
    0,
    "how many proxies append to `X-Forwarded-For` whom they were called by; 0: the header is anybody's word",
)

env.section("Who enters the back-office", "([admin-access.md](admin-access.md))")
ADMIN_SECOND_FACTOR = env.str(
    "ADMIN_SECOND_FACTOR",
    "optional" if DEVELOPMENT else "required",
    "`off`, `optional` (who has one is asked for it) or `required` (who has none must set one up first)",
    shown="`optional` in development, else `required`",
)
ADMIN_LOGIN_ATTEMPTS = env.int(
    "ADMIN_LOGIN_ATTEMPTS", 5, "wrong passwords or codes for one name from one address, after which both are locked out"
)
ADMIN_LOCKOUT_SECONDS = env.int("ADMIN_LOCKOUT_SECONDS", 900, "for how long")
ADMIN_LOGIN_NAMES = env.int(
    "ADMIN_LOGIN_NAMES",
    20,
    "so many names that failed from one address within that time shut it out for all names, since somebody tries one "
    "password on many. Only with `PROXIES_IN_FRONT`, or it might be everybody's address; 0: any number",
)
ADMIN_SESSION_SECONDS = env.int(
    "ADMIN_SESSION_SECONDS", 12 * 3600, "after this a session has ended, however it is used"
)
ADMIN_IDLE_SECONDS = env.int("ADMIN_IDLE_SECONDS", 1800, "after this a session that nobody uses has ended")
BACK_OFFICE_TIME_ZONE = env.str(
    "BACK_OFFICE_TIME_ZONE",
    "Europe/Oslo",
    "the time zone of what people read and write in the back-office. The wire, the logs and the database have UTC",
)

env.section("Where the data lies")
DATABASE_URL = env.required(
    "DATABASE_URL", "PostgreSQL, in any form that libpq reads; parameters behind `?` go to the driver (`sslmode`, …)"
)
REDIS_URL = env.required("REDIS_URL", "the broker: Redis or Valkey, always written `redis://` (or `rediss://`)")
DATABASE_POOL_SIZE = env.int(
    "DATABASE_POOL_SIZE",
    0,
    "most connections of one process. 0: no pool, one lasting connection for each thread. The web server sets "
    "16 unless told otherwise; leave it unset for workers and commands",
)
DATABASE_POOL_TIMEOUT_SECONDS = env.float(
    "DATABASE_POOL_TIMEOUT_SECONDS", 2.0, "how long a request waits for a connection of the pool; then 503"
)

PROCESS_KIND = env.str(
    "PROCESS_KIND",
    "command",
    "`web`, `worker` or `command`: whose limits the following have when they are unset ([database.md](database.md)). "
    "gunicorn, Celery's worker and its beat set it",
)
_LIMITS = {
    # statement, lock, idle in a transaction, transaction, answer: seconds, 0 for none
    "web": (5.0, 3.0, 8.0, 8.0, 7.0),
    "worker": (60.0, 10.0, 60.0, 110.0, 65.0),
    "command": (0.0, 2.0, 0.0, 0.0, 0.0),  # below the web's: who waits behind migrate still gets its lock
}.get(PROCESS_KIND, (0.0, 0.0, 0.0, 0.0, 0.0))
DATABASE_STATEMENT_SECONDS = env.float(
    "DATABASE_STATEMENT_SECONDS",
    _LIMITS[0],
    "the longest statement; 0, here and below: no limit",
    shown="5 web, 60 worker, 0 command",
)
DATABASE_LOCK_SECONDS = env.float(
    "DATABASE_LOCK_SECONDS", _LIMITS[1], "the longest wait for a lock", shown="3 web, 10 worker, 2 command"
)
DATABASE_IDLE_IN_TRANSACTION_SECONDS = env.float(
    "DATABASE_IDLE_IN_TRANSACTION_SECONDS",
    _LIMITS[2],
    "how long a transaction may stand idle",
    shown="8 web, 60 worker, 0 command",
)
DATABASE_TRANSACTION_SECONDS = env.float(
    "DATABASE_TRANSACTION_SECONDS",
    _LIMITS[3],
    "the longest transaction; PostgreSQL 17 and newer",
    shown="8 web, 110 worker, 0 command",
)
DATABASE_ANSWER_SECONDS = env.float(
    "DATABASE_ANSWER_SECONDS",
    _LIMITS[4],
    "how long a server that says nothing is waited for; more than a statement may take",
    shown="7 web, 65 worker, 0 command",
)

env.section("Whom we trust", "([tokens.md](tokens.md))")
DEVELOPMENT_ISSUER_ENABLED = env.bool(
    "DEVELOPMENT_ISSUER_ENABLED",
    DEVELOPMENT,
    "believe tokens of the local development issuer. Refused at start outside development",
    shown="true in development, else false",
)
DEVELOPMENT_ISSUER_DIR = RUN_DIR / "issuer"
TRUSTED_ISSUERS = env.json("TRUSTED_ISSUERS", [], "the issuers whose tokens are believed")
ISSUER_KEYS_FRESH_SECONDS = env.int(
    "ISSUER_KEYS_FRESH_SECONDS", 600, "how long keys from a `jwks_url` are used before they are fetched anew"
)
ISSUER_KEYS_STALE_SECONDS = env.int(
    "ISSUER_KEYS_STALE_SECONDS", 24 * 3600, "how long they are used while the issuer cannot be reached; then 503"
)

env.section("What is accepted")
MAX_JSON_BODY_BYTES = env.int("MAX_JSON_BODY_BYTES", 4 * 1024 * 1024, "larger JSON bodies are 413")
BODY_READ_SECONDS = env.float("BODY_READ_SECONDS", 30.0, "for a whole JSON body to arrive; 408 after that")
MAX_UPLOAD_BYTES = env.int(
    "MAX_UPLOAD_BYTES",
    50_000_000_000,
    "larger uploads of a single file are CORR-02004. With ClamAV 2000000000: larger ones cannot be scanned",
)
MAX_FORM_FILE_BYTES = env.int("MAX_FORM_FILE_BYTES", 2_000_000_000, "the same for each file of a form")
FORM_MAX_VALUES = env.int("FORM_MAX_VALUES", 5000, "forms with more text values are refused")
MIN_EXPIRATION_DAYS = env.int("MIN_EXPIRATION_DAYS", 14, "`expirationInDays` below it is CORR-02017")
RECIPIENTS_MUST_BE_KNOWN = env.bool(
    "RECIPIENTS_MUST_BE_KNOWN",
    False,
    "letters to recipients whom the register of parties does not hold are refused (CORR-01029), and fail if "
    "they leave it before their letter goes out ([recipients.md](recipients.md))",
)
CORS_ORIGINS = env.list(
    "CORS_ORIGINS",
    [],
    "origins of browser clients, such as `https://portal.example.no`; `*` in one stands for letters, digits, "
    "dots and hyphens",
)

env.section("How much one caller may ask for", "([security.md](security.md))")
RATE_LIMIT_WRITES_PER_MINUTE = env.int(
    "RATE_LIMIT_WRITES_PER_MINUTE",
    0,
    "POST and DELETE requests of one caller in a minute, all at once or spread; more are 429. 0: any number",
)
RATE_LIMIT_READS_PER_MINUTE = env.int("RATE_LIMIT_READS_PER_MINUTE", 0, "the same for GET")

env.section("What is kept, and how long", "([retention.md](retention.md); a resource may say otherwise)")
KEEP_PURGED_CONTENT_DAYS = env.days(
    "KEEP_PURGED_CONTENT_DAYS", 0, "content of a mailing after the last of its letters was purged"
)
KEEP_EXPIRED_CONTENT_DAYS = env.days(
    "KEEP_EXPIRED_CONTENT_DAYS", None, "content after `dueDateTime`; unset or empty: for ever"
)
KEEP_PUBLISHED_CONTENT_DAYS = env.days(
    "KEEP_PUBLISHED_CONTENT_DAYS", None, "content after its publish time; unset or empty: for ever"
)
KEEP_HISTORY_DAYS = env.days(
    "KEEP_HISTORY_DAYS", None, "letters and their history after the content was erased; unset or empty: for ever"
)
KEEP_IDEMPOTENCY_KEYS_DAYS = env.int("KEEP_IDEMPOTENCY_KEYS_DAYS", 90, "used idempotency keys; at least 90")
RETENTION_EVERY_SECONDS = env.float(
    "RETENTION_EVERY_SECONDS", 3600.0, "how often somebody looks for what has been kept long enough"
)

env.section("Where attachments lie", "([attachments.md](attachments.md))")
ATTACHMENTS_STORAGE = env.str(
    "ATTACHMENTS_STORAGE",
    "local",
    "`local`: a folder, which web processes and workers share; `s3`: a bucket of S3 or of a store that speaks "
    "its protocol",
)
ATTACHMENTS_DIR = env.path(
    "ATTACHMENTS_DIR",
    RUN_DIR / "attachments",
    "the folder for `local`; made when the first file comes",
    shown="`attachments` in the run folder",
)
S3_BUCKET = env.str(
    "S3_BUCKET",
    "",
    "the bucket for `s3`, which must be there. Without versioning, or what is deleted stays. boto3 finds the "
    "credentials in its own way: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, `AWS_PROFILE`, a web "
    "identity, or the machine's role",
)
S3_PREFIX = env.str(
    "S3_PREFIX", "", "a folder inside the bucket, such as `correspondence/test`; nothing outside of it is looked at"
)
S3_ENDPOINT_URL = env.str(
    "S3_ENDPOINT_URL", "", "address of another store than Amazon's, such as `https://s3.example.no`"
)
S3_REGION = env.str("S3_REGION", "", "region of the bucket; empty: as boto3 finds it (`AWS_DEFAULT_REGION`, …)")
S3_ENCRYPTION = env.str(
    "S3_ENCRYPTION",
    "",
    "what the store is asked to encrypt with: `AES256`, `aws:kms`, or nothing, which leaves it to the bucket",
)
S3_KMS_KEY_ID = env.str("S3_KMS_KEY_ID", "", "key for `aws:kms`; empty: the account's own")
S3_PATH_STYLE = env.bool(
    "S3_PATH_STYLE",
    False,
    "write the bucket into the path and not into the host name, as many self-hosted stores need it",
)

env.section("How attachments are scanned", "([0009](decisions/0009-clamav-by-our-own-hand.md))")
# No default in production: that files go out unscanned must be somebody's decision (attachments/scanners refuses "").
MALWARE_SCANNER = env.str(
    "MALWARE_SCANNER",
    "none" if DEVELOPMENT else "",
    "`clamav`: a file is published once clamd has found it clean; `none`: at once, unscanned",
    shown="`none` in development, else –",
)
CLAMAV_ADDRESS = env.str(
    "CLAMAV_ADDRESS",
    "127.0.0.1:3310",
    "where clamd listens: `host:port`, or `unix:/path`. Its clamd.conf needs `AlertExceedsMax yes`, or files "
    "above its limits pass as clean",
)
CLAMAV_TIMEOUT_SECONDS = env.float(
    "CLAMAV_TIMEOUT_SECONDS",
    300.0,
    "how long clamd may take for its answer once it has the whole file (and as long to take in any one piece); "
    "then the scan is tried again. Longer than clamd's `MaxScanTime`",
)

env.section("How files stream in and out", "([attachments.md](attachments.md))")
UPLOADS_AT_ONCE = env.int(
    "UPLOADS_AT_ONCE",
    12,
    "uploads and forms of one web process at once, half of them for one caller; more are 503. Fewer, with the "
    "downloads, than `WEB_THREADS`",
)
DOWNLOADS_AT_ONCE = env.int("DOWNLOADS_AT_ONCE", 12, "the same for downloads")
TRANSFER_WINDOW_SECONDS = env.float(
    "TRANSFER_WINDOW_SECONDS",
    60.0,
    "a file that moves slower than the rate below in each such window is cut off (408, CORR-02022 for uploads)",
)
TRANSFER_LEAST_BYTES_PER_SECOND = env.int(
    "TRANSFER_LEAST_BYTES_PER_SECOND", 1000, "that rate, as the kernel counts what came in or was confirmed"
)
UPLOAD_MOST_SECONDS = env.float("UPLOAD_MOST_SECONDS", 12 * 3600.0, "no upload and no form lasts longer")
UPLOAD_LEASE_SECONDS = env.float(
    "UPLOAD_LEASE_SECONDS", 120.0, "an upload whose web process has not been heard of for so long has died"
)
SCAN_LEASE_SECONDS = env.float("SCAN_LEASE_SECONDS", 60.0, "the same for a scan and its worker")
SCAN_RETRY_SECONDS = env.float(
    "SCAN_RETRY_SECONDS", 15.0, "pause before a file is scanned again whose scanner was not there"
)
SCAN_TASK_SECONDS = env.int("SCAN_TASK_SECONDS", 4 * 3600, "a scan that takes longer is ended, and tried again")
ORPHAN_AFTER_SECONDS = env.float(
    "ORPHAN_AFTER_SECONDS",
    24 * 3600.0,
    "stored bytes that no attachment names are removed at this age; at least an hour more than `UPLOAD_MOST_SECONDS`",
)
ORPHANS_EVERY_SECONDS = env.float(
    "ORPHANS_EVERY_SECONDS", 3600.0, "how often beat looks for them among the last days; once a day among all"
)

env.section("How the queue works", "([architecture.md](architecture.md))")
SWEEP_EVERY_SECONDS = env.float(
    "SWEEP_EVERY_SECONDS", 5.0, "how often beat looks for work in the tables; also how late a scheduled letter may be"
)
FORGOTTEN_AFTER_SECONDS = env.float(
    "FORGOTTEN_AFTER_SECONDS", 10.0, "age from which the sweep queues a stored mailing whose wake-up seems lost"
)
PUBLISH_CHUNK = env.int("PUBLISH_CHUNK", 100, "letters published in one transaction")
PUBLISH_TASK_SECONDS = env.float(
    "PUBLISH_TASK_SECONDS", 20.0, "a publishing task hands over to a new one after this time"
)
PUBLISH_ATTEMPTS = env.int("PUBLISH_ATTEMPTS", 5, "a letter that fails this often by itself is set aside")
PUBLISH_RETRY_SECONDS = env.float(
    "PUBLISH_RETRY_SECONDS",
    5.0,
    "pause after its first failure; each further one is four times longer (5, 20, 80, 320)",
)
TASK_SOFT_SECONDS = env.int(
    "TASK_SOFT_SECONDS", 90, "a task other than a scan that takes longer is told to end, and killed 30 s after that"
)
WORKER_PROCESS_MEMORY_MB = env.int(
    "WORKER_PROCESS_MEMORY_MB",
    400,
    "a worker's process that has grown beyond this is replaced after its task; 0: however large",
)
WORKER_PROCESS_TASKS = env.int(
    "WORKER_PROCESS_TASKS", 0, "a worker's process that has done so many tasks is replaced; 0: however many"
)

env.section("How it is seen into", "([monitoring.md](monitoring.md))")
METRICS_PORT = env.int(
    "METRICS_PORT",
    0,
    "where Prometheus finds the metrics; web, worker and beat of one machine need one each. 0: nobody listens",
)
METRICS_HOST = env.str("METRICS_HOST", "127.0.0.1", "the address that they listen on")
METRICS_DIR = env.path(
    "METRICS_DIR",
    RUN_DIR / "metrics",
    "where processes keep their counters; emptied at each start, best in memory",
    shown="`metrics` in the run folder",
)
OTEL_EXPORTER_OTLP_ENDPOINT = env.str(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "",
    "where traces are sent by OTLP over HTTP, such as `http://collector:4318`; empty: there are none. The further "
    "`OTEL_…` variables are read by OpenTelemetry's own libraries",
)

env.section("Around it")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`")
STATIC_ROOT = env.path(
    "STATIC_ROOT",
    RUN_DIR / "static",
    "where `collectstatic` writes and the web server reads",
    shown="`static` in the run folder",
)
WEB_WORKERS = env.int("WEB_WORKERS", 2, environment.Elsewhere("config.gunicorn"))
WEB_THREADS = env.int("WEB_THREADS", 32, environment.Elsewhere("config.gunicorn"))


def _faults() -> Iterator[str]:
    """What keeps the service from running with these settings; each fault in one sentence."""
    yield from env.faults()
    if ENVIRONMENT not in {"production", "development"}:
        yield f'ENVIRONMENT is "{ENVIRONMENT}": choose production or development.'
    if ENVIRONMENT == "production":
        yield from production.faults(
            secret_key=SECRET_KEY,
            debug=DEBUG,
            development_issuer=DEVELOPMENT_ISSUER_ENABLED,
            hosts=ALLOWED_HOSTS,
            scanner=MALWARE_SCANNER,
            admin_password=os.environ.get("ADMIN_PASSWORD", ""),
        )
    if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        yield "LOG_LEVEL is DEBUG, INFO, WARNING, ERROR or CRITICAL."
    if OTEL_EXPORTER_OTLP_ENDPOINT and not (find_spec("opentelemetry") and find_spec("opentelemetry.instrumentation")):
        yield "OTEL_EXPORTER_OTLP_ENDPOINT needs the packages of the extra otel (pyproject.toml)."
    yield from _staff_faults()
    yield from _database_faults()
    yield from _storage_faults()
    if RATE_LIMIT_WRITES_PER_MINUTE < 0 or RATE_LIMIT_READS_PER_MINUTE < 0:
        yield "RATE_LIMIT_WRITES_PER_MINUTE and RATE_LIMIT_READS_PER_MINUTE are 0 or more."
    yield from _retention_faults()
    if TASK_SOFT_SECONDS < PUBLISH_TASK_SECONDS + 10 or TASK_SOFT_SECONDS < 40:
        yield "TASK_SOFT_SECONDS is 40 at least, and 10 above PUBLISH_TASK_SECONDS."
    if UPLOADS_AT_ONCE + DOWNLOADS_AT_ONCE >= WEB_THREADS:
        yield "UPLOADS_AT_ONCE and DOWNLOADS_AT_ONCE must together be below WEB_THREADS."
    if ORPHAN_AFTER_SECONDS <= UPLOAD_MOST_SECONDS + 3600:
        yield "ORPHAN_AFTER_SECONDS must be an hour above UPLOAD_MOST_SECONDS, or files are lost."


def _database_faults() -> Iterator[str]:
    """What keeps the limits on the database from being what these settings ask; each fault in one sentence."""
    if PROCESS_KIND not in {"web", "worker", "command"}:
        yield "PROCESS_KIND is web, worker or command."
    limits = {
        "DATABASE_STATEMENT_SECONDS": DATABASE_STATEMENT_SECONDS,
        "DATABASE_LOCK_SECONDS": DATABASE_LOCK_SECONDS,
        "DATABASE_IDLE_IN_TRANSACTION_SECONDS": DATABASE_IDLE_IN_TRANSACTION_SECONDS,
        "DATABASE_TRANSACTION_SECONDS": DATABASE_TRANSACTION_SECONDS,
        "DATABASE_ANSWER_SECONDS": DATABASE_ANSWER_SECONDS,
    }
    for name, seconds in limits.items():
        if not 0 <= seconds <= 86_400:
            yield f"{name} is 0, for none, to 86400."
    if DATABASE_ANSWER_SECONDS and not 0 < DATABASE_STATEMENT_SECONDS < DATABASE_ANSWER_SECONDS:
        yield "DATABASE_ANSWER_SECONDS must be above DATABASE_STATEMENT_SECONDS, or answers that come are not awaited."


def _staff_faults() -> Iterator[str]:
    """What keeps the doors of the back-office from being as these settings ask; each fault in one sentence."""
    if ADMIN_SECOND_FACTOR not in {"off", "optional", "required"}:
        yield "ADMIN_SECOND_FACTOR is off, optional or required."
    if min(ADMIN_LOGIN_ATTEMPTS, ADMIN_LOCKOUT_SECONDS, ADMIN_SESSION_SECONDS, ADMIN_IDLE_SECONDS) < 1:
        yield (
            "ADMIN_LOGIN_ATTEMPTS, ADMIN_LOCKOUT_SECONDS, ADMIN_SESSION_SECONDS and ADMIN_IDLE_SECONDS are at least 1."
        )
    if BACK_OFFICE_TIME_ZONE not in available_timezones():
        yield f'BACK_OFFICE_TIME_ZONE is "{BACK_OFFICE_TIME_ZONE}": name one such as Europe/Oslo.'
    if ADMIN_LOGIN_NAMES < 0:
        yield "ADMIN_LOGIN_NAMES is 0 or more."
    if PROXIES_IN_FRONT < 0:
        yield "PROXIES_IN_FRONT is the number of proxies, 0 or more."


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


if found := list(_faults()):
    raise ImproperlyConfigured("\n".join(found))


# --- Django ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "config.staff.apps.StaffConfig",  # between those whose pages it takes away and the admin that it extends
    "correspondence",  # before the admin, whose index page it extends
    "config.staff.apps.BackOfficeConfig",
    "config.audit.apps.AuditConfig",
    "config.imports.apps.ImportsConfig",
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
    "config.kernel.security_headers.SecurityHeadersMiddleware",
    "config.kernel.trace.TraceMiddleware",
    "config.kernel.content_policy.ContentPolicyMiddleware",
    "config.kernel.middleware.WirePathMiddleware",
    "config.kernel.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.staff.languages.BackOfficeLanguageMiddleware",
    "config.kernel.middleware.BackOfficeBodyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.staff.sessions.SessionRulesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.imports.reader.ImportBodyMiddleware",
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
# Of everything but the back-office, which speaks all of these (config/staff/languages.py).
LANGUAGE_CODE = "en"
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]  # one catalog for all apps: a term is translated once
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_PATH = "back_office_language", "/admin/"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_SECURE = True, "Lax", not DEVELOPMENT
TIME_ZONE = "UTC"
USE_TZ = True


def _database() -> dict[str, Any]:
    parts = conninfo_to_dict(DATABASE_URL)
    options: dict[str, Any] = {
        key: value for key, value in parts.items() if key not in {"dbname", "user", "password", "host", "port"}
    }
    timeouts = {
        "statement_timeout": DATABASE_STATEMENT_SECONDS,
        "lock_timeout": DATABASE_LOCK_SECONDS,
        "idle_in_transaction_session_timeout": DATABASE_IDLE_IN_TRANSACTION_SECONDS,
    }
    words = [f"-c {name}={seconds * 1000:.0f}" for name, seconds in timeouts.items() if seconds]
    # Of the same setting the last counts: DATABASE_URL's.
    if startup := " ".join([*words, str(options.pop("options", ""))]).strip():
        options["options"] = startup
    pooled = DATABASE_POOL_SIZE > 0
    if pooled:
        options["pool"] = {
            "connection_class": BoundedConnection,
            "min_size": 1,
            "max_size": DATABASE_POOL_SIZE,
            "timeout": DATABASE_POOL_TIMEOUT_SECONDS,
            # The pool doubles its pauses up to this: with its default a long outage would outlive itself by minutes.
            "reconnect_timeout": 2,
        }
    return {
        "ENGINE": "config.kernel.postgresql",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": {
            "connect_timeout": 5,
            # A peer that has vanished is given up after a minute; to a firewall no connection is idle.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,  # milliseconds without a confirmation of what was sent
            "transaction_timeout": round(DATABASE_TRANSACTION_SECONDS * 1000),
            "answer_seconds": DATABASE_ANSWER_SECONDS or None,
            **options,
        },
        # Django refuses a pool together with persistent connections.
        "CONN_MAX_AGE": 0 if pooled else 60,
        "CONN_HEALTH_CHECKS": not pooled,  # config/kernel/postgresql says why not with a pool
    }


DATABASES = {"default": _database()}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "config.staff.backend.StaffBackend"]
# Failed logins (config/staff/lockout.py).
AXES_HANDLER = "config.staff.lockout.Handler"
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

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # forms of the back-office, but for imports (config/imports/reader.py)
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
# Probes come from inside, over plain HTTP: a redirect would lead them to a port where nobody listens.
SECURE_REDIRECT_EXEMPT = [r"(?i)^health(z|/live|/ready)?/?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for names below this one: they may be others', who answer no HTTPS yet
    "security.W021",  # HSTS preloaded by browsers: of a whole domain, for years; its owner's to decide, not a service's
]

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
    # A queue of their own: behind a thousand messages of the cleaning, what is due would be late by as many.
    "correspondence.sweep": {"queue": "sweep"},
    "correspondence.clear_mailing": {"queue": "maintenance"},
    "correspondence.retention": {"queue": "maintenance"},
    "correspondence.work_off_job": {"queue": "maintenance"},
    "attachments.scan": {"queue": "scan"},
    "attachments.remove_bytes": {"queue": "maintenance"},
    "attachments.sweep": {"queue": "sweep"},
    "attachments.remove_orphans": {"queue": "scan"},
    "attachments.remove_all_orphans": {"queue": "scan"},
    "staff.tidy": {"queue": "maintenance"},
    "imports.tidy": {"queue": "maintenance"},
}
# Within the task at the first, with a line of the log; at the second its process is killed. No task of ours but a scan
# (attachments/tasks.py) goes on for longer than PUBLISH_TASK_SECONDS or 30 s by itself.
CELERY_TASK_SOFT_TIME_LIMIT = TASK_SOFT_SECONDS
CELERY_TASK_TIME_LIMIT = TASK_SOFT_SECONDS + 30
CELERY_WORKER_MAX_MEMORY_PER_CHILD = WORKER_PROCESS_MEMORY_MB * 1024  # kB; looked at after each task
CELERY_WORKER_MAX_TASKS_PER_CHILD = WORKER_PROCESS_TASKS or None
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat.Scheduler"
# Those that nobody takes must not pile up. Less would be wrong: beat's clock says when a message ends, the worker's
# whether it has; where these differ, or all processes publish for PUBLISH_TASK_SECONDS, no sweep would run at all.
_SWEEP_WAITS_SECONDS = max(60.0, 2 * SWEEP_EVERY_SECONDS)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "correspondence.sweep",
        "schedule": SWEEP_EVERY_SECONDS,
        "options": {"expires": _SWEEP_WAITS_SECONDS},
    },
    "sweep-attachments": {
        "task": "attachments.sweep",
        "schedule": SWEEP_EVERY_SECONDS,
        "options": {"expires": _SWEEP_WAITS_SECONDS},
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
    "tidy-imports": {"task": "imports.tidy", "schedule": 600.0, "options": {"expires": 600.0}},
    # At an hour, since an interval begins anew wherever beat's schedule file is lost.
    "remove-all-orphans": {"task": "attachments.remove_all_orphans", "schedule": crontab(hour="3", minute="17")},
}

LOGGING_CONFIG = None
logs.configure(LOG_LEVEL)
