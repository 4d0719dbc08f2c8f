"""The size of a picture from the head of its file."""

from base64 import b64encode

import pytest
from translator.tokens.image_size import Size, image_size

JPEG_PREVIEW = b"\xff\xe1\x00\x08Exif12"
JPEG_FRAME = b"\xff\xc2\x00\x11\x08\x01\x2c\x02\x58\x03"
PICTURES: dict[str, tuple[bytes, Size | None]] = {
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x58\0\0\x01\x2c", (600, 300)),
    "gif": (b"GIF89a\x58\x02\x2c\x01\0\0", (600, 300)),
    "old gif": (b"GIF87a\x58\x02\x2c\x01\0\0", (600, 300)),
    "webp": (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x58\x02\x2c\x01", (600, 300)),
    "webp, extended": (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x57\x02\0\x2b\x01\0", (600, 300)),
    "webp, lossless": (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x57\xc2\x4a\0", (600, 300)),
    "webp of another kind": (b"RIFF\0\0\0\0WEBPALPH\0\0\0\0\0\0\0\0\0\0\0\0\0\0", None),
    "jpeg": (b"\xff\xd8" + JPEG_FRAME + b"\0" * 9, (600, 300)),
    "jpeg with a preview": (b"\xff\xd8" + JPEG_PREVIEW + JPEG_FRAME + b"\0" * 9, (600, 300)),
    "jpeg with filler": (b"\xff\xd8\xff\xff" + JPEG_FRAME + b"\0" * 20, (600, 300)),
    "png that ends early": (b"\x89PNG\r\n\x1a\n", None),
    "png without a width": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\x01\x2c", None),
    "jpeg that ends early": (b"\xff\xd8" + JPEG_PREVIEW, None),
    "jpeg that is broken": (b"\xff\xd8" + b"\0" * 20, None),
    "something else": (b"%PDF-1.7 and so on", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_head_tells_width_and_height(name: str) -> None:
    head, size = PICTURES[name]
    assert image_size(b64encode(head + b"\0" * 20).decode()) == size


def test_what_is_no_base64_has_no_size() -> None:
    assert image_size("A") is None
    assert image_size("é" * 40) is None
