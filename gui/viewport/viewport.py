"""The viewport: the one widget where Qt and OpenGL meet.

It paints when something changed and at most at the screen's rate, keeps nothing that it cannot make again
from the session, and never assumes framebuffer 0.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import moderngl
import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPolygonF, QResizeEvent
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from core.document.commands import SetCamera
from core.document.resolve import ResolvedPose
from core.document.state import Camera, DocumentState
from core.head.head import Head
from gui.controllers.detail_scheduler import Delivery
from gui.controllers.session import EditorSession
from gui.controllers.tool_settings import Tool
from gui.render import camera as cameras
from gui.render.colormaps import diverging
from gui.render.renderer import FaceRenderer, SurfacePoint
from gui.render.view_mode import ViewMode
from gui.theme import colour
from gui.viewport.overlay import Legend, Overlay, OverlayLine
from gui.viewport.skin_points import SkinPoints

FRAME_S = 1.0 / 60.0
REST_MS = 140
RING_POINTS = 40
MIN_GL = (4, 1)
_LINE_COLOUR = QColor(120, 190, 235)
_HIDDEN_COLOUR = QColor(150, 150, 150)


class Viewport(QOpenGLWidget):
    """Shows the face of a session.

    Signals
    -------
    unavailable(reason)
        OpenGL cannot be used; nothing will ever be painted.
    first_frame_painted()
    hovered(SurfacePoint or None)
        What is under the pointer.
    """

    unavailable = Signal(str)
    first_frame_painted = Signal()
    hovered = Signal(object)

    def __init__(self, session: EditorSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewport")
        self.setMinimumSize(320, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAcceptDrops(False)
        self.setAccessibleName("Face")
        self.session = session
        self.overlay = Overlay(self)
        self._ctx: moderngl.Context | None = None
        self._renderer: FaceRenderer | None = None
        self._pose: ResolvedPose | None = None
        self._maps_waiting: list[Delivery] = []
        self._last_delivery: Delivery | None = None
        self._placeholder: tuple[Head, np.ndarray] | None = None
        self._painted = False
        self._last_paint_s = 0.0
        self._moving = False
        self._broken = False
        self._frame_timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._frame_timer.timeout.connect(self.update)
        self._rest_timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest_timer.timeout.connect(self._refine)
        self._ring_point: SurfacePoint | None = None
        self._skin = SkinPoints()
        session.delivered.connect(self._take)
        session.document.state_changed.connect(self._follow_document)
        session.view.events.connect(lambda _info: self._view_changed())
        session.tools.events.connect(lambda _info: self._tools_changed())
        session.selection.changed.connect(lambda _ids: self._update_lines())
        self._view_changed()

    # ---- what is shown -------------------------------------------------------------------------------

    def show_shape(self, head: Head, vertices: np.ndarray) -> None:
        """Show a head before its detail has been computed, for the first frame."""
        self._placeholder = (head, vertices)
        self.request_frame()

    def request_frame(self) -> None:
        """Paint soon: at once when the last frame is a screen's period ago, else when it will be."""
        if self._frame_timer.isActive():
            return
        wait_s = self._last_paint_s + FRAME_S - time.perf_counter()
        if wait_s <= 0:
            self.update()
        else:
            self._frame_timer.start(max(int(wait_s * 1e3), 1))

    @property
    def renderer(self) -> FaceRenderer | None:
        return self._renderer

    @property
    def pose(self) -> ResolvedPose | None:
        """Pose on the screen; None before the first one was computed."""
        return self._pose

    @property
    def shows_refined(self) -> bool:
        """The last frame shows the newest state at full resolution."""
        delivery = self._last_delivery
        return (
            self._painted
            and delivery is not None
            and delivery.refined
            and not self._maps_waiting
            and self.session.worker.idle
        )

    def framebuffer_size(self) -> tuple[int, int]:
        """Size in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def picture(self) -> QImage:
        """What the viewport shows, without the overlay, in device pixels."""
        return self.grabFramebuffer()

    def sizeHint(self) -> QSize:
        return QSize(900, 760)

    def _take(self, delivery: Delivery) -> None:
        if delivery.pose is not None:
            self._pose = delivery.pose
        self._last_delivery = delivery
        self._maps_waiting.append(delivery)
        self.request_frame()
        if delivery.pose is not None:
            self._update_lines()

    def _follow_document(self, new: DocumentState, old: DocumentState) -> None:
        if new.camera != old.camera:
            self.overlay.set_gizmo(new.camera if self.session.view.show_gizmo else None)
            self.overlay.set_rings(())
            self._update_lines()
        if new.camera != old.camera or new.lighting != old.lighting:
            self.request_frame()
        elif new.strokes is not old.strokes:
            self._update_lines()

    def _view_changed(self) -> None:
        view = self.session.view
        self.overlay.set_gizmo(self.session.document.state.camera if view.show_gizmo else None)
        self._update_legend()
        self.request_frame()

    def _tools_changed(self) -> None:
        self._update_ring()
        self._update_lines()

    @property
    def view_mode(self) -> ViewMode:
        return ViewMode(self.session.view.view_mode)

    # ---- OpenGL --------------------------------------------------------------------------------------

    def initializeGL(self) -> None:
        try:
            version = self.context().format().version()
            if version < MIN_GL:
                raise RuntimeError(f"the driver offers OpenGL {version[0]}.{version[1]} only")
            self._ctx = moderngl.create_context(require=410)
        except Exception as error:
            self._broken = True
            self.unavailable.emit(str(error))
            return
        self.context().aboutToBeDestroyed.connect(self._release, Qt.ConnectionType.DirectConnection)

    def paintGL(self) -> None:
        if self._ctx is None or self._broken:
            return
        started = time.perf_counter()
        framebuffer = self._ctx.detect_framebuffer(self.defaultFramebufferObject())
        try:
            renderer = self._current_renderer()
            if renderer is None:
                framebuffer.use()
                framebuffer.clear(0.12, 0.12, 0.125, 1.0)
                return
            state = self.session.document.state
            renderer.displacement_range_mm = self.session.view.displacement_range_mm
            size_px = self.framebuffer_size()
            renderer.render(framebuffer, size_px, state.camera, state.lighting, self.view_mode)
        except Exception as error:
            self._broken = True  # the next frame would fail the same way; the document is safe
            self.session.fail(error, "Drawing")
            return
        self._last_paint_s = time.perf_counter()
        self.session.frame_painted((self._last_paint_s - started) * 1e3)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_frame_painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.overlay.setGeometry(self.rect())

    def _current_renderer(self) -> FaceRenderer | None:
        """The renderer with everything delivered so far in it."""
        assert self._ctx is not None
        if self._pose is not None:
            head = self._pose.head
        elif self._placeholder is not None:
            head = self._placeholder[0]
        else:
            return None
        if self._renderer is not None and self._renderer.head is not head:
            self._renderer.release()
            self._renderer = None
        if self._renderer is None:
            self._renderer = FaceRenderer(self._ctx, head)
            if self._pose is not None:
                self._give_pose(self._renderer, self._pose)
            elif self._placeholder is not None:
                self._renderer.set_shape(self._placeholder[1])
            if not self._maps_waiting and self._last_delivery is not None:
                self._renderer.set_detail(self._last_delivery.maps)
        for delivery in self._maps_waiting:
            if delivery.pose is not None:
                self._give_pose(self._renderer, delivery.pose)
            if delivery.maps is not None:
                self._renderer.set_detail(delivery.maps)
        self._maps_waiting.clear()
        return self._renderer

    def _give_pose(self, renderer: FaceRenderer, pose: ResolvedPose) -> None:
        if pose.head is renderer.head:
            renderer.set_shape(pose.vertices)
            renderer.set_tension(pose.tension)

    def _release(self) -> None:
        """The context goes (the widget moves to another window): everything is made again from the state."""
        self.makeCurrent()
        if self._renderer is not None:
            self._renderer.release()
        self._renderer = None
        self._ctx = None
        self.doneCurrent()

    def set_moving(self, moving: bool) -> None:
        """The camera is being dragged: speed counts more than quality until it rests."""
        self._moving = moving
        self._rest_timer.start()

    def nudge(self) -> None:
        """The camera moved by a wheel or a touchpad: it rests when nothing follows."""
        self._moving = True
        self._rest_timer.start()

    def turn_to(self, yaw_deg: float, pitch_deg: float, camera: Camera | None = None) -> None:
        """Look along an axis."""
        camera = camera if camera is not None else self.session.document.state.camera
        self.set_camera(replace(camera, yaw_deg=yaw_deg, pitch_deg=pitch_deg))

    def _refine(self) -> None:
        """The artist rests: spend time on a better picture."""
        self._moving = False
        self.request_frame()

    # ---- where things are ----------------------------------------------------------------------------

    def pick(self, position: QPointF) -> SurfacePoint | None:
        """Skin under a point of the widget (logical pixels), as of the last frame."""
        return self.pick_all([position])[0]

    def pick_all(self, positions: list[QPointF]) -> list[SurfacePoint | None]:
        """`pick` for several points, with one change of context."""
        if self._renderer is None or self._broken:
            return [None] * len(positions)
        ratio = self.devicePixelRatioF()
        self.makeCurrent()
        try:
            return [self._renderer.pick(p.x() * ratio, p.y() * ratio) for p in positions]
        finally:
            self.doneCurrent()

    def project(self, points_mm: np.ndarray) -> list[QPointF]:
        """Logical pixels of points in head space."""
        size = (max(self.width(), 1), max(self.height(), 1))
        pixels = cameras.project(self.session.document.state.camera, size, points_mm)
        return [QPointF(x, y) for x, y in pixels.tolist()]

    def set_camera(self, camera: Camera) -> None:
        """Move the camera: saved with the project, no undo step."""
        self.session.document.execute(SetCamera.of(camera))

    def frame_face(self) -> None:
        """Frame the part of the head that carries detail."""
        self._frame(lambda head: np.flatnonzero(head.detail_weight > 0.5))

    def frame_all(self) -> None:
        """Frame the whole head."""
        self._frame(lambda head: np.arange(len(head.neutral)))

    def _frame(self, chosen: Callable[[Head], np.ndarray]) -> None:
        if self._pose is None:
            return
        points = self._pose.vertices[chosen(self._pose.head)]
        aspect = self.width() / max(self.height(), 1)
        camera = self.session.document.state.camera
        self.set_camera(cameras.frame(camera, (points.min(axis=0), points.max(axis=0)), aspect))

    # ---- overlay -------------------------------------------------------------------------------------

    def set_ring_point(self, point: SurfacePoint | None) -> None:
        """Where the brush ring lies on the skin; None hides it."""
        self._ring_point = point
        self._update_ring()

    def _update_ring(self) -> None:
        point, tools = self._ring_point, self.session.tools
        if point is None or not tools.show_ring or self._pose is None or tools.tool == Tool.SELECT:
            self.overlay.set_rings(())
            return
        ring_colour = QColor(235, 120, 100) if tools.tool == Tool.ERASER else QColor(245, 245, 245)
        rings = [self._ring(point.chart, ring_colour)]
        if tools.mirror_x:
            rings.append(self._ring((1.0 - point.chart[0], point.chart[1]), colour("accent")))
        self.overlay.set_rings([ring for ring in rings if ring is not None])

    def _ring(self, center: tuple[float, float], ring_colour: QColor) -> OverlayLine | None:
        """A circle of the chart, as it lies on the face."""
        assert self._pose is not None
        # Half a millimetre of ring at least, or a fine pen could not be seen.
        radius = max(self.session.tools.size, 0.004)
        angle = np.linspace(0.0, 2.0 * np.pi, RING_POINTS, endpoint=False)
        chart = np.array(center) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        points = self._locate(chart)
        if points is None:
            return None
        return OverlayLine(QPolygonF(self.project(points)), ring_colour, 1.4)

    def _locate(self, chart: np.ndarray) -> np.ndarray | None:
        """Positions in mm of chart points on the face as posed."""
        if self._pose is None:
            return None
        return self._skin.positions(self._pose, chart)

    def _update_lines(self) -> None:
        """Lines of the selected strokes, or of all when the artist wants to see them."""
        session, pose = self.session, self._pose
        state = session.document.state
        selected = session.selection
        strokes = [s for s in state.strokes if session.tools.show_strokes or s.id in selected]
        if pose is None or not strokes:
            self.overlay.set_lines(())
            return
        lines: list[OverlayLine] = []
        for stroke in strokes:
            chosen = stroke.id in selected
            line_colour = colour("accent") if chosen else _LINE_COLOUR if stroke.visible else _HIDDEN_COLOUR
            for piece in self._skin.visible_pieces(pose, stroke, state.camera):
                line = QPolygonF(self.project(piece))
                lines.append(OverlayLine(line, line_colour, 2.0 if chosen else 1.2))
        self.overlay.set_lines(lines)

    def _update_legend(self) -> None:
        mode = self.view_mode
        if mode is ViewMode.DISPLACEMENT:
            r = self.session.view.displacement_range_mm
            self.overlay.set_legend(_legend("Displacement (mm)", f"-{r:g}", f"+{r:g}"))
        elif mode is ViewMode.TENSION:
            r = self._renderer.tension_range if self._renderer is not None else 0.3
            self.overlay.set_legend(_legend("Tension", f"stretched {r:.0%}", f"squeezed {r:.0%}"))
        else:
            self.overlay.set_legend(None)


def _legend(title: str, low: str, high: str) -> Legend:
    colours = diverging()
    stops = [(i / 16, QColor(*(int(c) for c in colours[round(i / 16 * 255)]))) for i in range(17)]
    return Legend(title, stops, (low, "0", high))
