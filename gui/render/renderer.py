"""The renderer: state in, pixels out, as little as possible redone.

Three caches, each redone only when what it depends on changed: the shadow map (light, shape), the G-buffer
(camera, size, shape) and the shaded picture (all of it). A change of detail re-shades only the screen
rectangle that the changed part of the chart covers. At rest the picture is refined by accumulating jittered
frames. See `shaders/README.md` for every uniform.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import moderngl
import numpy as np
import numpy.typing as npt

from core.detail.request import DetailMaps
from core.document.state import Camera, Lighting
from core.head.head import Head, Part
from core.maps.albedo import MEAN_SRGB, procedural_albedo
from core.maps.rect import Rect
from gui.render import camera as cameras
from gui.render.colormaps import chart_checker, diverging, nice_range
from gui.render.detail_texture import DetailTexture
from gui.render.environment import MAX_LAMPS, environment
from gui.render.gbuffer import GBuffer, PixelClass
from gui.render.mesh_buffers import MeshBuffers
from gui.render.quality import JITTER_PX, QualityController
from gui.render.shader_source import build_program, set_uniforms
from gui.render.shadow import BIAS_MM, ShadowMap, key_direction
from gui.render.surface import MeshTopology, eye_frames
from gui.render.view_mode import ViewMode

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
KEY_IRRADIANCE = 0.36  # irradiance / pi at key intensity 1
BACKGROUND_CENTER, BACKGROUND_EDGE = (0.215, 0.22, 0.23), (0.10, 0.102, 0.108)
IRIS_COLOR = (0.17, 0.125, 0.075)
VERTEX_SPACING_MM = 2.0
ALBEDO_RESOLUTION = 1024
_CLASSES_LIT = (PixelClass.BACKGROUND, PixelClass.FACE, PixelClass.PLAIN, PixelClass.EYES)
_CLASSES_UNLIT = (PixelClass.BACKGROUND, PixelClass.ANY)
_MODE_NUMBER = {mode: number for number, mode in enumerate(ViewMode)}


@dataclass(frozen=True, eq=False)
class SurfacePoint:
    """A point of the skin under a pixel.

    Attributes
    ----------
    chart : (float, float)
        Chart coordinate, x right, y down.
    position_mm : float64 (3,)
        Head space.
    normal : float64 (3,)
        Smooth unit normal, head space.
    detail_weight : float
        0..1, how much of the detail shows here.
    """

    chart: tuple[float, float]
    position_mm: Float64
    normal: Float64
    detail_weight: float


class FaceRenderer:
    """Draws one head. All methods need the OpenGL context to be current; none assumes any of its state.

    After a lost context, make a new renderer and give it shape, maps and camera again.

    Parameters
    ----------
    ctx : moderngl.Context
        OpenGL 4.1 core or newer.
    head : Head
    """

    def __init__(self, ctx: moderngl.Context, head: Head) -> None:
        self.ctx = ctx
        self.head = head
        self.topology = MeshTopology(head)
        self.mesh = MeshBuffers(ctx, head, self.topology)
        self.quality = QualityController()
        self.last_timings_ms: dict[str, float] = {}
        self.profile = False
        self.detail_gain = 1.0
        self.displacement_range_mm = 0.5
        self.tension_range = 0.3
        self._shadow = ShadowMap(ctx, self.mesh)
        self._gbuffer_program = build_program(ctx, "gbuffer.vert", "gbuffer.frag")
        self._gbuffer_array = self.mesh.full_array(self._gbuffer_program)
        self._light_program = build_program(ctx, "fullscreen.vert", "light.frag", {"SHADOW_TAPS": 4})
        self._light_array = ctx.vertex_array(self._light_program, [])
        self._classes_program = build_program(ctx, "fullscreen.vert", "classes.frag")
        self._classes_array = ctx.vertex_array(self._classes_program, [])
        self._shade: dict[tuple[ViewMode, PixelClass], tuple[moderngl.Program, moderngl.VertexArray]] = {}
        self._details: dict[int, DetailTexture] = {}
        self._detail = self._detail_texture(256)
        self._detail.update(np.zeros((256, 256), np.float32), None)
        self._albedo: moderngl.Texture | None = None
        self._tension = ctx.texture((256, 256), 1, dtype="f4")
        self._tension.write(np.zeros((256, 256), np.float32))
        self._tension.repeat_x = self._tension.repeat_y = False
        self._colormap = ctx.texture((256, 1), 3, diverging().tobytes(), alignment=1)
        self._colormap.repeat_x = self._colormap.repeat_y = False
        self._checker: moderngl.Texture | None = None
        self._gbuffer: GBuffer | None = None
        self._color: moderngl.Texture | None = None
        self._color_framebuffer: moderngl.Framebuffer | None = None
        self._present_framebuffer: moderngl.Framebuffer | None = None
        self._eyes = eye_frames(head, self.topology, head.neutral)
        # What the caches were made for; None = to be redone.
        self._gbuffer_key: object = None
        self._shadow_key: object = None
        self._light_key: object = None
        self._color_key: object = None
        self._shape_version = 0
        self._detail_version = 0
        self._texture_version = 0
        self._dirty: Rect | None = None  # of the chart at the detail's resolution
        self._camera = Camera()
        self.set_albedo(procedural_albedo(ALBEDO_RESOLUTION))

    # ---- what is shown -------------------------------------------------------------------------------

    def set_shape(self, vertices: Float32) -> None:
        """Show these vertices, float32 (V, 3) in mm."""
        if vertices.shape != self.head.neutral.shape:
            raise ValueError(f"vertices must have shape {self.head.neutral.shape}, got {vertices.shape}")
        self.mesh.set_shape(np.ascontiguousarray(vertices, np.float32))
        self._eyes = eye_frames(self.head, self.topology, self.mesh.vertices)
        self._shape_version += 1

    def set_detail(self, maps: DetailMaps | None) -> None:
        """Show these maps (None: no detail).

        `maps.dirty` is trusted: it must cover everything that changed since the last maps of the same
        resolution that were given here. With None the maps are compared, and only what differs is uploaded.
        """
        displacement = np.zeros((256, 256), np.float32) if maps is None else maps.displacement
        dirty = None if maps is None else maps.dirty
        self.set_displacement(displacement, dirty)

    def set_displacement(self, displacement: Float32, dirty: Rect | None = None) -> None:
        """As `set_detail`, for a bare map, float32 (H, H) in mm."""
        if displacement.ndim != 2 or displacement.shape[0] != displacement.shape[1]:
            raise ValueError(f"a displacement map must be square, got {displacement.shape}")
        started = time.perf_counter()
        texture = self._detail_texture(displacement.shape[0])
        touched = texture.update(displacement, dirty)
        if texture is not self._detail:
            self._detail = texture
            self._detail_version += 1
            self._dirty = None
            self._color_key = None
        elif not touched.empty:
            self._detail_version += 1
            self._dirty = touched.union(self._dirty)
        self.last_timings_ms["upload"] = (time.perf_counter() - started) * 1e3

    def update_displacement_range(self) -> float:
        """Choose a round symmetric range for the displacement view from the present map; returns it in mm."""
        if self._detail.displacement is not None:
            self.displacement_range_mm = nice_range(self._detail.displacement)
        return self.displacement_range_mm

    def set_tension(self, tension: Float32) -> None:
        """Show this chart map of tension, float32 (R, R)."""
        if self._tension.size != tension.shape[::-1]:
            self._tension.release()
            self._tension = self.ctx.texture(tension.shape[::-1], 1, dtype="f4")
            self._tension.repeat_x = self._tension.repeat_y = False
        self._tension.write(np.ascontiguousarray(tension, np.float32))
        self._texture_version += 1

    def set_albedo(self, srgb: npt.NDArray[np.uint8], gloss: npt.NDArray[np.uint8] | None = None) -> None:
        """Show this skin colour, uint8 (R, R, 3) sRGB in the chart.

        Parameters
        ----------
        gloss : uint8 (R, R), optional
            0 matt .. 255 oily.
        """
        size = srgb.shape[0]
        rgba = np.empty((size, size, 4), np.uint8)
        rgba[..., :3] = srgb
        rgba[..., 3] = 110 if gloss is None else gloss
        if self._albedo is None or self._albedo.size != (size, size):
            if self._albedo is not None:
                self._albedo.release()
            self._albedo = self.ctx.texture((size, size), 4, internal_format=0x8C43)  # SRGB8_ALPHA8
            self._albedo.repeat_x = self._albedo.repeat_y = False
        self._albedo.write(rgba)
        self._albedo.build_mipmaps()
        self._albedo.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self._texture_version += 1

    def _detail_texture(self, resolution: int) -> DetailTexture:
        if resolution not in self._details:
            # Two sizes live at a time: the preview's and the viewport's.
            if len(self._details) >= 3:
                oldest = next(r for r, t in self._details.items() if t is not self._detail)
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
    ) -> None:
        """Draw into `framebuffer` (never assumed to be 0), redoing only what changed.

        Parameters
        ----------
        size_px : (width, height)
            In framebuffer pixels (HiDPI scale included).
        """
        started = time.perf_counter()
        timings: dict[str, float] = {}
        self._prepare(size_px)
        assert self._gbuffer is not None and self._color_framebuffer is not None and self._color is not None
        self._camera = camera
        gbuffer_key = (camera, size_px, self._shape_version, self.detail_gain, (0.0, 0.0))
        if gbuffer_key != self._gbuffer_key:
            self._draw_gbuffer(camera, size_px, (0.0, 0.0))
            self._gbuffer_key = gbuffer_key
            self._light_key = None
            self._color_key = None
            self._finish("gbuffer", timings, started)
        if view_mode.is_lit:
            self._update_light(lighting)
        self._finish("light", timings, started)
        color_key = (view_mode, lighting if view_mode.is_lit else None, self._texture_version,
                     self.displacement_range_mm, self.tension_range)  # fmt: skip
        if color_key != self._color_key:
            self._draw_color(camera, lighting, view_mode, None)
            self._color_key = color_key
        elif self._dirty is not None and view_mode.shows_detail:
            rect = self.screen_rect(self._dirty)
            if rect is not None:
                self._draw_color(camera, lighting, view_mode, rect)
        self._dirty = None
        self._finish("shade", timings, started)
        self.ctx.copy_framebuffer(framebuffer, self._present_framebuffer)
        self.ctx.finish()
        timings["frame"] = (time.perf_counter() - started) * 1e3
        self.last_timings_ms = timings

    def _finish(self, name: str, timings: dict[str, float], started: float) -> None:
        if self.profile:
            self.ctx.finish()
            timings[name] = (time.perf_counter() - started) * 1e3 - sum(timings.values())

    def _prepare(self, size_px: tuple[int, int]) -> None:
        if self._gbuffer is not None and self._gbuffer.size_px == size_px:
            return
        self._release_targets()
        self._gbuffer = GBuffer(self.ctx, size_px)
        self._color = self.ctx.texture(size_px, 4)
        self._color_framebuffer = self.ctx.framebuffer([self._color], self._gbuffer.classes)
        self._color_framebuffer.depth_mask = False
        self._present_framebuffer = self.ctx.framebuffer([self._color])
        self._gbuffer_key = self._light_key = self._color_key = None

    def _draw_gbuffer(self, camera: Camera, size_px: tuple[int, int], jitter_px: tuple[float, float]) -> None:
        assert self._gbuffer is not None
        target = self._gbuffer.framebuffer
        target.use()
        self.ctx.enable_only(moderngl.DEPTH_TEST)
        self.ctx.depth_func = "<"
        target.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        jitter = (2 * jitter_px[0] / size_px[0], 2 * jitter_px[1] / size_px[1])
        projection = cameras.clip_from_view(camera, size_px[0] / size_px[1], jitter)
        self._clip_from_head = projection @ cameras.view_from_head(camera)
        self._detail.texture.use(6)
        set_uniforms(self._gbuffer_program, {
            "u_clip_from_head": _gl(self._clip_from_head),
            "u_detail": 6,
            "u_detail_gain": self.detail_gain,
            "u_vertex_lod": float(np.log2(max(VERTEX_SPACING_MM / 200.0 * self._detail.resolution, 1.0))),
        })  # fmt: skip
        self._gbuffer_array.render(moderngl.TRIANGLES)
        self._gbuffer.classes_framebuffer.use()
        self.ctx.enable_only(moderngl.DEPTH_TEST)
        self.ctx.depth_func = "1"
        set_uniforms(self._classes_program, self._gbuffer.bind())
        self._classes_array.render(moderngl.TRIANGLES, vertices=3)

    def _update_light(self, lighting: Lighting) -> None:
        assert self._gbuffer is not None
        direction = key_direction(lighting)
        shadow_key = (tuple(direction), self._shape_version)
        if shadow_key != self._shadow_key:
            self._shadow.draw(direction)
            self._shadow_key = shadow_key
            self._light_key = None
        if self._light_key == shadow_key:
            return
        self._gbuffer.light_framebuffer.use()
        self.ctx.enable_only(moderngl.DEPTH_TEST)
        self.ctx.depth_func = PixelClass.ANY.depth_func
        samplers = self._gbuffer.bind()
        self._shadow.depth.use(6)
        set_uniforms(self._light_program, {
            **samplers,
            **self._view_uniforms(),
            "u_class_depth": PixelClass.ANY.depth,
            "u_shadow": 6,
            "u_shadow_from_head": _gl(self._shadow.clip_from_head),
            "u_shadow_texel": 2.5 / self._shadow.size,
            "u_key_direction": tuple(direction),
            "u_shadow_bias_mm": BIAS_MM,
            "u_shadow_depth_per_mm": self._shadow.depth_per_mm,
            "u_noise_phase": 0.0,
        })  # fmt: skip
        self._light_array.render(moderngl.TRIANGLES, vertices=3)
        self._light_key = shadow_key

    def _view_uniforms(self) -> dict[str, object]:
        assert self._gbuffer is not None
        return {
            "u_head_from_clip": _gl(np.linalg.inv(self._clip_from_head)),
            "u_size_px": tuple(float(s) for s in self._gbuffer.size_px),
        }

    def _draw_color(self, camera: Camera, lighting: Lighting, mode: ViewMode, rect: Rect | None) -> None:
        """Shade the picture or a rectangle of it (pixels, origin at the bottom left)."""
        assert self._gbuffer is not None and self._color_framebuffer is not None and self._albedo is not None
        if mode is ViewMode.CHART and self._checker is None:
            self._checker = self.ctx.texture((1024, 1024), 3, chart_checker().tobytes(), alignment=1)
            self._checker.build_mipmaps()
            self._checker.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        target = self._color_framebuffer
        target.scissor = None if rect is None else (rect.x0, rect.y0, rect.width, rect.height)
        target.use()
        self.ctx.enable_only(moderngl.DEPTH_TEST)
        samplers = self._gbuffer.bind()
        self._detail.texture.use(6)
        self._albedo.use(7)
        self._tension.use(8)
        self._colormap.use(9)
        if self._checker is not None:
            self._checker.use(10)
        size_px = self._gbuffer.size_px
        mean_linear = tuple(((np.array(MEAN_SRGB) / 255 + 0.055) / 1.055) ** 2.4)
        range_value = self.tension_range if mode is ViewMode.TENSION else self.displacement_range_mm
        uniforms = {
            **samplers,
            **self._view_uniforms(),
            **_lighting_uniforms(lighting),
            "u_detail": 6, "u_albedo": 7, "u_tension": 8, "u_colormap": 9, "u_chart": 10,
            "u_detail_size": float(self._detail.resolution),
            "u_albedo_level": float(np.log2(self._albedo.width / self._detail.resolution)),
            "u_detail_gain": self.detail_gain,
            "u_mm_per_px": 2 * float(np.tan(np.radians(camera.fov_deg) / 2)) / size_px[1],
            "u_mean_albedo": mean_linear,
            "u_mean_gloss": 0.42,
            "u_range": range_value,
            "u_camera_mm": tuple(cameras.position_mm(camera)),
            "u_background_center": BACKGROUND_CENTER,
            "u_background_edge": BACKGROUND_EDGE,
            "u_iris_color": IRIS_COLOR,
            "u_head_from_eye": b"".join(r.T.astype("f4").tobytes() for r, _ in self._eyes),
        }  # fmt: skip
        for pixel_class in _CLASSES_LIT if mode.is_lit else _CLASSES_UNLIT:
            # A stroke's rectangle seldom meets the background, but its pass costs next to nothing there.
            program, array = self._shading_pass(mode, pixel_class)
            self.ctx.depth_func = pixel_class.depth_func
            set_uniforms(program, {**uniforms, "u_class_depth": pixel_class.depth})
            array.render(moderngl.TRIANGLES, vertices=3)
        target.scissor = None

    def _shading_pass(self, mode: ViewMode, pixel_class: PixelClass) -> tuple[moderngl.Program, moderngl.VertexArray]:
        if pixel_class is not PixelClass.FACE and pixel_class is not PixelClass.ANY:
            mode = ViewMode.SMOOTH  # the detail does not show there: one program for both lit modes
        if (mode, pixel_class) not in self._shade:
            defines = {"MODE": _MODE_NUMBER[mode], "CLASS": pixel_class.value}
            program = build_program(self.ctx, "fullscreen.vert", "shade.frag", defines)
            self._shade[mode, pixel_class] = program, self.ctx.vertex_array(program, [])
        return self._shade[mode, pixel_class]

    # ---- where things are on the screen --------------------------------------------------------------

    def screen_rect(self, dirty: Rect, margin_px: int = 3) -> Rect | None:
        """Pixels (origin bottom left) that a rectangle of texels may cover; None when it is not in view."""
        assert self._gbuffer is not None
        resolution = self._detail.resolution
        # The coarser mip levels that scattering and cavity read carry a change a little farther.
        index = self.topology.vertices_under(dirty.grown(max(resolution // 32, 2), resolution), resolution)
        if not len(index):
            return None
        matrix = self._clip_from_head
        clip = self.mesh.vertices[index].astype(np.float64) @ matrix[:, :3].T + matrix[:, 3]
        width, height = self._gbuffer.size_px
        ahead = clip[:, 3] > 1.0
        if not ahead.all():
            return Rect(0, 0, width, height)
        pixels = (clip[:, :2] / clip[:, 3:4] * 0.5 + 0.5) * (width, height)
        low = np.floor(pixels.min(0)).astype(int) - margin_px
        high = np.ceil(pixels.max(0)).astype(int) + margin_px
        rect = Rect(max(int(low[0]), 0), max(int(low[1]), 0), min(int(high[0]), width), min(int(high[1]), height))
        return None if rect.empty else rect

    def pick(self, x_px: float, y_px: float) -> SurfacePoint | None:
        """Skin under a pixel of the last picture (origin top left, framebuffer pixels), or None."""
        if self._gbuffer is None or self._gbuffer_key is None:
            return None
        width, height = self._gbuffer.size_px
        x, y = int(x_px), height - 1 - int(y_px)
        if not (0 <= x < width and 0 <= y < height):
            return None
        target, view = self._gbuffer.framebuffer, (x, y, 1, 1)
        coord = np.frombuffer(target.read(view, 4, attachment=0, dtype="f4"), np.float32)
        if round(float(coord[3])) != 1 + Part.SKIN:
            return None
        normal = np.frombuffer(target.read(view, 4, attachment=1, dtype="f4"), np.float32)[:3].astype(np.float64)
        depth = float(np.frombuffer(target.read(view, 1, attachment=-1, dtype="f4"), np.float32)[0])
        ndc = np.array([(x + 0.5) / width * 2 - 1, (y + 0.5) / height * 2 - 1, depth * 2 - 1, 1.0])
        position = np.linalg.solve(self._clip_from_head, ndc)
        return SurfacePoint(
            (float(coord[0]), float(coord[1])), position[:3] / position[3], normal / np.linalg.norm(normal),
            float(coord[2]),
        )  # fmt: skip

    def _release_targets(self) -> None:
        for resource in (self._color_framebuffer, self._present_framebuffer, self._color, self._gbuffer):
            if resource is not None:
                resource.release()
        self._gbuffer = self._color = self._color_framebuffer = self._present_framebuffer = None

    def release(self) -> None:
        """Give back everything on the GPU; the renderer cannot be used afterwards."""
        self._release_targets()
        for program, array in self._shade.values():
            array.release()
            program.release()
        self._shade.clear()
        for texture in self._details.values():
            texture.release()
        self._details.clear()
        for resource in (
            self._classes_array, self._classes_program, self._light_array, self._light_program, self._shadow, self.mesh, self._gbuffer_program,
            self._albedo, self._tension, self._colormap, self._checker,
        ):  # fmt: skip
            if resource is not None:
                resource.release()


def _gl(matrix: Float64) -> bytes:
    """Column-major float32 bytes of a matrix for a uniform."""
    return np.ascontiguousarray(matrix.T, np.float32).tobytes()


def _lighting_uniforms(lighting: Lighting) -> dict[str, object]:
    preset = environment(lighting.environment)
    yaw = np.radians(lighting.environment_yaw_deg)
    # Turning the environment by +yaw about +Y means looking it up turned by -yaw.
    rotation = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    discs = np.zeros((MAX_LAMPS, 4), np.float32)
    radiance = np.zeros((MAX_LAMPS, 3), np.float32)
    for i, lamp in enumerate(preset.lamps):
        discs[i, :3] = lamp.direction
        discs[i, 3] = np.cos(np.radians(lamp.radius_deg))
        radiance[i] = np.array(lamp.radiance) * lighting.environment_intensity
    return {
        "u_sh": (preset.diffuse_coefficients() * lighting.environment_intensity).astype("f4").tobytes(),
        "u_environment_from_head": rotation.T.astype("f4").tobytes(),
        "u_n_discs": len(preset.lamps),
        "u_disc": discs.tobytes(),
        "u_disc_radiance": radiance.tobytes(),
        "u_key_direction": tuple(key_direction(lighting)),
        "u_key_radiance": (lighting.key_intensity * KEY_IRRADIANCE,) * 3,
        "u_exposure": 2.0**lighting.exposure,
    }
