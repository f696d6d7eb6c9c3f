"""Commands: the only way to change a document.

A command is a frozen value with a label for the menu. It maps a state to a state, clamps to the ranges of
`core.document.limits` and raises `CommandError` for what cannot be meant; state and history then stay as they were.

- `base`: what every command is, and a batch of them as one step.
- `face`: expression, action units, age, identity, head.
- `complexion`: colours of skin, hair and eyes.
- `clip`: playhead and keys.
- `scene`: engine settings, lighting, camera, hair.
- `strokes`: drawing, changing, ordering and binding strokes.
- `finish`: strengths of bands, locked skin.
- `layers`: layers of strokes; generated wrinkles that are made strokes.
- `source`, `second`: the imported map; the second face that is mixed in.
- `paint`: what is painted on the skin by hand.
- `photo`: the photo that a face was made from.
- `albedo`: a skin colour that was brought in.
- `whole`: a face taken over as a whole.
"""

from rhytid.core.document.commands.albedo import SetAlbedo
from rhytid.core.document.commands.base import Batch, Command, CommandError
from rhytid.core.document.commands.clip import (
    BendTangent,
    GoToTime,
    MendTangents,
    MoveKeys,
    PasteKeys,
    RemoveKeys,
    SetClip,
    SetKeys,
    SetTangents,
    TakeClip,
)
from rhytid.core.document.commands.complexion import RandomComplexion, SetComplexion
from rhytid.core.document.commands.face import (
    ApplyExpressionPreset,
    RandomIdentity,
    ResetAgeParts,
    SetActionUnits,
    SetAge,
    SetAgePart,
    SetExpressionWeights,
    SetHead,
    SetIdentity,
    SetIdentityMode,
    SetShapeAge,
    WearExpression,
)
from rhytid.core.document.commands.finish import LockSkin, SetBands, SmoothSkin
from rhytid.core.document.commands.layers import (
    AddLayer,
    MergeLayers,
    MoveLayers,
    MoveToLayer,
    RemoveLayers,
    SetLayer,
    SetMask,
    TakeGenerated,
    duplicate_layer,
)
from rhytid.core.document.commands.paint import ClearPaint, PaintSkin, SetPaintLayer
from rhytid.core.document.commands.photo import ChoosePhoto, RefitPhoto, RemovePhoto, SetPhotoAge, TakePhoto
from rhytid.core.document.commands.scene import (
    ResetHair,
    ResetLighting,
    SetCamera,
    SetEngine,
    SetHair,
    SetHeadPose,
    SetLighting,
    SetPanorama,
    ShowDetail,
)
from rhytid.core.document.commands.second import (
    KeepMix,
    RemoveSecondFace,
    SetMix,
    SetSecondFace,
    random_face,
    random_person,
)
from rhytid.core.document.commands.source import ImportSource, RemoveSource, SetSourceLines
from rhytid.core.document.commands.strokes import (
    AddStrokes,
    AdoptGeneratedStrokes,
    BindStrokesToExpression,
    RemoveStrokes,
    ReorderStrokes,
    ReplaceStrokes,
    ScaleStrokes,
    SetStrokeProperties,
)
from rhytid.core.document.commands.whole import TakeFace

__all__ = [
    "AddLayer",
    "AddStrokes",
    "AdoptGeneratedStrokes",
    "ApplyExpressionPreset",
    "Batch",
    "BendTangent",
    "BindStrokesToExpression",
    "ChoosePhoto",
    "ClearPaint",
    "Command",
    "CommandError",
    "GoToTime",
    "ImportSource",
    "KeepMix",
    "LockSkin",
    "MendTangents",
    "MergeLayers",
    "MoveKeys",
    "MoveLayers",
    "MoveToLayer",
    "PaintSkin",
    "PasteKeys",
    "RandomComplexion",
    "RandomIdentity",
    "RefitPhoto",
    "RemoveKeys",
    "RemoveLayers",
    "RemovePhoto",
    "RemoveSecondFace",
    "RemoveSource",
    "RemoveStrokes",
    "ReorderStrokes",
    "ReplaceStrokes",
    "ResetAgeParts",
    "ResetHair",
    "ResetLighting",
    "ScaleStrokes",
    "SetActionUnits",
    "SetAge",
    "SetAgePart",
    "SetAlbedo",
    "SetBands",
    "SetCamera",
    "SetClip",
    "SetComplexion",
    "SetEngine",
    "SetExpressionWeights",
    "SetHair",
    "SetHead",
    "SetHeadPose",
    "SetIdentity",
    "SetIdentityMode",
    "SetKeys",
    "SetLayer",
    "SetLighting",
    "SetMask",
    "SetMix",
    "SetPaintLayer",
    "SetPanorama",
    "SetPhotoAge",
    "SetSecondFace",
    "SetShapeAge",
    "SetSourceLines",
    "SetStrokeProperties",
    "SetTangents",
    "ShowDetail",
    "SmoothSkin",
    "TakeClip",
    "TakeFace",
    "TakeGenerated",
    "TakePhoto",
    "WearExpression",
    "duplicate_layer",
    "random_face",
    "random_person",
]
