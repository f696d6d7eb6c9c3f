"""The sizes and the unit in which skin is learned, measured and calibrated.

Lengths "in texels" or "in px of 256" are of maps of this size, whatever the size of the map at hand.
"""

SIDE = 256
"""Texels per side of such a map."""

UNIT_MM = 0.1
"""Networks see displacement in this unit, in which detail is about 1."""

CHART_MM = 200.0
"""Side of the chart on the average face, measured along the skin."""
