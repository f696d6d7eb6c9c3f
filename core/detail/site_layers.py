"""The folders of an engine's wrinkles: one layer for each anatomical site and side."""

from __future__ import annotations

from functools import lru_cache

from rhytid.core.detail.site_match import site_of
from rhytid.core.detail.sites import Site, wrinkle_sites
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Stroke

_PREFIX = "site:"


def site_layer_id(site: Site, side: str) -> str:
    """Id of the layer that a site's strokes on a side ("R", "L" or "") belong to."""
    return f"{_PREFIX}{site.id}{side and '-' + side.lower()}"


def site_layer(layer_id: str) -> StrokeLayer | None:
    """The layer of a site as it begins, None for an id that is no site's."""
    return _layers().get(layer_id)


def layer_of_course(stroke: Stroke) -> str:
    """Id of the layer of the site along which a stroke runs, "" where it runs along none."""
    found = site_of(stroke)
    return "" if found is None else site_layer_id(*found)


@lru_cache(maxsize=1)
def _layers() -> dict[str, StrokeLayer]:
    layers = {}
    for site in wrinkle_sites():
        for side in ("R", "L") if site.mirrored else ("",):
            layer_id = site_layer_id(site, side)
            layers[layer_id] = StrokeLayer(layer_id, f"{site.titles} {side}".strip())
    return layers
