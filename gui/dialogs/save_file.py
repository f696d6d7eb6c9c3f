"""Asking where to write, and whether a file that is there may be replaced."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from rhytid.core.language import tr


def ask_save(parent: QWidget, title: str, file_filter: str, suffixes: tuple[str, ...], folder: str) -> Path | None:
    """Where to save, None if the artist gave up.

    A name without one of the suffixes gets the first one appended, whatever dots it has. The system's dialog asked
    about the name as it was typed; if the longer name is taken, that is asked here.
    """
    name, _ = QFileDialog.getSaveFileName(parent, title, folder, file_filter)
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() in suffixes:
        return path
    path = path.with_name(path.name + suffixes[0])
    if path.exists() and not _yes(parent, tr("{0} already holds {1}.\n\nReplace it?", path.parent, path.name)):
        return None
    return path


def ask_replace(parent: QWidget, paths: list[Path]) -> bool:
    """Whether files that the program did not write, or that were changed since, may be replaced."""
    if len(paths) == 1:
        return _yes(
            parent,
            tr("{0} already holds {1}.\n\nRhytid did not write it, or it was changed since. Replace it?",
               paths[0].parent, paths[0].name),
        )  # fmt: skip
    names = [path.name for path in paths[:3]]
    if len(paths) > len(names):
        names.append(tr("{0} more", len(paths) - len(names)))
    return _yes(
        parent,
        tr("{0} already holds {1} and {2}.\n\nRhytid did not write them, or they were changed since. Replace them?",
           paths[0].parent, ", ".join(names[:-1]), names[-1]),
    )  # fmt: skip


def _yes(parent: QWidget, question: str) -> bool:
    buttons = QMessageBox.StandardButton
    answer = QMessageBox.warning(parent, tr("Replace files"), question, buttons.Yes | buttons.Cancel, buttons.Cancel)
    return answer == buttons.Yes
