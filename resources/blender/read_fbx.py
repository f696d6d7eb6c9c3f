"""Run by Blender: an FBX as a GLB, in metres and Y up, with its shape keys.

The job: "file", the FBX of a stranger, and "target", the name of the GLB in the folder of the job. Pictures stay that
lie in the file or in its folder. The answer has Blender's "version", "left_out", the names of pictures that did not
stay, and "refused" where it could not read the file.
"""

import json
import os
import sys

import bpy


def imported(file):
    """The scene of a file; the reader that newer Blenders have knows text files too."""
    if "fbx_import" in dir(bpy.ops.wm):
        bpy.ops.wm.fbx_import(filepath=file, use_anim=False, use_custom_props=False)
    else:
        bpy.ops.import_scene.fbx(filepath=file, use_anim=False, use_custom_props=False, use_image_search=False)


def take_away_pictures_of_elsewhere(folder):
    """A file may name any picture of the disk. Gives the names of those that it does not get."""
    left_out = []
    inside = os.path.realpath(folder) + os.sep
    for image in list(bpy.data.images):
        place = os.path.realpath(bpy.path.abspath(image.filepath))
        if image.packed_file is None and not (place.startswith(inside) and os.path.isfile(place)):
            left_out.append(os.path.basename(image.filepath.replace("\\", "/")))
            bpy.data.images.remove(image)
    return left_out


def refused(file):
    """Why a file gives no mesh; "" where it does."""
    try:
        imported(file)
    except RuntimeError:
        return "Blender cannot read it; it may be damaged"
    if not any(one.type == "MESH" for one in bpy.data.objects):
        return "Blender found no mesh in it"
    return ""


def main():
    with open(sys.argv[-1], encoding="utf-8") as stream:
        job = json.load(stream)
    folder = os.path.dirname(os.path.abspath(sys.argv[-1]))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    answer = {"version": bpy.app.version_string, "refused": refused(job["file"])}
    if not answer["refused"]:
        answer["left_out"] = take_away_pictures_of_elsewhere(os.path.dirname(job["file"]))
        bpy.ops.export_scene.gltf(
            filepath=os.path.join(folder, job["target"]), export_format="GLB", export_yup=True, export_apply=False,
            export_animations=False, export_skins=False, export_morph=True, export_morph_normal=False,
            export_cameras=False, export_lights=False, export_extras=False,
        )  # fmt: skip
    with open(os.path.join(folder, "answer.json"), "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


main()
