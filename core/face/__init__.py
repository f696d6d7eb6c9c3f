"""A face as one object: state, head, tension and pipeline, from what was set to maps and files.

Commands, jobs and scripts work with a `Face`; the window resolves states itself, on the thread of its scheduler. A face
is used on one thread at a time.

- `face`: `Face`, what scripts, commands and jobs work with.
- `opening`: what it is opened from.
- `identity`: what its person measures.
- `edit`: one displacement map edited as the document edits its source.
- `resolve`: from a state to the posed head and to the request of the detail pipeline.
- `detail_maker`: from a state to its maps, by whichever engine can; what `Face`, window and jobs all use.
- `engine_choice`: the engines of the program; which draws a new document.
- `mixing`, `capture`: the second face; detail taken as a map.
- `folding`: how the skin under a stroke is compressed across it, and how much deeper that makes it.
- `mouth_fit`, `closed_lips`, `set_back_jaws`: what a person's mouth needs: lips that meet at rest, jaws behind them.
- `outside_color`: uneven blood outside the chart.
- `skin_color`, `hair`: the skin's colour in the chart; the hair that is worn over it.
- `from_photo`: the face that is found in photos.
- `driven`, `worn`: the expressions of another face, a photo or a recording, to drive a face with.
- `clip_motion`, `onset_marks`: recordings as keys, and keys as a recording; where on a clip wrinkles begin to show.
- `clip_weights`: keys as weights of a mesh's morph targets.
- `wrinkle_meter`: count, length, depth and area of the lines that show, by site.
- `in_photo`: the document's edits in the photo that its face was made from.
"""
