import importlib
import sys

import pytest

from app.websocket import masking

KEY = b"\x37\xfa\x21\x3d"


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 125, 1921])
@pytest.mark.parametrize("mask", [masking.apply_mask, masking.mask_slowly])
def test_masking_twice_gives_the_bytes_back(mask, size):
    plain = bytes(i % 251 for i in range(size))

    hidden = mask(plain, KEY)

    assert hidden == bytes(byte ^ KEY[i % 4] for i, byte in enumerate(plain))
    assert mask(memoryview(hidden), KEY) == plain


def test_a_missing_c_part_is_replaced(monkeypatch):
    monkeypatch.setitem(sys.modules, "websockets.speedups", None)
    try:
        bare = importlib.reload(masking)

        assert bare.apply_mask is bare.mask_slowly
    finally:
        monkeypatch.undo()
        importlib.reload(masking)
