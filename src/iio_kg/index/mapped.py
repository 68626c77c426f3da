"""Arrays in files that are mapped and not read: what is not asked for takes no memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def map_array(path: Path) -> NDArray[Any]:
    """An array that `numpy.save` wrote, read-only.

    It is a plain one over the mapped file: slices of a `numpy.memmap` take three times as long.

    Raises:
        OSError: There is no such file.
        ValueError: It holds no array.
    """
    return np.asarray(np.load(path, mmap_mode="r"))
