"""Detail: from a frozen request (pose, captured pose, source, strokes) to displacement in millimetres.

The pipeline compares each request with the one before and does again only what changed, in the rectangle where it
changed; a window of a map holds the very bits that the whole map has there. One thread runs a pipeline at a time;
engines may be asked by several.

- `request`: what is asked for and what comes back.
- `drawing`, `change`: what of a request is drawn, and how that differs from the run before.
- `pipeline`: the stages in order; the only way in for viewport, canvas and export.
- `stamped_lines`, `line_picture`: relief and line map of strokes, kept between runs.
- `engine`, `engine_base`: what the pipeline asks of an engine, and what engines have in common.
- `engines`: those that there are, the ones of other packages too; which can run, and what becomes of one that fails.
- `procedural`, `skin`, `pores`, `noise`, `wrinkles`, `sites`, `anatomy`: the engine that needs no weights.
- `finish`: strengths of bands and locked skin, at the end of all.
- `guide`, `tension_snap`: tension lines and muscle fibres, to be seen; strokes turned towards them.
- `line_lint`, `line_mending`: why a drawn line looks wrong, and what makes it right.
- `site_layers`: the folders of its wrinkles.
- `source`, `source_lines`, `healing`, `site_match`: edits on top of an imported map, the *source*.
- `amounts`: how pose and age drive what shows.
"""
