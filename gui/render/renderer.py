"""The renderer: state in, pixels out, as little as possible redone.

Caches, each redone only when what it depends on changed: the shadow map (light, shape), the geometry buffer
(camera, size, shape), the visibility of the key light (both) and the shaded picture. A change of detail
re-shades only the screen rectangle that the changed part of the chart covers. At rest the picture is refined:
first the ambient visibility of a new shape, then anti-aliasing by accumulating shifted frames.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import AGE_DEFAULT, Camera, Lighting
from rhytid.core.hair.settings import Hair
from rhytid.core.head.eye_opening import EyeOpening
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.complexion_map import usual_colors
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.tooth_color import Enamel
from rhytid.gui.render import picking
from rhytid.gui.render.accumulation import jitter_sequence
from rhytid.gui.render.colormaps import nice_range
from rhytid.gui.render.detail_passes import DetailPasses
from rhytid.gui.render.detail_texture import DetailTextures
from rhytid.gui.render.geometry import CHART_SIDE_MM, GeometryPasses
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.occlusion import OcclusionBake
from rhytid.gui.render.other_parts import OtherPartsPass
from rhytid.gui.render.overlay import Overlay, OverlayPass
from rhytid.gui.render.picking import SurfacePoint
from rhytid.gui.render.picture import Picture, Presenter
from rhytid.gui.render.quality import QualityController
from rhytid.gui.render.screen_boxes import ScreenBoxes
from rhytid.gui.render.shading import Look, ShadingPasses
from rhytid.gui.render.shadow import key_direction
from rhytid.gui.render.strands import StrandPass
from rhytid.gui.render.surface import MeshTopology, eye_frames
from rhytid.gui.render.view_mode import ViewMode

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]
ALBEDO_RESOLUTION = 512
REST_SAMPLES = 8
# How far the detail reaches that shading reads of a texel, in mm: the squares of `core.maps.cavity`.
SHADING_REACH_MM = 10.0


class FaceRenderer:
    """Draws one head. All methods need the OpenGL context to be current; none assumes any of its state.

    After a lost context, make a new renderer and give it everything again.

    Parameters
    ----------
    ctx : moderngl.Context
        OpenGL 4.1 core or newer.
    head : Head

    Attributes
    ----------
    overlay : OverlayPass
        Knows the strokes and the mask that `render` shows where its `Overlay` says so.
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
        self._shading = ShadingPasses(ctx, self.mesh, head)
        self._hair = StrandPass(ctx, head, self.mesh)
        self.others = OtherPartsPass(ctx, head)
        self.overlay = OverlayPass(ctx)
        self._occlusion: OcclusionBake | None = None
        self._presenter = Presenter(ctx)
        self._lids = EyeOpening(head, 0), EyeOpening(head, 1)
        self._place_eyes()
        self._detail_passes = DetailPasses(ctx)
        self._details = DetailTextures(ctx, self._detail_passes)
        self._boxes = ScreenBoxes(self.topology, self.mesh, self._geometry)
        self._shape_version = self._surface_version = self._maps_version = self._tension_version = 0
        self._baked_shape = -1  # version of the shape whose ambient visibility is known
        self._dirty: Rect | None = None  # of the chart, in texels of the detail
        self._picture: Picture | None = None
        self._look: Look | None = None
        self._n_programs = 0
        self.set_albedo(usual_colors(ALBEDO_RESOLUTION))

    # ---- what is shown -------------------------------------------------------------------------------

    def set_shape(self, vertices: Float32) -> None:
        """Show these vertices, float32 (V, 3) in mm."""
        if vertices.shape != self.head.neutral.shape:
            raise ValueError(f"vertices must have shape {self.head.neutral.shape}, got {vertices.shape}")
        if np.array_equal(vertices, self.mesh.vertices):
            return
        self.mesh.set_shape(np.ascontiguousarray(vertices, np.float32))
        self._place_eyes()
        self._shape_version += 1
        if self._occlusion is not None:
            self._occlusion.restart()

    def _place_eyes(self) -> None:
        vertices = self.mesh.vertices
        self._eyes = eye_frames(self.head, self.topology, vertices)
        self._openings = [lids.of(vertices, frame[1]) for lids, frame in zip(self._lids, self._eyes, strict=True)]

    def set_detail(self, maps: DetailMaps | None) -> None:
        """Show these maps (None: no detail).

        What they say to have changed is trusted; maps of another origin than the last of their resolution are
        compared with those, and only what differs is redone.
        """
        if maps is None:
            self.set_displacement(None)
        else:
            dirty = maps.changed_since(self._details.revision_of(maps.resolution))
            self._show(maps.displacement, dirty, maps.revision)

    def set_displacement(self, displacement: Float32 | None, dirty: Rect | None = None) -> None:
        """As `set_detail`, for a bare map, float32 (H, H) in mm; `dirty` is trusted."""
        self._show(displacement, dirty, None)

    def _show(self, displacement: Float32 | None, dirty: Rect | None, revision: int | None) -> None:
        started = time.perf_counter()
        self._note(self._details.show(displacement, dirty, revision))
        self.last_timings_ms["upload"] = (time.perf_counter() - started) * 1e3

    def _note(self, texels: Rect | None) -> None:
        """Shading changes in these texels of the detail; None: everywhere."""
        if texels is None:
            self._dirty = None
            self._maps_version += 1
        elif not texels.empty:
            self._dirty = texels.union(self._dirty)

    def update_displacement_range(self) -> float:
        """Choose a round symmetric range for the displacement view from the present map; returns it in mm."""
        displacement = self._details.current.displacement
        if displacement is not None:
            self.displacement_range_mm = nice_range(displacement)
        return self.displacement_range_mm

    def set_tension(self, tension: Float32) -> None:
        """Show this chart map of tension, float32 (R, R)."""
        if self._shading.set_tension(tension):
            self._tension_version += 1

    def set_albedo(self, colors: SkinColors | UInt8, gloss: UInt8 | None = None) -> None:
        """Show this colour; a bare chart, uint8 (R, R, 3) sRGB, has its border's outside; gloss as `SkinTexture`."""
        changed = self._shading.skin.write(colors if isinstance(colors, SkinColors) else SkinColors.of(colors), gloss)
        side = self._shading.skin.chart_px
        self._note(None if changed is None else changed.scaled(side, self._details.current.resolution))

    def set_iris(self, color: tuple[float, float, float] | None, enamel: Enamel | None = None) -> None:
        """Show irises of this linear colour, those of the head for None, and such teeth."""
        self._maps_version += int(self._shading.set_iris(color)) + int(self._shading.set_enamel(enamel or Enamel()))

    def set_hair(self, hair: Hair | None, seed: int = 0, age: float = AGE_DEFAULT) -> None:
        """Show the hair of a person, by the seed, at an age in years; None for none."""
        self._maps_version += int(self._hair.wear(hair, seed, age))

    def set_photo_light(self, shading: Float32 | None) -> None:
        """What the environment "photo" is, (9, 3) as `environment.of_shading` takes it; None for none."""
        if self._shading.set_photo_light(shading):
            self._maps_version += 1

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
        columns: tuple[float, float] = (0.0, 1.0),
        under_overlay: Callable[[Picture], None] | None = None,
    ) -> None:
        """Draw into `framebuffer` (never assumed to be 0), redoing only what changed.

        Parameters
        ----------
        size_px : (width, height)
            In framebuffer pixels (HiDPI scale included).
        interactive : bool
            The artist is moving something: stay within the frame budget. False: draw at full resolution and,
            when nothing has changed, refine by one step. Go on calling with False while `needs_refinement`.
        columns : (float, float)
            The part of the width, from the left, that is drawn; the rest of `framebuffer` stays as it is.
        under_overlay : callable, optional
            Draws into `framebuffer` between the picture, which it is told, and the overlay.
        """
        if min(size_px) < 1:
            return  # a window that is being opened or folded up
        started = time.perf_counter()
        timings: dict[str, float] = {}
        self._hair.moving = self._shading.moving = interactive
        picture = self._prepared(size_px)
        of_tension = view_mode is ViewMode.TENSION
        range_value = self.tension_range if of_tension else self.displacement_range_mm
        look = Look(camera, lighting, view_mode, self._details.current, self.detail_gain, range_value,
                    self._eyes, self._openings)  # fmt: skip
        vertex_gain = self.detail_gain if view_mode.shows_detail else 0.0
        others = self.others.key(view_mode.is_lit)  # they write depth
        geometry_key = (camera, self._shape_version, self._surface_version, vertex_gain, others)
        look_key = (
            view_mode,
            lighting if view_mode.is_lit else None,
            range_value if of_tension or view_mode is ViewMode.DISPLACEMENT else 0.0,
            self._tension_version if of_tension or view_mode.is_lit else 0,
            self._maps_version,
        )
        at_full_size = interactive or picture.drawn_px == size_px
        new_geometry = geometry_key != picture.geometry_key or not at_full_size
        new_look = new_geometry or look_key != picture.look_key
        moved = columns != picture.columns
        changed = new_look or moved or (self._dirty is not None and (view_mode.shows_detail or view_mode.is_lit))
        if new_geometry or (changed and picture.jitter_px != (0.0, 0.0)):
            scale = self.quality.scale if interactive else 1.0
            drawn_px = max(round(size_px[0] * scale), 1), max(round(size_px[1] * scale), 1)
            new_look = new_look or drawn_px != picture.drawn_px
            picture.drawn_px = drawn_px
            self._draw_geometry(picture, look, (0.0, 0.0))
            picture.geometry_key = geometry_key
            self._lap("gbuffer", timings, started)
        if changed:
            if view_mode.is_lit:
                self._draw_light(picture, lighting, 0.0)
                self._lap("light", timings, started)
            rect = None if self._dirty is None else self.screen_rect(self._dirty)
            strip = picture.show_columns(columns)
            if new_look or rect is not None or not strip.empty:
                self._shade(picture, picture.shaded, look, None if new_look else strip.union(rect))
            picture.look_key, self._look, self._dirty = look_key, look, None
            picture.changed()
            self._lap("shade", timings, started)
        elif not interactive and self.needs_refinement:
            self._refine(picture, look)
            self._lap("refine", timings, started)
        self._presenter.draw(picture, framebuffer)
        if under_overlay is not None:
            under_overlay(picture)
        if overlay is not None:
            view = self._geometry.view_uniforms(picture.drawn_px, camera)
            self.overlay.draw(framebuffer, overlay, picture, self._boxes, view, camera)
        self._lap("present", timings, started)
        self.ctx.finish()
        timings["frame"] = (time.perf_counter() - started) * 1e3
        if interactive and new_geometry and self._n_programs == self._shading.n_programs:
            self.quality.measured(timings["frame"])
        self._n_programs = self._shading.n_programs
        self.last_timings_ms = timings

    @property
    def needs_refinement(self) -> bool:
        """Whether further calls of `render` with ``interactive=False`` improve the picture."""
        return self._picture is None or not self._picture.refined or self._baked_shape != self._shape_version

    def _lap(self, name: str, timings: dict[str, float], started: float) -> None:
        if self.profile:
            self.ctx.finish()
            timings[name] = (time.perf_counter() - started) * 1e3 - sum(timings.values())

    def _prepared(self, size_px: tuple[int, int]) -> Picture:
        if self._occlusion is None:
            self._occlusion = OcclusionBake(self.ctx, self.mesh)
            self.mesh.set_visibility(self._occlusion.estimate())
        if self._picture is None or self._picture.size_px != size_px:
            if self._picture is not None:
                self._picture.release()
            self._picture = Picture(self.ctx, size_px)
        return self._picture

    def _draw_geometry(self, picture: Picture, look: Look, jitter_px: tuple[float, float]) -> None:
        gain = look.detail_gain if look.mode.shows_detail else 0.0
        self._geometry.draw(picture.gbuffer, picture.drawn_px, look.camera, jitter_px, look.detail, gain)
        picture.jitter_px = jitter_px
        picture.light_key = None

    def _draw_light(self, picture: Picture, lighting: Lighting, turns: float) -> None:
        key = (tuple(key_direction(lighting)), turns)
        if key == picture.light_key:
            return
        view = self._geometry.view_uniforms(picture.drawn_px)
        self._geometry.draw_light(picture.gbuffer, picture.drawn_px, view, lighting, self._shape_version, turns)
        picture.light_key = key

    def _shade(self, picture: Picture, target: moderngl.Framebuffer, look: Look, rect: Rect | None) -> None:
        view = self._geometry.view_uniforms(picture.drawn_px, look.camera)
        rect = picture.shown if rect is None else rect.intersection(picture.shown)
        if rect.empty:
            return
        self._shading.draw(target, picture.drawn_px, picture.gbuffer, view, look, rect)
        if look.mode.is_lit and (len(self._hair) or self.others.key(True)):
            uniforms = {**view, **self._shading.light_uniforms(look.lighting)}
            with picture.over(target, rect) as over:
                self.others.draw(over, uniforms)
                self._hair.draw(over, uniforms)
        elif look.mode is ViewMode.WIREFRAME:
            with picture.over(target, rect) as over:
                self._shading.draw_wires(over, view)

    def _refine(self, picture: Picture, look: Look) -> None:
        """One step: some directions of ambient visibility, or one more shifted frame."""
        if self._baked_shape != self._shape_version:
            assert self._occlusion is not None
            visibility = self._occlusion.step()
            if visibility is not None:
                self._baked_shape = self._shape_version
                self._surface_version += 1
                self.mesh.set_visibility(visibility)
                self._occlusion.restart()
            return
        accumulation = picture.accumulation
        jitters = jitter_sequence(self.rest_samples)
        index = accumulation.n_samples
        self._draw_geometry(picture, look, jitters[index])
        if look.mode.is_lit:
            self._draw_light(picture, look.lighting, ((index + 1) % len(jitters)) / len(jitters))
        self._shade(picture, accumulation.frame, look, None)
        accumulation.add()
        if accumulation.n_samples == len(jitters):
            accumulation.resolve(picture.plain)
            accumulation.restart()
            picture.refined = True

    # ---- where things are on the screen --------------------------------------------------------------

    def screen_rect(self, dirty: Rect, margin_px: int = 2) -> Rect | None:
        """Pixels of the internal picture (origin bottom left) whose shading reads a rectangle of texels.

        None when it is not in view.
        """
        if self._picture is None:
            return None
        resolution = self._details.current.resolution
        reach_texels = int(np.ceil(SHADING_REACH_MM / CHART_SIDE_MM * resolution)) + 2
        return self._boxes.drawn(self._picture, dirty.grown(reach_texels, resolution), resolution, margin_px)

    def pick(self, points_px: npt.ArrayLike) -> list[SurfacePoint | None]:
        """Skin under pixels (N, 2) of the last picture (origin top left, framebuffer pixels), None beside it."""
        points = np.asarray(points_px, np.float64).reshape(-1, 2)
        picture = self._picture
        if picture is None or picture.geometry_key is None:
            return [None] * len(points)
        x, y = picture.internal_px(points[:, 0], points[:, 1])
        return picking.pick(picture.gbuffer, picture.drawn_px, x, y)

    def position_mm(self, chart: tuple[float, float]) -> Float64:
        """Where a point of the skin is now, (3,) in head space, without its detail."""
        return self.topology.position_mm(chart, self.mesh.vertices)

    def release(self) -> None:
        """Give back everything on the GPU; the renderer cannot be used afterwards."""
        for resource in (
            self._picture, self._details, self._detail_passes, self._occlusion, self.overlay,
            self._shading, self._hair, self.others, self._geometry, self._presenter, self.mesh,
        ):  # fmt: skip
            if resource is not None:
                resource.release()
        self._picture = self._occlusion = None
