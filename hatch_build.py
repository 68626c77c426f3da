"""Build hook: a wheel carries the ontology, the corpus and the built site inside the package.

An editable install needs none of it: there the package finds these folders beside ``src/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = ("ontology", "corpus", "web/templates", "web/i18n", "web/dist")


class CarryData(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the folders of ``CARRIED`` into the wheel as ``iio_kg/_data/...``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to a standard wheel; refuse to make one without the built front end."""
        if version != "standard":
            return
        root = Path(self.root)
        for folder in CARRIED:
            if not (root / folder).is_dir():
                raise RuntimeError(
                    f"{folder}/ is missing, so the wheel would have no site. Run 'make wheel', "
                    "which builds the front end first."
                )
            build_data["force_include"][str(root / folder)] = f"iio_kg/_data/{folder}"
