"""What people say of a file that comes in: the file itself, and which column means what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import ImportKind
from orders.imports.fields import FIELDS, REQUIRED, SUMMED
from orders.models import ImportRun
from stores.models import Store

_USUAL = frozenset({
    "order_no", "sub_order_no", "status", "placed_at", "paid_at", "promised_ship_at", "shipped_at", "sku_name", "quantity",
    "amount_paid", "carrier", "waybill_no",
})  # fmt: skip
ZONES = ("Asia/Shanghai", "UTC", "Asia/Tokyo", "Europe/London", "America/New_York", "America/Los_Angeles")


class NewImportForm(forms.Form):
    """A file, the shop it is of, and what it holds; the columns tell that where nobody does."""

    file = forms.FileField(label=gettext_lazy("file"), allow_empty_file=True, max_length=255)
    store = forms.ModelChoiceField(Store.objects.none(), to_field_name="code", label=gettext_lazy("shop"))
    kind = forms.ChoiceField(label=gettext_lazy("what it holds"), required=False)
    hides_optional = True

    def __init__(self, *args: Any, shops: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = shops  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("the columns tell")), *ImportKind.choices]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refused here and not after minutes of reading, where the size alone decides."""
        file = self.cleaned_data["file"]
        limit = settings.IMPORT_MAX_BYTES
        if file.size > limit:
            raise forms.ValidationError(
                _("The file is larger than %(n)s MB. Export a shorter time range.") % {"n": limit // (1024 * 1024)}
            )
        if not file.size:
            raise forms.ValidationError(_("The file is empty. Export it again and check that it opens."))
        return file


class MappingForm(forms.Form):
    """One select per field, filled with the columns of the file; then how rows, dates and times are read."""

    rows = forms.ChoiceField(label=gettext_lazy("one order has"), required=False)
    date_order = forms.ChoiceField(label=gettext_lazy("dates such as 03/04/2026"), required=False)
    timezone = forms.ChoiceField(label=gettext_lazy("times are of"), required=False)
    remember = forms.BooleanField(
        label=gettext_lazy("remember for this shop's files with these columns"), required=False
    )
    hides_optional = True

    def __init__(self, *args: Any, run: ImportRun, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run, self.kind = run, kind
        columns = [("", _("not in the file")), *((name, name) for name in run.headers if name)]
        for field in FIELDS[kind].values():
            self.fields[f"map_{field.name}"] = forms.ChoiceField(
                label=str(field.label), choices=columns, required=field.name in REQUIRED[kind]
            )
        for name in SUMMED if kind == ImportKind.ORDERS else ():
            self.fields[f"level_{name}"] = forms.ChoiceField(choices=_levels(), required=False, label=_("in every row"))
        self._set_choices()

    def _set_choices(self) -> None:
        choices = {
            "rows": [("", _("the rows tell")), ("order", _("one row")), ("line", _("one row per article"))],
            "date_order": [
                ("", _("the file tells")),
                ("ymd", _("year, month, day")),
                ("dmy", _("day, month, year")),
                ("mdy", _("month, day, year")),
            ],
            "timezone": [(name, name) for name in ZONES],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]
        if self.kind != ImportKind.ORDERS:
            del self.fields["rows"]

    def groups(self, samples: Mapping[str, Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
        """`first`: fields that are needed, mapped or usual; `rest`: the others. `samples`: column -> a few of its values."""
        groups: dict[str, list[dict[str, Any]]] = {"first": [], "rest": []}
        for name in FIELDS[self.kind]:
            select = self[f"map_{name}"]
            column = select.value() or ""
            row = {
                "select": select,
                "level": self[f"level_{name}"] if column and f"level_{name}" in self.fields else None,
                "is_required": name in REQUIRED[self.kind],
                "samples": samples.get(column, ()),
            }
            is_first = column or row["is_required"] or select.errors or self.kind != ImportKind.ORDERS or name in _USUAL
            groups["first" if is_first else "rest"].append(row)
        return groups

    def clean(self) -> dict[str, Any]:
        """One column may serve several fields (a total that is also the payment), but not order and sub-order number."""
        data = super().clean() or {}
        order, sub_order = data.get("map_order_no"), data.get("map_sub_order_no")
        if order and order == sub_order:
            self.add_error("map_sub_order_no", _("This column is the order number already."))
        return data

    def mapping(self) -> dict[str, str]:
        """field -> column, as chosen."""
        data = self.cleaned_data
        return {name: data[f"map_{name}"] for name in FIELDS[self.kind] if data.get(f"map_{name}")}

    def options(self) -> dict[str, Any]:
        """How rows and cells are read, as answered (orders.imports.layout.of_mapping)."""
        data = self.cleaned_data
        levels = {name: data[f"level_{name}"] for name in SUMMED if data.get(f"level_{name}")}
        zone = data.get("timezone") or ZONES[0]
        return {
            "rows": data.get("rows", ""),
            "levels": levels,
            "date_order": data.get("date_order", ""),
            "timezone": "" if zone == ZONES[0] else zone,
        }


def _levels() -> list[tuple[str, str]]:
    return [
        ("", _("the rows tell")),
        ("order", _("the same, for the whole order")),
        ("line", _("a part, to be added up")),
    ]


def mapping_initial(mapping: Mapping[str, str], options: Mapping[str, Any], headers: Sequence[str]) -> dict[str, Any]:
    """What the mapping page shows first: what was answered before, else what common column names propose."""
    initial = {f"map_{name}": column for name, column in mapping.items() if column in headers}
    initial |= {f"level_{name}": level for name, level in (options.get("levels") or {}).items()}
    return (
        initial
        | {name: options.get(name, "") for name in ("rows", "date_order")}
        | {
            "timezone": options.get("timezone") or ZONES[0],
            "remember": True,
        }
    )
