"""What a web server such as gunicorn loads: `gunicorn crimewatch.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
application = get_wsgi_application()
