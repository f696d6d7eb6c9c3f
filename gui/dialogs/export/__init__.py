"""Parts of the export dialog: each page asks for some fields of `ExportOptions` and knows no other page.

- `page`: what the pages share.
- `what_page`, `mesh_page`, `map_page`, `format_page`: what is exported, how meshes are written, how maps are, and as
  which files.
- `shared_skin`: the head's own layout as pictures, where parts of the skin share texels.
- `presets`, `client_row`: the program that it is for, and choices under a name.
- `relief_meter`: how much of the relief a displaced mesh keeps, measured beside the dialog.
- `report`: what came out.
"""
