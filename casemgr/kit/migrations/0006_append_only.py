"""The audit trail refuses UPDATE, DELETE and TRUNCATE from here on, whoever asks."""

from django.db import migrations

from casemgr.kit import guards, triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, guards.RULES)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, guards.RULES)


class Migration(migrations.Migration):
    dependencies = [("kit", "0005_audit_texts")]

    operations = [
        migrations.RemoveField(model_name="auditevent", name="note"),
        migrations.RunPython(install, remove),
    ]
