"""The editor without its widgets: one session per window, its tools, and its work in the background.

Everything is called on the thread of Qt unless it says otherwise. Work on other threads ends in a signal that Qt
queues; `close` waits for it. Views read the session, and change the document by commands only.

- `session`: one open document with all that follows.
- `detail_scheduler`, `detail_worker`: the newest state's detail, on a thread of its own; deliveries to the views.
- `jobs`, `files`, `heads`: long work, one at a time; opening, saving, importing; heads and their skin colour.
- `latest_work`: work of which only the newest counts.
- `engines`, `compute`, `skin_color`: which engines run, on which device; the skin's colour.
- `photo_reading`, `pin_fit`, `open_photo`: faces of photos as they sharpen, pins on the photo, the photo's pixels.
- `in_photo`, `photo_painter`: the document's edits in its photo, on a thread of their own.
- `player`, `playback`, `timeline`: what plays by the clock: a recording that drives the face, and the clip.
- `live_link`: a telephone that drives the face.
- `show_me`: the expression that brings strokes out.
- `tool_settings`, `view_settings`, `selection`, `comparison`: values that change; they know no Qt.
- `stroke_tool`, `stroke_gestures`, `straight_line`, `point_gesture`, `stroke_recorder`: from samples to strokes.
- `handles`: points and tangents of the selected line that the pen can take hold of.
- `line_gestures`: lines bent, scaled, branched and cut.
- `named_presets`, `brush_presets`: values under names of the artist's; settings of the pen among them.
- `mask_gesture`: masks of layers, locked skin.
- `paint_gesture`, `skin_brushes`: colour and pigments, and the brush that measures on the skin.
- `pen_source`, `pen_reach`, `pen_stroke`: from Qt's events to samples, alike on face and chart.
- `slider_gesture`, `edits`, `layer_edits`, `comparing`, `second_face`: what sliders, menus and panels do, each as
  one step.
- `navigation`, `brush_drag`: which drag moves the camera how; drags that make the tool larger or stronger.
- `history_pictures`: those of the history's steps, made while the hand rests.
- `library`, `library_edits`: the wrinkle library, and putting its items on the face.
- `line_check`: what is wrong with drawn lines, found behind.
- `starters`: faces to begin with.
- `light_looks`: arrangements of light, and turning it.
- `key_map`: the keys of all actions, by preset and by hand.
- `error_log`, `latency`, `memory`: what failed, how long a hand waited, memory given back.
"""
