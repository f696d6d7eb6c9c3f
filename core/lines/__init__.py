"""Wrinkle lines as objects: what a stroke is, how it is drawn, edited, found in a scan and exchanged.

A `stroke.Stroke` holds points in the chart. `curve` makes the smooth curve of them, `segments` the straight
pieces that are drawn at one resolution; `relief`, `distance` and `raster` draw those pieces, each exactly on
any window. `profile` is the cross-section, `activation` says how strongly a stroke shows. `edit` has the
artist's tools. `extract` finds the lines of a displacement map (`broad_form` takes away what is no wrinkle,
`valleys` says where, `tracing` in what order, `bundle` for all at once). `ink` finds the lines of a picture, `match`
tells what changed in it, `svg` writes strokes.
"""
