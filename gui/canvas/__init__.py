"""The chart canvas: the face's maps unrolled, with strokes that are drawn and moved on them.

It is told maps and colours and knows neither viewport nor panels; the pen goes through the same stroke tool as on the
face. Places are chart units. All on the thread of Qt.

- `chart_canvas`: the whole: bar on top, view below.
- `chart_view`, `zoom_view`: the pen; zoom and pan.
- `items`, `layers`: what is drawn; a *layer* is which map is shown: displacement, colour, lines and so on.
"""
