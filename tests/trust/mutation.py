"""Damage to files: blind, and such that the container stays whole and what is inside is wrong."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

PNG = b"\x89PNG\r\n\x1a\n"
_NUMBERS = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40,
            (1 << 63) - 1, (1 << 64) - 1)  # fmt: skip
_WORDS = (b"NaN", b"Infinity", b"-1", b"0", b"1e400", b"1e308", b"-0.0", b"9" * 40, b"null", b"true", b"[]", b"{}",
          b'""', b"[[[[[[[[", b"]", b"}", b"\\ud800", b"\\u0000", b'"\\u202e"', b"\xff\xfe", b"\0", b"\n", b"65536",
          b"4294967296", b"0.5", b"1e-320", b"<", b">", b"&#0;", b"%", b",,", b"::")  # fmt: skip
_PNG_KINDS = (b"tRNS", b"PLTE", b"zTXt", b"iCCP", b"sBIT", b"acTL", b"eXIf")
_TOKEN = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\"[^\"]{0,40}\"|[A-Za-z_]{2,20}|[\[\]{}<>,:;=/]")


def mutated(data: bytes, others: Sequence[bytes], random_: random.Random) -> bytes:
    """`data` after one to four damages; sometimes inside of its container, with sizes and checksums made right."""
    rebuild = _CONTAINERS.get(data[:4]) if random_.random() < 0.6 else None
    if rebuild is not None:
        return rebuild(data, lambda part: _damaged(part, others, random_), random_)
    return _damaged(data, others, random_)


def _damaged(data: bytes, others: Sequence[bytes], random_: random.Random) -> bytes:
    for _ in range(random_.choice((1, 1, 1, 2, 4))):
        data = random_.choice(_DAMAGES)(data, others, random_)
    return data


def _flip(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random_.choice((1, 1, 2, 8))):
        if changed:
            changed[_place(len(changed), random_)] ^= 1 << random_.randrange(8)
    return bytes(changed)


def _number(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    width, order = random_.choice((1, 2, 4, 4, 8)), random_.choice("<>")
    value = random_.choice((*_NUMBERS, len(data), len(data) + 1)) & ((1 << 8 * width) - 1)
    at = _place(len(data), random_)
    return data[:at] + struct.pack(order + {1: "B", 2: "H", 4: "I", 8: "Q"}[width], value) + data[at + width :]


def _cut(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    return data[: random_.randrange(len(data) + 1)]


def _remove(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    start, end = _span(data, random_)
    return data[:start] + data[end:]


def _repeat(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    start, end = _span(data, random_)
    return data[:end] + data[start:end] * random_.choice((1, 1, 3, 50)) + data[end:]


def _splice(data: bytes, others: Sequence[bytes], random_: random.Random) -> bytes:
    other = random_.choice(others)
    start, end = _span(other, random_)
    at = _place(len(data), random_)
    return data[:at] + other[start:end] + data[at + random_.choice((0, end - start)) :]


def _noise(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    at = _place(len(data), random_)
    return data[:at] + random_.randbytes(random_.choice((1, 4, 32))) + data[at:]


def _word(data: bytes, _others: Sequence[bytes], random_: random.Random) -> bytes:
    """Another word in the place of one of a text, such as the header of an array."""
    head = data[: 1 << 14]
    tokens = [match.span() for match in _TOKEN.finditer(head)]
    if not tokens:
        return _number(data, _others, random_)
    start, end = random_.choice(tokens)
    if random_.random() < 0.3:
        start2, end2 = random_.choice(tokens)
        return data[:start] + data[start2:end2] + data[end:]
    return data[:start] + random_.choice(_WORDS) + data[end:]


_Damage = Callable[[bytes, Sequence[bytes], random.Random], bytes]
_DAMAGES: tuple[_Damage, ...] = (_flip, _flip, _number, _number, _cut, _remove, _repeat, _splice, _noise, _word, _word)


def _place(length: int, random_: random.Random) -> int:
    """A place in a file, every second time in its first 512 bytes: headers are there."""
    return random_.randrange(max(1, min(length, 512) if random_.random() < 0.5 else length))


def _span(data: bytes, random_: random.Random) -> tuple[int, int]:
    start = _place(len(data), random_)
    return start, min(len(data), start + random_.choice((1, 2, 4, 16, 64, 512)))


def _png(data: bytes, damage: Callable[[bytes], bytes], random_: random.Random) -> bytes:
    """A chunk or the pixels inside of it damaged, removed or doubled, checksums right."""
    chunks, at = [], len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    number, what = random_.randrange(len(chunks)), random_.random()
    kind, content = chunks[number]
    if what < 0.15:
        del chunks[number]
    elif what < 0.3:
        chunks.insert(number, chunks[number])
    elif what < 0.5 and kind == b"IDAT" and len([True for name, _ in chunks if name == b"IDAT"]) == 1:
        chunks[number] = kind, zlib.compress(damage(zlib.decompress(content)))
    elif what < 0.6:
        chunks[number] = random_.choice(_PNG_KINDS), damage(content)
    else:
        chunks[number] = kind, damage(content)
    return PNG + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def _zip(data: bytes, damage: Callable[[bytes], bytes], random_: random.Random) -> bytes:
    """A member damaged, removed, doubled or renamed; sizes and checksums right."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    number, what = random_.randrange(len(members)), random_.random()
    name, content = members[number]
    if what < 0.08:
        del members[number]
    elif what < 0.12:
        members[number] = random_.choice(("../x", "a\0b", "\u202e", "x" * 300, name.upper())), content
    elif what < 0.2:
        members[number] = name, random_.choice(members)[1]
    else:
        members[number] = name, damage(content)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", random_.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


_CONTAINERS: dict[bytes, Callable[[bytes, Callable[[bytes], bytes], random.Random], bytes]] = {
    PNG[:4]: _png,
    b"PK\x03\x04": _zip,
}
