from django.db import migrations, models
from django.db.models.functions import Coalesce

from casemgr.kit.sql import UtcDay

KINDS = ("token", "account", "phone", "address", "masked")


def neighbours(kind: str, **others: str) -> migrations.AddIndex:
    """The orders of one shop that share a key on one day."""
    index = models.Index(
        models.F("store"),
        UtcDay(Coalesce("placed_at", "paid_at")),
        models.F(f"key_{kind}"),
        condition=models.Q(**{f"key_{kind}__gt": ""}, **others),
        name=f"order_day_{kind}",
    )
    return migrations.AddIndex(model_name="order", index=index)


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0003_ground"),
    ]

    operations = [
        *(neighbours(kind) for kind in KINDS),
        neighbours("area", **{f"key_{kind}": "" for kind in KINDS}),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["store", "ship_by"], name="order_due_open", condition=models.Q(fulfilment="unshipped")
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["store", "ship_by"], name="order_due_unknown", condition=models.Q(fulfilment="unknown")
            ),
        ),
        migrations.RemoveIndex(model_name="order", name="order_ship_by_open"),
        migrations.AddIndex(
            model_name="order", index=models.Index(fields=["placed_at", "id"], name="order_placed")
        ),
        migrations.RemoveIndex(model_name="parcel", name="parcel_unscanned"),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                fields=["store", "shipped_at"],
                name="parcel_unscanned",
                condition=models.Q(first_scan_at__isnull=True),
            ),
        ),
    ]
