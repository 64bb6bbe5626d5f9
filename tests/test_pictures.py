"""Pictures: made small and anonymous in a child, gathered from the web, and put in place of their sources."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pulse_tui.acquire.apart import ChildError, ask, read_epub_apart, read_text_apart
from pulse_tui.acquire.books.epub import read_epub
from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.fetch import PICTURES
from pulse_tui.acquire.markdown.html import to_markdown
from pulse_tui.acquire.pictures.gathering import PictureLimits, gather, shrink_all
from pulse_tui.acquire.pictures.raster import PIXELS, SIDE, SIZE, PictureError, kind_of, made_small
from pulse_tui.acquire.pictures.sources import sources_of
from pulse_tui.article import Figure
from tests.internet import Names
from tests.servers import Server, page, redirect
from tests.test_epub import FILES, packed

ORIENTATION = 0x0112
SECRET = b"A secret of the camera"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def photograph(width: int = 400, height: int = 300) -> Image.Image:
    noise = Image.effect_noise((width, height), 40)
    return Image.merge("RGB", (noise, Image.linear_gradient("L").resize((width, height)), noise))


def drawn(width: int, height: int) -> Image.Image:
    """The same picture every time, of many colours."""
    up = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (up, up.rotate(180), Image.radial_gradient("L").resize((width, height))))


def exif(orientation: int = 1) -> bytes:
    made = Image.Exif()
    made[ORIENTATION] = orientation
    made[0x010E] = SECRET.decode()
    made.get_ifd(0x8825)[1] = "N"
    return made.tobytes()


# -- Small enough already


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}]
)
def test_a_small_jpeg_keeps_its_pixels_and_nothing_else(options: dict[str, Any]) -> None:
    data = encoded(photograph(), "JPEG", exif=exif(), comment=SECRET, quality=80, **options)
    data = data.replace(b"\xff\xdb", b"\xff\xe1\0\x20http://ns.adobe.com/xap/1.0/\0x\xff\xdb", 1)
    made = made_small(data + b"\xff\xd8\xff another picture behind it: " + SECRET)
    assert SECRET not in made
    assert b"adobe" not in made
    assert decoded(made).tobytes() == decoded(data).tobytes()
    assert not decoded(made).getexif()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_jpeg_without_three_colours(mode: str) -> None:
    data = encoded(photograph().convert(mode), "JPEG", comment=SECRET)
    assert decoded(made_small(data)).mode == {"L": "L", "CMYK": "RGB"}[mode]
    assert SECRET not in made_small(data)


def test_a_small_png_keeps_its_pixels_and_nothing_else() -> None:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Comment", SECRET.decode())
    told.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=True)
    image = photograph(200, 100).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((200, 100)))
    data = encoded(image, "PNG", pnginfo=told, exif=exif())
    made = made_small(data + SECRET)
    assert made.count(b"iTXt") + made.count(b"tEXt") + made.count(b"eXIf") + made.count(SECRET) == 0
    assert decoded(made).tobytes() == image.tobytes()


@pytest.mark.parametrize("alpha", [False, True])
def test_a_small_webp_keeps_its_pixels_and_nothing_else(alpha: bool) -> None:
    image = photograph()
    if alpha:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    data = encoded(image, "WEBP", exif=exif(), xmp=SECRET)
    made = made_small(data)
    assert kind_of(made) == "webp"
    assert SECRET not in made
    assert b"EXIF" not in made
    assert decoded(made).tobytes() == decoded(data).tobytes()


# -- Not small enough


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_large_picture_becomes_a_small_one(kind: str) -> None:
    if kind == "AVIF":
        pytest.importorskip("PIL._avif")
    options = {"speed": 10} if kind == "AVIF" else {}
    image = drawn(1800, 1350)
    made = made_small(encoded(image, kind, exif=exif(), **options))
    assert kind_of(made) == "jpg"
    assert decoded(made).size == (SIDE, SIDE * 3 // 4)
    assert len(made) <= SIZE
    assert SECRET not in made


def test_noise_is_made_smaller_until_it_is_small_enough() -> None:
    image = Image.merge("RGB", [Image.effect_noise((1600, 1200), 255) for _ in range(3)])
    made = made_small(encoded(image, "JPEG", quality=98))
    assert len(made) <= SIZE
    assert max(decoded(made).size) < SIDE


def test_a_drawing_stays_sharp() -> None:
    drawing = Image.new("RGB", (3000, 2000), "white")
    drawing.paste("red", (100, 100, 1000, 1000))
    assert kind_of(made_small(encoded(drawing, "PNG"))) == "png"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_can_be_seen_through_stays_so(kind: str) -> None:
    image = drawn(2000, 1500)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    made = decoded(made_small(encoded(image, kind)))
    assert made.mode == "RGBA"
    assert made.getchannel("A").getextrema() != (255, 255)
    assert made.size == (1600, 1200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_as_its_camera_was(kind: str) -> None:
    image = Image.new("RGB", (64, 32), "white")
    image.paste("black", (0, 0, 32, 32))
    made = decoded(made_small(encoded(image, kind, exif=exif(6)))).convert("L")
    assert made.size == (32, 64)
    above, below = made.getpixel((16, 8)), made.getpixel((16, 56))
    assert isinstance(above, int)
    assert isinstance(below, int)
    assert (above < 60, below > 200) == (True, True)
    assert not made.getexif().get(ORIENTATION)


def test_of_a_moving_picture_the_first_is_kept() -> None:
    red, blue = Image.new("P", (50, 40)), Image.new("P", (50, 40))
    for image, colour in ((red, [255, 0, 0]), (blue, [0, 0, 255])):
        image.putpalette(colour * 256)
    data = encoded(red, "GIF", save_all=True, append_images=[blue], comment=SECRET, duration=100)
    made = made_small(data)
    assert decoded(made).convert("RGB").getpixel((10, 10)) == (255, 0, 0)
    assert SECRET not in made
    moving = encoded(red.convert("RGB"), "WEBP", save_all=True, append_images=[blue.convert("RGB")])
    assert getattr(decoded(made_small(moving)), "n_frames", 1) == 1


def test_colours_of_another_space_become_those_of_srgb() -> None:
    from PIL import ImageCms

    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same profile under another name, with red and blue exchanged.
    swapped = lab.replace(b"sRGB", b"mine").replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ")
    data = encoded(
        Image.new("RGB", (20, 20), (250, 10, 10)), "PNG", icc_profile=swapped.replace(b"tXYZ", b"bXYZ")
    )
    made = decoded(made_small(data))
    red, _, blue = made.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert blue > red
    assert "icc_profile" not in made.info
    broken = encoded(Image.new("RGB", (20, 20), (250, 10, 10)), "JPEG", icc_profile=b"no profile" * 20)
    assert b"no profile" not in made_small(broken)


def test_sixteen_bits_of_grey_are_not_cut_off() -> None:
    made = decoded(made_small(encoded(Image.new("I;16", (2000, 100), 0x8000), "PNG")))
    assert made.convert("L").getpixel((50, 5)) == 0x80


# -- What is refused


def huge_png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def huge_webp() -> bytes:
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + b"\xff\x3f\0" * 2
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "kind that is kept"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind that is kept"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "kind that is kept"),
        (b"\xff\xd8\xff", "broken"),
        (encoded(photograph(), "JPEG")[:3000], "broken"),
        (encoded(photograph(), "PNG")[:3000], "broken"),
        (b"RIFF\0\0\0\0WEBP", "broken"),
        (b"GIF89a" + b"\xff" * 30, "broken|pixels"),
        (huge_png(8000, PIXELS // 8000 + 1), "50 million"),
        (huge_png(2**31 - 1, 2**31 - 1), "50 million|broken"),
        (huge_webp(), "50 million"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words) as caught:
        made_small(data)
    assert str(caught.value)[0].isupper()
    assert str(caught.value).endswith(".")


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_a_damaged_picture_is_made_small_or_refused(kind: str, data: st.DataObject) -> None:
    whole = bytearray(encoded(drawn(24, 24), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = made_small(bytes(whole))
    except PictureError:
        return
    assert decoded(made).size


# -- The child


def test_one_child_makes_several_pictures_small() -> None:
    told: dict[str, str] = {}
    jpeg, png = encoded(photograph(), "JPEG", exif=exif()), encoded(photograph(50, 50), "PNG")
    pictures = {"a": jpeg, "b": jpeg[:500], "c": png, "d": jpeg, "e": b"<svg/>"}
    made = shrink_all(pictures, missed=told.__setitem__)
    assert list(made) == ["a", "c", "d"]
    assert made["a"] == made["d"] == made_small(jpeg)
    assert made["c"] == made_small(png)
    assert set(told) == {"b", "e"}
    assert "broken" in told["b"]


def test_a_picture_that_ends_its_child_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def failing(task: str, data: bytes, arguments: dict[str, str], **options: Any) -> Any:
        asked.append(arguments["sizes"])
        if b"bomb" in data:
            raise ChildError("Reading this ended with SIGKILL.")
        return ask(task, data, arguments, **options)

    monkeypatch.setattr("pulse_tui.acquire.pictures.gathering.ask", failing)
    told: dict[str, str] = {}
    pictures = {str(n): encoded(photograph(20 + n, 20), "PNG") for n in range(3)} | {"x": b"\xff\xd8\xffbomb"}
    made = shrink_all(pictures, missed=told.__setitem__)
    assert list(made) == ["0", "1", "2"]
    assert told == {"x": "Reading this ended with SIGKILL."}
    assert len(asked) == 5


def test_when_the_time_is_up_the_rest_is_left_out() -> None:
    told: dict[str, str] = {}
    clock = iter([0.0, *[100.0] * 100])
    data = encoded(photograph(), "PNG")
    assert shrink_all({"a": data}, missed=told.__setitem__, seconds=10, monotonic=clock.__next__) == {}
    assert "too long" in told["a"]


def test_a_child_answers_parts_beside_its_text() -> None:
    png = encoded(photograph(10, 10), "PNG")
    made = ask("picture", png + b"nothing", {"sizes": f"{len(png)} 7"})
    assert made.parts == (made_small(png), b"")
    assert [bool(fault) for fault in json.loads(made.text)] == [False, True]


def test_a_picture_that_takes_too_much_memory_is_left_out() -> None:
    data = encoded(Image.new("RGB", (7000, 7000)), "PNG", compress_level=1)
    made = ask("picture", data, {"sizes": str(len(data))}, memory=220 * 2**20)
    assert "memory" in json.loads(made.text)[0]


def test_a_book_is_read_apart_as_it_is_here(tmp_path: Path) -> None:
    chapter = (
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>One</h1><img src='../map.png'/>T</body></html>"
    )
    data = packed({**FILES, "OPS/text/a.xhtml": chapter})
    book = read_epub(data, to_markdown)
    assert book.pictures
    assert read_epub_apart(data) == book
    (tmp_path / "book\udcff.epub").write_bytes(data)
    assert read_epub_apart(tmp_path / "book\udcff.epub") == book
    with pytest.raises(ChildError, match="not an EPUB"):
        read_epub_apart(b"no book")
    with pytest.raises(ChildError, match="no such file"):
        read_epub_apart(tmp_path / "nothing.epub")


def test_a_text_is_read_apart() -> None:
    assert read_text_apart("Überschrift\n\nText.".encode("cp1252"), charset="cp1252").title == "Überschrift"


# -- Where they stand in a text


# -- From the web

JPEG = encoded(photograph(60, 40), "JPEG")


def story(*figures: str, body: str = "") -> Feature:
    return feature(
        "A story",
        body or "Text.",
        lead=Figure(figures[0]) if figures else None,
        pictures=[Figure(source) for source in figures],
    )


@pytest.fixture
def web() -> Iterator[Server]:
    answers = {
        "/a.jpg": page(JPEG, "Content-Type: image/jpeg"),
        "/b.png": page(encoded(photograph(30, 30), "PNG")),
        "/moved.jpg": redirect("/a.jpg"),
        "/page": page(b"<html>no picture"),
        "/large.jpg": page(JPEG + bytes(200_000)),
        "/busy.jpg": page(b"", status="429 Too Many"),
    }
    with Server(answers) as server:
        yield server


def test_pictures_are_asked_for_once_and_as_pictures(web: Server) -> None:
    names = Names(web.port)
    body = "![x](http://one.example/b.png) ![y](http://one.example/a.jpg) ![z](data:image/png;base64,AAAA)"
    wanted = story("http://one.example/a.jpg", "http://one.example/moved.jpg", "images/beside.jpg", body=body)
    came: list[int] = []
    got = gather(wanted, network=names.network(), progress=lambda size, _: came.append(size))
    assert sorted(got) == [f"http://one.example/{name}" for name in ("a.jpg", "b.png", "moved.jpg")]
    assert got["http://one.example/a.jpg"] == made_small(JPEG)
    assert web.paths == ["/a.jpg", "/moved.jpg", "/a.jpg", "/b.png"]
    assert {request.headers["accept"] for request in web.requests} == {PICTURES}
    assert came == sorted(came)
    assert sources_of(wanted)[0] == "http://one.example/a.jpg"


def test_pictures_that_are_had_are_not_asked_for(web: Server) -> None:
    first, second = (f"http://one.example/{name}" for name in ("a.jpg", "b.png"))
    assert list(gather(story(first, second), network=Names(web.port).network(), had={first})) == [second]
    assert web.paths == ["/b.png"]


def test_a_picture_that_fails_costs_no_other(web: Server) -> None:
    told: dict[str, str] = {}
    base = "http://one.example"
    urls = [f"{base}/nothing.jpg", f"{base}/page", "http://x.nowhere.example/a.jpg", f"{base}/a.jpg"]
    got = gather(story(*urls), network=Names(web.port).network(), missed=told.__setitem__)
    assert list(got) == [f"{base}/a.jpg"]
    assert list(told) == [urls[0], urls[2], urls[1]]
    assert all(text.endswith(".") for text in told.values())


def test_limits_of_number_and_size(web: Server) -> None:
    told: dict[str, str] = {}
    base = "http://one.example"
    urls = [f"{base}/large.jpg", f"{base}/a.jpg", f"{base}/b.png"]
    limits = PictureLimits(number=2, each=100_000)
    got = gather(story(*urls), network=Names(web.port).network(), limits=limits, missed=told.__setitem__)
    assert list(got) == [urls[1]]
    assert "at most 2" in told[urls[2]]
    assert "larger" in told[urls[0]]
    limits = PictureLimits(all=len(JPEG))
    assert list(gather(story(*urls[1:]), network=Names(web.port).network(), limits=limits)) == [urls[1]]


def test_a_host_that_has_had_enough_is_left_alone(web: Server) -> None:
    urls = ["http://one.example/busy.jpg", "http://one.example/a.jpg", "http://two.example/a.jpg"]
    assert list(gather(story(*urls), network=Names(web.port).network())) == [urls[2]]
    assert web.paths == ["/busy.jpg", "/a.jpg"]


def test_without_a_network_few_hosts_are_tried() -> None:
    names = Names(1)
    urls = [f"http://h{n}.nowhere.example/a.jpg" for n in range(20)]
    told: dict[str, str] = {}
    assert gather(story(*urls), network=names.network(), missed=told.__setitem__) == {}
    assert len(names.asked) == 3
    assert len(told) == 20


def test_this_machine_is_asked_only_where_a_person_named_it(web: Server) -> None:
    wanted = story(web.url("/a.jpg"))
    network = Names(web.port).network()
    assert gather(wanted, network=network) == {}
    assert web.paths == []
    assert gather(wanted, network=network, referrer="http://127.0.0.1:1/page") == {}
    assert list(gather(wanted, network=network, referrer=web.url("/story"))) == [web.url("/a.jpg")]


def test_progress_may_stop_it(web: Server) -> None:
    class StopError(Exception):
        pass

    def stop(size: int, expected: int | None) -> None:
        raise StopError

    with pytest.raises(StopError):
        gather(story("http://one.example/a.jpg"), network=Names(web.port).network(), progress=stop)
