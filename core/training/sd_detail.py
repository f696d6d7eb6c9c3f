"""Trains SD-DeTail (HiFace, Chai et al., ICCV 2023, sections 3.2 and 3.3) on synthetic persons.

What is linear is solved: the bases are principal components of the persons' static, compressed and stretched maps,
and the codes of a pose are least squares on them. The network is trained by gradient to give the dynamic codes of
(static code, expression):

- `codes`: equation 6; the codes of a person's compressed and stretched map, whatever the expression;
- `detail`: equation 9; the map of another pose of the person is static detail plus dynamic detail chosen by
  that pose's tension;
- `energy`: the log energies of the octave bands of that pose.

The static code is the one fitted to one pose of the person, the pose to be met is another one: so the network learns
from the very fits that it gets from scans, noise and all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rhytid.core.ageing import life_share
from rhytid.core.learned.sd_detail import SdDetailModel, dynamic_weights
from rhytid.core.maps.bands import BAND_CELLS, N_BANDS, log_energies
from rhytid.core.maps.units import SIDE
from rhytid.core.networks.sd_detail import DynamicNet, composed
from rhytid.core.synthesis import tension_map
from rhytid.core.training.records import Records
from rhytid.core.training.sd_detail_bases import PersonMaps, fitted_bases, person_maps
from rhytid.core.training.trainer import Source

Float32 = npt.NDArray[np.float32]

DEFAULTS: dict[str, Any] = {
    "static": 40,
    "dynamic": 16,
    "energy": 32,
    "width": 128,
    "basis_persons": 420,
    "energy_poses": 1200,
    "learning_rate": 1.5e-3,
    "weight_decay": 1e-2,
    "average": 0.998,
    "code_weight": 0.05,
    "detail_weight": 1.0,
    "energy_weight": 1.0,
    "texel_step": 7,
    "seed": 1,
}
_TENSIONS_KEPT = 512
_HELD_PAIRS = 60


class SdDetailTrainer:
    """See the module; the protocol of `core.training`'s loop.

    Parameters
    ----------
    config : mapping
        Overrides of `DEFAULTS`.
    device : str
        Of the network; the closed-form parts stay on the processor.
    maps_of : callable
        (seed, age) to a person's static, compressed and stretched map, (256, 256) mm.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        device: str | torch.device = "cpu",
        maps_of: PersonMaps = person_maps,
    ) -> None:
        self.config = DEFAULTS | {key: value for key, value in (config or {}).items() if key in DEFAULTS}
        self.device = torch.device(device)
        self._maps_of = maps_of
        torch.manual_seed(int(self.config["seed"]))
        sizes = {key: int(self.config[key]) for key in ("static", "dynamic", "energy", "width")}
        self.net = DynamicNet(**sizes).to(self.device)
        self.average = DynamicNet(**sizes).to(self.device)
        self.average.load_state_dict(self.net.state_dict())
        rate, decay = float(self.config["learning_rate"]), float(self.config["weight_decay"])
        self.optimiser = torch.optim.AdamW(self.net.parameters(), rate, weight_decay=decay)
        self.random = torch.Generator().manual_seed(int(self.config["seed"]))
        self.steps = 0
        self._closed: dict[str, npt.NDArray[Any]] = {}
        self._tensions: OrderedDict[bytes, tuple[Float32, Float32, Float32]] = OrderedDict()

    def initialise(self, records: Records, progress: Callable[[float], None] | None = None) -> None:
        """Solve for everything linear: bases, ages, energies.

        Raises
        ------
        ValueError
            The records are empty.
        """
        if not len(records):
            raise ValueError("no records to start from; make some first")
        self._closed = fitted_bases(self.config, records, self._maps_of, progress)
        self._take_closed()

    def _take_closed(self) -> None:
        """Build what the steps read from the closed-form tensors."""
        self.model = SdDetailModel(self.tensors(), "training")
        step = int(self.config["texel_step"])

        def rows(name: str) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(self._closed[name][..., ::step])).to(self.device)

        self._texels = np.flatnonzero(self.model.inside)[::step]
        self._bases = {name: (rows(f"{name}.mean"), rows(f"{name}.basis")) for name in _PARTS}
        self._noise = rows("static.noise")
        self._energy = tuple(
            torch.from_numpy(self._closed[f"energy.{name}"]).to(self.device) for name in ("mean", "basis")
        )
        self._people = {
            name: torch.from_numpy(self._closed[f"people.{name}"]).to(self.device)
            for name in ("static", "compressed", "stretched", "age_share")
        }
        with torch.no_grad():
            if self.steps == 0:
                self.net.codes.bias.zero_()
                self.average.load_state_dict(self.net.state_dict())

    def step(self, batch: Mapping[str, Any]) -> dict[str, float]:
        """One step on poses of which 2i and 2i + 1 are of one person.

        Parameters
        ----------
        batch : mapping
            ``x`` (B, 256, 256) in 0.1 mm, ``expression`` (B, 52) and ``age`` (B,), arrays or tensors.

        Returns
        -------
        dict
            Value of each loss.
        """
        x, expression, age = (_array(batch[name]) for name in ("x", "expression", "age"))
        x = x.reshape(-1, SIDE, SIDE)
        n = len(x) // 2 * 2
        other = np.arange(n) ^ 1
        step = int(self.config["texel_step"])
        static = np.empty((n, int(self.config["static"])), np.float32)
        weights = []
        for i in range(n):
            tension, compression, stretching = self._tension(expression[i])
            static[i] = self.model.fitted(x[i], float(age[i]), tension, step).static
            weights.append((compression.ravel()[self._texels], stretching.ravel()[self._texels]))
        mean_static = np.stack([self.model.mean_static(float(a)) for a in age[:n]])
        # Half of the poses are met from the person's other pose, half from themselves.
        source = np.where(np.arange(n) % 4 < 2, other, np.arange(n))
        given = static[source] + mean_static - mean_static[source]
        energies = np.stack([log_energies(x[i]) for i in range(n)])
        shares = np.array([life_share(float(a)) for a in age[:n]])
        to = self._on_device
        compressed, stretched, energy = self.net(to(given), to(shares), to(expression[:n]))
        maps = {"static": to(given), "compressed": compressed, "stretched": stretched}
        detail = {name: self._bases[name][0] + code @ self._bases[name][1] for name, code in maps.items()}
        shares_of = [to(np.stack(part)) for part in zip(*weights, strict=True)]
        made = composed(detail["static"], detail["compressed"], detail["stretched"], *shares_of)
        seen = to(x[:n].reshape(n, -1)[:, self._texels])
        losses = {"codes": self._code_loss(), "detail": (((seen - made) / self._noise) ** 2).mean()}
        mean, basis = self._energy
        expected = (mean + energy @ basis).reshape(n, N_BANDS, BAND_CELLS, BAND_CELLS)
        own = to(energies)
        losses["energy"] = ((expected - own) ** 2 * self._cells()).mean()
        total = sum(
            (loss * float(self.config[f"{_WEIGHT_OF[name]}_weight"]) for name, loss in losses.items()),
            torch.zeros((), device=self.device),
        )
        self.optimiser.zero_grad()
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        self._follow()
        return {name: float(loss.detach()) for name, loss in losses.items()} | {"total": float(total.detach())}

    def scores(self, held: Source) -> dict[str, float]:
        """Error of the log energies' change on persons who were held back."""
        batch = held.batch(_HELD_PAIRS, np.random.default_rng(0))
        x, expression, age = (_array(batch[name]) for name in ("x", "expression", "age"))
        model = SdDetailModel(self.tensors(), "training")
        step = int(self.config["texel_step"])
        cells = self._cells().cpu().numpy()
        errors, baseline = [], []
        for i in range(0, len(x), 2):
            if np.array_equal(expression[i], expression[i + 1]):
                continue
            codes = model.fitted(x[i], float(age[i]), self._tension(expression[i])[0], step)
            aged = codes.static + model.mean_static(float(age[i + 1])) - model.mean_static(float(age[i]))
            poses = ((codes.static, i), (aged, i + 1))
            expected = [
                model.log_energies(model.predicted(static, float(age[j]), expression[j])[2]) for static, j in poses
            ]
            own = [log_energies(x[j]) for _, j in poses]
            change = own[1] - own[0]
            errors.append(float(((change - (expected[1] - expected[0])) ** 2 * cells).mean()))
            baseline.append(float((change**2 * cells).mean()))
        if not errors:
            return {}
        return {
            "log_energy_change_error": round(float(np.sqrt(np.mean(errors))), 4),
            "log_energy_change": round(float(np.sqrt(np.mean(baseline))), 4),
        }

    def _code_loss(self) -> Tensor:
        """Equation 6 on persons whose maps are known, in expressions drawn from what ARKit allows."""
        count = len(self._people["static"])
        chosen = torch.randint(count, (64,), generator=self.random)
        strong = torch.rand((64, 52), generator=self.random) < 0.06
        expression = strong * torch.rand((64, 52), generator=self.random)
        person = {name: values[chosen.to(self.device)] for name, values in self._people.items()}
        compressed, stretched, _ = self.net(person["static"], person["age_share"], expression.to(self.device))
        loss: Tensor = ((compressed - person["compressed"]) ** 2).mean()
        return loss + ((stretched - person["stretched"]) ** 2).mean()

    def _cells(self) -> Tensor:
        """Cells of the energies that lie in the face, (16, 16), mean 1."""
        size = SIDE // BAND_CELLS
        share = self.model.inside.reshape(BAND_CELLS, size, BAND_CELLS, size).mean(axis=(1, 3)).astype(np.float32)
        return self._on_device(share / share.mean())

    def _follow(self) -> None:
        """Let the averaged weights, which are shipped, follow the trained ones."""
        share = min(float(self.config["average"]), 1 - 1 / (1 + 0.1 * self.steps))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - share)

    def _tension(self, expression: Float32) -> tuple[Float32, Float32, Float32]:
        """Tension of an expression on the default head and its dynamic weights, each (256, 256)."""
        key = expression.tobytes()
        found = self._tensions.get(key)
        if found is None:
            tension = tension_map(expression)
            found = self._tensions[key] = (tension, *dynamic_weights(tension))
            if len(self._tensions) > _TENSIONS_KEPT:
                self._tensions.popitem(last=False)
        return found

    def _on_device(self, values: npt.NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self.device)

    def state_dict(self) -> dict[str, Any]:
        """Everything that an exact resume needs."""
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "closed": {name: torch.from_numpy(value) for name, value in self._closed.items()},
            "random": self.random.get_state(),
            "steps": self.steps,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up a state of `state_dict`."""
        self.steps = int(state["steps"])
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self._closed = {name: value.cpu().numpy() for name, value in state["closed"].items()}
        self.random.set_state(state["random"].cpu())
        self._take_closed()

    def picture(self, batch: Mapping[str, Any]) -> Float32:
        """Rows of (map, model's detail of it, static detail, detail of the person's other pose met from it).

        Returns
        -------
        float32 (rows * 256, 4 * 256)
            0.1 mm.
        """
        x, expression, age = (_array(batch[name]) for name in ("x", "expression", "age"))
        x = x.reshape(-1, SIDE, SIDE)
        model = SdDetailModel(self.tensors(), "training")
        rows = []
        for i in range(0, min(len(x), 8) // 2 * 2, 2):
            codes = model.fitted(x[i], float(age[i]), self._tension(expression[i])[0])
            static = model.static_detail(codes.static)
            poses = []
            for j in (i, i + 1):
                moved = codes.static + model.mean_static(float(age[j])) - model.mean_static(float(age[i]))
                compressed, stretched, _ = model.predicted(moved, float(age[j]), expression[j])
                dynamic = model.dynamic_detail(compressed, stretched, self._tension(expression[j])[0])
                poses.append(model.static_detail(moved) + dynamic)
            rows.append(np.hstack([x[i], poses[0], static, poses[1]]))
        return np.vstack(rows).astype(np.float32)

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """What is shipped, by the names of `core.networks.sd_detail`."""
        if not self._closed:
            raise ValueError("the trainer has no bases yet; initialise it first")
        shipped = {name: value for name, value in self._closed.items() if not name.startswith("people.")}
        for name, value in self.average.state_dict().items():
            shipped[f"net.{name}"] = value.detach().cpu().numpy().copy()
        return {
            name: value if value.dtype == np.int32 else value.astype(np.float16) for name, value in shipped.items()
        }

    def export_onnx(self, folder: Path) -> tuple[Path, ...]:
        """Nothing: numpy evaluates the network faster than a runtime could be asked to."""
        return ()


_PARTS = ("static", "compressed", "stretched")
_WEIGHT_OF = {"codes": "code", "detail": "detail", "energy": "energy"}


def _array(values: Any) -> Float32:
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    return np.asarray(values, np.float32)
