"""Pictures of the screen as files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from rhytid.core.files.writing import replacing

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")


def encoded(picture: QImage, picture_format: str = "PNG") -> bytes:
    """The picture as a file's bytes; empty where it cannot be encoded."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, picture_format)
    return bytes(data.data())


def write_picture(path: Path, picture: QImage) -> None:
    """Write as JPEG if the name ends so, else as PNG; raises as `replacing`, or `ValueError` without a picture."""
    data = encoded(picture, "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else "PNG")
    if not data:
        raise ValueError(f"{path}: there is no picture to write")
    with replacing(path) as temporary:
        temporary.write_bytes(data)
