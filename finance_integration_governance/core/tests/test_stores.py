"""Files in an object store, against a real server that speaks S3."""

import time
from io import BytesIO

import pytest

from odoo.addons.finance_integration_governance.core import stores
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    DuplicateConflict,
    IntegrationError,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.stores import store
from odoo.addons.finance_integration_governance.core.testing.double import Double

pytest.importorskip("s3fs")
pytest.importorskip("moto")
LOGIN = "key:canary-store-secret"


@pytest.fixture(scope="module")
def server():
    double = Double("s3_server.py")
    yield double
    double.process.kill()
    double.process.wait(10)
    double.process.stdout.close()


@pytest.fixture
def bucket(server):
    """The file system of whoever puts files there."""
    files = store("s3", LOGIN, server.url, ("127.0.0.1",))
    for path in files.find("bank"):
        files.rm_file(path)
    return files


def location(server, folder="in", wait=60, **more):
    more = {"credentials": LOGIN, "allowed_hosts": ("127.0.0.1",), "clock": lambda: time.time() + wait, **more}
    return Location(f"s3://bank/{folder}?endpoint={server.url}", **more)


def names(found):
    return [file.name for file in found.files("*.xml")]


def test_files_are_given_out_and_moved_to_done(server, bucket):
    bucket.pipe({"bank/in/a.xml": b"<a/>", "bank/in/b.xml": b"<b/>", "bank/in/note.txt": b"x"})
    there = location(server)
    found = {file.name: file for file in there.files("*.xml")}
    assert sorted(found) == ["a.xml", "b.xml"]
    with found["a.xml"].open() as stream:
        assert stream.read() == b"<a/>"
    assert there.move_to_done("a.xml", found["a.xml"].open) == "a.xml"
    assert names(location(server)) == ["b.xml"]
    assert bucket.cat_file("bank/in/done/a.xml") == b"<a/>"
    assert there.move_to_done("a.xml", found["a.xml"].open) is None


def test_a_second_file_of_the_same_name_is_kept_beside_the_first(server, bucket):
    for content in (b"<a/>", b"<b/>"):
        bucket.pipe_file("bank/in/a.xml", content)
        there = location(server)
        [file] = there.files("*.xml")
        there.move_to_done("a.xml", file.open)
    assert sorted(path.rpartition("/")[2] for path in bucket.find("bank/in/done")) == ["a.xml", "a~2.xml"]


def test_the_folder_itself_is_no_file(server, bucket):
    boto3 = pytest.importorskip("boto3")
    login = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=server.url, **login).put_object(Bucket="bank", Key="in/")
    bucket.pipe_file("bank/in/a.xml", b"<a/>")
    assert names(location(server)) == ["a.xml"]


def test_a_file_that_has_just_come_or_has_the_name_of_a_part_waits(server, bucket):
    bucket.pipe({"bank/in/a.xml": b"<a/>", "bank/in/b.xml.part": b"<b/>", "bank/in/.c.xml": b"<c/>"})
    assert names(location(server, wait=0)) == []
    assert names(location(server)) == ["a.xml"]


def test_what_was_put_there_after_reading_is_not_moved_away(server, bucket):
    bucket.pipe_file("bank/in/a.xml", b"<a/>")
    there = location(server)
    kept = b"<a/>"
    bucket.pipe_file("bank/in/a.xml", b"<newer/>")
    assert there.move_to_done("a.xml", lambda: BytesIO(kept)) is None
    assert bucket.cat_file("bank/in/a.xml") == b"<newer/>"


def test_what_is_put_there_while_it_is_moved_stays(server, bucket, monkeypatch):
    bucket.pipe_file("bank/in/a.xml", b"<a/>")
    copy = type(bucket).copy

    def copied(self, path, target, **options):
        copy(self, path, target, **options)
        bucket.pipe_file(path, b"<newer/>")

    monkeypatch.setattr(type(bucket), "copy", copied)
    assert location(server).move_to_done("a.xml", lambda: BytesIO(b"<a/>")) is None
    assert bucket.cat_file("bank/in/a.xml") == b"<newer/>"
    assert bucket.find("bank/in/done") == []


def test_without_credentials_the_servers_own_identity_is_not_used(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the server's own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the server's own")
    told = store("s3", None)
    assert (told.anon, told.key, told.secret) == (True, None, None)


@pytest.mark.parametrize(
    ("scheme", "credentials"),
    [("s3", "canary-no-pair"), ("gs", "canary-no-json"), ("abfs", "canary-no-pair"), ("abfs", None)],
)
def test_credentials_of_another_form_are_an_administrators_matter(scheme, credentials):
    with pytest.raises(ConfigurationError) as caught:
        store(scheme, credentials)
    assert "canary" not in str(caught.value) and caught.value.code == "credentials"


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:9000", "https://169.254.169.254", "http://store.example", "https://10.0.0.1"]
)
def test_s06_an_endpoint_inside_is_reached_only_where_it_is_allowed(endpoint):
    with pytest.raises(ConfigurationError):
        store("s3", LOGIN, endpoint)


def test_a_bucket_that_is_not_there_is_an_administrators_matter(server):
    with pytest.raises(ConfigurationError):
        names(Location(f"s3://nobodys/in?endpoint={server.url}", credentials=LOGIN, allowed_hosts=("127.0.0.1",)))


def test_a_folder_in_which_nothing_lies_yet_is_empty(server, bucket):
    there = location(server, "nothing/yet")
    assert (names(there), there.names()) == ([], [])
    assert "0 files" in there.probe()
    there.put("out.xml", lambda: BytesIO(b"<a/>"))
    assert there.names() == ["out.xml"]


def test_a_store_that_is_away_is_tried_again_later(server):
    away = Location("s3://bank/in?endpoint=http://127.0.0.1:9", credentials=LOGIN, allowed_hosts=("127.0.0.1",))
    with pytest.raises(TransientError) as caught:
        names(away)
    assert "canary" not in str(caught.value)


def test_s18_a_name_that_leads_elsewhere_is_refused(server, bucket):
    bucket.pipe({"bank/in/a.xml": b"<a/>", "bank/in/b\\..\\c.xml": b"<c/>"})
    there, found = location(server), []
    with pytest.raises(DataError, match="refused names"):
        for file in there.files("*.xml"):
            found.append(file.name)
    assert found == ["a.xml"]


def test_a_location_is_tried_in_words(server, bucket):
    bucket.pipe_file("bank/in/a.xml", b"<a/>")
    assert "1 files fit *.xml" in location(server).probe("*.xml")


def test_the_forms_that_stores_have_of_a_mark():
    for told in ({"ETag": "1", "size": 2}, {"etag": "1", "size": 2}, {"generation": "1", "size": 2}):

        class Files:
            def info(self, _path, told=told):
                return told

        assert stores._state(Files(), "x")[:2] == ("1", 2)


def test_an_object_is_put_once_and_never_over_another(server, bucket):
    there = location(server)
    assert there.put("out.xml", lambda: BytesIO(b"<a/>"))
    assert not there.put("out.xml", lambda: BytesIO(b"<a/>"))
    with pytest.raises(DuplicateConflict):
        there.put("out.xml", lambda: BytesIO(b"<b/>"))
    assert bucket.cat_file("bank/in/out.xml") == b"<a/>"
    assert there.names() == ["out.xml"]


def test_an_object_that_came_meanwhile_is_not_replaced(server, bucket, monkeypatch):
    there = location(server)
    monkeypatch.setattr(there._filesystem, "exists", lambda *_path, **_options: False)
    bucket.pipe({"bank/in/out.xml": b"<theirs/>"})
    with pytest.raises(IntegrationError):
        there.put("out.xml", lambda: BytesIO(b"<ours/>"))
    assert bucket.cat_file("bank/in/out.xml") == b"<theirs/>"


def test_what_points_elsewhere_is_replaced_by_one_object(server, bucket):
    there = location(server)
    for content in (b"<a/>", b"<b/>"):
        there.replace("last.json", lambda content=content: BytesIO(content))
        assert bucket.cat_file("bank/in/last.json") == content
    assert there.names() == ["last.json"]
