"""Rhytid: the fine detail of 3D faces."""
