"""`/attachments/<id>`: to whom, how much of it, and with which headers."""

import hashlib
import shutil
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from app.attachments import Attachment
from app.attachments.models import named
from app.extensions import begin_write
from app.review.models import Submission
from app.tenancy import everything
from tests.attachments import files
from tests.browsing import Browser, text_of
from tests.factories import change
from tests.statements import recorded

SIZE = len(files.PDF)
TAG = f'"{hashlib.sha256(files.PDF).hexdigest()}"'


@pytest.fixture
def reader(make, loaded, sign_in) -> Browser:
    """An administrator of the unit whose record has a PDF, a PNG and a JPEG."""
    make.account("zhang", "unit_administrator", loaded)
    return sign_in("zhang")


@pytest.fixture
def address(make, loaded) -> str:
    """Where the PDF is."""
    ((pk,),) = make.read(sa.select(Attachment.id).where(Attachment.media_type == "application/pdf"))
    return f"/attachments/{pk}"


# ---- to whom ---------------------------------------------------------------------------------------------------------


def test_its_own_unit_gets_the_bytes(reader, address):
    answer = reader.get(address)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, files.PDF, "application/pdf")


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [("b", "image/png", files.PNG), ("c", "image/jpeg", files.JPEG)],
    ids=["PNG", "JPEG"],
)
def test_a_picture_is_served_as_what_it_is(make, reader, name, media_type, content):
    ((pk,),) = make.read(sa.select(Attachment.id).where(Attachment.name.startswith(name)))
    answer = reader.get(f"/attachments/{pk}")
    assert (answer.mimetype, answer.data) == (media_type, content)


def test_another_units_is_not_there(make, address, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    assert sign_in("wang").get(address).status_code == 404


def test_what_no_record_names_is_not_there(app, make, reader, feed):
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        with (feed.folder / "proofs/a.pdf").open("rb") as file:
            files.kept(session, file, "a.pdf")
        session.commit()
    ((pk,),) = make.read(sa.select(Attachment.id).where(Attachment.unit_id.is_(None)))
    assert reader.get(f"/attachments/{pk}").status_code == 404


def test_a_stranger_is_led_to_the_login(app, address):
    assert app.test_client().get(address).status_code == 302


@pytest.mark.parametrize("pk", ["../config.py", "..%2f..%2fconfig.py", "%2e%2e/%2e%2e/keys", "x" * 23, "%00", "."])
def test_nothing_else_is_named_by_an_address(reader, pk):
    assert reader.get(f"/attachments/{pk}").status_code in (400, 404)


def test_it_costs_three_statements(app, reader, address):
    with recorded(app) as statements:
        reader.get(address)
    assert len(statements) <= 3, statements


# ---- how much of it --------------------------------------------------------------------------------------------------

RANGES = {
    "bytes=0-": (0, SIZE),
    "bytes=0-0": (0, 1),
    "bytes=5-9": (5, 10),
    "bytes=-3": (SIZE - 3, SIZE),
    f"bytes=-{SIZE * 9}": (0, SIZE),
    f"bytes=7-{10**30}": (7, SIZE),
}
WHOLE = [
    "bytes=0-1,3-4",
    "bytes=9-5",
    "bytes=-0",
    "bytes=",
    "bytes=x-y",
    "bytes",
    "items=0-5",
    "bytes=0-1,-1",
    "=",
    "-",
]
BEHIND = [f"bytes={SIZE}-", f"bytes={10**30}-", f"bytes={SIZE}-{SIZE + 9}"]


@pytest.mark.parametrize("asked", RANGES, ids=range(len(RANGES)))
def test_a_range_is_answered_with_it(reader, address, asked):
    start, stop = RANGES[asked]
    answer = reader.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, files.PDF[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.content_length == stop - start


@pytest.mark.parametrize("asked", WHOLE)
def test_what_is_no_single_range_of_bytes_is_answered_with_the_whole(reader, address, asked):
    answer = reader.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, files.PDF)


@pytest.mark.parametrize("asked", BEHIND, ids=range(len(BEHIND)))
def test_a_range_behind_the_end_is_refused(reader, address, asked):
    answer = reader.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.headers["Content-Range"], answer.data) == (416, f"bytes */{SIZE}", b"")


@pytest.mark.parametrize(
    ("condition", "status"),
    [(TAG, 206), ('"another"', 200), (f"W/{TAG}", 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200)],
    ids=["it", "another", "weak", "a date"],
)
def test_a_range_of_what_it_was_before_is_answered_with_the_whole(reader, address, condition, status):
    answer = reader.get(address, headers={"Range": "bytes=0-1", "If-Range": condition})
    assert answer.status_code == status


@pytest.mark.parametrize("condition", [TAG, f"W/{TAG}", f'"x", {TAG}', "*"], ids=["it", "weak", "a list", "any"])
def test_what_the_browser_holds_is_not_sent_again(reader, address, condition):
    answer = reader.get(address, headers={"If-None-Match": condition, "Range": "bytes=0-1"})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", TAG)


def test_what_it_holds_is_not_confirmed_to_another_unit(make, address, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    assert sign_in("wang").get(address, headers={"If-None-Match": TAG}).status_code == 404


@pytest.mark.parametrize(("asked", "status", "length"), [(None, 200, SIZE), ("bytes=0-4", 206, 5)])
def test_its_head_has_the_same_headers_and_no_body(reader, address, asked, status, length):
    headers = {"Range": asked} if asked else {}
    answer = reader.client.head(address, headers=headers)
    whole = reader.get(address, headers=headers)
    assert (answer.status_code, answer.data, answer.content_length) == (status, b"", length)
    same = ("Content-Type", "Content-Disposition", "ETag", "Accept-Ranges", "Content-Range")
    assert [answer.headers.get(name) for name in same] == [whole.headers.get(name) for name in same]


# ---- with which headers ----------------------------------------------------------------------------------------------

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie",
    "ETag": TAG,
    "Accept-Ranges": "bytes",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize(("name", "value"), HEADERS.items(), ids=HEADERS)
def test_its_headers(reader, address, name, value):
    assert reader.get(address).headers[name] == value


def test_it_is_shown_in_a_sandbox_that_runs_nothing(reader, address):
    policy = reader.get(address).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "allow-" not in policy and "script-src" not in policy


NAMES = {
    "证书 2025.pdf": "证书 2025.pdf",
    'a"b;c.pdf': 'a"b;c.pdf',
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie: x=1.pdf",
    "\u202efdp.exe": "fdp.exe.pdf",
    "..\\..\\evil.html": "evil.html.pdf",
    "../../etc/passwd.PDF": "passwd.PDF",
    "x" * 300 + ".pdf": "x" * 196 + ".pdf",
    "\u2028\n.": "file.pdf",
    "/": "file.pdf",
}


@pytest.mark.parametrize("given", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize(("query", "how"), [("", "inline"), ("?download=1", "attachment")])
def test_it_is_saved_under_a_name_that_does_no_harm(make, reader, address, given, query, how):
    change(make, sa.update(Attachment).values(name=named(given)))
    header = reader.get(address + query).headers["Content-Disposition"]
    kind, _, name = header.partition("; filename*=UTF-8''")
    assert (kind, unquote(name), header.isascii() and header.isprintable()) == (how, NAMES[given], True)


# ---- when the storage does not answer --------------------------------------------------------------------------------


def test_a_storage_that_is_gone_is_a_page_that_says_so(tmp_path, reader, address):
    shutil.rmtree(tmp_path / "attachments")
    answer = reader.get(address)
    assert (answer.status_code, "文件存储暂时无法访问" in text_of(answer)) == (503, True)
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Content-Disposition" not in answer.headers and "Content-Range" not in answer.headers


def test_it_tells_nothing_of_where_the_files_are(tmp_path, reader, address):
    shutil.rmtree(tmp_path / "attachments")
    assert str(tmp_path) not in reader.get(address).text


def test_bytes_that_were_cut_off_are_not_sent(tmp_path, reader, address):
    digest = TAG.strip('"')
    (tmp_path / "attachments" / digest[:2] / digest).write_bytes(files.PDF[:-1])
    assert reader.get(address).status_code == 503
    assert reader.get(address, headers={"Range": "bytes=0-3"}).status_code == 206


def test_the_review_page_works_without_its_files(tmp_path, make, reader):
    ((pk,),) = make.read(sa.select(Submission.id).where(Submission.ref == "A1"))
    shutil.rmtree(tmp_path / "attachments")
    answer = reader.get(f"/archive/continuing_education/show/{pk}")
    assert (answer.status_code, "课程1" in text_of(answer)) == (200, True)
