"""The front-end files that others publish: served by name out of node_modules, never copied into the project.

Nothing outside the two tables below can be reached, so a web request cannot walk through node_modules.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# URL below STATIC_URL -> file below node_modules. htmx is not here: django-htmx serves it.
VENDOR_FILES: dict[str, str] = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/echarts.min.js": "echarts/dist/echarts.common.min.js",  # bars and lines; two thirds of the whole
}
SPRITE = "vendor/icons.svg"
ICON_FOLDER = "@tabler/icons/icons/outline"
Findings = list[CheckMessage]  # named here: inside the finder `list` is its method
ICON_NAME = re.compile(r"[a-z0-9-]+")


def icon_names(listing: Path) -> list[str]:
    """The names in `listing` (one a line), in its order."""
    return listing.read_text(encoding="utf-8").split()


def icon_symbol(name: str, source: str) -> str:
    """One published icon as a <symbol> with `name` as id: its drawing without frame, colours and empty ground."""
    drawing = re.sub(r"^.*?<svg[^>]*>", "", source, flags=re.DOTALL).replace("</svg>", "")
    drawing = re.sub(r'<path\s+stroke="none"[^>]*/>', "", drawing)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(drawing.split())}</symbol>'


def build_icons(names: Iterable[str], target: Path, *, node_modules: Path | None = None) -> Path:
    """Write one SVG sprite of the Tabler outline icons `names` to `target` and return `target`.

    Raises FileNotFoundError with the name of an icon that the package does not have. The file appears whole or not at
    all: several processes may start at the same moment.
    """
    folder = (node_modules or Path(settings.BASE_DIR) / "node_modules") / ICON_FOLDER
    symbols = []
    for name in names:
        if not ICON_NAME.fullmatch(name):
            raise FileNotFoundError(f"{name!r} is not the name of an icon")
        symbols.append(icon_symbol(name, (folder / f"{name}.svg").read_text(encoding="utf-8")))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, suffix=".tmp", delete=False) as draft:
        draft.write(f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n')
    os.chmod(draft.name, 0o644)  # a temporary file is private; a web server under another account reads this one
    os.replace(draft.name, target)
    return target


class VendorStorage(Storage):
    """Reads the files of one dict {url name: path}. There is no way to write, and no way to any other file."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.files = files

    def path(self, name: str) -> str:
        if name not in self.files:
            raise SuspiciousFileOperation(f"{name!r} is not one of the vendored files")
        return str(self.files[name])

    def exists(self, name: str) -> bool:
        return name in self.files and self.files[name].is_file()

    def size(self, name: str) -> int:
        return os.path.getsize(self.path(name))

    def get_modified_time(self, name: str) -> datetime:
        return datetime.fromtimestamp(os.path.getmtime(self.path(name)), tz=UTC)

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(open(self.path(name), mode), name)


class VendorFinder(BaseFinder):
    """Finds the vendored files and the icon sprite, which it builds when it is missing or older than its list."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        base = Path(settings.BASE_DIR)
        self.node_modules = base / "node_modules"
        self.listing = base / "static" / "icons.txt"
        self.sprite = Path(settings.VAR_DIR) / "build" / "icons.svg"
        vendored = {name: self.node_modules / source for name, source in VENDOR_FILES.items()}
        self.storage = VendorStorage({**vendored, SPRITE: self.sprite})
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> Findings:
        """An error for each file that is not there, with what to do about it."""
        missing = [source for source in VENDOR_FILES.values() if not (self.node_modules / source).is_file()]
        if self.listing.is_file():
            icons = [f"{ICON_FOLDER}/{name}.svg" for name in icon_names(self.listing)]
            missing += [icon for icon in icons if not (self.node_modules / icon).is_file()]
        hint = "Run `make setup`. If it stays missing, its name in static/icons.txt or casemgr/kit/assets.py is wrong."
        return [Error(f"node_modules/{name} is missing.", hint=hint, id="kit.E001") for name in missing]

    def find(  # type: ignore[override]  # the stubs overload on find_all, Django itself does not
        self, path: str, find_all: bool = False, **kwargs: Any
    ) -> str | Sequence[str]:
        """The file behind `path`, or an empty list. Only names of the tables above exist."""
        find_all = find_all or kwargs.get("all", False)  # Django before 6.1 may still say `all`
        if path == SPRITE:
            self.refresh_sprite()
        if not self.storage.exists(path):
            return []
        return [self.storage.path(path)] if find_all else self.storage.path(path)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """All files that are there, for collectstatic and WhiteNoise. `ignore_patterns` has nothing to ignore here."""
        self.refresh_sprite()
        for name in self.storage.files:
            if self.storage.exists(name):
                yield name, self.storage

    def refresh_sprite(self) -> None:
        """Build the sprite if it is missing or older than its list. Without the icon package: check() says so."""
        if not (self.listing.is_file() and (self.node_modules / ICON_FOLDER).is_dir()):
            return
        if not self.sprite.is_file() or self.sprite.stat().st_mtime < self.listing.stat().st_mtime:
            build_icons(icon_names(self.listing), self.sprite, node_modules=self.node_modules)


def without_source_maps(patterns: Iterable[tuple[str, Iterable[Any]]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """The URL patterns of a manifest storage without those that follow a sourceMappingURL comment."""
    texts = [(glob, [(one, one if isinstance(one, str) else one[0]) for one in found]) for glob, found in patterns]
    kept = [(glob, tuple(one for one, text in found if "sourceMappingURL" not in text)) for glob, found in texts]
    return tuple((glob, found) for glob, found in kept if found)


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, gzip and brotli. Source maps are neither served nor looked for: the published files name maps that
    are not shipped, and the files themselves stay byte for byte as published."""

    patterns = without_source_maps(CompressedManifestStaticFilesStorage.patterns)
