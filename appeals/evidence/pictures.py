"""Pictures as consoles take them: looked at before they are decoded, turned upright, cleaned of everything but pixels."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps

from appeals.evidence.refusals import NotTaken

FORMATS = ("JPEG", "PNG", "WEBP")
# A phone's 48-megapixel photo passes: a JPEG is decoded at a fraction. The others are decoded whole: 75 MB at the most.
MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
LONGEST_SIDE = 30_000
# Wider pictures are brought down to this; a long screenshot is 1080 to 1440 wide and keeps every pixel.
WIDEST = 2400
# A PNG no larger than this stays one: text in screenshots is sharper so.
PNG_STAYS_BELOW = 1_500_000
QUALITY = 88
# Smaller versions for a console with a limit, best first: (width at most, JPEG quality). Never below 1080: legible.
LADDER = ((2400, 82), (2000, 80), (1600, 78), (1280, 75), (1080, 70))
SIDEWAYS = frozenset({5, 6, 7, 8})
ORIENTATION = 0x0112
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
)


@dataclass(frozen=True)
class Picture:
    """The shown version of a picture: pixels only, upright, JPEG or PNG."""

    content: bytes
    content_type: str
    width: int
    height: int


def clean(content: bytes, name: str) -> Picture:
    """The picture in `content` re-encoded without metadata. Raises NotTaken for what is none, too large, or moves."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _check_size(picture, name)
            return _encode(_upright(picture), was_png=picture.format == "PNG")
    except Image.DecompressionBombError as bomb:
        raise NotTaken("too_many_pixels", name=name) from bomb
    except BROKEN as broken:
        raise NotTaken("cut", name=name) from broken


def _check_size(picture: Image.Image, name: str) -> None:
    """From the header alone, before a single pixel is decoded."""
    if picture.width * picture.height > MOST_PIXELS[picture.format or ""] or max(picture.size) > LONGEST_SIDE:
        raise NotTaken("too_many_pixels", name=name)
    # Phones keep a second, smaller picture in the same file (MPO); only a moving picture is refused.
    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
        raise NotTaken("animated", name=name)


def _upright(picture: Image.Image) -> Image.Image:
    is_sideways = picture.getexif().get(ORIENTATION) in SIDEWAYS
    if picture.format in ("JPEG", "MPO"):
        width = picture.height if is_sideways else picture.width
        share = min(1.0, WIDEST / width)
        picture.draft("RGB", (int(picture.width * share), int(picture.height * share)))
    picture.load()
    flat = _flat(ImageOps.exif_transpose(picture))
    if flat.width > WIDEST:
        height = round(flat.height * WIDEST / flat.width)
        flat = flat.resize((WIDEST, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    flat.info.clear()  # comments, profiles, places: whatever the encoder would carry over
    return flat


def _flat(picture: Image.Image) -> Image.Image:
    """Grey or RGB; what was transparent becomes white, as consoles show it."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        flat = Image.new("RGB", seen.size, "white")
        flat.paste(seen, mask=seen.getchannel("A"))
        return flat
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode.startswith("I"):
        # 16 bits of grey: the upper eight are what a screen shows.
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    return picture.convert("RGB")


def _encode(picture: Image.Image, *, was_png: bool) -> Picture:
    if was_png:
        out = io.BytesIO()
        picture.save(out, "PNG")
        if out.tell() <= PNG_STAYS_BELOW:
            return Picture(out.getvalue(), "image/png", *picture.size)
    return Picture(_jpeg(picture, QUALITY), "image/jpeg", *picture.size)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    # No colour subsampling: red stamps and coloured text stay sharp.
    picture.save(out, "JPEG", quality=quality, subsampling=0, optimize=True)
    return out.getvalue()


def fit(content: bytes, *, most_bytes: int | None, formats: frozenset[str]) -> Picture | None:
    """A shown picture within a console's limits: itself where it fits, else smaller step by step, else None.

    `formats`: what the console takes ("jpg", "png"); empty is unknown and takes both.
    """
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
        kind = "jpg" if picture.format == "JPEG" else "png"
        if (most_bytes is None or len(content) <= most_bytes) and (not formats or kind in formats):
            return Picture(content, f"image/{'jpeg' if kind == 'jpg' else 'png'}", *picture.size)
        if formats and "jpg" not in formats:
            return None
        plain = picture.convert("RGB")
    for width, quality in LADDER:
        smaller = plain
        if plain.width > width:
            smaller = plain.resize((width, round(plain.height * width / plain.width)), Image.Resampling.LANCZOS)
        made = _jpeg(smaller, quality)
        if most_bytes is None or len(made) <= most_bytes:
            return Picture(made, "image/jpeg", *smaller.size)
    return None
