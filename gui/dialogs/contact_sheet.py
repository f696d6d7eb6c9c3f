"""The contact sheet: one expression at several strengths and ages, drawn behind; a click goes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from rhytid.core.ageing import AGE_MAX
from rhytid.core.arkit import expression_array
from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import Batch, SetAge, WearExpression
from rhytid.core.document.document import Document
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.face.face import Face
from rhytid.core.head.head import Head
from rhytid.core.language import tr
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.save_file import ask_save
from rhytid.gui.picture_file import write_picture
from rhytid.gui.render import camera as cameras
from rhytid.gui.theme import colour
from rhytid.gui.widgets.labels_and_buttons import text_label

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
AGES = (20.0, 30.0, 40.0, 50.0, 60.0, AGE_MAX)
CELL_PX = 176
RESOLUTION = 512
Weights = Sequence[tuple[str, float]]


def pose_command(weights: Weights, strength: float, age: float) -> Batch:
    """The command that goes to a cell: that expression alone, at that age."""
    worn = expression_array({name: strength * value for name, value in weights})
    return Batch((WearExpression("the cell", tuple(worn.tolist())), SetAge(age)), tr("Contact sheet"))


class ContactSheet(Dialog):
    """Rows are ages, columns strengths.

    Parameters
    ----------
    title : str
        Of the expression.
    weights : sequence of (ARKit name, weight)
        At strength 1.
    document : Document
    head : Head
        On the screen.
    engines : Engines
    jobs : Jobs
        Draw the cells; closing the sheet ends that.
    """

    _drawn = Signal(int, int, object)

    def __init__(
        self, title: str, weights: Weights, document: Document, head: Head, engines: Engines, jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(tr("{title} by age", title=title), "", parent)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title, self._weights, self._document = title, tuple(weights), document
        self._closed = False
        self.sheet = Sheet()
        self.sheet.chosen.connect(self._go)
        self.body.addWidget(text_label(tr("Columns: how strong. Rows: how old. A click goes there."), "soft"))
        self.body.addWidget(self.sheet, 1)
        self.save = QPushButton(tr("Save picture\u2026"))
        self.save.clicked.connect(self._save)
        self.buttons.addButton(self.save, self.buttons.ButtonRole.ActionRole)
        self.finish_layout()
        self._drawn.connect(self.sheet.put)
        state = document.state

        def work(control: Control) -> None:
            self._draw(state, head, engines, control)

        jobs.start(tr("Contact sheet"), work)

    def _draw(self, state: DocumentState, head: Head, engines: Engines, control: Control) -> None:
        """On the thread of the job, cell by cell."""
        from rhytid.gui.render.face_picture import FacePictures

        face = Face.of(state, head, engines)
        side = CELL_PX * 2
        skin = head.neutral[: head.n_skin][head.detail_weight > 0.3]
        near = cameras.frame(Camera(), (skin.min(axis=0), skin.max(axis=0)), 1.0, margin=1.12, front=True)
        view = {field.name: getattr(near, field.name) for field in fields(Camera)}
        with FacePictures(face, "detailed", (side, side), resolution=RESOLUTION, samples=1, **view) as pictures:
            for row, age in enumerate(AGES):
                for column, strength in enumerate(STRENGTHS):
                    if self._closed:
                        return
                    control((row * len(STRENGTHS) + column) / (len(AGES) * len(STRENGTHS)))
                    face.state = pose_command(self._weights, strength, age).apply(state)
                    face.maps(RESOLUTION, lambda: self._closed)  # the picture shows these; they can be given up
                    pixels = pictures.picture()[..., :3].copy()
                    image = QImage(pixels.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888).copy()
                    if not self._closed:
                        self._drawn.emit(row, column, image)

    def _go(self, row: int, column: int) -> None:
        execute(self._document, pose_command(self._weights, STRENGTHS[column], AGES[row]))

    def _save(self) -> None:
        path = ask_save(self, tr("Save Contact Sheet"), "PNG (*.png)", (".png",), f"{self._title}.png")
        if path is not None:
            write_picture(path, self.sheet.picture())

    def done(self, result: int) -> None:
        self._closed = True
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closed = True
        super().closeEvent(event)


class Sheet(QWidget):
    """The grid of pictures.

    Signals
    -------
    chosen(row, column)
    """

    chosen = Signal(int, int)
    _MARGIN = 44

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Contact sheet"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.images: dict[tuple[int, int], QImage] = {}

    def sizeHint(self) -> QSize:
        return QSize(self._MARGIN + 120 * len(STRENGTHS), self._MARGIN // 2 + 120 * len(AGES))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._MARGIN + 60 * len(STRENGTHS), self._MARGIN // 2 + 60 * len(AGES))

    def put(self, row: int, column: int, image: QImage) -> None:
        """A cell was drawn."""
        self.images[row, column] = image
        self.update()

    def cell(self, row: int, column: int) -> QRect:
        """Where a cell is."""
        side = min((self.width() - self._MARGIN) // len(STRENGTHS),
                   (self.height() - self._MARGIN // 2) // len(AGES))  # fmt: skip
        return QRect(self._MARGIN + column * side, self._MARGIN // 2 + row * side, side - 2, side - 2)

    def picture(self) -> QImage:
        """The whole sheet at the size that its cells were drawn in."""
        image = QImage(self._MARGIN + CELL_PX * len(STRENGTHS), self._MARGIN // 2 + CELL_PX * len(AGES),
                       QImage.Format.Format_RGB32)  # fmt: skip
        copy = Sheet()
        copy.images = self.images
        copy.resize(image.size())
        copy.render(image)
        return image

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for row in range(len(AGES)):
            for column in range(len(STRENGTHS)):
                if self.cell(row, column).contains(event.position().toPoint()):
                    self.chosen.emit(row, column)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), colour("window"))
        flags = Qt.AlignmentFlag
        for row, age in enumerate(AGES):
            for column, strength in enumerate(STRENGTHS):
                box, image = self.cell(row, column), self.images.get((row, column))
                if image is None:
                    painter.fillRect(box, colour("canvas"))
                else:
                    painter.drawImage(box, image)
                painter.setPen(colour("text_soft"))
                if row == 0:
                    above = QRect(box.left(), 0, box.width(), self._MARGIN // 2)
                    painter.drawText(above, flags.AlignCenter, f"{strength:.0%}")
                if column == 0:
                    left = QRect(0, box.top(), self._MARGIN - 4, box.height())
                    painter.drawText(left, flags.AlignRight | flags.AlignVCenter, f"{age:.0f}")
