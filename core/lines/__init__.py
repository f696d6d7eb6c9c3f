"""Wrinkle lines as objects: what a stroke is, how it is drawn, edited, found in a scan and exchanged.

A `Stroke` is frozen and holds points in the chart. Every drawing is exact on any window: a part of a map holds the bits
that the whole has there.

- `stroke`, `profile`, `activation`: a stroke, its cross-section, how strongly it shows.
- `curve`, `segments`, `polyline`: the smooth curve, straight pieces at one resolution, arithmetic of polylines.
- `knots`, `response`: points with tangents; curves that an artist edits, of a pen or along a stroke.
- `natural`, `chart_noise`: the uneven lines that a natural stroke consists of, and the noise that makes them so.
- `relief`, `natural_relief`, `nearest`, `stack`: drawing: depth in mm, of one stroke and of those that share skin.
- `tint`: the colour of strokes on the skin.
- `section`: the relief across a stroke in mm.
- `distance`, `raster`: distance to the nearest line, pictures.
- `edit`, `reshape`: what an artist's tools do; a whole line bent, cut, joined, branched, tapered, scaled.
- `extract`, `broad_form`, `valleys`, `graded`, `tracing`, `bundle`: the lines of a displacement map.
- `cells`, `gaps`, `importance`: closed texture opened and hooks parted, a furrow made one line, what one sees first.
- `ink`, `match`, `svg`: the lines of a picture, what changed in it, strokes as SVG.
- `layer`: layers of strokes, with strength, mask and lock.
- `replaced`: how two sets of strokes differ.
"""
