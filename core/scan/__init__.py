"""A scan of a face as a document: the default head's mesh bent to it, its detail as displacement, its colour.

It is read, thinned, stood upright, the base fitted; then every vertex of the scan gets its place in the chart and its
height over the base, and the scan's triangles are drawn in the chart. What is wider than about 20 mm is the base's,
what is narrower the displacement's. All of it may run on any thread; `core.detail.engine.Control` watches and ends it.

- `scan_mesh`: the scan itself, and reading OBJ, PLY and GLB.
- `ply`, `mtl`, `glb_scan`: readers of PLY, of the materials of an OBJ, of GLB.
- `texture`, `pictures`: the colour of a scan, and pictures of its texture.
- `thinning`: the scan with fewer points.
- `base`: the default head bent to it.
- `placing`: where its vertices lie over the base.
- `drawing`: its triangles in the chart.
- `baking`: height and colour in the chart.
- `face`: the document, and its files.
- `kind`: whether a file may be a scan.
"""
