"""What was filed refuses change and deletion from here on, whoever asks (rule 4)."""

from django.db import migrations

from appeals import guards
from casemgr.kit import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, guards.RULES)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, guards.RULES)


class Migration(migrations.Migration):
    dependencies = [("appeals", "0003_ground")]

    operations = [migrations.RunPython(install, remove)]
