"""iio-kg: a knowledge graph and cited semantic search over the InnovatieImpuls Onderwijs (IIO)."""

from __future__ import annotations

__version__ = "0.1.0"
