"""From a thin line picture to polylines: walk the pixels, go straight on at junctions, drop spurs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
_OFFSETS = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))  # straight before diagonal
_DIRECTION_PX = 6  # how far back a branch is looked at to tell where it heads
_STRAIGHT = -0.5  # cosine between two branches that continue each other: a turn of at most 60 degrees


def thinned(mask: Bool) -> Bool:
    """One pixel wide skeleton of a mask (Zhang and Suen 1984)."""
    from skimage.morphology import skeletonize  # takes longer to import than a window may take to open

    skeleton: Bool = skeletonize(mask)  # type: ignore[no-untyped-call]
    return skeleton


def trace(thin: Bool, spur_px: int, shortest_px: int) -> list[Float64]:
    """Lines of a thin picture.

    Parameters
    ----------
    thin : bool (H, W)
        Skeleton, one pixel wide.
    spur_px : int
        Branches with a free end and fewer pixels than this are no lines.
    shortest_px : int
        Lines with fewer pixels are dropped.

    Returns
    -------
    list of float64 (N, 2)
        Column and row of each pixel in order, longest line first. Two branches that meet and go on straight
        are one line; others end where they meet it. A closed line repeats its first pixel at its end.
    """
    rows, columns = np.nonzero(thin)
    neighbours = _neighbours(thin, rows, columns)
    branches = [branch for branch in _branches(neighbours) if not _is_spur(branch, neighbours, spur_px)]
    position = np.stack([columns, rows], axis=1).astype(np.float64)
    lines = _joined(branches, neighbours, position)
    kept = [line for line in lines if len(line) >= max(shortest_px, 2)]
    return sorted(kept, key=lambda line: (-len(line), line[0].tolist()))


def _neighbours(thin: Bool, rows: Int64, columns: Int64) -> list[list[int]]:
    """For each line pixel the numbers of the line pixels that it touches.

    A diagonal contact does not count where both pixels share a straight neighbour: the way leads over it.
    """
    number = np.full((thin.shape[0] + 2, thin.shape[1] + 2), -1, np.int64)
    number[rows + 1, columns + 1] = np.arange(len(rows))
    table = np.stack([number[rows + 1 + dy, columns + 1 + dx] for dy, dx in _OFFSETS], axis=1)
    right, down, left, up = (table[:, i] >= 0 for i in range(4))
    for i, hidden in ((4, down | right), (5, down | left), (6, up | left), (7, up | right)):
        table[hidden, i] = -1
    return [[j for j in line if j >= 0] for line in table.tolist()]


def _branches(neighbours: list[list[int]]) -> list[list[int]]:
    """Runs of pixels between ends and junctions (included at both ends), and closed runs."""
    degree = [len(near) for near in neighbours]
    branches: list[list[int]] = []
    passed: set[tuple[int, int]] = set()
    visited = [False] * len(neighbours)
    for start in [i for i, d in enumerate(degree) if d != 2 and d > 0]:
        visited[start] = True
        for following in neighbours[start]:
            if (start, following) not in passed:
                branch = _walk(start, following, neighbours, degree, visited)
                passed.add((branch[-1], branch[-2]))
                passed.add((start, following))
                branches.append(branch)
    for start, d in enumerate(degree):
        if d == 2 and not visited[start]:
            visited[start] = True
            branches.append(_walk(start, neighbours[start][0], neighbours, degree, visited))
    return branches


def _walk(start: int, following: int, neighbours: list[list[int]], degree: list[int], visited: list[bool]) -> list[int]:
    branch = [start, following]
    previous, here = start, following
    while degree[here] == 2 and here != start:
        visited[here] = True
        a, b = neighbours[here]
        previous, here = here, (b if a == previous else a)
        branch.append(here)
    visited[here] = True
    return branch


def _is_spur(branch: list[int], neighbours: list[list[int]], spur_px: int) -> bool:
    ends = (len(neighbours[branch[0]]), len(neighbours[branch[-1]]))
    return len(branch) < spur_px and min(ends) == 1 and max(ends) > 2


def _joined(branches: list[list[int]], neighbours: list[list[int]], position: Float64) -> list[Float64]:
    """Branches put together where they go straight on through a junction."""
    at_node: dict[int, list[tuple[int, bool]]] = {}
    for i, branch in enumerate(branches):
        if branch[0] != branch[-1]:
            at_node.setdefault(branch[0], []).append((i, False))
            at_node.setdefault(branch[-1], []).append((i, True))
    partner: dict[tuple[int, bool], tuple[int, bool]] = {}
    for ends in at_node.values():
        partner.update(_pairs(ends, branches, position))
    lines, used = [], [False] * len(branches)
    for prefer_free in (True, False):  # closed chains of branches have no free end to begin with
        for i in range(len(branches)):
            for backwards in (False, True):
                if not used[i] and (not prefer_free or (i, backwards) not in partner):
                    lines.append(position[_chain(i, backwards, branches, partner, used)])
    return lines


def _pairs(
    ends: list[tuple[int, bool]], branches: list[list[int]], position: Float64
) -> dict[tuple[int, bool], tuple[int, bool]]:
    """Branch ends at one node that continue each other, straightest first."""
    if len(ends) < 2:
        return {}
    headings = []
    for i, at_end in ends:
        branch = branches[i][::-1] if at_end else branches[i]
        away = position[branch[min(_DIRECTION_PX, len(branch) - 1)]] - position[branch[0]]
        headings.append(away / np.hypot(*away))
    cosine = np.array(headings) @ np.array(headings).T
    found: dict[tuple[int, bool], tuple[int, bool]] = {}
    limit = 1.0 if len(ends) == 2 else _STRAIGHT
    candidates = sorted((cosine[a, b], a, b) for a in range(len(ends)) for b in range(a))
    for value, a, b in candidates:
        if value <= limit and ends[a] not in found and ends[b] not in found:
            found[ends[a]], found[ends[b]] = ends[b], ends[a]
    return found


def _chain(
    first: int,
    backwards: bool,
    branches: list[list[int]],
    partner: dict[tuple[int, bool], tuple[int, bool]],
    used: list[bool],
) -> list[int]:
    """Pixels of a branch from the given end and of all that continue it."""
    chain: list[int] = []
    i, from_end = first, backwards
    while not used[i]:
        used[i] = True
        branch = branches[i][::-1] if from_end else branches[i]
        chain += branch[1:] if chain else branch
        following = partner.get((i, not from_end))
        if following is None:
            break
        i, from_end = following
    return chain
