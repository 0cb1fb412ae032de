from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kit", "0003_ground")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "waiting"),
                    ("running", "running"),
                    ("done", "done"),
                    ("failed", "failed"),
                    ("parked", "stopped"),
                    ("dropped", "given up"),
                ],
                default="queued",
                max_length=8,
            ),
        ),
    ]
