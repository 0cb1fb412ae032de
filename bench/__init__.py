"""Measurements of what the product promises about speed and memory, each beside the baseline it is compared to.

`make bench` runs them (python -m bench); they are no part of the test run. Adding one: a module here with
`measure(stage)`, and one line below.
"""

from __future__ import annotations

# Module -> the bars it measures (docs/reliability.md). Each module runs in a process and a database of its own.
MEASUREMENTS: dict[str, tuple[str, ...]] = {
    "p01_import": ("P1", "P2", "P3"),
    "p04_import_memory": ("P4",),
    "p05_screening": ("P5", "P6", "P7"),
    "p12_lists": ("P12",),
    "p13_pages": ("P13",),
    "p14_case": ("P14",),
}
