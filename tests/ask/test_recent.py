"""The cache of what was used lately."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iio_kg.ask.recent import Recent


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=60), st.integers(1, 4))
def test_it_holds_what_was_used_last_and_no_more(steps: list[tuple[bool, int]], size: int) -> None:
    recent: Recent[int, str] = Recent(size)
    used: list[int] = []
    for is_put, key in steps:
        if is_put:
            recent.put(key, f"value {key}")
        if is_put or key in used[-size:]:
            used = [*(other for other in used if other != key), key]
        assert recent.get(key) == (f"value {key}" if key in used[-size:] else None)
    assert [key for key in range(7) if recent.get(key) is not None] == sorted(used[-size:])
