"""Settings, all of them, from the environment. What is missing or malformed in production stops the start with a sentence."""

import os
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from casemgr.kit.privacy import key_ring

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("CASEMGR_VAR", BASE_DIR / "var"))

env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

PRODUCTION = env.bool("CASEMGR_PRODUCTION", False)
DEBUG = env.bool("CASEMGR_DEBUG", False)
DEMO = env.bool("CASEMGR_DEMO", not PRODUCTION)
DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses-to-start-with-0000"
SECRET_KEY = env.str("CASEMGR_SECRET_KEY", DEVELOPMENT_SECRET)
# From this one secret the keyed hashes of every merchant are derived (casemgr.kit.privacy).
HASH_SECRET = env.str("CASEMGR_HASH_SECRET", DEVELOPMENT_SECRET if not PRODUCTION else "")
# id:base64,id2:base64: the first wraps the keys of cases, imports and merchants, the others only open (docs/adr/0009).
DATA_KEYS = key_ring.checked(env.str("CASEMGR_DATA_KEYS", ""), is_needed=PRODUCTION)
ALLOWED_HOSTS = env.list("CASEMGR_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CASEMGR_ORIGINS", default=[])

if PRODUCTION:
    if SECRET_KEY == DEVELOPMENT_SECRET or len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("CASEMGR_SECRET_KEY must be set to at least 50 random characters in production.")
    if len(HASH_SECRET) < 32 or HASH_SECRET == DEVELOPMENT_SECRET:
        raise ImproperlyConfigured("CASEMGR_HASH_SECRET must be set to at least 32 random characters in production.")
    if DEBUG or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("Production runs without CASEMGR_DEBUG and without '*' in CASEMGR_HOSTS.")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_celery_beat",
    "django_cotton",
    "django_filters",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "casemgr.kit",
    "stores",
    "orders",
    "appeals",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "stores.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "stores.middleware.SessionRules",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "casemgr.kit.http.ConflictMiddleware",
    "casemgr.kit.once.OnceMiddleware",
    "appeals.middleware.DefaultViews",
]

ROOT_URLCONF = "casemgr.urls"
WSGI_APPLICATION = "casemgr.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n", "django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "appeals.context.frame",
            ],
        },
    },
]
COTTON_DIR = "components"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{VAR_DIR / 'casemgr.sqlite3'}")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    DATABASES["default"]["TEST"] = {"NAME": os.environ.get("CASEMGR_TEST_SQLITE", str(VAR_DIR / "test.sqlite3"))}
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8}} if PRODUCTION else {}
    # Compiling a plan takes longer than the plans of this program run.
    DATABASES["default"]["OPTIONS"]["options"] = "-c jit=off"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "stores.User"
AUTHENTICATION_BACKENDS = ["stores.auth.PhoneOrEmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# Who may come in and how often they may try is stores.sign_in and stores.throttle; allauth carries a sign-in over to its
# second step and checks the codes (docs/adr/0005). Nobody signs themselves up, no e-mail address is needed.
TOTP_REQUIRED = env.bool("CASEMGR_TOTP_REQUIRED", not DEMO)  # of agency people; merchants may if they want to
PROXIES = env.int("CASEMGR_PROXIES", 0)  # proxies of ours in front, each adding one address to X-Forwarded-For
ACCOUNT_ADAPTER = "stores.sign_in.SignInAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Guesses at codes, by person. Passwords have their own limits: stores.throttle.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/m/key,20/h/key,60/d/key"}
MFA_ADAPTER = "stores.sign_in.CodeAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_REAUTHENTICATION_REQUIRED = False  # stores.views.me asks for password or code itself
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds before and after: phones' clocks differ
MFA_TOTP_ISSUER = "CaseMgr"

# Counters of sign-in attempts and used codes: rows, so that every process counts the same. Made by a migration.
CACHE_ROWS = {"LOCATION": "cache_rows", "OPTIONS": {"MAX_ENTRIES": 100_000}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", **CACHE_ROWS}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["casemgr.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "casemgr.kit.assets.VendorFinder",
]
MEDIA_ROOT = VAR_DIR / "private"  # never served by path; appeals.views.files checks access and streams
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(MEDIA_ROOT)}},
    "staticfiles": {
        "BACKEND": "casemgr.kit.assets.ManifestStorage"
        if PRODUCTION or env.bool("CASEMGR_MANIFEST_STATIC", False)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
BACKUP_DIR = env.str("CASEMGR_BACKUP_DIR", "")  # a folder that is there: a backup a day goes into it; empty: none does
IMPORT_MAX_BYTES = env.int("CASEMGR_IMPORT_MAX_BYTES", 300 * 1024 * 1024)
# How long what is kept (docs/adr/0009): closed cases with their files, clear recipients, notifications.
CASE_YEARS = env.int("CASEMGR_CASE_YEARS", 3)
RECIPIENT_DAYS = env.int("CASEMGR_RECIPIENT_DAYS", 180)
NOTIFICATION_DAYS = env.int("CASEMGR_NOTIFICATION_DAYS", 365)
IMPORT_KEEP_DAYS = env.int("CASEMGR_IMPORT_DAYS", 30)  # an imported file is kept sealed so long; 0: not at all
EVIDENCE_MAX_BYTES = env.int("CASEMGR_EVIDENCE_MAX_BYTES", 30 * 1024 * 1024)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Hours without a request, and hours altogether, after which a session ends (stores.middleware).
SESSION_HOURS = {"agency": (12, 7 * 24), "merchant": (14 * 24, 30 * 24)}
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("CASEMGR_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # monitors ask from inside, without a proxy in front
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("CASEMGR_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Celery. Without CASEMGR_BROKER_URL the messages are files in a folder: nothing to install (docs/adr/0004).
BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = env.str("CASEMGR_BROKER_URL", "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    for part in ("queue", "control"):
        (BROKER_DIR / part).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
else:  # a request never waits long for a broker that is away: the job row is there, the sweep sends it again
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep jobs": {"task": "casemgr.kit.tasks.sweep", "schedule": 2.0, "options": {"expires": 4}},
    "screen the clock": {"task": "orders.tasks.screen_clock", "schedule": 300.0, "options": {"expires": 300}},
    "retain": {"task": "appeals.tasks.retain_daily", "schedule": 3600.0, "options": {"expires": 3600}},
    "watch deadlines": {"task": "appeals.tasks.watch_deadlines", "schedule": 60.0, "options": {"expires": 60}},
    "tidy up jobs": {"task": "casemgr.kit.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "tidy up packs": {"task": "appeals.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "keep plans": {"task": "appeals.tasks.keep_plans", "schedule": 3600.0, "options": {"expires": 3600}},
    "measure plans": {"task": "appeals.tasks.measure_daily", "schedule": 3600.0, "options": {"expires": 3600}},
    "back up": {"task": "casemgr.kit.tasks.nightly_backup", "schedule": 3600.0, "options": {"expires": 3600}},
    "seal the audit trail": {"task": "casemgr.kit.tasks.seal", "schedule": 60.0, "options": {"expires": 60}},
}

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
HAS_MAIL = bool(env.str("CASEMGR_EMAIL_URL", ""))
if HAS_MAIL:
    vars().update(env.email_url("CASEMGR_EMAIL_URL"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("CASEMGR_FROM_EMAIL", "casemgr@localhost")

TESTING = "pytest" in sys.modules
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("CASEMGR_LOG_LEVEL", "WARNING")},
}

# The newest seal of the audit trail, outside the database; on another disk or machine it proves more (docs/adr/0008).
AUDIT_HEAD = env.str("CASEMGR_AUDIT_HEAD", str(VAR_DIR / "audit-head.json"))

# House rules of the agency.
REVIEW_ALWAYS_BY_ANOTHER = env.bool("CASEMGR_REVIEW_ALWAYS_BY_ANOTHER", False)
CLAIM_HOURS = 2  # the right to submit lapses after this (states of the domain, Filing)
OFFICE_HOURS = env.list("CASEMGR_OFFICE_HOURS", default=["09:00", "21:00"])  # when the agency works: from, to
OFFICE_KEEPS_HOLIDAYS = env.bool("CASEMGR_OFFICE_KEEPS_HOLIDAYS", False)  # it rests on days off (CalendarDay)
# How long the steps of a filing take, in hours (appeals.deadline_plan.Hours; those not named keep its defaults).
CASE_PLAN_HOURS = {name: float(hours) for name, hours in env.dict("CASEMGR_CASE_PLAN_HOURS", default={}).items()}
