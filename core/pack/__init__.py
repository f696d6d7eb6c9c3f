"""Wrinkle packs: the live detail over all expressions in few maps, masks and a table, for engines.

    state -> Sampler -> fit_drivers -> MapSolver -> Pack -> files -> read back, played

- `options`, `layouts`: budget, size and names, by the engine that a pack is for.
- `regions`, `expressions`: masks of the face; what is fitted to, and what is judged on.
- `sampling`: what the editor shows in an expression.
- `drivers`, `fit`, `solve`: from ARKit weights to shares; maps and drivers solved in turns; maps at full size.
- `residual`, `heat_map`: what a pack does not show.
- `making`: all of it for one face.
- `table`, `textures`, `players`, `card`: JSON and CSV, PNG, GLSL and Blender, README.
- `writing`, `playing`: the folder, whole or not at all; the folder read and played in numbers.
"""
