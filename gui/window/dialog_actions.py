"""The actions of the window that open a dialog. Each dialog's module is imported when it is first opened."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import SetAlbedo
from rhytid.core.document.state import Mix
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers import second_face
from rhytid.gui.controllers.edits import guarded
from rhytid.gui.controllers.files import OWN_HEAD_SUFFIXES, Files, kind_of
from rhytid.gui.controllers.heads import import_color, take_own_color
from rhytid.gui.controllers.key_map import KeyMap
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.manual.opening import explain_control, open_manual
from rhytid.gui.manual.pages import START
from rhytid.gui.picture_file import PICTURE_SUFFIXES, write_picture
from rhytid.gui.preferences import Preferences
from rhytid.gui.render.opengl_help import opengl_help
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.window.actions import SPECS
from rhytid.gui.window.path_questions import COLOR_FILTER, FACE_FILTER, HEAD_FILTER, MAP_FILTER, PathQuestions

if TYPE_CHECKING:
    from rhytid.core.head.head import Head
    from rhytid.core.io.export_options import ExportReport
    from rhytid.gui.dialogs.first_steps import FirstSteps

_ACTION_NAMES = tuple((spec.name, spec.text.split("\t")[0].replace("&", "").rstrip("."), spec.keys) for spec in SPECS)
ACCEPTED = QDialog.DialogCode.Accepted
_COLOUR = (QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32, QImage.Format.Format_RGB888)


class DialogActions(QObject):
    """Opens dialogs and does what they were accepted for.

    Parameters
    ----------
    session : EditorSession
    preferences : Preferences
    viewport : Viewport
    files : Files
    paths : PathQuestions
    parent : QWidget
        The window under the dialogs.
    """

    def __init__(
        self,
        session: EditorSession,
        preferences: Preferences,
        viewport: Viewport,
        files: Files,
        paths: PathQuestions,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._viewport = viewport
        self._files = files
        self._paths = paths
        self._parent = parent
        self._first_steps: FirstSteps | None = None

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        edit = partial(guarded, self._session)
        return {
            "import_map": self.import_map,
            "import_color": self.import_color,
            "export": edit(self.export),
            "export_wrinkles": edit(self.export_wrinkles),
            "save_picture": self.save_picture,
            "save_in_photo": edit(self.save_in_photo),
            "preferences": self.preferences,
            "head_open": self.open_head,
            "head_fit": edit(self.fit_head),
            "head_save": self.save_head,
            "head_color": edit(self.take_own_color),
            "remove_color": edit(lambda: self._session.execute(SetAlbedo(None))),
            "blend_face": edit(partial(self.mix_in, Mix.BLEND)),
            "take_wrinkles": edit(partial(self.mix_in, Mix.WRINKLES)),
            "hint": self.hint,
            "manual": self.manual,
            "explain": self.explain,
            "shortcuts": self.shortcuts,
            "about": self.about,
        }

    # ---- maps and export -----------------------------------------------------------------------------

    def import_map(self, path: Path | None = None) -> None:
        """Ask how the values of a map are meant, and which map if none is named; import it in the background."""
        path = path if path is not None else self._paths.open(tr("Import Displacement"), MAP_FILTER)
        if path is None:
            return
        from rhytid.gui.dialogs.import_displacement import ImportDialog

        head = self._head()
        dialog = ImportDialog(path, self._session.document.state, self._parent, head)
        if dialog.exec() != ACCEPTED:
            return
        reading, expression, age = dialog.reading(), dialog.expression(), dialog.age()

        def load(_control: Control) -> SourceDetail:
            from rhytid.core.io.displacement_file import detail_of_map
            from rhytid.core.io.own_layout_reading import read_map_on
            from rhytid.core.lines.extract import found_lines

            values = read_map_on(path, head, reading).displacement
            return detail_of_map(values, path, expression, age, lambda values: found_lines(values).seen())

        self._files.import_map(load, path.name, dialog.pose_command())

    def import_color(self, path: Path | None = None) -> None:
        """Ask which picture, and in which layout it lies; it becomes the skin colour in the background."""
        path = path if path is not None else self._paths.open(tr("Import Skin Colour"), COLOR_FILTER)
        if path is None:
            return
        from rhytid.gui.dialogs.import_color import ImportColorDialog

        dialog = ImportColorDialog(path, self._head(), self._parent)
        if dialog.exec() == ACCEPTED:
            place, own = dialog.place(), dialog.layout_box.own
            import_color(self._session, path, own if place.layout == "own" else None, place.tile)

    def _head(self) -> Head | None:
        return None if self._viewport.pose is None else self._viewport.pose.head

    def is_photo(self, path: Path) -> bool:
        """Whether a picture is meant as a photo and not as a map; one of eight bits in colour may be either: ask."""
        if QImageReader(str(path)).imageFormat() not in _COLOUR:
            return False
        answer = QMessageBox.question(
            self._parent,
            tr("Photo or map"),
            tr("Is {0} a photo of a face? Otherwise it is imported as a displacement map.", shown(path.name)),
        )
        return answer == QMessageBox.StandardButton.Yes

    def open_head(self) -> None:
        path = self._paths.open(tr("Open Head"), HEAD_FILTER)
        if path is not None:
            self._files.use_head(path)

    def fit_head(self) -> None:
        """Let landmarks of the head be put in place, then register it by them."""
        pose = self._viewport.pose
        if pose is None:
            return
        if not len(pose.head.residual_mm):
            self._session.post(tr("This head brings its own place on the chart; there is nothing to fit"), "warning")
            return
        from rhytid.gui.dialogs.fit_head import FitHeadDialog

        asked = self._session.document.state.head
        pins = pose.head.pins if asked.pins is None else asked.pins
        dialog = FitHeadDialog(pose.head, pins, self._parent)
        if dialog.exec() == ACCEPTED:
            self._files.use_head(Path(asked.path), dialog.pins())

    def take_own_color(self) -> None:
        """Give the face the colour of its head's file."""
        head = self._head()
        if head is not None:
            take_own_color(self._session, head)

    def save_head(self) -> None:
        """Ask where to keep the head as it is registered; its file then opens at once."""
        pose = self._viewport.pose
        path = self._paths.save(tr("Save Head As"), OWN_HEAD_SUFFIXES, tr("Heads of Rhytid"))
        if path is None or pose is None:
            return
        name = path.name

        def work(_control: Control) -> None:
            from rhytid.core.head.store import save_head

            save_head(pose.head, path)

        self._session.jobs.start(tr("Save {name}", name=name), work,
                                 lambda _: self._session.post(tr("Saved {name}", name=name)))

    def mix_in(self, mix: Mix, path: Path | None = None) -> None:
        """Mix in the detail of a project or map, asking for one when none is named."""
        path = path if path is not None else self._paths.open(tr("Another Face"), FACE_FILTER)
        pose = self._viewport.pose
        if path is None or pose is None:
            return
        engines = self._session.engines
        load = self._map_as_face(path) if kind_of(path) == "map" else second_face.face_of_project(path, engines)
        if load is not None:
            second_face.mix_in(self._session, load, path.name, mix, pose)

    def _map_as_face(self, path: Path) -> second_face.Load | None:
        """Ask how the values of another face's map are meant; gives what reads it, None when given up."""
        from rhytid.gui.dialogs.import_displacement import ImportDialog

        head = self._head()
        dialog = ImportDialog(path, self._session.document.state, self._parent, head)
        if dialog.exec() != ACCEPTED:
            return None
        return second_face.face_of_map(path, dialog.reading(), dialog.expression(), dialog.age(), head)

    def export(self) -> None:
        """Ask what to export, then write it in the background."""
        pose = self._viewport.pose
        if pose is None:
            return
        from rhytid.gui.dialogs.export.report import ExportReportDialog
        from rhytid.gui.dialogs.export_dialog import ExportDialog

        path = self._session.document.path
        name = path.stem if path is not None else "face"
        latest = self._session.latest
        relief = None if latest is None or latest.maps is None else latest.maps.displacement
        dialog = ExportDialog(pose.head, pose.vertices, self._preferences, name, self._parent, relief)
        if dialog.exec() != ACCEPTED:
            return
        options, folder, state = dialog.options(), dialog.folder(), self._session.document.state

        def look(_control: Control) -> list[Path]:
            from rhytid.core.files.outputs import foreign
            from rhytid.core.io.planned_export import layout_of, planned_for

            return foreign(folder / name for name in planned_for(pose.head, options, layout_of(pose.head)))

        def begin(found: list[Path]) -> None:
            from rhytid.gui.dialogs.save_file import ask_replace

            if not found or ask_replace(self._parent, found):
                self._session.jobs.start(tr("Export"), lambda control: work(control, bool(found)), done)

        def work(control: Control, overwrite: bool) -> ExportReport:
            from rhytid.core.face.face import Face

            face = Face.of(state, pose.head, self._session.engines)
            return face.write(folder, replace(options, overwrite=overwrite), control, control.cancel)

        def done(report: ExportReport) -> None:
            self._session.post(tr("Exported {0} files to {1}", len(report.files), report.folder))
            ExportReportDialog(report, self._parent).open()

        self._session.jobs.start(tr("Export"), look, begin)

    def export_wrinkles(self) -> None:
        """Ask for budget and layout of a wrinkle pack, then make it in the background."""
        pose = self._viewport.pose
        if pose is None:
            return
        from rhytid.core.pack.writing import PackReport, write_pack
        from rhytid.gui.dialogs.wrinkle_pack_dialog import WrinklePackDialog, WrinklePackReportDialog

        path, state = self._session.document.path, self._session.document.state
        name = path.stem if path is not None else "face"
        dialog = WrinklePackDialog(self._preferences, state.age, name, self._parent)
        if dialog.exec() != ACCEPTED:
            return
        options, folder, engines = dialog.options(), dialog.folder(), self._session.engines

        def look(_control: Control) -> list[Path]:
            from rhytid.core.files.outputs import foreign

            return foreign(folder / name for name in options.files())

        def begin(found: list[Path]) -> None:
            from rhytid.gui.dialogs.save_file import ask_replace

            if not found or ask_replace(self._parent, found):
                self._session.jobs.start(tr("Wrinkle pack"), lambda control: work(control, bool(found)), done)

        def work(control: Control, overwrite: bool) -> PackReport:
            chosen = replace(options, overwrite=overwrite)
            return write_pack(state, pose.head, engines, folder, chosen, control, control.cancel)

        def done(report: PackReport) -> None:
            self._session.post(tr("Wrote a wrinkle pack of {0} files to {1}", len(report.files), report.folder))
            WrinklePackReportDialog(report, self._parent).open()

        self._session.jobs.start(tr("Wrinkle pack"), look, begin)

    def save_picture(self) -> None:
        path = self._paths.save(tr("Save Picture"), PICTURE_SUFFIXES, tr("Pictures"))
        if path is not None:
            picture, name = self._viewport.picture(), path.name
            self._session.jobs.start(
                tr("Save {name}", name=name), lambda _: write_picture(path, picture),
                lambda _: self._session.post(tr("Saved {name}", name=name))
            )

    def save_in_photo(self) -> None:
        """Ask where to write the photo with the document's edits, then draw and write it in the background."""
        pose, state = self._viewport.pose, self._session.document.state
        by_network = self._session.view.photo_network
        path = self._paths.save(tr("Export Picture in the Photo"), PICTURE_SUFFIXES, tr("Pictures"))
        if path is None or pose is None:
            return
        name = path.name

        def work(_control: Control) -> None:
            from rhytid.core.face.detail_maker import DetailMaker
            from rhytid.core.face.in_photo import PhotoEdits
            from rhytid.core.io.map_pixels import write_picture as write_pixels
            from rhytid.core.photo.rasteriser import NumpyRasteriser
            from rhytid.core.photo.rendered_photo import PhotoRenderer

            edits = PhotoEdits(DetailMaker(self._session.engines), NumpyRasteriser())
            renderer = PhotoRenderer.NETWORK if by_network else PhotoRenderer.RATIO
            write_pixels(path, edits.picture(state, pose.head, renderer=renderer))

        self._session.jobs.start(tr("Save {name}", name=name), work,
                                 lambda _: self._session.post(tr("Saved {name}", name=name)))

    # ---- preferences and help ------------------------------------------------------------------------

    def preferences(self) -> None:
        from rhytid.gui.dialogs.preferences_dialog import PreferencesDialog

        PreferencesDialog(self._preferences, self._session.compute, self._parent, _ACTION_NAMES).exec()

    def hint(self) -> None:
        """The hint of the first start."""
        from rhytid.gui.dialogs.first_steps import FirstSteps

        if self._first_steps is None:
            self._first_steps = FirstSteps(self._preferences, self._viewport)
        self._first_steps.show()
        self._first_steps.raise_()

    def hint_at_first_start(self) -> None:
        if not self._preferences.hint_dismissed:
            self.hint()

    def manual(self) -> None:
        open_manual(START, self._parent)

    def explain(self) -> None:
        """The manual at what is under the pointer."""
        explain_control(self._parent)

    def shortcuts(self) -> None:
        from rhytid.gui.dialogs.shortcuts_dialog import ShortcutsDialog

        keys = KeyMap({spec.name: spec.keys for spec in SPECS}, self._preferences)
        rows = [(spec.name, spec.text, keys.of(spec.name)) for spec in SPECS]
        ShortcutsDialog(rows, self._preferences.navigation, self._parent).exec()

    def about(self) -> None:
        from rhytid.gui.dialogs.about_dialog import AboutDialog

        AboutDialog(self._viewport.driver_name, self._parent).exec()

    def tell_no_opengl(self, reason: str) -> None:
        """Say what is missing and how to get it."""
        text = opengl_help(reason)
        print(text, file=sys.stderr)
        self._session.post(text.partition("\n")[0], "error")
        box = QMessageBox(QMessageBox.Icon.Critical, tr("OpenGL 4.1 is needed"), text, parent=self._parent)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
