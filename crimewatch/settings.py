"""Django's settings: the only settings file. What differs between machines comes from `crimewatch.environment`."""

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from crimewatch.database import database_settings
from crimewatch.environment import PROJECT_FOLDER, read_environment, secret_key_from
from crimewatch.mail import mail_backend, mail_server

environment = read_environment()

BASE_DIR = PROJECT_FOLDER
VAR_DIR = environment.var_dir
DEBUG = environment.debug
SECRET_KEY = environment.secret_key or secret_key_from(VAR_DIR)
ALLOWED_HOSTS = list(environment.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(environment.csrf_trusted_origins)

# Anonymous visitors see nothing unless this is on, and then published records only.
SITE_IS_PUBLIC = environment.site_is_public

# Otherwise a second person has to look at what somebody has worked on before it is published.
AUTHORS_MAY_PUBLISH = environment.authors_may_publish

INSTALLED_APPS = [
    "procrastinate.contrib.django",  # before our apps, which define its tasks
    "crimewatch.explorer",
    "crimewatch.exchange",
    "crimewatch.curation",
    "crimewatch.accounts",  # before allauth, in whose place its templates stand
    "programs",
    "actors",
    "regions",
    "crimewatch.citations",
    "crimewatch.collections",
    "crimewatch.records",
    "crimewatch.records.admin_config.CrimeWatchAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # before staticfiles: development serves static files as production does
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crimewatch.accounts.middleware.LastSeenMiddleware",
    "crimewatch.accounts.middleware.SecondFactorMiddleware",
    "pghistory.middleware.HistoryMiddleware",  # behind authentication: it tells the history who is at work
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "crimewatch.urls"
WSGI_APPLICATION = "crimewatch.wsgi.application"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "explorer:home"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crimewatch.records.access.viewer",
            ],
        },
    },
]

# Database

DATABASES = {"default": database_settings(environment)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Logins

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

# Everybody who may edit shows a second factor before anything else; on one's own machine that would be in the way.
SECOND_FACTOR_REQUIRED = environment.second_factor_required and not DEBUG

ACCOUNT_ADAPTER = "crimewatch.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "crimewatch.accounts.forms.LoginForm",
    "reauthenticate": "crimewatch.accounts.forms.PasswordAgainForm",
    "change_password": "crimewatch.accounts.forms.ChangePasswordForm",
    "reset_password": "crimewatch.accounts.forms.AskForPasswordForm",
    "reset_password_from_key": "crimewatch.accounts.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_ENABLED = False  # administrators make logins
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "CrimeWatch: "
# Django's own knows the address that administrators have typed; allauth's keeps addresses of its own.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/15m/key",  # wrong passwords and wrong codes; the sentence says when to try again
    "reset_password": "10/m/ip,3/15m/key",
}

MFA_ADAPTER = "crimewatch.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "crimewatch.accounts.forms.CodeForm",
    "reauthenticate": "crimewatch.accounts.forms.CodeAgainForm",
    "activate_totp": "crimewatch.accounts.forms.FirstCodeForm",
}
MFA_TOTP_ISSUER = "CrimeWatch"
MFA_TOTP_TOLERANCE = 1  # clocks of phones go up to half a minute wrong
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up, so nobody can sign up with the address of somebody else

SESSION_COOKIE_AGE = environment.session_hours * 60 * 60
SESSION_LONGEST_AGE = environment.session_longest_hours * 60 * 60  # ours: a session that is used ends as well
PASSWORD_RESET_TIMEOUT = 60 * 60

# Limits of tries are kept in the cache, and used codes: in the database, where a restart does not forget them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # Django's 300 would let anybody push the limits of others out
    }
}

# Mail

SENDS_MAIL = DEBUG or bool(environment.email_url)
EMAIL_BACKEND = f"django.core.mail.backends.{mail_backend(environment)}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = mail_server(
    environment.email_url
)
EMAIL_TIMEOUT = 10  # seconds; somebody waits for the page
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.email_from

# Languages and times

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # who has chosen a language need not do so again
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = environment.time_zone
USE_TZ = True

# Files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crimewatch.explorer.packages.PackageFinder",  # what `npm ci` installs
]
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            # Files named by their content can be cached for ever; needs `manage.py collectstatic`.
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
UPLOAD_LIMIT = environment.upload_limit_mb * 1024 * 1024
"""Largest file that a form accepts, in bytes. Django itself limits only what is not a file."""

# Imports and exports

KEPT_FILES = VAR_DIR / "exchange"
"""Uploads and finished exports: readable by the server alone."""
FILES_KEPT_DAYS = environment.files_kept_days
FILES_KEPT_LIMIT = environment.files_kept_mb * 1024 * 1024
BACKGROUND_ROWS = environment.background_rows

# The quality desk

MONTHS_BETWEEN_LOOKS = environment.months_between_looks
# A number that took less than this to count is counted anew each time the page is opened; the others stay as they were
# last counted, by `manage.py quality_report --keep`. As long as the second one the page counts what never was.
DESK_CHEAP_MILLISECONDS = 100
DESK_PATIENCE_SECONDS = 1.5

# A record with a few hundred claims as inlines posts some fifteen fields for each: Django's 1,000 would refuse it.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Security

SECURE_SSL_REDIRECT = environment.https_only and not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = environment.hsts_seconds if SECURE_SSL_REDIRECT else 0
if environment.trust_proxy_headers:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if environment.trust_proxy_headers else 0
SECURE_REFERRER_POLICY = "same-origin"
# The prefix makes browsers refuse cookies of these names that another host of the domain has set.
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE_SSL_REDIRECT else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE_SSL_REDIRECT else "csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
# Whether other hosts of the domain speak https, and whether browsers ship with that knowledge, is for the owner of
# the domain to decide, not for one site on it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the admin's icons and charts saved as pictures
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Logging

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.log_level},
    "loggers": {
        "django": {"handlers": []},  # Django's own handlers would print every line once more, or mail it
        "procrastinate": {"level": "WARNING"},  # what becomes of jobs stands on the site's own pages
    },
}
