"""The viewport: the one widget where Qt and OpenGL meet.

It paints when something changed and at most at the screen's rate, keeps nothing that it cannot make again
from the session, and never assumes framebuffer 0.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import moderngl
import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent, QShowEvent
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from rhytid.core.document.commands import SetCamera
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.head.head import Head
from rhytid.core.language import tr
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.gui.controllers.detail_scheduler import Delivery
from rhytid.gui.controllers.mask_gesture import masks_differ
from rhytid.gui.controllers.navigation import framing_point
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render import camera as cameras
from rhytid.gui.render.camera import GizmoAxis
from rhytid.gui.render.overlay import gizmo_at
from rhytid.gui.render.picking import SurfacePoint
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode
from rhytid.gui.viewport.frame_pacing import FramePacing, on_screen
from rhytid.gui.viewport.legend import LegendBar, shown_legend, shown_mode, shown_range_mm
from rhytid.gui.viewport.photo_pins import PinLayer
from rhytid.gui.viewport.photo_view import PhotoView
from rhytid.gui.viewport.scene import Scene, overlay_of
from rhytid.gui.viewport.split_bar import SplitBar

REST_MS, NO_CONTEXT_MS = 140, 1500
MIN_GL = (4, 1)


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
        self.setAccessibleName(tr("Face"))
        self.session = session
        self.legend = LegendBar(self)
        self.split_bar = SplitBar(session, self)
        self.scene = Scene(session)
        self.photo = PhotoView(session, self, lambda: self.scene.pose)
        self.pin_layer = PinLayer(self.photo, self)
        self._painted = self._dragging = False
        self._painted_generation = 0  # of what the last frame shows
        self._interactive = True
        self._broken = False
        self._plain = False
        self._pacing = FramePacing(self, lambda: session.awaits_picture, lambda: session.plays)
        self._pacing.due.connect(self._tell_hovered)
        self._rest_timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest_timer.timeout.connect(self._refine)
        self._ring_point: SurfacePoint | None = None
        self._hover_stale = False
        self._hot_axis = ""
        self.frameSwapped.connect(lambda: session.worker.note_seen(self._painted_generation))
        session.delivered.connect(self._take)
        session.skin_color.changed.connect(self._take_color)
        session.document.state_changed.connect(self._follow_document)
        session.view.events.connect(lambda _info: self._view_changed())
        self.photo.changed.connect(self._photo_moved)
        session.comparison.events.connect(lambda _info: self._view_changed())
        session.comparison.events.kept.connect(lambda _kept: self.scene.keep())
        session.tools.events.connect(lambda _info: self._lines_changed())
        session.selection.changed.connect(lambda _ids: self._lines_changed())
        self._view_changed()

    # ---- what is shown -------------------------------------------------------------------------------

    def show_shape(self, head: Head, vertices: np.ndarray) -> None:
        """Show a head before its detail has been computed, for the first frame."""
        self.scene.show_shape(head, vertices)
        self.request_frame()

    def request_frame(self, delay_s: float = 0.0) -> None:
        """See `FramePacing.request`."""
        self._pacing.request(delay_s)

    def _tell_hovered(self) -> None:
        """Before the frame, so that readout and picture reach the screen in one go."""
        if self._hover_stale:
            self._hover_stale = False
            self.hovered.emit(self._ring_point)

    @property
    def renderer(self) -> FaceRenderer | None:
        return self.scene.renderer

    @property
    def pose(self) -> ResolvedPose | None:
        """Pose on the screen; None before the first one was computed."""
        return self.scene.pose

    @property
    def shows_refined(self) -> bool:
        """The last frame shows the newest state at full resolution."""
        settled = self.session.worker.idle and self.session.skin_color.idle and self.session.in_photo.idle
        return self._painted and self.scene.up_to_date and settled

    @property
    def at_rest(self) -> bool:
        """Nothing more will change by itself: the newest state is shown, as well as it can be."""
        renderer = self.renderer
        return (
            self.shows_refined
            and not self._interactive
            and renderer is not None
            and not self.scene.needs_refinement
            and not self._pacing.waiting
        )

    def framebuffer_size(self) -> tuple[int, int]:
        """Size in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def picture(self) -> QImage:
        """What the viewport shows, brush ring and axes included, in device pixels."""
        return self.grabFramebuffer()

    def picture_of_b(self) -> QImage:
        """The same without A: what a saved project looks like."""
        self._plain = True
        try:
            with self.session.comparison.set_aside():
                return self.grabFramebuffer()
        finally:
            self._plain = False
            self.request_frame()

    def finish(self) -> None:
        """Wait until the driver has done everything that it was asked for."""
        renderer = self.renderer
        if renderer is not None:
            self.makeCurrent()
            renderer.ctx.finish()
            self.doneCurrent()

    @property
    def driver_name(self) -> str:
        """What draws, for the about dialog."""
        return self.scene.driver_name

    def portrait(self, head: Head, vertices: np.ndarray, side_px: int) -> QImage | None:
        """A small square picture of a head in some shape, without detail."""
        if self._broken:
            return None
        self.makeCurrent()
        try:
            return self.scene.portrait(head, vertices, side_px)
        finally:
            self.doneCurrent()

    def sizeHint(self) -> QSize:
        return QSize(900, 760)

    def _take(self, delivery: Delivery) -> None:
        self.scene.take(delivery)
        self._disturb()

    def _take_color(self, color: SkinColors) -> None:
        self.scene.take_color(color)
        self._disturb()

    def _follow_document(self, new: DocumentState, old: DocumentState) -> None:
        if new.camera != old.camera or new.lighting != old.lighting:
            self._disturb()
        if new.photo is not old.photo:
            self._photo_moved()
        if masks_differ(new, old):
            self._lines_changed()
        elif new.strokes is not old.strokes:
            self.scene.forget_lines()  # the frame comes with their relief

    def _view_changed(self) -> None:
        self._update_legend()
        self._photo_moved()

    def _photo_moved(self) -> None:
        """The photo lies elsewhere, or is another, or none."""
        self.pin_layer.place()
        self._disturb()

    def _disturb(self) -> None:
        """The picture changes: paint fast now, and well once nothing has changed for a moment."""
        self._interactive = True
        self._rest_timer.start()
        self.request_frame()

    @property
    def view_mode(self) -> ViewMode:
        return shown_mode(self.session)

    # ---- OpenGL --------------------------------------------------------------------------------------

    def initializeGL(self) -> None:
        try:
            version = self.context().format().version()
            if version < MIN_GL:
                raise RuntimeError(f"the driver offers OpenGL {version[0]}.{version[1]} only")
            self.scene.attach(moderngl.create_context(require=410))
            self._broken = False
        except Exception as error:
            self._broken = True
            self.unavailable.emit(str(error))
            return
        self.context().aboutToBeDestroyed.connect(self._release, Qt.ConnectionType.DirectConnection)

    def paintGL(self) -> None:
        if self._broken or not (self._painted or on_screen(self)):
            return
        started = time.perf_counter()
        framebuffer = self.scene.framebuffer(self.defaultFramebufferObject())
        try:
            renderer = self.scene.current_renderer()
            if renderer is None:
                framebuffer.use()
                framebuffer.clear(0.12, 0.12, 0.125, 1.0)
                return
            state, ratio, size_px = self.session.document.state, self.devicePixelRatioF(), self.framebuffer_size()
            renderer.displacement_range_mm = shown_range_mm(self.session)
            through_photo = None if self._plain else self.photo.camera(size_px, ratio)
            sheet = None if through_photo is None else self.photo.sheet(ratio)
            self.scene.draw(
                framebuffer,
                size_px,
                through_photo or state.camera,
                state.lighting,
                self.view_mode,
                overlay=overlay_of(self.session, self._ring_point, self._hot_axis, ratio, on_photo=sheet is not None),
                under_overlay=None if sheet is None else partial(self.scene.lay_photo, framebuffer, size_px, sheet),
                interactive=self._interactive or not self._painted,
                divider=None if self._plain else self.session.comparison.divider,
            )
        except Exception as error:
            self._broken = True  # the next frame would fail the same way; the document is safe
            self.session.fail(error, tr("Drawing"))
            return
        self._painted_generation = 0 if self.scene.latest is None else self.scene.latest.generation
        self._pacing.painted()
        # Frames that refine a picture at rest take their time; nobody waits for them.
        self.session.latencies.painted((time.perf_counter() - started) * 1e3 if self._interactive else None)
        if not self._interactive and self.scene.needs_refinement:
            self.request_frame()
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_frame_painted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pacing.watch(self.window())
        # Without any context Qt calls neither initializeGL nor paintGL and says nothing.
        QTimer.singleShot(NO_CONTEXT_MS, self._look_for_context)

    def _look_for_context(self) -> None:
        context = self.context()
        if not self._painted and not self._broken and (context is None or not context.isValid()):
            self._broken = True
            self.unavailable.emit(tr("the system gives no OpenGL context"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.legend.place()
        self.split_bar.place()
        self.pin_layer.place()

    def _release(self) -> None:
        """The context goes (the widget moves to another window): everything is made again from the state."""
        self.makeCurrent()
        self.scene.release()
        self.doneCurrent()

    def set_dragging(self, dragging: bool) -> None:
        """The camera or the pen is being dragged: speed counts more than quality until it rests."""
        self._dragging = dragging
        self._disturb()

    def turn_to(self, yaw_deg: float, pitch_deg: float, camera: Camera | None = None) -> None:
        """Look along an axis."""
        camera = camera if camera is not None else self.session.document.state.camera
        self.set_camera(replace(camera, yaw_deg=yaw_deg, pitch_deg=pitch_deg))

    def _refine(self) -> None:
        """The artist rests: spend time on a better picture, once the detail has been computed."""
        if self._dragging or self.scene.latest is None or not self.session.worker.idle:
            self._rest_timer.start()
            return
        self._interactive = False
        self.request_frame()

    # ---- where things are ----------------------------------------------------------------------------

    def pick(self, positions: Sequence[QPointF]) -> list[SurfacePoint | None]:
        """Skin under points of the widget (logical pixels), as of the last frame."""
        renderer = self.renderer
        if renderer is None or self._broken:
            return [None] * len(positions)
        ratio = self.devicePixelRatioF()
        self.makeCurrent()
        try:
            return renderer.pick([(p.x() * ratio, p.y() * ratio) for p in positions])
        finally:
            self.doneCurrent()

    def set_camera(self, camera: Camera) -> None:
        """Move the camera: saved with the project, no undo step. Whoever looked through the photo's looks here now."""
        self.session.view.look()
        self.session.document.execute(SetCamera.of(camera))

    def frame_here(self) -> None:
        """Come close to the skin under the pointer, or frame the face when there is none."""
        point, renderer = self._ring_point, self.renderer
        if point is None or renderer is None:
            self.frame_face()
        else:
            x, y, z = (float(v) for v in renderer.position_mm(point.chart))
            self.set_camera(framing_point(self.session.document.state.camera, (x, y, z)))

    def frame_face(self) -> None:
        """Frame the part of the head that carries detail."""
        self._frame(lambda head: np.flatnonzero(head.detail_weight > 0.5))

    def frame_all(self) -> None:
        """Frame the whole head."""
        self._frame(lambda head: np.arange(len(head.neutral)))

    def _frame(self, chosen: Callable[[Head], np.ndarray]) -> None:
        pose = self.pose
        if pose is None:
            return
        points = pose.turned[chosen(pose.head)]
        aspect = self.width() / max(self.height(), 1)
        camera = self.session.document.state.camera
        self.set_camera(cameras.frame(camera, (points.min(axis=0), points.max(axis=0)), aspect))

    # ---- overlay -------------------------------------------------------------------------------------

    def set_pointer(self, point: SurfacePoint | None, delay_s: float = 0.0) -> None:
        """What is under the pointer: the brush ring goes there; None hides it. See `FramePacing.request`."""
        if point is not None or self._ring_point is not None:
            self._ring_point = point
            self._hover_stale = True
            self.request_frame(delay_s)

    def axis_at(self, position: QPointF) -> GizmoAxis | None:
        """The end of the axis gizmo under a point of the widget."""
        if not self.session.view.show_gizmo or self.photo.layer is not None:
            return None
        ratio = self.devicePixelRatioF()
        camera = self.session.document.state.camera
        return gizmo_at(camera, self.framebuffer_size(), position.x() * ratio, position.y() * ratio, ratio)

    def hover_axis(self, axis: GizmoAxis | None) -> None:
        """Highlight an end of the gizmo."""
        if (name := "" if axis is None else axis.name) != self._hot_axis:
            self._hot_axis = name
            self.request_frame()

    def _lines_changed(self) -> None:
        self.scene.forget_lines()
        self.request_frame()

    def _update_legend(self) -> None:
        tension_range = self.renderer.tension_range if self.renderer is not None else 0.3
        self.legend.set_legend(shown_legend(self.session, tension_range))
