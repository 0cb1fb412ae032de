"""Message catalogues without gettext: what Babel and Django's own template reader find, kept in locale/zh_Hans.

The English text in the code is the source and the English text at once; Chinese is the one catalogue.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages import Catalog, extract
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("casemgr", "stores", "orders", "appeals")
LOCALE = "zh_Hans_CN"  # as Babel names it: with the country it knows that Chinese has one plural form
KEYWORDS = {
    **extract.DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]")
SPLIT_TAG = re.compile(r"{%\s*(?:trans|translate)\b(?:(?!%}).)*?\n", re.DOTALL)

HEADER = "# The Chinese texts of CaseMgr. `make translations` keeps the file in step with the code."
# What changes with the day or the machine, or says nothing: kept out of the file, so that a diff shows sentences only.
NOISE = re.compile(
    rb'"(POT-Creation-Date|PO-Revision-Date|Project-Id-Version|Report-Msgid|Last-Translator|Language-Team|Generated-By)'
)

Key = tuple[str, str]  # context (may be empty) and English text (the singular)


@dataclass
class Merged:
    """What a merge did: entries taken, entries nobody asks for, and those that contradict an earlier one."""

    taken: int = 0
    unused: list[str] = field(default_factory=list)
    contradicting: list[str] = field(default_factory=list)


def po_path() -> Path:
    return Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def read_template(fileobj: BinaryIO, keywords: Mapping[str, Any], tags: Sequence[str], options: Any) -> Iterator[Any]:
    """Babel's reader for templates: Django turns the template into Python, Babel reads that.

    Lines are stripped on the left, or Python's tokenizer stops at what it takes for wrong indentation.
    """
    source = "\n".join(line.lstrip() for line in templatize(fileobj.read().decode()).split("\n"))
    return extract.extract_python(io.BytesIO(source.encode()), keywords, tags, options)


def sources(base: Path) -> Iterator[Path]:
    """Every file whose sentences are translated: Python of the apps, templates; no migrations."""
    for app in APPS:
        yield from (path for path in sorted((base / app).rglob("*.py")) if "migrations" not in path.parts)
    for folder in ("templates", *APPS):
        yield from (path for path in sorted((base / folder).rglob("*")) if path.suffix in (".html", ".txt"))


def extract_all(base: Path | None = None) -> Catalog:
    """Every message of the tree below `base` (default: this project), without translations."""
    base = base or Path(settings.BASE_DIR)
    found = Catalog(locale=LOCALE, header_comment=HEADER, fuzzy=False)
    for path in sources(base):
        reader: Any = "python" if path.suffix == ".py" else read_template
        with path.open("rb") as file:
            for _line, text, comments, context in extract.extract(reader, file, KEYWORDS, ["Translators:"]):
                place = (path.relative_to(base).as_posix(), 1)
                found.add(text, None, [place], auto_comments=comments, context=context)
    return found


def split_tags(base: Path | None = None) -> list[str]:
    """Places ("file:line") with a translate tag over several lines: Django does not take it for a tag at all."""
    base = base or Path(settings.BASE_DIR)
    places = []
    for path in sources(base):
        if path.suffix != ".py":
            text = path.read_text(encoding="utf-8")
            starts = [match.start() for match in SPLIT_TAG.finditer(text)]
            places += [f"{path.relative_to(base).as_posix()}:{text.count(chr(10), 0, start) + 1}" for start in starts]
    return places


def key(message: Message) -> Key:
    singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return (message.context or "", singular)


def read(path: Path) -> dict[Key, Message]:
    """The messages of a .po file (or a part without header) by key; empty when there is no file. Raises PoFileError."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        try:
            catalogue = read_po(file, locale=LOCALE, abort_invalid=True)
        except PoFileError as error:
            raise PoFileError(f"{path}: {error}", error.catalog, error.line, error.lineno) from error
    return {key(message): message for message in catalogue if message.id}


def words(message: Message | None) -> list[str]:
    """The translations of a message, one per plural form; empty strings where one is missing."""
    if message is None:
        return [""]
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string or ""]


def update(path: Path | None = None, parts: Iterable[Path] = ()) -> Merged:
    """Write what the code asks for into `path`, with the translations that stand there and in `parts`.

    Parts win over what stands in `path`, an earlier part over a later one; contradictions between parts are told.
    """
    path = path or po_path()
    known = {name: message for name, message in read(path).items() if all(words(message)) and not message.fuzzy}
    template, merged = extract_all(), Merged()
    asked = {key(message) for message in template if message.id}
    given: dict[Key, Message] = {}
    for part in parts:
        for name, message in read(part).items():
            text = words(message)[0]
            if name not in asked:
                merged.unused.append(f"{part.name}: {name[1]!r}")
            elif text and words(given.setdefault(name, message))[0] != text:
                merged.contradicting.append(f"{name[1]!r}: {words(given[name])[0]!r}, {part.name}: {text!r}")
    merged.taken = len(given)
    known |= given
    for message in template:
        if message.id and (translated := known.get(key(message))):
            plural = isinstance(message.id, tuple | list)
            message.string = tuple(words(translated)[:1]) if plural else words(translated)[0]
    _write(path, template)
    return merged


def _write(path: Path, catalogue: Catalog) -> None:
    """Write the catalogue sorted and without line numbers."""
    text = io.BytesIO()
    write_po(text, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=False)
    lines = [line for line in text.getvalue().split(b"\n") if not NOISE.match(line)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines))


def lacking(path: Path | None = None) -> list[str]:
    """What is wrong with the catalogue: one line for each message missing, empty, fuzzy or with other placeholders."""
    known, complaints = read(path or po_path()), []
    for message in extract_all():
        if not message.id:
            continue
        translated = known.get(key(message))
        if translated is None or not all(words(translated)):
            complaints.append(f"no translation: {key(message)[1]!r} ({message.locations[0][0]})")
        elif translated.fuzzy:
            complaints.append(f"fuzzy: {key(message)[1]!r}")
        else:
            wanted = _placeholders(message.id if isinstance(message.id, str) else message.id[-1])
            if any(_placeholders(text) != wanted for text in words(translated)):
                complaints.append(f"other placeholders: {key(message)[1]!r} -> {words(translated)[0]!r}")
    return complaints


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def compile_all(base: Path | None = None) -> list[Path]:
    """Write every .po below locale/ that is newer than its .mo as .mo; returns those written. They appear whole."""
    written = []
    for po in sorted(((base or Path(settings.BASE_DIR)) / "locale").rglob("*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source, tempfile.NamedTemporaryFile("wb", dir=po.parent, delete=False) as draft:
            write_mo(draft, read_po(source, locale=LOCALE))
        os.chmod(draft.name, 0o644)
        os.replace(draft.name, mo)
        written.append(mo)
    return written
