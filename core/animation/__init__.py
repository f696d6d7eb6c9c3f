"""Keys over time: numbers with names that move along curves.

A *key* is a value at a time with a *tangent*; a *track* is the keys of one number, a *clip* all tracks with rate and
range. Times are in seconds, the rate in frames a second; all values are immutable. What the numbers are (weights,
ages, angles) is not known here: `core.document.channels` says it.

- `track`: a key, and the curve through those of one number.
- `clip`: all tracks of a document.
- `edit`: setting, moving, removing and pasting keys.
- `reduce`: few keys for many samples, within an error.
"""
