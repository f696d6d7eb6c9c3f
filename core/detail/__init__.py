"""Detail: from a frozen request (pose, age, lines, source, settings) to displacement in millimetres.

- `request`: what is asked for and what comes back.
- `pipeline`: stages, caches and dirty rectangles; the only way in for viewport, canvas and export.
- `engine`: the Protocol that methods of making detail follow, and their registry.
- `procedural`, `skin`, `pores`, `noise`, `wrinkles`, `sites`, `anatomy`: the engine that needs no weights.
- `source`, `source_lines`, `healing`, `site_match`: edits on top of an imported map.
"""
