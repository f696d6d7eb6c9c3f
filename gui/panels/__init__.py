"""The dock panels. Each follows the document, edits it by commands, and knows no other panel and no window.

Work that needs more than a command is asked for by the name of an action (`Panel.requested`). Titles, icons and places
are in `gui.window.docks`, which makes a panel when it is first seen.

- `panel`: what they share.
- `expression`, `head_pose`, `action_units`, `weights`, `preset_strip`: expressions, and how the head is turned.
- `identity`, `skin_color`, `painted_layer`, `age`, `hair`, `detail`, `source_lines`, `finish`, `second_face`: the
  face.
- `lighting`, `light_ball`: its light.
- `photo`, `photo_choice`: the photos that the face was made from, and which of them is looked at.
- `strokes`, `stroke_model`, `stroke_order`, `stroke_words`, `stroke_properties`, `layer_properties`: the strokes.
- `binding`: what strokes come with.
- `line_check`: why lines look wrong, with a remedy for each.
- `library`, `library_view`: wrinkles to drag onto the face.
- `stroke_shape`, `section_plot`: shape of the selected strokes, with a cross-section in mm.
- `pad`: expression against age, emotions by intensity, expressions of one's own.
- `brush_presets`: brushes with a picture of their stroke.
- `pen_curves`: what a pen's pressure makes of depth and width.
- `tool_options`, `history`, `reference`: the tool, the steps, pictures to look at.
"""
