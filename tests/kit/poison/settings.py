"""The product's settings with the poisonous jobs added. Used by child processes of the tests about faults."""

from casemgr.settings import *  # noqa: F403
from casemgr.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.kit.poison"]
ROOT_URLCONF = "tests.kit.poison.urls"
