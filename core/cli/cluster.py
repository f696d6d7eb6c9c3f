"""Work on the machines of a Ray cluster, which see the same files under the same names."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

_RETRIES = 2  # of a job whose worker died: another one may have taken its memory
_PATIENCE_S = 10.0


def run_on_cluster(
    address: str, work: Callable[[Job], Result], jobs: Sequence[Job], lost: Callable[[Job, str], Result]
) -> Iterator[Result]:
    """Results of jobs in the order in which they are done.

    Parameters
    ----------
    address : str
        Of the head node, "host:port", "ray://host:port" or "auto".
    work : callable
        Is sent to the workers.
    lost : callable
        Makes the result of a job whose worker died again and again, of the job and what Ray says.

    Raises
    ------
    ValueError
        Ray is not installed, or nothing answers at the address.
    """
    try:
        import ray
    except ImportError:
        raise ValueError('Ray is not installed; install it with: python -m pip install "rhytid[cluster]"') from None
    _check_answer(address)
    try:
        ray.init(address=address, ignore_reinit_error=True)
    except ConnectionError as error:
        hint = "where the cluster wants a token, set RAY_AUTH_MODE=token here as well"
        raise ValueError(f"no Ray cluster lets us in at {address} ({error}); {hint}") from None
    remote: Any = ray.remote(max_retries=_RETRIES)(work)
    waiting = {remote.remote(job): job for job in jobs}
    while waiting:
        (reference, *_), _ = ray.wait(list(waiting))
        job = waiting.pop(reference)
        try:
            yield ray.get(reference)
        except ray.exceptions.WorkerCrashedError as error:
            yield lost(job, f"its worker died {_RETRIES + 1} times ({str(error).splitlines()[0]})")


def _check_answer(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), _PATIENCE_S).close()
    except (OSError, OverflowError):
        raise ValueError(f"nothing answers at {address}; start a cluster with: ray start --head") from None
