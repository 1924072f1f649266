import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.wav import SHORT_FORMAT_GUID, decode, encode, header, parse

PCM = np.array([1, -2, 32767, -32768], np.int16)
SAMPLES = PCM.astype("<i2").tobytes()


def riff(*chunks):
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def format_chunk(code=1, channels=1, rate=16000, bits=16):
    block = channels * bits // 8
    return struct.pack("<HHIIHH", code, channels, rate, rate * block, block, bits)


def test_the_standard_library_reads_what_we_write():
    with wave.open(io.BytesIO(encode(PCM, 48000))) as file:
        assert file.getparams()[:4] == (1, 2, 48000, 4)
        assert file.readframes(10) == SAMPLES


def test_we_read_what_the_standard_library_writes():
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(SAMPLES)

    pcm, rate = decode(file.getvalue())

    assert (pcm.tolist(), rate) == (PCM.tolist(), 8000)


def test_other_chunks_are_skipped_with_their_padding():
    file = riff(
        (b"LIST", b"odd"), (b"fmt ", format_chunk()), (b"fact", b"1234"), (b"data", SAMPLES)
    )

    assert decode(file)[0].tolist() == PCM.tolist()


def test_chunks_behind_the_samples_are_not_sound():
    file = riff((b"fmt ", format_chunk()), (b"data", SAMPLES), (b"LIST", b"title"))

    assert decode(file)[0].tolist() == PCM.tolist()


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_stream_whose_size_is_unknown_reaches_to_the_end(size):
    file = bytearray(encode(PCM, 16000))
    file[40:44] = struct.pack("<I", size)

    assert parse(bytes(file)).size is None
    assert decode(bytes(file))[0].tolist() == PCM.tolist()


def test_a_header_of_unknown_size_is_a_streams():
    assert decode(header(24000, None) + SAMPLES)[0].tolist() == PCM.tolist()


def test_a_file_cut_short_gives_its_whole_samples():
    assert decode(encode(PCM, 8000)[:-3])[0].tolist() == [1, -2]


def test_the_place_of_the_samples_is_told_from_the_first_bytes():
    layout = parse(header(16000, 1000))

    assert (layout.rate, layout.start, layout.size) == (16000, 44, 1000)


def test_an_extensible_format_of_plain_samples_is_read():
    extension = struct.pack("<HHIH", 22, 16, 4, 1) + SHORT_FORMAT_GUID
    file = riff((b"fmt ", format_chunk(code=0xFFFE) + extension), (b"data", SAMPLES))

    assert decode(file)[0].tolist() == PCM.tolist()


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"OggS" + bytes(60), id="another container"),
        pytest.param(b"RIFF\0\0\0\0AVI " + bytes(40), id="another kind of RIFF"),
        pytest.param(riff((b"fmt ", format_chunk())), id="no samples"),
        pytest.param(riff((b"data", SAMPLES)), id="no format"),
        pytest.param(riff((b"fmt ", b"\1\0\1\0"), (b"data", SAMPLES)), id="half a format"),
        pytest.param(riff((b"fmt ", format_chunk(channels=2)), (b"data", b"")), id="stereo"),
        pytest.param(riff((b"fmt ", format_chunk(bits=8)), (b"data", b"")), id="8 bit"),
        pytest.param(riff((b"fmt ", format_chunk(code=3)), (b"data", b"")), id="float"),
        pytest.param(riff((b"fmt ", format_chunk(code=0xFFFE)), (b"data", b"")), id="unknown GUID"),
        pytest.param(riff((b"fmt ", format_chunk(rate=0)), (b"data", b"")), id="no rate"),
    ],
)
def test_anything_else_is_refused(file):
    with pytest.raises(ValueError, match=r"WAV|PCM"):
        parse(file)


def test_more_than_four_gigabytes_do_not_fit():
    with pytest.raises(ValueError, match="4 GiB"):
        header(48000, 2**32)


@given(st.lists(st.integers(-32768, 32767)), st.integers(160, 960))
def test_what_is_written_is_read_back(values, count):
    pcm, rate = decode(encode(np.array(values, np.int16), count * 50))

    assert (pcm.tolist(), rate) == (values, count * 50)
