"""The clip's dock: tracks, curves and keys in time.

A view of `DocumentState.clip`; it edits by commands through `gui.controllers.timeline`, so that the face follows at
once and an edit with the way to its time is one step. Times are in seconds, values are drawn as shares of their range.
All on the thread of Qt; onset marks are looked for on a thread of their own.

- `dock`: the panel: transport, range, tangents, tracks beside curves.
- `curves`, `handles`: curves, keys and their handles under the hand, playhead and ruler.
- `words`: names of tracks for people, and their colours.
- `onsets`: where wrinkles begin to show, looked for in the background.
- `slider_keys`: marks on sliders that have keys, and their menu.
"""
