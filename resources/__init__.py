"""Pictures, presets, head and weights that come with Rhytid; read through `rhytid.core.resources`."""
