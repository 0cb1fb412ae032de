"""Typesets one document: run as a process of its own, so that its memory ends with it and time can be limited.

Reads a JSON order from standard input and writes `document.pdf` and `page-01.png`, ... into the folder it names; prints
{"pages": n, "warnings": [...]}. Knows nothing of the project and needs nothing but typst.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

CPU_SECONDS = 60


def run(order: dict[str, Any]) -> dict[str, Any]:
    """`order`: root, template, fonts, data, out, shapes (pdf, pictures), timestamp, ppi. Raises what typst raises."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[order["fonts"]])
    out, warnings, pages = Path(order["out"]), [], 0
    for shape in order["shapes"]:
        inputs = {"data": json.dumps({**order["data"], "shape": shape}, ensure_ascii=False)}
        compiler = typst.Compiler(root=order["root"], font_paths=fonts, sys_inputs=inputs)
        source = str(Path(order["root"]) / order["template"])
        if shape == "pdf":
            made, said = compiler.compile_with_warnings(source, format="pdf", timestamp=order["timestamp"])
            (out / "document.pdf").write_bytes(_one(made))
        else:
            made, said = compiler.compile_with_warnings(source, format="png", ppi=order["ppi"])
            pictures = made if isinstance(made, list) else [made]
            for number, picture in enumerate(pictures, 1):
                (out / f"page-{number:02d}.png").write_bytes(_one(picture))
            pages = len(pictures)
        warnings += [str(warning.message) for warning in said]
    return {"pages": pages, "warnings": warnings}


def _one(made: Any) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single document")
    return made


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    json.dump(run(json.load(sys.stdin)), sys.stdout)
