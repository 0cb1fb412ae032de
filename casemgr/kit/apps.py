from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KitConfig(AppConfig):
    name = "casemgr.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Audit, jobs, messages")
