"""A table of character replacements as the trie that the `tokenizers` library applies.

`tokenizers.normalizers.Precompiled` takes the binary form in which SentencePiece ships its normalisation rules: the
size of a double-array trie, the trie, and the replacements, each ended by a zero byte. The layout of a trie unit is
that of Darts-clone (S. Yata, "Darts-clone: a clone of the Darts double-array system").
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_HAS_LEAF = 1 << 8
_IS_LEAF = 1 << 31
_OFFSET_SHIFT = 10

#: How far behind the highest base a place is still looked for: a larger trie for a search that stays linear.
_SEARCH_BACK = 64

_Node = dict[int, "_Node"]


def build_charsmap(replacements: Mapping[str, str]) -> bytes:
    """Write the binary form of a table of replacements.

    Args:
        replacements: Single characters (not U+0000, which ends a string in this format) and what takes their place.
    """
    blob = bytearray()
    positions: dict[str, int] = {}
    for value in replacements.values():
        if value not in positions:
            positions[value] = len(blob)
            blob += value.encode() + b"\0"
    root: _Node = {}
    leaves: dict[int, int] = {}
    for key, value in replacements.items():
        if key == "\0":
            continue
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        leaves[id(node)] = positions[value]
    units = _double_array(root, leaves)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(blob)


def _double_array(root: _Node, leaves: Mapping[int, int]) -> list[int]:
    """Place the nodes of a trie so that the child for byte ``c`` of a node with base ``b`` stands at ``b ^ c``."""
    units: dict[int, int] = {0: 0}
    bases: set[int] = {0}
    last = 1
    queue: list[tuple[_Node, int, int]] = [(root, 0, 0)]
    while queue:
        node, position, label = queue.pop()
        value = leaves.get(id(node))
        wanted = sorted(node) if value is None else [0, *sorted(node)]
        base = max(1, last - _SEARCH_BACK)
        while base in bases or any(base ^ byte in units for byte in wanted):
            base += 1
        last = max(last, base)
        bases.add(base)
        units[position] = label | (position ^ base) << _OFFSET_SHIFT | (0 if value is None else _HAS_LEAF)
        if value is not None:
            units[base] = _IS_LEAF | value
        for byte, child in node.items():
            units[base ^ byte] = byte
            queue.append((child, base ^ byte, byte))
    size = (max(units) | 0xFF) + 1
    return [units.get(i, 0) for i in range(size)]
