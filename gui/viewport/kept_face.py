"""A, the face that was kept, beside the present one: it wears its own shape, hair, detail and colours."""

from __future__ import annotations

import moderngl

from rhytid.gui.controllers.comparison import Kept
from rhytid.gui.render.renderer import FaceRenderer


class KeptFace:
    """A renderer of its own for A, for as long as there is one.

    The context must be current for every call.

    Attributes
    ----------
    renderer : FaceRenderer or None
    """

    def __init__(self) -> None:
        self.renderer: FaceRenderer | None = None

    def show(self, ctx: moderngl.Context, kept: Kept | None) -> None:
        """Show another face as A, or none any more."""
        if kept is None:
            self.release()
            return
        from rhytid.core.face.hair import worn_hair  # the first picture of all does without

        pose, state = kept.pose, kept.state
        if self.renderer is not None and self.renderer.head is not pose.head:
            self.release()
        if self.renderer is None:
            self.renderer = FaceRenderer(ctx, pose.head)
        renderer = self.renderer
        renderer.set_shape(pose.turned)
        renderer.others.show(pose.others)
        renderer.set_tension(pose.tension)
        renderer.set_displacement(kept.displacement)
        if kept.skin is not None:
            renderer.set_albedo(kept.skin)
        renderer.set_iris(state.iris)
        renderer.set_hair(worn_hair(state), state.settings.seed, state.age)
        photo = state.photo
        renderer.set_photo_light(None if photo is None or photo.light is None else photo.light.sh9)

    def release(self) -> None:
        """Give back everything on the GPU."""
        if self.renderer is not None:
            self.renderer.release()
        self.renderer = None
