"""What Rhytid knows about faces, without a window: no Qt, no OpenGL, and torch in two folders only.

Everything flows in one direction; nothing reaches back up:

    controls -> Command -> DocumentState -> resolve -> DetailRequest -> pipeline -> DetailMaps -> viewport,
    (gui)       (document)                  (face)     (detail)                                   canvas, export

Each floor imports those below it and none above or beside it; from the ground up:

- `ageing`, `animation`, `arkit`, `cancelled`, `given`, `read_only`, `resources`, `files`: the clocks of age, keys over
  time, names of expressions, work that is not wanted, values of callers, the disk.
- `language`, `maps`: the words that people read; rasters of numbers in the chart.
- `blender_bridge`: Blender as a converter of files, where there is one.
- `head`, `lines`: the mesh with its chart; strokes and how they are drawn, found and edited.
- `detail`, `hair`: from a request to displacement, and the engine that needs no weights; brows and lashes as strands.
- `learned`, `networks`, `synthesis`: engines with trained weights, the networks in torch, samples to train on.
- `photo`: what one photograph tells of a face.
- `document`: state, commands, history, project files.
- `io`, `scan`: files of other programs, and the export; a scan of a face as head and detail.
- `face`: a document with its head as one object, for everybody who has no window.
- `training`, `evaluation`: making and judging weights.
- `pack`: wrinkle maps with masks and drivers, for engines.
- `cli`: commands without a picture.
- `api`: the package `rhytid` itself, for scripts.

Words: a *head* is a mesh with expressions and a *chart*, the square [0, 1] x [0, 1] in which all detail lives (row 0 =
forehead, column 0 = the subject's right). *Displacement* is the signed offset along the smooth normal. A *stroke* is
one wrinkle line as an object. A *pose* is expression and age. *Tension* is how much skin is squeezed (+) or stretched
(-). An *engine* is one method that makes detail. *Static* detail stays with the person, *dynamic* detail comes with the
expression.

Units: lengths in mm, Y up, the face looks along +Z; depths of strokes in mm, their points and widths in chart units;
expression weights 0..1; ages in years; maps are (rows, columns), float32.
"""
