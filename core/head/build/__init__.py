"""Making the default head out of ICT-FaceKit Light.

Run by hand as `python -m rhytid.core.head.build`; needs the extra `build`. Nothing of it runs in the program.

- `__main__`, `assemble`: the command, and the order of the work.
- `source`, `template`, `remesh`: the surface that is fitted, the quads that follow the face, and evening them out.
- `annulus`, `lids`, `eyes`, `eye_flesh`: round the eyes, lids that close, eyeballs, lid margins and caruncles.
- `lips`, `lip_border`, `mouth`: lips that meet, where their red ends, and what lies behind them.
- `dental_arch`, `teeth`, `gums`, `tongue`: the arches and the sizes of teeth; crowns; gums and palate; the tongue.
- `ageing`, `fields`: what the years do to the form, and the smooth motions in space it is made of.
- `chart_map`, `layout`: the map of the skin to the plane; landmarks, weights, texture atlas.
- `pieces`, `clip`, `polyline`, `repair`: parts beside the skin, cutting, places along lines, folds in shapes.
"""
