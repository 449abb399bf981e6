"""YUV4MPEG2, the plainest of video formats: a line that says how frames are, then each frame's planes, byte by byte.

https://wiki.multimedia.cx/index.php/YUV4MPEG2
"""

from collections.abc import Iterator
from typing import NamedTuple

MAGIC = b"YUV4MPEG2"


class NotAVideo(ValueError):
    """The bytes are no YUV4MPEG2 with half as much colour as light each way (C420)."""


class Video(NamedTuple):
    """`rest` of the header says rate, shape and colour; frames are one plane of light and two of colour, half each way."""

    width: int
    height: int
    rest: tuple[bytes, ...]
    frames: tuple[bytes, ...]


def read(data: bytes) -> Video:
    """The video in these bytes. Raises NotAVideo."""
    header, _, body = data.partition(b"\n")
    magic, *fields = header.split(b" ")
    given = {field[:1]: field[1:] for field in fields}
    if magic != MAGIC or not given.get(b"C", b"420").startswith(b"420"):
        raise NotAVideo(f"the file begins with {header[:40]!r}")
    try:
        width, height = int(given[b"W"]), int(given[b"H"])
    except (KeyError, ValueError) as error:
        raise NotAVideo("the header has no width and height") from error
    size = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    rest = tuple(field for field in fields if field[:1] not in (b"W", b"H"))
    return Video(width, height, rest, tuple(_frames(body, size)))


def _frames(body: bytes, size: int) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        start = body.find(b"\n", at) + 1
        if not body.startswith(b"FRAME", at) or not start or start + size > len(body):
            raise NotAVideo(f"a frame of {size} bytes was wanted at byte {at}")
        yield body[start : start + size]
        at = start + size


def scaled(video: Video, height: int) -> Video:
    """The video with so many lines, its width in proportion and even; each point is the nearest one of the original."""
    width = max(2, round(video.width * height / video.height / 2) * 2)
    return Video(width, height, video.rest, tuple(_scaled(frame, video, width, height) for frame in video.frames))


def _scaled(frame: bytes, video: Video, width: int, height: int) -> bytes:
    half = ((video.width + 1) // 2, (video.height + 1) // 2, (width + 1) // 2, (height + 1) // 2)
    sizes = [(video.width, video.height, width, height), half, half]
    planes, at = [], 0
    for old_width, old_height, new_width, new_height in sizes:
        columns = [x * old_width // new_width for x in range(new_width)]
        for y in range(new_height):
            row = at + (y * old_height // new_height) * old_width
            planes.append(bytes(frame[row + x] for x in columns))
        at += old_width * old_height
    return b"".join(planes)


def written(video: Video) -> bytes:
    """The bytes of a video."""
    header = b" ".join((MAGIC, b"W%d" % video.width, b"H%d" % video.height, *video.rest))
    return b"".join((header, b"\n", *(b"FRAME\n" + frame for frame in video.frames)))
