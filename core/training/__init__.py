"""Training of the networks: records, the loop that all networks share, and a trainer for each network.

Run by the command `train`; needs torch. Modules that make and read records (`records`, `record_shards`, `make_records`,
`folder_data`) need none, so that worker processes start fast. A run resumes bit for bit.

- `start`, `config`, `run_folder`, `loop`, `checkpoint`, `distributed`, `batches`, `pictures`: a run of any network.
- `trainer`, `averaged`: what the loop asks of a trainer; what those share that average their weights.
- `semm`, `semm_initialise`, `semm_terms`, `semm_importance`, `semm_valleys`, `semm_prior`, `semm_picture`: SEMM.
- `losses`, `semm_export`: its terms, and what of it is shipped.
- `semm_paper`, `semm_paper_losses`, `semm_paper_source`: SEMM as its paper has it, for comparison.
- `semm_variants`: both variants and table 1's ablations, one after the other.
- `sd_detail`, `sd_detail_bases`, `facedet3d`, `facedet3d_usual`: SD-DeTail and FaceDet3D, and what of them is solved.
- `super_resolution`, `photo_detail`, `photo_albedo`: the other networks.
- `expression_energy`: what is solved on synthetic people without a network, and without torch.
- `photo_pictures`, `lit_pictures`: pictures of records, and of faces under light, which the last two learn from.
- `photo_render`, `photo_render_records`: the network that renders edits in photos, and what it learns from.
- `data`, `records`, `record_shards`, `make_records`, `synthetic_groups`, `fine_records`, `folder_data`: what
  is learned from.
- `shipping`, `onnx_files`: from a trained network to the files of `core.learned`.
- `two_sample`: can a network tell synthetic from scanned skin?
"""
