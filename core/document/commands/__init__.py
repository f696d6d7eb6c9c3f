"""Commands: the only way to change a document."""

from rhytid.core.document.commands.base import Batch, Command, CommandError
from rhytid.core.document.commands.face import (
    ApplyExpressionPreset,
    RandomIdentity,
    ResetExpression,
    SetActionUnits,
    SetAge,
    SetExpressionWeights,
    SetHead,
    SetIdentity,
    SetIdentityMode,
)
from rhytid.core.document.commands.scene import ResetLighting, SetCamera, SetEngine, SetLighting, ShowLayers
from rhytid.core.document.commands.second import KeepMix, RemoveSecondFace, SetMix, SetSecondFace, random_face
from rhytid.core.document.commands.source import ImportSource, RemoveSource
from rhytid.core.document.commands.strokes import (
    AddStroke,
    AddStrokes,
    AdoptGeneratedStrokes,
    BindStrokesToExpression,
    EraseStrokes,
    RemoveStrokes,
    ReorderStrokes,
    ReplaceStrokes,
    SetStrokeProperties,
)
from rhytid.core.document.commands.whole import TakeFace

__all__ = [
    "AddStroke",
    "AddStrokes",
    "AdoptGeneratedStrokes",
    "ApplyExpressionPreset",
    "Batch",
    "BindStrokesToExpression",
    "Command",
    "CommandError",
    "EraseStrokes",
    "ImportSource",
    "KeepMix",
    "RandomIdentity",
    "RemoveSecondFace",
    "RemoveSource",
    "RemoveStrokes",
    "ReorderStrokes",
    "ReplaceStrokes",
    "ResetExpression",
    "ResetLighting",
    "SetActionUnits",
    "SetAge",
    "SetCamera",
    "SetEngine",
    "SetExpressionWeights",
    "SetHead",
    "SetIdentity",
    "SetIdentityMode",
    "SetLighting",
    "SetMix",
    "SetSecondFace",
    "SetStrokeProperties",
    "ShowLayers",
    "TakeFace",
    "random_face",
]
