"""The renderer: state in, pixels out, as little as possible redone.

Caches, each redone only when what it depends on changed: the shadow map (light, shape), the geometry buffer
(camera, size, shape), the visibility of the key light (both) and the shaded picture. A change of detail
re-shades only the screen rectangle that the changed part of the chart covers. At rest the picture is refined:
first the ambient visibility of a new shape, then anti-aliasing by accumulating shifted frames.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

import moderngl
import numpy as np
import numpy.typing as npt

from core.detail.request import DetailMaps
from core.document.state import Camera, Lighting
from core.head.head import Head
from core.lines.stroke import Stroke
from core.maps.albedo import procedural_albedo, procedural_gloss
from core.maps.rect import Rect
from gui.render import camera as cameras
from gui.render import picking
from gui.render.accumulation import Accumulation, jitter_sequence
from gui.render.colormaps import nice_range
from gui.render.detail_texture import DetailTexture
from gui.render.gbuffer import GBuffer
from gui.render.geometry import CHART_SIDE_MM, GeometryPasses, uniform_matrix
from gui.render.mesh_buffers import MeshBuffers
from gui.render.occlusion import OcclusionBake
from gui.render.overlay import Overlay, OverlayPass
from gui.render.picking import SurfacePoint
from gui.render.quality import QualityController
from gui.render.shader_source import build_program, set_uniforms
from gui.render.shading import Look, ShadingPasses
from gui.render.shadow import key_direction
from gui.render.surface import MeshTopology, eye_frames
from gui.render.view_mode import ViewMode

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
ALBEDO_RESOLUTION = 512
REST_SAMPLES = 8
# Widest blur of the detail that shading reads, in mm (SCATTER_BLUR_MM of skin.glsl and its next mip level).
SHADING_REACH_MM = 3.0
_RING_GRID = 4096
_NO_DETAIL = np.zeros((64, 64), np.float32)


class FaceRenderer:
    """Draws one head. All methods need the OpenGL context to be current; none assumes any of its state.

    After a lost context, make a new renderer and give it shape, maps and camera again.

    Parameters
    ----------
    ctx : moderngl.Context
        OpenGL 4.1 core or newer.
    head : Head

    Attributes
    ----------
    quality : QualityController
        Chooses the resolution of interactive frames.
    rest_samples : int
        Frames that are averaged at rest.
    detail_gain : float
        Scale of the drawn detail; 1 is what the geometry is.
    displacement_range_mm, tension_range : float
        Half widths of the false colour ranges.
    profile : bool
        Wait after every pass, so that `last_timings_ms` has them one by one.
    last_timings_ms : dict
        Of the last frame: "frame" and, with `profile`, "gbuffer", "light", "shade", "refine", "present".
    """

    def __init__(self, ctx: moderngl.Context, head: Head) -> None:
        self.ctx = ctx
        self.head = head
        self.topology = MeshTopology(head)
        self.mesh = MeshBuffers(ctx, head, self.topology)
        self.quality = QualityController()
        self.rest_samples = REST_SAMPLES
        self.detail_gain = 1.0
        self.displacement_range_mm = 0.5
        self.tension_range = 0.3
        self.profile = False
        self.last_timings_ms: dict[str, float] = {}
        self._geometry = GeometryPasses(ctx, self.mesh)
        self._shading = ShadingPasses(ctx, self.mesh)
        self._overlay = OverlayPass(ctx)
        self._occlusion: OcclusionBake | None = None
        self._present_program = build_program(ctx, "fullscreen.vert", "present.frag")
        self._present_array = ctx.vertex_array(self._present_program, [])
        self._eyes = eye_frames(head, self.topology, head.neutral)
        self._details: dict[int, DetailTexture] = {}
        self._detail = self._detail_texture(len(_NO_DETAIL))
        self._detail.update(_NO_DETAIL, None)
        self._shape_version = self._surface_version = self._maps_version = self._tension_version = 0
        self._baked_shape = -1  # version of the shape whose ambient visibility is known
        self._dirty: Rect | None = None  # of the chart, in texels of the detail
        self._gbuffer: GBuffer | None = None
        self._accumulation: Accumulation | None = None
        self._color: moderngl.Texture | None = None
        self._color_framebuffer: moderngl.Framebuffer | None = None
        self._present_framebuffer: moderngl.Framebuffer | None = None
        self._drawn_px = (1, 1)  # the part of the targets that holds the picture
        self._jitter_px = (0.0, 0.0)
        # What the cached pictures were made for; None: to be redone.
        self._geometry_key: object = None
        self._light_key: object = None
        self._look_key: object = None
        self._look: Look | None = None
        self._refined = False
        self._n_programs = 0
        self.set_albedo(procedural_albedo(ALBEDO_RESOLUTION), procedural_gloss(ALBEDO_RESOLUTION))

    # ---- what is shown -------------------------------------------------------------------------------

    def set_shape(self, vertices: Float32) -> None:
        """Show these vertices, float32 (V, 3) in mm."""
        if vertices.shape != self.head.neutral.shape:
            raise ValueError(f"vertices must have shape {self.head.neutral.shape}, got {vertices.shape}")
        if np.array_equal(vertices, self.mesh.vertices):
            return
        self.mesh.set_shape(np.ascontiguousarray(vertices, np.float32))
        self._eyes = eye_frames(self.head, self.topology, self.mesh.vertices)
        self._shape_version += 1
        if self._occlusion is not None:
            self._occlusion.restart()

    def set_detail(self, maps: DetailMaps | None) -> None:
        """Show these maps (None: no detail).

        `maps.dirty` is trusted: it must cover everything that changed since the last maps of the same
        resolution that were given here. With None the maps are compared, and only what differs is redone.
        """
        if maps is None:
            self.set_displacement(_NO_DETAIL)
        else:
            self.set_displacement(maps.displacement, maps.dirty)

    def set_displacement(self, displacement: Float32, dirty: Rect | None = None) -> None:
        """As `set_detail`, for a bare map, float32 (H, H) in mm."""
        if displacement.ndim != 2 or displacement.shape[0] != displacement.shape[1]:
            raise ValueError(f"a displacement map must be square, got {displacement.shape}")
        started = time.perf_counter()
        texture = self._detail_texture(displacement.shape[0])
        touched = texture.update(displacement, dirty)
        if texture is not self._detail:
            self._detail = texture
            self._dirty = None
            self._maps_version += 1
        elif not touched.empty:
            self._dirty = touched.union(self._dirty)
        self.last_timings_ms["upload"] = (time.perf_counter() - started) * 1e3

    def update_displacement_range(self) -> float:
        """Choose a round symmetric range for the displacement view from the present map; returns it in mm."""
        if self._detail.displacement is not None:
            self.displacement_range_mm = nice_range(self._detail.displacement)
        return self.displacement_range_mm

    def set_tension(self, tension: Float32) -> None:
        """Show this chart map of tension, float32 (R, R)."""
        if self._shading.set_tension(tension):
            self._tension_version += 1

    def set_albedo(self, srgb: npt.NDArray[np.uint8], gloss: npt.NDArray[np.uint8] | None = None) -> None:
        """Show this skin colour, uint8 (R, R, 3) sRGB in the chart.

        Parameters
        ----------
        gloss : uint8 (R, R), optional
            0 matt .. 255 oily; the regional one of `core.maps.albedo` by default.
        """
        rgba = np.empty((*srgb.shape[:2], 4), np.uint8)
        rgba[..., :3] = srgb
        rgba[..., 3] = procedural_gloss(srgb.shape[0]) if gloss is None else gloss
        self._shading.set_albedo(rgba)
        self._maps_version += 1

    def set_strokes(self, strokes: Sequence[Stroke], selected: Collection[str] = ()) -> None:
        """Strokes that `Overlay.strokes` shows, and the ids of those to highlight."""
        self._overlay.set_strokes(strokes, selected)

    def _detail_texture(self, resolution: int) -> DetailTexture:
        if resolution not in self._details:
            # The preview's, the viewport's and one more stay on the GPU.
            if len(self._details) >= 3:
                oldest = next(r for r, texture in self._details.items() if texture is not self._detail)
                self._details.pop(oldest).release()
            self._details[resolution] = DetailTexture(self.ctx, resolution)
        return self._details[resolution]

    # ---- drawing -------------------------------------------------------------------------------------

    def render(
        self,
        framebuffer: moderngl.Framebuffer,
        size_px: tuple[int, int],
        camera: Camera,
        lighting: Lighting,
        view_mode: ViewMode = ViewMode.DETAILED,
        *,
        overlay: Overlay | None = None,
        interactive: bool = True,
    ) -> None:
        """Draw into `framebuffer` (never assumed to be 0), redoing only what changed.

        Parameters
        ----------
        size_px : (width, height)
            In framebuffer pixels (HiDPI scale included).
        interactive : bool
            The artist is moving something: stay within the frame budget. False: draw at full resolution and,
            when nothing has changed, refine by one step. Go on calling with False while `needs_refinement`.
        """
        if min(size_px) < 1:
            return  # a window that is being opened or folded up
        started = time.perf_counter()
        timings: dict[str, float] = {}
        self._prepare(size_px)
        assert self._gbuffer is not None
        assert self._color_framebuffer is not None
        of_tension = view_mode is ViewMode.TENSION
        range_value = self.tension_range if of_tension else self.displacement_range_mm
        look = Look(camera, lighting, view_mode, self._detail, self.detail_gain, range_value, self._eyes)
        vertex_gain = self.detail_gain if view_mode.shows_detail else 0.0
        geometry_key = (camera, self._shape_version, self._surface_version, vertex_gain)
        if self._occlusion is None:
            self._occlusion = OcclusionBake(self.ctx, self.mesh)
            self.mesh.set_visibility(self._occlusion.estimate())
        look_key = (
            view_mode,
            lighting if view_mode.is_lit else None,
            range_value if of_tension or view_mode is ViewMode.DISPLACEMENT else 0.0,
            self._tension_version if of_tension else self._maps_version,
        )
        new_geometry = geometry_key != self._geometry_key or (not interactive and self._drawn_px != size_px)
        changed = new_geometry or look_key != self._look_key or (self._dirty is not None and view_mode.shows_detail)
        if new_geometry or (changed and self._jitter_px != (0.0, 0.0)):
            scale = self.quality.scale if interactive else 1.0
            self._drawn_px = max(round(size_px[0] * scale), 1), max(round(size_px[1] * scale), 1)
            self._draw_geometry(look, (0.0, 0.0))
            self._geometry_key = geometry_key
            self._lap("gbuffer", timings, started)
        if changed and view_mode.is_lit:
            self._draw_light(lighting, 0.0)
            self._lap("light", timings, started)
        if new_geometry or look_key != self._look_key:
            self._shade(self._color_framebuffer, look, None)
            self._look_key = look_key
            self._look = look
        elif changed and self._dirty is not None:
            rect = self.screen_rect(self._dirty)
            if rect is not None:
                self._shade(self._color_framebuffer, look, rect)
        if changed:
            self._dirty = None
            self._refined = False
            if self._accumulation is not None:
                self._accumulation.restart()
            self._lap("shade", timings, started)
        elif not interactive and self.needs_refinement:
            self._refine(look)
            self._lap("refine", timings, started)
        self._present(framebuffer, size_px)
        if overlay is not None:
            view = self._view_uniforms(camera)
            boxes = [self._ring_box(ring, size_px) for ring in overlay.rings]
            self._overlay.draw(framebuffer, size_px, overlay, boxes, self._gbuffer, view, camera)
        self._lap("present", timings, started)
        self.ctx.finish()
        timings["frame"] = (time.perf_counter() - started) * 1e3
        if interactive and new_geometry and self._n_programs == self._shading.n_programs:
            self.quality.measured(timings["frame"])
        self._n_programs = self._shading.n_programs
        self.last_timings_ms = timings

    def reshade(self, rect: Rect) -> None:
        """Shade a rectangle of the last picture again (pixels of it, origin bottom left) and wait for it."""
        if self._look is not None and self._color_framebuffer is not None:
            self._shade(self._color_framebuffer, self._look, rect)
            self.ctx.finish()

    @property
    def needs_refinement(self) -> bool:
        """Whether further calls of `render` with ``interactive=False`` improve the picture."""
        return not self._refined or self._baked_shape != self._shape_version

    def _lap(self, name: str, timings: dict[str, float], started: float) -> None:
        if self.profile:
            self.ctx.finish()
            timings[name] = (time.perf_counter() - started) * 1e3 - sum(timings.values())

    def _prepare(self, size_px: tuple[int, int]) -> None:
        if self._gbuffer is not None and self._gbuffer.size_px == size_px:
            return
        self._release_targets()
        self._gbuffer = GBuffer(self.ctx, size_px)
        self._color = self.ctx.texture(size_px, 4)
        self._color.repeat_x = self._color.repeat_y = False
        self._color_framebuffer = self.ctx.framebuffer([self._color], self._gbuffer.classes)
        self._color_framebuffer.depth_mask = False
        self._present_framebuffer = self.ctx.framebuffer([self._color])
        self._drawn_px = size_px

    def _draw_geometry(self, look: Look, jitter_px: tuple[float, float]) -> None:
        assert self._gbuffer is not None
        gain = look.detail_gain if look.mode.shows_detail else 0.0
        self._geometry.draw(self._gbuffer, self._drawn_px, look.camera, jitter_px, look.detail, gain)
        self._jitter_px = jitter_px
        self._light_key = None

    def _draw_light(self, lighting: Lighting, noise_phase: float) -> None:
        assert self._gbuffer is not None
        key = (tuple(key_direction(lighting)), noise_phase)
        if key == self._light_key:
            return
        self._geometry.draw_light(
            self._gbuffer,
            self._drawn_px,
            self._view_uniforms(None),
            lighting,
            self._shape_version,
            noise_phase,
        )
        self._light_key = key

    def _view_uniforms(self, camera: Camera | None) -> dict[str, object]:
        uniforms: dict[str, object] = {
            "u_head_from_clip": uniform_matrix(np.linalg.inv(self._geometry.clip_from_head)),
            "u_size_px": (float(self._drawn_px[0]), float(self._drawn_px[1])),
        }
        if camera is not None:
            tangent = float(np.tan(np.radians(camera.fov_deg) / 2))
            uniforms["u_camera_mm"] = tuple(cameras.position_mm(camera))
            uniforms["u_mm_per_px"] = 2 * tangent / self._drawn_px[1]
        return uniforms

    def _shade(self, target: moderngl.Framebuffer, look: Look, rect: Rect | None) -> None:
        assert self._gbuffer is not None
        view = self._view_uniforms(look.camera)
        self._shading.draw(target, self._drawn_px, self._gbuffer, view, look, rect)
        if look.mode is ViewMode.WIREFRAME:
            color = target.color_attachments[0]
            edges = self.ctx.framebuffer([color], self._gbuffer.depth)
            edges.depth_mask = False
            edges.viewport = (0, 0, *self._drawn_px)
            self._shading.draw_wires(edges, uniform_matrix(self._geometry.clip_from_head), look.camera)
            edges.release()

    def _refine(self, look: Look) -> None:
        """One step: some directions of ambient visibility, or one more shifted frame."""
        assert self._gbuffer is not None
        assert self._present_framebuffer is not None
        if self._baked_shape != self._shape_version:
            assert self._occlusion is not None
            visibility = self._occlusion.step()
            if visibility is not None:
                self._baked_shape = self._shape_version
                self._surface_version += 1
                self.mesh.set_visibility(visibility)
                self._occlusion.restart()
            return
        if self._accumulation is None:
            self._accumulation = Accumulation(self.ctx, self._gbuffer.size_px, self._gbuffer.classes)
        jitters = jitter_sequence(self.rest_samples)
        index = self._accumulation.n_samples
        self._draw_geometry(look, jitters[index])
        if look.mode.is_lit:
            self._draw_light(look.lighting, ((index + 1) % len(jitters)) / len(jitters))
        self._shade(self._accumulation.frame, look, None)
        self._accumulation.add()
        if self._accumulation.n_samples == len(jitters):
            self._accumulation.resolve(self._present_framebuffer)
            self._accumulation.restart()
            self._refined = True

    def _present(self, framebuffer: moderngl.Framebuffer, size_px: tuple[int, int]) -> None:
        assert self._color is not None
        assert self._present_framebuffer is not None
        framebuffer.scissor = None
        framebuffer.viewport = (0, 0, *size_px)
        if self._drawn_px == size_px == framebuffer.size and framebuffer.samples == 0:
            self.ctx.copy_framebuffer(framebuffer, self._present_framebuffer)
            return
        framebuffer.use()
        self.ctx.enable_only(0)
        self._color.use(0)
        set_uniforms(self._present_program, {
            "u_source": 0,
            "u_target_px": (float(size_px[0]), float(size_px[1])),
            "u_source_px": (float(self._drawn_px[0]), float(self._drawn_px[1])),
            "u_class_depth": 0.0,
        })  # fmt: skip
        self._present_array.render(moderngl.TRIANGLES, vertices=3)

    # ---- where things are on the screen --------------------------------------------------------------

    def screen_rect(self, dirty: Rect, margin_px: int = 2) -> Rect | None:
        """Pixels of the internal picture (origin bottom left) whose shading reads a rectangle of texels.

        None when it is not in view.
        """
        resolution = self._detail.resolution
        reach_texels = int(np.ceil(SHADING_REACH_MM / CHART_SIDE_MM * resolution)) + 2
        return self._screen_box(dirty.grown(reach_texels, resolution), resolution, margin_px)

    def _screen_box(self, rect: Rect, resolution: int, margin_px: int) -> Rect | None:
        """Bounding box on the screen of the skin under a rectangle of texels (origin bottom left)."""
        index = self.topology.vertices_under(rect, resolution)
        if not len(index):
            return None
        matrix = self._geometry.clip_from_head
        clip = self.mesh.vertices[index].astype(np.float64) @ matrix[:, :3].T + matrix[:, 3]
        width, height = self._drawn_px
        if (clip[:, 3] <= 1.0).any():
            return Rect(0, 0, width, height)
        pixels = (clip[:, :2] / clip[:, 3:4] * 0.5 + 0.5) * (width, height)
        low = np.floor(pixels.min(0)).astype(int) - margin_px
        high = np.ceil(pixels.max(0)).astype(int) + margin_px
        rect = Rect(max(int(low[0]), 0), max(int(low[1]), 0), min(int(high[0]), width), min(int(high[1]), height))
        return None if rect.empty else rect

    def _ring_box(self, ring: tuple[float, float, float], size_px: tuple[int, int]) -> Rect | None:
        """Pixels of the window that a brush ring (chart x, y, radius) may cover."""
        x, y, radius = (round(value * _RING_GRID) for value in ring)
        box = self._screen_box(Rect(x - radius, y - radius, x + radius + 1, y + radius + 1), _RING_GRID, 4)
        if box is None:
            return None
        scale = size_px[0] / self._drawn_px[0]
        return Rect(*(int(np.ceil(value * scale)) for value in (box.x0, box.y0, box.x1, box.y1)))

    def pick(self, x_px: float, y_px: float) -> SurfacePoint | None:
        """Skin under a pixel of the last picture (origin top left, framebuffer pixels), or None."""
        if self._gbuffer is None or self._geometry_key is None:
            return None
        x, y = self._internal_px(np.array([x_px]), np.array([y_px]))
        return picking.pick(self._gbuffer, self._geometry.clip_from_head, self._drawn_px, int(x[0]), int(y[0]))

    def pick_many(self, points_px: npt.ArrayLike) -> Float64:
        """Chart coordinates under many pixels (N, 2) of the last picture, (N, 2); NaN off the skin."""
        points = np.asarray(points_px, np.float64).reshape(-1, 2)
        if self._gbuffer is None or self._geometry_key is None:
            return np.full(points.shape, np.nan)
        x, y = self._internal_px(points[:, 0], points[:, 1])
        return picking.pick_charts(self._gbuffer, self._drawn_px, x, y)

    def _internal_px(self, x_px: Float64, y_px: Float64) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Pixels of the geometry buffer, origin bottom left."""
        assert self._gbuffer is not None
        width, height = self._gbuffer.size_px
        x = np.floor(x_px * self._drawn_px[0] / width).astype(np.int64)
        y = self._drawn_px[1] - 1 - np.floor(y_px * self._drawn_px[1] / height).astype(np.int64)
        return x, y

    # ---- life and death ------------------------------------------------------------------------------

    def _release_targets(self) -> None:
        for resource in (
            self._accumulation, self._color_framebuffer, self._present_framebuffer, self._color,
            self._gbuffer,
        ):  # fmt: skip
            if resource is not None:
                resource.release()
        self._accumulation = self._gbuffer = None
        self._color = self._color_framebuffer = self._present_framebuffer = None
        self._geometry_key = self._light_key = self._look_key = None
        self._jitter_px = (0.0, 0.0)
        self._refined = False

    def release(self) -> None:
        """Give back everything on the GPU; the renderer cannot be used afterwards."""
        self._release_targets()
        for texture in self._details.values():
            texture.release()
        self._details.clear()
        for resource in (
            self._occlusion, self._overlay, self._shading, self._geometry, self._present_array,
            self._present_program, self.mesh,
        ):  # fmt: skip
            if resource is not None:
                resource.release()
        self._occlusion = None
