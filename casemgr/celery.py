"""The Celery app. What runs when is decided by Job rows (casemgr.kit.jobs); messages only wake workers."""

import logging
import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

from casemgr.kit.broker import OneLine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")

# The file broker whose messages appear whole; see casemgr.kit.broker.
TRANSPORT_ALIASES["filesystem"] = "casemgr.kit.broker:Transport"
logging.getLogger("celery.beat").addFilter(OneLine())

app = Celery("casemgr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
