"""What the viewport draws: deliveries of the session on their way into a renderer that can be made again."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.gui.controllers.comparing import difference_mm
from rhytid.gui.controllers.detail_scheduler import Delivery
from rhytid.gui.controllers.mask_gesture import veil
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.render.overlay import RING_COLOR, Overlay
from rhytid.gui.render.photo_pass import PhotoPass, PhotoSheet
from rhytid.gui.render.picking import SurfacePoint
from rhytid.gui.render.picture import Picture
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode
from rhytid.gui.viewport.face_handles import FaceHandles
from rhytid.gui.viewport.kept_face import KeptFace
from rhytid.gui.viewport.portraits import Portraits

Float32 = npt.NDArray[np.float32]
ERASER_COLOR = (0.92, 0.47, 0.39)


class Scene:
    """Keeps pose and maps, and a renderer for as long as there is a context.

    Attributes
    ----------
    renderer : FaceRenderer or None
    pose : ResolvedPose or None
        The newest one; None before the first was computed.
    latest : Delivery or None
    handles : FaceHandles
    """

    def __init__(self, session: EditorSession) -> None:
        self._session = session
        self._ctx: moderngl.Context | None = None
        self.renderer: FaceRenderer | None = None
        self._portraits: Portraits | None = None
        self._photo_pass: PhotoPass | None = None
        self._placeholder: tuple[Head, Float32] | None = None
        self._waiting: list[Delivery] = []
        self._color: SkinColors | None = None
        self._color_stale = False
        self._lines_stale = True
        self.handles = FaceHandles(session)
        self._kept = KeptFace()
        self._kept_stale = self._kept_shown = False
        self._mask_stale = True
        self._difference: tuple[object, object] = None, None  # the two whose difference the renderer has
        self.pose: ResolvedPose | None = None
        self.latest: Delivery | None = None

    @property
    def up_to_date(self) -> bool:
        """The renderer has everything that was delivered, at full resolution."""
        taken = not self._waiting and not self._color_stale
        return self.latest is not None and self.latest.refined and taken

    @property
    def driver_name(self) -> str:
        return "" if self._ctx is None else str(self._ctx.info["GL_RENDERER"])

    def show_shape(self, head: Head, vertices: Float32) -> None:
        """Show a head before its detail has been computed."""
        self._placeholder = (head, vertices)

    def take(self, delivery: Delivery) -> None:
        """Show this from the next frame on."""
        if delivery.pose is not None:
            self.pose = delivery.pose
        self.latest = delivery
        self._waiting.append(delivery)

    def take_color(self, color: SkinColors) -> None:
        """Show this skin colour from the next frame on."""
        self._color = color
        self._color_stale = True

    def keep(self) -> None:
        """The session keeps another face as A, or none any more."""
        self._kept_stale = True

    def forget_lines(self) -> None:
        """Strokes, selection, masks or what is shown of them changed."""
        self._lines_stale = self._mask_stale = True

    # ---- with the context current --------------------------------------------------------------------

    def attach(self, ctx: moderngl.Context) -> None:
        """Draw with this context from now on."""
        self._ctx = ctx

    def framebuffer(self, number: int) -> moderngl.Framebuffer:
        """The framebuffer with this OpenGL name."""
        assert self._ctx is not None
        return self._ctx.detect_framebuffer(number)

    def release(self) -> None:
        """Give back everything on the GPU; `attach` and the next frame make it again."""
        self._release_portraits()
        self._kept.release()
        if self._photo_pass is not None:
            self._photo_pass.release()
        self._photo_pass = None
        if self.renderer is not None:
            self.renderer.release()
        self.renderer = None
        self._ctx = None

    def current_renderer(self) -> FaceRenderer | None:
        """The renderer with everything delivered so far in it; None while there is nothing to show."""
        if self._ctx is None:
            return None
        if self.pose is not None:
            head = self.pose.head
        elif self._placeholder is not None:
            head = self._placeholder[0]
        else:
            return None
        if self.renderer is not None and self.renderer.head is not head:
            self.renderer.release()
            self.renderer = None
        if self.renderer is None:
            self.renderer = self._new_renderer(self._ctx, head)
        for delivery in self._waiting:
            if delivery.pose is not None:
                _give_pose(self.renderer, delivery.pose)
            if delivery.maps is not None and not self._session.comparison.shows_difference:
                self.renderer.set_detail(delivery.maps)
        self._waiting.clear()
        self._give_difference(self.renderer)
        if self._color_stale and self._color is not None:
            self.renderer.set_albedo(self._color)
        self._color_stale = False
        if self._kept_stale:
            self._kept.show(self._ctx, self._session.comparison.kept)
        self._kept_stale = False
        self._give_lines(self.renderer)
        if self._mask_stale:
            self.renderer.overlay.set_mask(veil(self._session.document.state, self._session.tools))
        self._mask_stale = False
        state = self._session.document.state
        photo = state.photo
        self.renderer.others.is_shown = self._session.view.other_parts
        self.renderer.set_iris(self._session.skin_color.iris, state.enamel)
        if self.pose is not None:  # hair takes its time to grow: the first picture of all does without
            from rhytid.core.face.hair import worn_hair

            self.renderer.set_hair(worn_hair(state), state.settings.seed, state.age)
        self.renderer.set_photo_light(None if photo is None or photo.light is None else photo.light.sh9)
        return self.renderer

    def draw(
        self, framebuffer: moderngl.Framebuffer, size_px: tuple[int, int], camera: Camera,
        lighting: Lighting, view_mode: ViewMode, *, divider: float | None, interactive: bool, overlay: Overlay,
        **over: Any,
    ) -> None:  # fmt: skip
        """Draw A left of a divider and the present face right of it; all else as of `FaceRenderer.render`."""
        assert self.renderer is not None, "`current_renderer` comes first"
        kept, share = self._kept.renderer, divider or 0.0
        if kept is None:
            share = 0.0
        elif share > 0.0:
            kept.others.is_shown = self.renderer.others.is_shown
            kept.quality = self.renderer.quality
            kept.displacement_range_mm = self.renderer.displacement_range_mm
            left = (0.0, share)
            kept.render(framebuffer, size_px, camera, lighting, view_mode, interactive=interactive, columns=left)
        self._kept_shown = share > 0.0
        marks = self.handles.marks(self.renderer, camera, size_px, overlay.pixel_ratio)
        self.renderer.overlay.handle_marks = marks
        self.renderer.render(
            framebuffer, size_px, camera, lighting, view_mode, interactive=interactive, columns=(share, 1.0),
            overlay=overlay, **over,
        )  # fmt: skip

    @property
    def needs_refinement(self) -> bool:
        """As of `FaceRenderer`, of all faces that are shown."""
        shown = (self.renderer, self._kept.renderer if self._kept_shown else None)
        return any(one is not None and one.needs_refinement for one in shown)

    def lay_photo(
        self, framebuffer: moderngl.Framebuffer, size_px: tuple[int, int], sheet: PhotoSheet, picture: Picture
    ) -> None:
        """Lay a photo over the picture that was just drawn."""
        if self._ctx is None:
            return
        if self._photo_pass is None:
            self._photo_pass = PhotoPass(self._ctx)
        self._photo_pass.draw(framebuffer, size_px, picture, sheet)

    def portrait(self, head: Head, vertices: Float32, side_px: int) -> QImage | None:
        """A small square picture of a head, which need not be on the screen yet, in some shape, without detail."""
        if self.renderer is None or self._ctx is None:
            return None
        if self._portraits is None or self._portraits.head is not head:
            self._release_portraits()
            self._portraits = Portraits(self._ctx, head)
        return self._portraits.draw(vertices, side_px)

    def _new_renderer(self, ctx: moderngl.Context, head: Head) -> FaceRenderer:
        renderer = FaceRenderer(ctx, head)
        self._lines_stale = self._mask_stale = True
        self._color_stale = self._color is not None
        self._kept_stale = self._session.comparison.kept is not None
        self._difference = None, None
        if self.pose is not None:
            _give_pose(renderer, self.pose)
        elif self._placeholder is not None:
            renderer.set_shape(self._placeholder[1])
        if not self._waiting and self.latest is not None:
            renderer.set_detail(self.latest.maps)
        return renderer

    def _give_difference(self, renderer: FaceRenderer) -> None:
        """Relief of B less that of A in place of the detail, while the artist asks for it."""
        comparison, latest = self._session.comparison, self.latest
        maps = None if latest is None else latest.maps
        kept = comparison.kept if comparison.shows_difference else None
        if maps is None or (kept is self._difference[0] and (kept is None or maps is self._difference[1])):
            return
        self._difference = kept, maps
        if kept is None:
            renderer.set_detail(maps)
        else:
            renderer.set_displacement(difference_mm(kept.displacement, maps.displacement))

    def _give_lines(self, renderer: FaceRenderer) -> None:
        """Lines of the selected strokes, or of all when the artist wants to see them."""
        selection, all_of_them = self._session.selection, self._session.tools.show_strokes
        if not self._lines_stale or not (all_of_them or len(selection)):
            return
        state = self._session.document.state
        strokes = [s for s in state.layering.seen(state.strokes) if all_of_them or s.id in selection]
        renderer.overlay.set_strokes(strokes, selection.ids)
        self._lines_stale = False

    def _release_portraits(self) -> None:
        if self._portraits is not None:
            self._portraits.release()
        self._portraits = None


def overlay_of(
    session: EditorSession, point: SurfacePoint | None, hot_axis: str, pixel_ratio: float, *, on_photo: bool = False
) -> Overlay:
    """What lies over the picture: ring, strokes and axes; over a photo no axes, and the ring where tools work."""
    tools = session.tools
    works = session.view.in_photo or not on_photo
    shows_ring = point is not None and works and tools.show_ring and tools.tool != Tool.SELECT
    return Overlay(
        ring=point.chart if point is not None and shows_ring else None,
        # Under a millimetre of ring could not be seen.
        ring_radius=max(tools.size, 0.004),
        ring_on_skin=tools.tool == Tool.PAINT,
        mask=not on_photo,
        ring_color=ERASER_COLOR if tools.tool in (Tool.ERASER, Tool.MASK) else RING_COLOR,
        mirrored=tools.mirror_x,
        strokes=tools.show_strokes or len(session.selection) > 0,
        tension_lines=session.view.tension_lines,
        muscle_fibres=session.view.muscle_fibres,
        gizmo=session.view.show_gizmo and not on_photo,
        gizmo_hovered=hot_axis,
        pixel_ratio=pixel_ratio,
    )


def _give_pose(renderer: FaceRenderer, pose: ResolvedPose) -> None:
    if pose.head is renderer.head:
        renderer.set_shape(pose.turned)
        renderer.others.show(pose.others)
        renderer.set_tension(pose.tension)
