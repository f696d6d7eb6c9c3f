"""What lies over the picture and never dirties it: strokes and their handles, brush ring, corner gizmo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.document.state import Camera
from rhytid.core.lines.curve import curve
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect
from rhytid.gui.render import camera as cameras
from rhytid.gui.render.gbuffer import GBuffer
from rhytid.gui.render.gl_state import blend_over, draw_only_in
from rhytid.gui.render.guide_pass import GUIDE_MAP, GuidePass
from rhytid.gui.render.handle_pass import HandleMarks, HandlePass
from rhytid.gui.render.picture import Picture
from rhytid.gui.render.screen_boxes import ScreenBoxes
from rhytid.gui.render.shader_source import build_program, set_uniforms

STROKE_MAP = 1024
GIZMO_RADIUS_PX = 34.0  # at pixel ratio 1
GIZMO_MARGIN_PX = 16.0
RING_COLOR = (0.98, 0.97, 0.94)
STROKE_COLOR = (0.23, 0.62, 0.86)
SELECTED_COLOR = (1.0, 0.72, 0.20)
MASK_COLOR = (0.93, 0.30, 0.16)
MASK_OPACITY = 0.55


@dataclass(frozen=True)
class Overlay:
    """What to draw over the picture.

    Attributes
    ----------
    ring : (x, y) or None
        Chart coordinate of the brush.
    ring_radius : float
        In chart units.
    ring_on_skin : bool
        The radius is measured on the skin, a chart unit as `CHART_MM`.
    ring_color : RGB, display values 0..1
    mirrored : bool
        Also draw the ring at the mirrored place (1 - x).
    mask : bool
        Show the mask given to `OverlayPass.set_mask`.
    strokes : bool
        Show the strokes given to `OverlayPass.set_strokes`.
    stroke_opacity : float
        0..1, of those that are not selected.
    tension_lines, muscle_fibres : bool
        The anatomy guide.
    gizmo : bool
        The axes in the upper right corner.
    gizmo_hovered : str
        "X", "Y", "Z", "-X", "-Y", "-Z": the end under the pointer; "" none.
    pixel_ratio : float
        Framebuffer pixels per logical pixel (HiDPI).
    """

    ring: tuple[float, float] | None = None
    ring_radius: float = 0.01
    ring_on_skin: bool = False
    ring_color: tuple[float, float, float] = RING_COLOR
    mirrored: bool = False
    mask: bool = False
    strokes: bool = False
    stroke_opacity: float = 0.75
    tension_lines: bool = False
    muscle_fibres: bool = False
    gizmo: bool = False
    gizmo_hovered: str = ""
    pixel_ratio: float = 1.0

    @property
    def rings(self) -> list[tuple[float, float, float]]:
        """Chart x, y and radius of the ring and of its mirror image."""
        if self.ring is None:
            return []
        x, y = self.ring
        both = [(x, y, self.ring_radius), (1.0 - x, y, self.ring_radius)]
        return both if self.mirrored else both[:1]


def gizmo_center_px(size_px: tuple[int, int], pixel_ratio: float = 1.0) -> tuple[float, float, float]:
    """Centre (origin top left) and radius of the gizmo in framebuffer pixels."""
    radius = GIZMO_RADIUS_PX * pixel_ratio
    inset = GIZMO_MARGIN_PX * pixel_ratio + 1.25 * radius
    return size_px[0] - inset, inset, radius


def gizmo_at(
    camera: Camera, size_px: tuple[int, int], x_px: float, y_px: float, pixel_ratio: float = 1.0
) -> cameras.GizmoAxis | None:
    """The end of the gizmo under a pixel (origin top left), or None."""
    x, y, radius = gizmo_center_px(size_px, pixel_ratio)
    return cameras.gizmo_hit(camera, (x_px - x) / radius, (y_px - y) / radius)


def draw_stroke_map(
    strokes: Sequence[Stroke], selected: Collection[str], size: int = STROKE_MAP
) -> npt.NDArray[np.uint8]:
    """Anti-aliased lines of all visible strokes and of the selected ones, uint8 (size, size, 2)."""
    planes = [np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)]
    for stroke in strokes:
        if not stroke.visible:
            continue
        # OpenCV's sub-pixel coordinates: texel centres are integers, 4 fractional bits.
        points = np.round(curve(stroke, size)[:, :2] * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(planes[0], [points], False, 255, 2, cv2.LINE_AA, shift=4)
        if stroke.id in selected:
            cv2.polylines(planes[1], [points], False, 255, 3, cv2.LINE_AA, shift=4)
    return np.stack(planes, axis=-1)


def stroke_bounds(strokes: Sequence[Stroke]) -> Rect | None:
    """Texels of the stroke map that visible strokes touch; None without any."""
    points = [curve(stroke, STROKE_MAP)[:, :2] for stroke in strokes if stroke.visible]
    if not points:
        return None
    low = np.floor(np.min([p.min(axis=0) for p in points], axis=0)).astype(int) - 3
    high = np.ceil(np.max([p.max(axis=0) for p in points], axis=0)).astype(int) + 4
    return Rect(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


class OverlayPass:
    """Draws an `Overlay` with blending straight into the window's framebuffer."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._programs: dict[str, tuple[moderngl.Program, moderngl.VertexArray]] = {}
        self._strokes: moderngl.Texture | None = None
        self._mask: moderngl.Texture | None = None
        self._guide: GuidePass | None = None
        self._handles: HandlePass | None = None
        self.handle_marks: HandleMarks | None = None
        self.stroke_bounds: Rect | None = None
        self.mask_bounds: Rect | None = None
        self._mask_side = 1

    def set_strokes(self, strokes: Sequence[Stroke], selected: Collection[str]) -> None:
        self.stroke_bounds = stroke_bounds(strokes)
        if self._strokes is None:
            self._strokes = self._ctx.texture((STROKE_MAP, STROKE_MAP), 2)
            self._strokes.repeat_x = self._strokes.repeat_y = False
        self._strokes.write(draw_stroke_map(strokes, selected))
        self._strokes.build_mipmaps(0, 2)
        self._strokes.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)

    def set_mask(self, mask: npt.NDArray[np.uint8] | None) -> None:
        """A chart map, uint8 (M, M): 255 where the tint is thickest; None for none."""
        self.mask_bounds = None if mask is None else Rect.around(mask > 0).grown(1, len(mask))
        if mask is None or self.mask_bounds is None or self.mask_bounds.empty:
            self.mask_bounds = None
            return
        self._mask_side = len(mask)
        if self._mask is None or self._mask.size != mask.shape:
            if self._mask is not None:
                self._mask.release()
            self._mask = self._ctx.texture(mask.shape, 1)
            self._mask.repeat_x = self._mask.repeat_y = False
        self._mask.write(np.ascontiguousarray(mask), alignment=1)

    def draw(
        self,
        target: moderngl.Framebuffer,
        overlay: Overlay,
        picture: Picture,
        boxes: ScreenBoxes,
        view: dict[str, object],
        camera: Camera,
    ) -> None:
        """Draw over the window's picture.

        Parameters
        ----------
        picture : Picture
            What `target` shows, at its size.
        boxes : ScreenBoxes
            Know where parts of the chart are in it.
        view : dict
            Uniforms that place the geometry buffer's pixels in head space.
        """
        size_px, gbuffer = picture.size_px, picture.gbuffer
        rings = np.zeros((2, 4), np.float32)
        veil, lines = (self.mask_bounds if overlay.mask else None), (self.stroke_bounds if overlay.strokes else None)
        mask_box = None if veil is None else boxes.in_window(picture, veil, self._mask_side)
        stroke_box = None if lines is None else boxes.in_window(picture, lines, STROKE_MAP)
        if self._mask is not None and mask_box is not None:
            draw_only_in(target, mask_box)
            self._draw_surface(target, size_px, overlay, rings, gbuffer, view, "MASK")
        guided = overlay.tension_lines or overlay.muscle_fibres
        guide_box = boxes.in_window(picture, Rect.whole(GUIDE_MAP), GUIDE_MAP) if guided else None
        if guide_box is not None:
            self._guide = self._guide or GuidePass(self._ctx)
            shown = {"tension": overlay.tension_lines, "fibres": overlay.muscle_fibres}
            self._guide.draw(target, picture, guide_box, view, camera, **shown)
        # Only the pixels that strokes or ring can cover are touched: the ring follows the pointer.
        if self._strokes is not None and stroke_box is not None:
            draw_only_in(target, stroke_box)
            self._draw_surface(target, size_px, overlay, rings, gbuffer, view, "STROKES")
        if self.handle_marks is not None:
            self._handles = self._handles or HandlePass(self._ctx)
            self._handles.draw(target, size_px, gbuffer, view, self.handle_marks, overlay.pixel_ratio)
        for row, ring in enumerate(overlay.rings):
            box = boxes.ring(picture, ring, overlay.ring_on_skin)
            if box is None:
                continue
            rings[:] = 0.0
            rings[row] = (*ring, 1.0)
            draw_only_in(target, box)
            self._draw_surface(target, size_px, overlay, rings, gbuffer, view)
        if overlay.gizmo:
            self._draw_gizmo(target, size_px, overlay, camera)
        draw_only_in(target, None)

    def _draw_surface(
        self,
        target: moderngl.Framebuffer,
        size_px: tuple[int, int],
        overlay: Overlay,
        rings: npt.NDArray[np.float32],
        gbuffer: GBuffer,
        view: dict[str, object],
        shows: str = "",
    ) -> None:
        program, array = self._program("overlay.frag", {shows: 1} if shows else {})
        self._use(target)
        samplers = gbuffer.bind()
        if self._strokes is not None:
            self._strokes.use(6)
        if self._mask is not None:
            self._mask.use(7)
        uniforms = {
            **samplers,
            **view,
            "u_strokes": 6,
            "u_mask": 7,
            "u_mask_color": (*MASK_COLOR, MASK_OPACITY),
            "u_ring_mm_per_unit": CHART_MM if overlay.ring_on_skin else 0.0,
            "u_target_px": (float(size_px[0]), float(size_px[1])),
            "u_stroke_opacity": overlay.stroke_opacity,
            "u_stroke_color": STROKE_COLOR,
            "u_selected_color": SELECTED_COLOR,
            "u_ring": rings.tobytes(),
            "u_ring_color": overlay.ring_color,
            "u_class_depth": 0.0,
        }
        set_uniforms(program, uniforms)
        array.render(moderngl.TRIANGLES, vertices=3)

    def _draw_gizmo(
        self, target: moderngl.Framebuffer, size_px: tuple[int, int], overlay: Overlay, camera: Camera
    ) -> None:
        x, y_top, radius = gizmo_center_px(size_px, overlay.pixel_ratio)
        y = size_px[1] - y_top
        ends = cameras.gizmo_axes(camera)
        reach = int(1.4 * radius)
        draw_only_in(target, Rect(int(x) - reach, int(y) - reach, int(x) + reach, int(y) + reach))
        self._use(target)
        program, array = self._program("gizmo.frag", {})
        hovered = next((i for i, end in enumerate(ends) if end.name == overlay.gizmo_hovered), -1)
        set_uniforms(program, {
            "u_center_px": (x, y),
            "u_radius_px": radius,
            "u_end": np.array([(e.x, -e.y, e.depth, float(e.positive)) for e in ends], np.float32).tobytes(),
            "u_end_color": np.array([e.rgb for e in ends], np.float32).tobytes(),
            "u_end_axis": np.array(["XYZ".index(e.name[-1]) for e in ends], np.int32).tobytes(),
            "u_hovered": hovered,
            "u_class_depth": 0.0,
        })  # fmt: skip
        array.render(moderngl.TRIANGLES, vertices=3)

    def _use(self, target: moderngl.Framebuffer) -> None:
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        blend_over(self._ctx)

    def _program(self, fragment: str, defines: dict[str, object]) -> tuple[moderngl.Program, moderngl.VertexArray]:
        key = fragment + "".join(defines)
        if key not in self._programs:
            program = build_program(self._ctx, "fullscreen.vert", fragment, defines)
            self._programs[key] = program, self._ctx.vertex_array(program, [])
        return self._programs[key]

    def release(self) -> None:
        for program, array in self._programs.values():
            array.release()
            program.release()
        self._programs.clear()
        for resource in (self._strokes, self._mask, self._guide, self._handles):
            if resource is not None:
                resource.release()
        self._strokes = self._mask = self._guide = self._handles = None
