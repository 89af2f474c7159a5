"""What a web server such as gunicorn loads: `gunicorn crimewatch.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
application = get_wsgi_application()


def settle() -> None:
    """Load all pages now, and have the garbage collector leave alone what is there for good.

    Otherwise it goes through all of it, models, forms and templates, every few pages, which takes a tenth of a list's
    time.
    """
    get_resolver().url_patterns  # noqa: B018 - it is asked for
    gc.collect()
    gc.freeze()


settle()
