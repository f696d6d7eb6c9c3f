"""The anatomy guide over the picture."""

from __future__ import annotations

import numpy as np

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.load import default_head
from rhytid.gui.render import guide_pass
from rhytid.gui.render.overlay import Overlay
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode


def test_the_anatomy_guide_lies_faintly_on_the_face_and_nowhere_else(ctx):
    head = default_head()
    renderer = FaceRenderer(ctx, head)
    size, camera = (200, 200), Camera(target_mm=(0, 0, 60), distance_mm=620)
    framebuffer = ctx.framebuffer([ctx.texture(size, 4)])

    def picture(**shown: bool) -> np.ndarray:
        renderer.render(framebuffer, size, camera, Lighting(), ViewMode.SMOOTH, overlay=Overlay(**shown))
        return np.frombuffer(framebuffer.read(components=3), np.uint8).reshape(200, 200, 3).astype(int)

    renderer.set_shape(head.neutral)
    plain, tension, fibres = picture(), picture(tension_lines=True), picture(muscle_fibres=True)
    background = np.abs(plain - plain[0, 0]).sum(axis=2) < 6
    for guided in (tension, fibres):
        changed = np.abs(guided - plain).sum(axis=2) > 12
        assert 0.01 < changed.mean() < 0.2
        assert not changed[background].any()
    assert (fibres - plain)[..., 0].sum() > (fibres - plain)[..., 2].sum()  # redder
    assert (tension - plain)[..., 2].sum() > (tension - plain)[..., 0].sum()  # bluer
    for resource in (framebuffer.color_attachments[0], framebuffer, renderer):
        resource.release()


def test_only_the_pixels_that_the_chart_may_cover_are_looked_at(ctx, monkeypatch):
    """A frame with the guide may cost a tenth more: the rest of the window is left alone."""
    boxes, scissor = [], guide_pass.draw_only_in

    def note(target, box):
        boxes.append(box)
        scissor(target, box)

    monkeypatch.setattr(guide_pass, "draw_only_in", note)
    head = default_head()
    renderer = FaceRenderer(ctx, head)
    framebuffer = ctx.framebuffer([ctx.texture((300, 200), 4)])
    for yaw_deg in (0.0, 70.0):
        camera = Camera(yaw_deg=yaw_deg, target_mm=(0, 0, 60), distance_mm=620)
        renderer.render(framebuffer, (300, 200), camera, Lighting(), overlay=Overlay(tension_lines=True))
    assert len(boxes) == 2
    assert all(0 < box.width * box.height < 0.5 * 300 * 200 for box in boxes)
    for resource in (framebuffer.color_attachments[0], framebuffer, renderer):
        resource.release()
