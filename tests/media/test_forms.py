"""Forms with a file, read in pieces of any size, and refused where they are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.forms import FileForm, FileStarts, InvalidForm

BOUNDARY = "a-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, value: bytes, *, filename: str | None = None, more: str = "") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return f"--{BOUNDARY}\r\n{disposition}\r\n{more}\r\n".encode() + value + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
FILE = part("file", b"pixels", filename="a.png", more="Content-Type: image/png\r\n")


def read(body: bytes, size: int = 1_000_000) -> tuple[FileStarts | None, bytes]:
    """The beginning of the file and the file, of a body that comes in pieces of `size` bytes."""
    form, start, file = FileForm(TYPE), None, b""
    for at in range(0, len(body), size):
        for event in form.feed(body[at : at + size]):
            if isinstance(event, FileStarts):
                start = event
            else:
                file += event
    form.finish()
    return start, file


def refusal(body: bytes) -> str:
    with pytest.raises(InvalidForm) as caught:
        read(body)
    return str(caught.value)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100_000])
def test_fields_and_then_the_file(size: int) -> None:
    body = part("key", b"0123") + part("Content-Type", "bürö".encode()) + FILE + END
    assert read(body, size) == (
        FileStarts("file", {"key": "0123", "Content-Type": "bürö"}),
        b"pixels",
    )


@given(
    file=st.lists(
        st.sampled_from([b"\r", b"\n", b"-", b"--", BOUNDARY[:-1].encode(), b"\0", b"x"])
    ).map(b"".join),
    size=st.integers(1, 50),
)
def test_a_file_of_any_bytes_arrives_as_it_is(file: bytes, size: int) -> None:
    body = part("key", b"1") + part("file", file, filename="f") + END
    assert read(body, size) == (FileStarts("file", {"key": "1"}), file)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "multipart/mixed; boundary=a",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 1_000}",
        "multipart/form-data; boundary",
    ],
)
def test_what_is_no_form(content_type: str) -> None:
    with pytest.raises(InvalidForm):
        FileForm(content_type)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body ended before its form did."),
        (FILE, "The body ended before its form did."),
        (FILE[:-4], "The body ended before its form did."),
        (part("key", b"1") + END, "The form has no file."),
        (FILE + part("key", b"1") + END, "The file must be the last field of the form."),
        (FILE + FILE + END, "The file must be the last field of the form."),
        (part("key", b"1") * 2 + FILE + END, "The field 'key' may be given only once."),
        (part("", b"1") + FILE + END, "Each part of a form must have a name."),
        (f"--{BOUNDARY}\r\n\r\nx\r\n".encode() + END, "Each part of a form must have a name."),
        (part("key", b"\xff") + FILE + END, "The names and values of a form must be UTF-8."),
        (part("key", b"x" * 4_097) + FILE + END, "A field may have 4,096 bytes."),
        (b"".join(part(f"f{n}", b"") for n in range(21)) + END, "A form may have 20 fields."),
    ],
)
def test_a_form_that_is_refused(body: bytes, message: str) -> None:
    assert refusal(body) == message


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"--another\r\n\r\n",
        part("file", b"", filename="a", more="X: " + "y" * 2_000 + "\r\n") + END,
        part("file", b"", filename="a", more="X: y\r\n" * 9) + END,
        part("file", b"", filename="a", more="no header\r\n") + END,
    ],
)
def test_a_malformed_form(body: bytes) -> None:
    assert refusal(body).startswith("The body is malformed: ")


@given(body=st.binary(max_size=400), at=st.integers(0, 200))
def test_no_bytes_make_it_fail_in_another_way(body: bytes, at: int) -> None:
    whole = part("key", b"1") + FILE + END
    for each in (body, whole[:at] + body + whole[at:], whole[:at] + body):
        try:
            read(each)
        except InvalidForm as refused:
            assert len(str(refused)) < 500
