"""What `config.settings` makes of the environment: keys, and where the data lies."""

import secrets
import stat

import pytest

from config import ConfigurationError, settings

SECRET_KEY, DATA_KEY = secrets.token_urlsafe(32), secrets.token_hex(32)


@pytest.fixture
def configure(tmp_path):
    """Settings of an installation in an empty folder."""
    return lambda **environ: settings({"DATA_DIR": str(tmp_path), **environ})


# name of the variable at fault → the environment
REFUSED = {
    "SECRET_KEY missing": ("SECRET_KEY", {"DATA_KEY": DATA_KEY}),
    "SECRET_KEY empty": ("SECRET_KEY", {"DATA_KEY": DATA_KEY, "SECRET_KEY": ""}),
    "SECRET_KEY short": ("SECRET_KEY", {"DATA_KEY": DATA_KEY, "SECRET_KEY": SECRET_KEY[:31]}),
    "SECRET_KEY of one character": ("SECRET_KEY", {"DATA_KEY": DATA_KEY, "SECRET_KEY": "a" * 64}),
    "SECRET_KEY of few characters": ("SECRET_KEY", {"DATA_KEY": DATA_KEY, "SECRET_KEY": "secret" * 10}),
    "DATA_KEY missing": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY}),
    "DATA_KEY empty": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY, "DATA_KEY": ""}),
    "DATA_KEY short": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY, "DATA_KEY": DATA_KEY[:63]}),
    "DATA_KEY long": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY, "DATA_KEY": DATA_KEY + "a"}),
    "DATA_KEY not hexadecimal": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY, "DATA_KEY": "g" + DATA_KEY[1:]}),
    "DATA_KEY of one digit": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY, "DATA_KEY": "0" * 64}),
    "DATA_KEY with a line break": ("DATA_KEY", {"SECRET_KEY": SECRET_KEY, "DATA_KEY": DATA_KEY + "\n"}),
}


@pytest.mark.parametrize("variable, environ", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("demo", [{}, {"DEMO": "0"}, {"DEMO": ""}], ids=["unset", "0", "empty"])
def test_production_names_the_variable_that_is_missing_or_weak(configure, variable, environ, demo):
    with pytest.raises(ConfigurationError, match=rf"^{variable} .*set it"):
        configure(**environ, **demo)


def test_production_writes_no_keys(configure, tmp_path):
    with pytest.raises(ConfigurationError):
        configure()
    assert not (tmp_path / "keys").exists()


def test_production_takes_the_keys_of_its_environment(configure):
    config = configure(SECRET_KEY=SECRET_KEY, DATA_KEY=DATA_KEY)
    assert (config["SECRET_KEY"], config["DATA_KEY"]) == (SECRET_KEY, bytes.fromhex(DATA_KEY))


def test_the_digits_of_the_data_key_may_be_great_or_small(configure):
    assert configure(SECRET_KEY=SECRET_KEY, DATA_KEY=DATA_KEY.upper())["DATA_KEY"] == bytes.fromhex(DATA_KEY)


def test_a_demo_makes_both_keys_and_keeps_them_for_its_owner_alone(configure, tmp_path):
    config = configure(DEMO="1")
    kept = dict(line.split("=", 1) for line in (tmp_path / "keys").read_text().splitlines())
    assert kept == {"SECRET_KEY": config["SECRET_KEY"], "DATA_KEY": config["DATA_KEY"].hex()}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_a_demos_second_start_uses_the_same_keys(configure, tmp_path):
    first = configure(DEMO="1")
    written = (tmp_path / "keys").stat()
    second = configure(DEMO="1")
    assert (second["SECRET_KEY"], second["DATA_KEY"]) == (first["SECRET_KEY"], first["DATA_KEY"])
    assert (tmp_path / "keys").stat().st_mtime_ns == written.st_mtime_ns


def test_two_demos_have_different_keys(tmp_path):
    one, other = (settings({"DEMO": "1", "DATA_DIR": str(tmp_path / name)}) for name in ("one", "other"))
    assert one["SECRET_KEY"] != other["SECRET_KEY"]
    assert one["DATA_KEY"] != other["DATA_KEY"]


def test_a_demo_turned_to_production_goes_on_with_its_keys(configure):
    assert configure(DEMO="1")["DATA_KEY"] == configure(DEMO="0")["DATA_KEY"]


def test_a_key_of_the_environment_comes_before_the_kept_one(configure):
    kept = configure(DEMO="1")
    config = configure(DEMO="1", DATA_KEY=DATA_KEY)
    assert config["DATA_KEY"] == bytes.fromhex(DATA_KEY) != kept["DATA_KEY"]
    assert config["SECRET_KEY"] == kept["SECRET_KEY"]


def test_a_demo_with_one_key_given_makes_the_other(configure):
    config = configure(DEMO="1", SECRET_KEY=SECRET_KEY)
    assert config["SECRET_KEY"] == SECRET_KEY
    assert len(config["DATA_KEY"]) == 32


def test_a_weak_key_is_refused_in_a_demo_too(configure):
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        configure(DEMO="1", SECRET_KEY="weak")


def test_the_database_is_a_file_in_the_data_folder_unless_told_otherwise(configure, tmp_path):
    config = configure(DEMO="1")
    assert config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path / 'titles.sqlite'}"
    assert config["MIGRATION_DATABASE_URL"] == config["SQLALCHEMY_DATABASE_URI"]


def test_a_database_by_url_is_migrated_there_unless_told_otherwise(configure):
    url, owner = "postgresql+psycopg://panel@/titles", "postgresql+psycopg://owner@/titles"
    assert configure(DEMO="1", DATABASE_URL=url)["MIGRATION_DATABASE_URL"] == url
    assert configure(DEMO="1", DATABASE_URL=url, MIGRATION_DATABASE_URL=owner)["MIGRATION_DATABASE_URL"] == owner


def test_the_data_folder_is_made_when_it_is_not_there(tmp_path):
    settings({"DEMO": "1", "DATA_DIR": str(tmp_path / "a" / "b")})
    assert (tmp_path / "a" / "b" / "keys").exists()


# what is left of the file of a demo's keys
DAMAGED = {
    "empty": lambda secret, data: "",
    "without SECRET_KEY": lambda secret, data: f"{data}\n",
    "without DATA_KEY": lambda secret, data: f"{secret}\n",
    "DATA_KEY without its value": lambda secret, data: f"{secret}\nDATA_KEY=\n",
    "no line of it": lambda secret, data: "\x00\x00\x00\ufffd",
    "joined lines": lambda secret, data: f"{secret}{data}\n",
}


@pytest.mark.parametrize("left", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("demo", ["1", "0"], ids=["demo", "production"])
def test_a_damaged_file_of_keys_is_refused_and_stays_as_it_is(configure, tmp_path, left, demo):
    """A new key in its place would lose every number that is stored."""
    configure(DEMO="1")
    file = tmp_path / "keys"
    file.write_text(left(*file.read_text().splitlines()))
    damaged = file.read_bytes()
    with pytest.raises(ConfigurationError, match="keys is damaged: bring back a copy"):
        configure(DEMO=demo)
    assert (file.read_bytes(), list(tmp_path.glob("keys.*"))) == (damaged, [])


def test_a_file_of_keys_that_is_cut_short_is_refused_and_stays_as_it_is(configure, tmp_path):
    configure(DEMO="1")
    file = tmp_path / "keys"
    file.write_text(file.read_text()[:-10])
    damaged = file.read_bytes()
    with pytest.raises(ConfigurationError, match="DATA_KEY"):
        configure(DEMO="1")
    assert file.read_bytes() == damaged


def test_with_both_keys_in_the_environment_a_damaged_file_does_not_matter(configure, tmp_path):
    (tmp_path / "keys").write_text("DATA_KEY=\n")
    config = configure(SECRET_KEY=SECRET_KEY, DATA_KEY=DATA_KEY)
    assert config["DATA_KEY"] == bytes.fromhex(DATA_KEY)


# ---- where files are kept --------------------------------------------------------------------------------------------

STORAGES = {
    "s3://bucket": "s3://bucket",
    "s3://bucket/": "s3://bucket",
    "s3://my.bucket-1/a/b/": "s3://my.bucket-1/a/b",
    "/srv/files": "/srv/files",
    "/srv/x/../files": "/srv/files",
}


@pytest.mark.parametrize("given", STORAGES)
def test_the_storage_is_a_directory_or_a_bucket(configure, given):
    assert configure(DEMO="1", STORAGE_URL=given)["STORAGE_URL"] == STORAGES[given]


def test_a_relative_directory_is_the_same_wherever_a_process_was_started(configure, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert configure(DEMO="1", STORAGE_URL="files")["STORAGE_URL"] == str(tmp_path / "files")


def test_files_are_kept_beside_the_rest_unless_told(configure, tmp_path):
    assert configure(DEMO="1")["STORAGE_URL"] == str(tmp_path / "attachments")


NO_STORAGES = ["http://host/x", "gs://bucket", "s3://", "s3:///prefix", "s3://bucket/../other", "s3://bucket/a//b"]
NO_STORAGES += ["s3://bucket/./a", "s3://bucket/a/..", "s3://bucket/%2e%2e/a", "s3://user:secret@bucket", "s3://b\n/x"]


@pytest.mark.parametrize("url", NO_STORAGES)
def test_what_is_no_storage_is_refused_by_the_name_of_its_variable(configure, url):
    with pytest.raises(ConfigurationError, match=r"^STORAGE_URL "):
        configure(DEMO="1", STORAGE_URL=url)
