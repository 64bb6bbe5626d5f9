"""A picture made small and anonymous, by Pillow; to be called in a child process (`pulse_tui.acquire.child`).

What is small enough already keeps its very pixels: only the segments that say something about it are left
out (JPEG: ITU T.81, annex B; PNG: W3C, https://www.w3.org/TR/png-3/; WebP: RFC 9649).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

NO_PICTURE = "It is not a picture of a kind that is kept: JPEG, PNG, GIF, WebP or AVIF."
SIDE = 1600
"""Pixels of the longer side."""
SIZE = 300_000
"""Bytes."""
PIXELS = 50_000_000
"""Pixels of a picture as it comes; more are not decoded."""
_SIDES = (SIDE, 1280, 1024, 800, 640, 480, 320, 160)
_QUALITIES = (85, 75, 65)
_COLOURS = 16_384
"""Of a picture that has no more it is supposed that it was drawn."""
_NAMES = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "avif": "AVIF"}
_PNG = b"\x89PNG\r\n\x1a\n"
# Chunks that make the picture, or say what its colours are.
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD")
_WEBP_KEPT = (b"VP8 ", b"VP8L", b"ALPH")
_avif = re.compile(rb"....ftyp(?:avif|avis|mif1.{4}.*?avif)", re.DOTALL).match
# Within the data of a scan: what ends it; stuffed zeros and restarts belong to it.
_scan_end = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]").search


class PictureError(Exception):
    """Why there is no picture: one sentence."""


def kind_of(data: bytes) -> str:
    """The usual suffix of a picture of these bytes (jpg, png, gif, webp, avif), or nothing."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(_PNG):
        return "png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return "avif" if _avif(data[:64]) else ""


def made_small(data: bytes) -> bytes:
    """The picture as JPEG, PNG or WebP of at most `SIDE` pixels and `SIZE` bytes; of a moving one the first.

    Raises:
        PictureError: it is none that is read, is broken, or has too many pixels.
    """
    kind = kind_of(data)
    if not kind:
        raise PictureError(NO_PICTURE)
    try:
        return _made_small(data, kind)
    except PictureError:
        raise
    except MemoryError:
        raise PictureError("The picture takes more memory than is allowed, and is not kept.") from None
    except Exception as error:  # whatever Pillow's readers raise on broken files: a dozen kinds
        raise PictureError("The picture is broken, and is not kept.") from error


def _made_small(data: bytes, kind: str) -> bytes:
    from PIL import Image, ImageOps

    if kind == "webp":
        # Its reader makes room for the pixels as soon as it opens a file.
        _check_pixels(*_webp_size(data))
    # Only the reader of this kind is loaded, and none of those that start other programs.
    with Image.open(BytesIO(data), formats=[_NAMES[kind]]) as image:
        _check_pixels(*image.size)
        turned = image.getexif().get(0x0112, 1) != 1
        profile = image.info.get("icc_profile") or b""
        still = getattr(image, "n_frames", 1) == 1 or kind == "png"
        plain = not turned and still and (not profile or b"sRGB" in profile) and image.mode != "CMYK"
        if plain and max(image.size) <= SIDE and (bare := _stripped(data, kind)) and len(bare) <= SIZE:
            # Decoded all the same, so that nothing is kept that only looks like a picture.
            with Image.open(BytesIO(bare), formats=[_NAMES[kind]]) as again:
                again.load()
            return bare
        if kind == "jpg":
            # Eighths of the picture are decoded at an eighth of the cost.
            image.draft(None, (SIDE, SIDE))
        if turned:
            ImageOps.exif_transpose(image, in_place=True)
        return _encoded(_in_srgb(image, profile), kind)


def _check_pixels(width: int, height: int) -> None:
    if width * height > PIXELS:
        raise PictureError(f"The picture has more than {PIXELS // 1_000_000} million pixels; it is not kept.")


def _in_srgb(image: Image, profile: bytes) -> Image:
    """The picture in the colours that everybody takes for granted, as L, RGB, RGBA or P."""
    from PIL.Image import Resampling

    image.load()
    if image.mode.startswith("I"):
        # 16 bits of grey; Pillow would cut them off at 255.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        # No copy where none is needed: it may be a large one.
        image = image if image.mode == "RGBA" else image.convert("RGBA")
    elif image.mode not in ("L", "RGB", "CMYK", "P"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if max(image.size) > SIDE:
        image = image.convert("RGB") if image.mode == "P" else image
        image.thumbnail((SIDE, SIDE), Resampling.LANCZOS, reducing_gap=2.0)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if profile and b"sRGB" not in profile and image.mode in ("RGB", "RGBA", "CMYK"):
        image = _from_profile(image, profile)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    # What is there would be written again: comments, profiles, EXIF.
    image.info = {}
    return image


def _from_profile(image: Image, profile: bytes) -> Image:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        # A broken profile, or one of another kind of picture: the colours stay as they are.
        return image


def _encoded(image: Image, kind: str) -> bytes:
    """The picture in the first of some sizes and qualities that is small enough."""
    from PIL.Image import Resampling

    if kind in ("png", "gif") and image.getcolors(_COLOURS) is not None:
        # A drawing is no larger so, and stays sharp; of a photograph it would take seconds.
        data = _saved(image, "PNG")
        if len(data) <= SIZE:
            return data
    if image.mode == "P":
        image = image.convert("RGB")
    name = "WEBP" if image.mode == "RGBA" else "JPEG"
    options = {"method": 2} if name == "WEBP" else {"optimize": True, "progressive": True}
    for side in _SIDES:
        if side != SIDE and side >= max(image.size):
            continue
        image.thumbnail((side, side), Resampling.LANCZOS)
        for quality in _QUALITIES:
            data = _saved(image, name, quality=quality, **options)
            if len(data) <= SIZE:
                return data
            if len(data) > 3 * SIZE:
                break
    raise PictureError("The picture cannot be made small enough, and is not kept.")


def _saved(image: Image, name: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


# -- Without what is said about it


def _stripped(data: bytes, kind: str) -> bytes:
    """The same pixels without metadata; nothing where that cannot be done on the bytes."""
    strip = {"jpg": _jpeg_parts, "png": _png_parts, "webp": _webp_parts}.get(kind)
    try:
        return b"".join(strip(data)) if strip else b""
    except (ValueError, IndexError, struct.error):
        return b""


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """The segments that are needed for decoding, up to the first end of a picture."""
    yield data[:2]
    at = 2
    while True:
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if data[at] != 0xFF:
            raise ValueError
        if marker == 0xD9:
            yield b"\xff\xd9"
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at:end]
        if marker == 0xE0 and segment[4:9] == b"JFIF\0" and len(segment) >= 18:
            # Without the small picture that may be in it.
            yield b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"
        elif marker == 0xEE and segment[4:9] == b"Adobe":
            # Says how the colours are coded.
            yield segment
        elif not 0xE0 <= marker <= 0xEF and marker != 0xFE:
            yield segment
        if marker == 0xDA:
            found = _scan_end(data, end)
            if found is None:
                raise ValueError
            yield data[end : found.start()]
            end = found.start()
        at = end


def _png_parts(data: bytes) -> Iterator[bytes]:
    """The chunks that make the still picture."""
    yield _PNG
    at = len(_PNG)
    name = b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        if at + 12 + length > len(data):
            raise ValueError
        if name in _PNG_KEPT:
            yield data[at : at + 12 + length]
        elif not name[0] & 0x20:
            raise ValueError
        at += 12 + length


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at : at + 8 + length + (length & 1)]
        at += 8 + length + (length & 1)


def _webp_parts(data: bytes) -> Iterator[bytes]:
    """The chunks of a still picture, whose flags then promise nothing else."""
    kept: list[bytes] = []
    for name, chunk in _webp_chunks(data):
        if name == b"VP8X":
            kept.append(chunk[:8] + bytes([chunk[8] & 0x10]) + chunk[9:])
        elif name in _WEBP_KEPT:
            kept.append(chunk)
    whole = b"WEBP" + b"".join(kept)
    yield b"RIFF" + struct.pack("<I", len(whole)) + whole


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, as the first chunk says."""
    name, chunk = next(_webp_chunks(data))
    if name == b"VP8X":
        return 1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little")
    if name == b"VP8L":
        bits = int.from_bytes(chunk[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", chunk, 14)
    return width & 0x3FFF, height & 0x3FFF
