"""A face as one object: state, head, tension and pipeline, from what was set to maps and files.

- `face`: `Face`, what scripts, commands and jobs work with.
- `edit`: one displacement map edited as the document edits its source.
"""
