"""The web process. It refuses to serve with keys that are not the ones of this database."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")

application = get_wsgi_application()

from groups import vault  # noqa: E402  (the applications must be loaded first)

vault.refuse_wrong_keys()
