"""State of a context that several passes set in the same way."""

from __future__ import annotations

import moderngl

from rhytid.core.maps.rect import Rect


def blend_over(ctx: moderngl.Context) -> None:
    """Colours with opacity lie over an opaque picture, which stays opaque. Switch `moderngl.BLEND` on as well."""
    ctx.blend_equation = moderngl.FUNC_ADD, moderngl.FUNC_ADD
    factors = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA, moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
    ctx.blend_func = factors  # type: ignore[assignment]  # moderngl states two factors and takes four


def blend_sum(ctx: moderngl.Context) -> None:
    """What is drawn is added to what is there. Switch `moderngl.BLEND` on as well."""
    ctx.blend_equation = moderngl.FUNC_ADD, moderngl.FUNC_ADD
    ctx.blend_func = moderngl.ONE, moderngl.ONE


def draw_only_in(target: moderngl.Framebuffer, rect: Rect | None) -> None:
    """Draw into a rectangle of a target alone (pixels, origin bottom left), or with None into all of it.

    Takes effect when the target is used the next time.
    """
    box = None if rect is None else (rect.x0, rect.y0, rect.width, rect.height)
    target.scissor = box  # type: ignore[assignment]  # moderngl states no None and takes it
