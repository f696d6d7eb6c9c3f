"""The passes that turn the geometry buffer into a picture."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.document.commands.photo import PHOTO_LIGHT
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.eye_opening import Opening
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo_map import AROUND_SPAN
from rhytid.core.maps.eye_color import IRIS_COLOR, iris_picture, sclera_picture
from rhytid.core.maps.flush import FLUSH, MOST_TENSION
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.scattering import scattered_light
from rhytid.core.maps.tooth_color import Enamel
from rhytid.gui.render.around_relief import AroundRelief
from rhytid.gui.render.colormaps import chart_checker, diverging
from rhytid.gui.render.detail_texture import DetailTexture
from rhytid.gui.render.environment import Environment, environment, of_shading
from rhytid.gui.render.gbuffer import GBuffer, PixelClass
from rhytid.gui.render.gl_state import blend_over, draw_only_in
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.radiance import HEIGHT, N_LEVELS
from rhytid.gui.render.shader_source import build_program, set_uniforms
from rhytid.gui.render.shadow import key_direction
from rhytid.gui.render.skin_texture import SkinTexture, color_texture
from rhytid.gui.render.view_mode import ViewMode

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
KEY_IRRADIANCE = 0.40  # irradiance / pi at key intensity 1
BACKGROUND_CENTER, BACKGROUND_EDGE = (0.215, 0.22, 0.23), (0.10, 0.102, 0.108)
WIRE_COLOR = (0.05, 0.055, 0.065, 0.75)
CHECKER_SIZE = 1024
_LIT = tuple(kind for kind in PixelClass if kind is not PixelClass.ANY)
_UNLIT = (PixelClass.BACKGROUND, PixelClass.ANY)
_MODE_NUMBER = {mode: number for number, mode in enumerate(ViewMode)}


@dataclass(frozen=True, eq=False)
class Look:
    """What shading depends on besides the geometry buffer.

    Attributes
    ----------
    detail_gain : float
        1 = as the geometry is.
    range_value : float
        Half width of the false colour range: mm, or tension.
    """

    camera: Camera
    lighting: Lighting
    mode: ViewMode
    detail: DetailTexture
    detail_gain: float
    range_value: float
    eyes: list[tuple[Float32, Float32]]
    openings: list[Opening]


class ShadingPasses:
    """Programs and textures of shading.

    Attributes
    ----------
    skin : SkinTexture
        Its colour, written before anything is drawn.
    moving : bool
        Things move on the screen: the relief of neck, ears and scalp waits until they rest.
    """

    def __init__(self, ctx: moderngl.Context, mesh: MeshBuffers, head: Head) -> None:
        self._ctx = ctx
        self._mesh = mesh
        self._head = head
        self._around: AroundRelief | None = None  # made for the first picture at rest
        self.moving = False
        self._programs: dict[tuple[ViewMode, PixelClass], tuple[moderngl.Program, moderngl.VertexArray]] = {}
        self._wire: tuple[moderngl.Program, moderngl.VertexArray] | None = None
        self._checker: moderngl.Texture | None = None
        self._photo_shading: Float32 | None = None
        self._photo_light: Environment | None = None
        self._enamel = Enamel()
        self._iris_color = IRIS_COLOR
        self._iris = color_texture(ctx, iris_picture(IRIS_COLOR))
        self._sclera = color_texture(ctx, sclera_picture())
        self.skin = SkinTexture(ctx)
        self._tension_map = np.zeros((256, 256), np.float32)
        self._tension = self._clamped(ctx.texture((256, 256), 1, self._tension_map, dtype="f4"))
        table = scattered_light()
        self._scattered = self._clamped(ctx.texture(table.shape[1::-1], 3, table, alignment=1, dtype="f4"))
        self._radiance = ctx.texture((2 * HEIGHT, HEIGHT), 3, dtype="f2", alignment=1)
        self._radiance.build_mipmaps(0, N_LEVELS - 1)
        self._radiance.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self._radiance.repeat_y = False
        self._mirrored: Environment | None = None  # what it holds
        self._colormap = self._clamped(ctx.texture((256, 1), 3, diverging().tobytes(), alignment=1))

    @property
    def n_programs(self) -> int:
        """Grows in a frame that had to compile."""
        return len(self._programs) + (self._wire is not None)

    def set_enamel(self, enamel: Enamel) -> bool:
        """What the teeth are like. Returns whether it differs from the last."""
        changed, self._enamel = enamel != self._enamel, enamel
        return changed

    def set_iris(self, color: tuple[float, float, float] | None) -> bool:
        """Linear colour of both irises; None for those of the head. Returns whether it differs from the last."""
        wanted = IRIS_COLOR if color is None else color
        if wanted == self._iris_color:
            return False
        self._iris_color = wanted
        self._iris = color_texture(self._ctx, iris_picture(wanted), self._iris)
        return True

    def set_photo_light(self, shading: Float32 | None) -> bool:
        """What the environment "photo" is, (9, 3) as `of_shading` takes it. Returns whether it is another than before.

        Without it the name means what an unknown name does.
        """
        if shading is self._photo_shading:
            return False
        self._photo_shading = shading
        self._photo_light = None if shading is None else of_shading(shading)
        return True

    def set_tension(self, tension: Float32) -> bool:
        """float32 (R, R). Returns whether it differs from the last."""
        if np.array_equal(tension, self._tension_map):
            return False
        self._tension_map = np.array(tension, np.float32)
        size = (tension.shape[1], tension.shape[0])
        if self._tension.size != size:
            self._tension.release()
            self._tension = self._clamped(self._ctx.texture(size, 1, dtype="f4"))
        self._tension.write(self._tension_map)
        return True

    def draw(
        self,
        target: moderngl.Framebuffer,
        drawn_px: tuple[int, int],
        gbuffer: GBuffer,
        view: dict[str, object],
        look: Look,
        rect: Rect | None = None,
    ) -> None:
        """Shade the picture, or a rectangle of it.

        Parameters
        ----------
        target : moderngl.Framebuffer
            Colour with the geometry buffer's classes as depth.
        drawn_px : (width, height)
            The part of the geometry buffer that holds the picture.
        view : dict
            Uniforms that place its pixels in head space.
        rect : Rect, optional
            Pixels, origin bottom left.
        """
        mode = look.mode
        if mode is ViewMode.CHART and self._checker is None:
            self._checker = self._ctx.texture((CHECKER_SIZE, CHECKER_SIZE), 3, chart_checker(CHECKER_SIZE).tobytes())
            self._checker.build_mipmaps()
            self._checker.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        target.viewport = (0, 0, *drawn_px)
        draw_only_in(target, rect)
        target.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        uniforms = {
            **gbuffer.bind(),
            **view,
            **self._bind_maps(look),
            **self.light_uniforms(look.lighting),
            "u_range": look.range_value,
            "u_background_center": BACKGROUND_CENTER,
            "u_background_edge": BACKGROUND_EDGE,
            "u_head_from_eye": b"".join(rotation.T.astype("f4").tobytes() for rotation, _ in look.eyes),
            "u_lids": b"".join(opening.edges.tobytes() for opening in look.openings),
            "u_inner_corner": np.array([opening.inner_corner for opening in look.openings], "f4").tobytes(),
        }
        for pixel_class in _LIT if mode.is_lit else _UNLIT:
            program, array = self._program(mode, pixel_class)
            self._ctx.depth_func = pixel_class.depth_func
            set_uniforms(program, {**uniforms, "u_class_depth": pixel_class.depth})
            array.render(moderngl.TRIANGLES, vertices=3)
        draw_only_in(target, None)

    def draw_wires(self, target: moderngl.Framebuffer, view: dict[str, object]) -> None:
        """Draw polygon edges into `target`, colour with the geometry buffer's depth; `view` is as of `draw`."""
        if self._wire is None:
            program = build_program(self._ctx, "wire.vert", "wire.frag")
            self._wire = program, self._mesh.edge_array(program)
        program, array = self._wire
        target.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST | moderngl.BLEND)
        self._ctx.depth_func = "<"
        blend_over(self._ctx)
        set_uniforms(program, {**view, "u_wire_color": WIRE_COLOR})
        array.render(moderngl.LINES)

    def light_uniforms(self, lighting: Lighting) -> dict[str, object]:
        """Environment, key light and exposure as shaders take them; binds the map of radiance to unit 15."""
        surroundings = self._environment(lighting)
        if surroundings is not self._mirrored:
            self._mirrored = surroundings
            for level, radiance in enumerate(surroundings.levels):
                self._radiance.write(radiance.astype("f2"), level=level, alignment=1)
        self._radiance.use(15)
        return {"u_radiance": 15, **_lighting_uniforms(lighting, surroundings)}

    def _environment(self, lighting: Lighting) -> Environment:
        if lighting.environment == PHOTO_LIGHT and self._photo_light is not None:
            return self._photo_light
        return environment(lighting)

    def _bind_maps(self, look: Look) -> dict[str, object]:
        skin = self.skin
        look.detail.texture.use(6)
        skin.bind(7, 11)
        self._tension.use(8)
        self._colormap.use(9)
        if self._checker is not None:
            self._checker.use(10)
        self._sclera.use(12)
        self._iris.use(13)
        self._scattered.use(14)
        if self._around is None and not self.moving:
            self._around = AroundRelief(self._ctx, self._head)
        return {
            **({} if self._around is None else self._around.bind(16, 17)),
            "u_detail": 6, "u_albedo": 7, "u_tension": 8, "u_colormap": 9, "u_chart": 10,
            "u_around": 11, "u_sclera": 12, "u_iris": 13, "u_scattered": 14,
            "u_detail_size": float(look.detail.resolution),
            "u_detail_gain": look.detail_gain,
            "u_enamel": self._enamel.tint,
            "u_tooth_wear": self._enamel.wear,
            "u_darkening": skin.darkening,
            "u_flush": FLUSH,
            "u_most_tension": MOST_TENSION,
            "u_albedo_level": float(np.log2(skin.chart_px / look.detail.resolution)),
            "u_around_level": float(np.log2(skin.around_px / (AROUND_SPAN * look.detail.resolution))),
        }  # fmt: skip

    def _program(self, mode: ViewMode, pixel_class: PixelClass) -> tuple[moderngl.Program, moderngl.VertexArray]:
        if pixel_class in (PixelClass.BACKGROUND, PixelClass.EYES, PixelClass.MOUTH):
            mode = ViewMode.SMOOTH  # the detail does not show there: one program for all modes
        elif self.moving and pixel_class is PixelClass.PLAIN:
            mode = ViewMode.SMOOTH
        elif self.moving and pixel_class is PixelClass.BORDER:
            pixel_class = PixelClass.FACE
        key = mode, pixel_class
        if key not in self._programs:
            defines = {"MODE": _MODE_NUMBER[mode], "CLASS": pixel_class.value}
            program = build_program(self._ctx, "fullscreen.vert", "shade.frag", defines)
            self._programs[key] = program, self._ctx.vertex_array(program, [])
        return self._programs[key]

    def _clamped(self, texture: moderngl.Texture) -> moderngl.Texture:
        texture.repeat_x = texture.repeat_y = False
        return texture

    def release(self) -> None:
        for program, array in (*self._programs.values(), *([self._wire] if self._wire else [])):
            array.release()
            program.release()
        self._programs.clear()
        for texture in (
            self.skin, self._tension, self._colormap, self._checker, self._sclera, self._iris, self._scattered,
            self._radiance, self._around,
        ):  # fmt: skip
            if texture is not None:
                texture.release()


def _lighting_uniforms(lighting: Lighting, preset: Environment) -> dict[str, object]:
    yaw = np.radians(lighting.environment_yaw_deg)
    # Turning the environment by +yaw about +Y means looking it up turned by -yaw.
    rotation = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    return {
        "u_sh": (preset.diffuse_coefficients() * lighting.environment_intensity).astype("f4").tobytes(),
        "u_environment_from_head": rotation.T.astype("f4").tobytes(),
        "u_radiance_gain": lighting.environment_intensity,
        "u_filmic": 0.0 if preset.name == PHOTO_LIGHT else 1.0,  # a face in its photo's light is as the photo shows it
        "u_key_direction": tuple(key_direction(lighting)),
        "u_key_radiance": (lighting.key_intensity * KEY_IRRADIANCE,) * 3,
        "u_exposure": 2.0**lighting.exposure,
    }
