"""Dialogs: they ask, and say what was answered; what is done with it is the window's affair.

Each is imported when it is first opened. They are handed what they show, and know no session.

- `dialog`, `place_row`: what they share; the row that asks where to write.
- `import_displacement`, `import_convention`, `import_layout`, `map_preview`, `map_picture`: how a map is meant; the map
  is read on a thread of its own.
- `import_color`: which layout the picture of a skin colour lies in.
- `fit_head`, `fit_view`, `fit_picture`, `fit_marks`, `landmark_words`: pins on a stranger's head, the head with its
  residual, how it and what lies over it are drawn, what landmarks are called.
- `choose_face`: which face of a photo.
- `scan_dialog`: what is wanted of a scan.
- `wrinkle_pack_dialog`: budget and layout of a wrinkle pack, and what it does not show.
- `export_dialog`, `export`: what to export, and what came out.
- `film_dialog`: what is filmed, and how.
- `live_link_dialog`: where Live Link listens, who drives the face.
- `preferences_dialog`, `keys_page`, `compute_page`: preferences.
- `palette`: every command and slider by name.
- `wrinkle_meter`: the lines that show, in mm.
- `contact_sheet`: an expression at several strengths and ages.
- `save_file`, `replace_question`, `recovery_dialog`: where to save, what would be lost, what a crash has left.
- `welcome`, `tour`, `first_steps`, `shortcuts_dialog`, `about_dialog`: help.
"""
