"""A small change to the layers of an encoder, learned from claims and the questions that they answer.

Each matrix of the layers is given a product of two narrow ones on top (E. Hu et al., "LoRA: Low-Rank Adaptation of
Large Language Models", 2022); the table of word vectors stays as it is. What is learned (`iio_kg.index.adapt`) is a
megabyte that lies beside this module and is put into the layers when a model is exported (`iio_kg.index.export`): it
costs nothing afterwards.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iio_kg.corpus.cache import write_whole
from iio_kg.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Half = NDArray[np.float16]

#: The setting that takes the adapter which comes with the program, where there is one for the model.
AUTO = "auto"
_FOLDER = Path(__file__).with_name("adapters")
_DOWN, _UP = ".down", ".up"


@dataclass(frozen=True)
class Adapter:
    """What is added to the layers of one model.

    Attributes:
        layers: By the name of a layer, two matrices of shapes ``(rank, inputs)`` and ``(outputs, rank)``; their product
            is added to its weights.
    """

    layers: dict[str, tuple[Half, Half]]

    def put_into(self, layers: Any) -> None:
        """Change the layers of a model (a ``torch.nn.Module``) in place.

        Raises:
            ModelError: They are not those that it was made for.
        """
        import torch

        with torch.no_grad():
            for name, (down, up) in self.layers.items():
                try:
                    weight = layers.get_submodule(name).weight
                    weight += torch.tensor(up.astype(np.float32) @ down.astype(np.float32))
                except (AttributeError, RuntimeError) as error:
                    raise ModelError(
                        f"The adapter does not fit the model: {error}.", "Leave the setting 'adapter' empty."
                    ) from error

    def save(self, path: Path) -> None:
        """Write it to a file."""
        arrays: dict[str, Any] = {f"{name}{_DOWN}": down for name, (down, _) in self.layers.items()}
        arrays |= {f"{name}{_UP}": up for name, (_, up) in self.layers.items()}
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        write_whole(path, content.getvalue())

    @classmethod
    def load(cls, path: Path) -> Adapter:
        """Open what `save` wrote.

        Raises:
            ModelError: It is not there, or no adapter.
        """
        try:
            with np.load(path) as arrays:
                names = [key.removesuffix(_DOWN) for key in arrays.files if key.endswith(_DOWN)]
                return cls({name: (arrays[name + _DOWN], arrays[name + _UP]) for name in names})
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The adapter {path} cannot be read ({error}).",
                "Make one with 'iio-kg adapt', or leave the setting 'adapter' empty.",
            ) from error


def shipped(model: str) -> Path:
    """Where the adapter for a named model lies that comes with the program, if there is one."""
    return _FOLDER / f"{model.replace('/', '--')}.npz"


def find_adapter(setting: str, model: str) -> Path | None:
    """The adapter that is set; None for none.

    Args:
        setting: A file; `AUTO` for what comes with the program for the model; empty for none.
        model: The name of the model.

    Raises:
        ModelError: The file that is set is not there.
    """
    if setting == AUTO:
        path = shipped(model)
        return path if path.is_file() else None
    if not setting:
        return None
    path = Path(setting).expanduser()
    if not path.is_file():
        raise ModelError(f"The adapter {path} is not there.", "Make one with 'iio-kg adapt', or leave 'adapter' empty.")
    return path


def digest(path: Path) -> str:
    """What tells one adapter from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
