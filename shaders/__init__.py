"""GLSL sources; read through `rhytid.core.resources` and assembled by `rhytid.gui.render.shader_source`."""
