from django.db import migrations, models

from casemgr.kit.sql import OrNever


class Migration(migrations.Migration):

    dependencies = [
        ("appeals", "0004_nothing_filed_changes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                OrNever("closed_at").desc(), OrNever("next_due_at").asc(), models.F("id"), name="case_urgency"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["owner"], name="case_open_owner", condition=models.Q(("status", "closed"), _negated=True)
            ),
        ),
    ]
