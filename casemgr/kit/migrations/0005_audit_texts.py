"""Free texts of audit rows move into a table of their own, so that they can be erased while the rows stand still."""

import hashlib
import secrets

import django.db.models.deletion
from django.db import migrations, models


def move_notes(apps, schema_editor):
    event, text = apps.get_model("kit", "AuditEvent"), apps.get_model("kit", "AuditText")
    for pk, note in event.objects.exclude(note="").values_list("pk", "note").iterator(chunk_size=2000):
        salt = secrets.token_hex(16)
        text.objects.create(event_id=pk, place="note", text=note, salt=salt)
        event.objects.filter(pk=pk).update(note_digest=hashlib.sha256(f"{salt}{note}".encode()).hexdigest())


class Migration(migrations.Migration):
    dependencies = [("kit", "0004_jobs_given_up")]

    operations = [
        migrations.CreateModel(
            name="AuditText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=120)),
                ("text", models.TextField(blank=True)),
                ("salt", models.CharField(blank=True, max_length=32)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="texts", to="kit.auditevent"
                    ),
                ),
            ],
            options={"verbose_name": "text of an audit event", "verbose_name_plural": "texts of audit events"},
        ),
        migrations.AddConstraint(
            model_name="audittext",
            constraint=models.UniqueConstraint(fields=("event", "place"), name="audit_text_once"),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="note_digest",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(model_name="auditseal", name="rows", field=models.BinaryField(default=bytes)),
        migrations.RunPython(move_notes, migrations.RunPython.noop),
    ]
