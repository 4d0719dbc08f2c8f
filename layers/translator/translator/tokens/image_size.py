"""Reads width and height of a picture from the first bytes of its file.

Formats: PNG (IHDR), GIF (logical screen), WebP (VP8, VP8L, VP8X), JPEG (the first start of frame).
"""

from binascii import a2b_base64

_HEAD = 65_536
"""Characters of base64 that are looked at; a JPEG may have a preview before its frame."""
_SHORTEST = 30
"""Bytes within which each format but JPEG tells its size."""
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})

Size = tuple[int, int]


def image_size(data: str) -> Size | None:
    """Return width and height in pixels of a base64 picture; None where its head does not show them."""
    try:
        head = a2b_base64(data[:_HEAD])
    except ValueError:
        return None
    size = _size(head)
    return size if size and len(head) >= _SHORTEST and min(size) > 0 else None


def _size(head: bytes) -> Size | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _big(head[16:20]), _big(head[20:24])
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _little(head[6:8]), _little(head[8:10])
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    return _jpeg(head) if head.startswith(b"\xff\xd8") else None


def _webp(head: bytes) -> Size | None:
    match head[12:16]:
        case b"VP8X":
            return _little(head[24:27]) + 1, _little(head[27:30]) + 1
        case b"VP8L":
            bits = _little(head[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
        case _:
            return None


def _jpeg(head: bytes) -> Size | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        if head[at + 1] in _JPEG_FRAMES:
            return _big(head[at + 7 : at + 9]), _big(head[at + 5 : at + 7])
        is_filler = head[at + 1] == 0xFF
        at += 1 if is_filler else 2 + max(2, _big(head[at + 2 : at + 4]))
    return None


def _big(number: bytes) -> int:
    return int.from_bytes(number, "big")


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")
