"""A personal number as it is stored: sealed, found again by a keyed index, shown masked."""

import secrets

import pytest

from app.sealing import KeyMismatch, KeyRing, Number, blind, check_key, tail_index
from app.tenancy import everything
from tests.conftest import KEYS, build, release
from tests.factories import id_number, mobile

RESIDENT, MOBILE = id_number(1), mobile(1)


@pytest.fixture
def keys(app):
    """The keys of the app, at hand."""
    with app.app_context():
        yield


@pytest.mark.parametrize("value", [RESIDENT, MOBILE, "35010219600115001X", "H12345678", "护照123456", "12345"])
def test_a_sealed_number_is_revealed_whole(keys, value):
    assert Number.of(value).reveal() == value


@pytest.mark.parametrize("value", [RESIDENT, MOBILE])
def test_nothing_of_the_number_stands_in_what_is_stored_but_the_mask(keys, value):
    number = Number.of(value)
    assert value.encode() not in number.sealed
    assert value[-4:] not in number.index + number.tail


def test_the_same_number_is_sealed_differently_each_time(keys):
    assert Number.of(RESIDENT).sealed != Number.of(RESIDENT).sealed


@pytest.mark.parametrize(
    "value, shown",
    [
        ("350102196001150017", "3501**********0017"),
        ("35010219600115001X", "3501**********001X"),
        ("13812345678", "138****5678"),
        ("H12345678", "H******78"),
        ("E1234567890", "E********90"),  # eleven characters, and no mobile
        ("1234", "1*34"),
    ],
)
def test_a_number_is_shown_masked(keys, value, shown):
    assert Number.of(value).masked == shown


def test_equal_numbers_have_equal_indexes(keys):
    assert Number.of(RESIDENT).index == Number.of(RESIDENT).index == blind(RESIDENT)


def test_the_last_x_of_an_id_number_may_be_small(keys):
    small, great = Number.of("35010219600115001x"), Number.of("35010219600115001X")
    assert (small.index, small.tail) == (great.index, great.tail)


@pytest.mark.parametrize("other", [id_number(2), RESIDENT[:-1], MOBILE])
def test_other_numbers_have_other_indexes(keys, other):
    assert blind(other) != blind(RESIDENT)


def test_the_last_four_are_found_by_an_index_of_their_own(keys):
    assert Number.of(RESIDENT).tail == tail_index(RESIDENT[-4:]) != tail_index("0000")


def test_the_index_of_four_characters_is_not_that_of_a_whole_number(keys):
    assert not blind("1234").startswith(tail_index("1234"))


def test_another_key_makes_other_indexes():
    one, other = KeyRing(secrets.token_bytes(32)), KeyRing(secrets.token_bytes(32))
    assert one.index(b"x") != other.index(b"x")
    assert one.key_id != other.key_id


def test_a_sealed_value_names_the_key_that_sealed_it():
    ring = KeyRing(secrets.token_bytes(32))
    assert ring.seal("x", "number").startswith(ring.key_id)


# ---- what does not open ----------------------------------------------------------------------------------------------


def test_another_key_does_not_open_it():
    sealed = KeyRing(secrets.token_bytes(32)).seal("x", "number")
    with pytest.raises(KeyMismatch):
        KeyRing(secrets.token_bytes(32)).unseal(sealed, "number")


def test_another_purpose_does_not_open_it():
    ring = KeyRing(secrets.token_bytes(32))
    with pytest.raises(KeyMismatch):
        ring.unseal(ring.seal("x", "number"), "numbers")


@pytest.mark.parametrize("spoil", [lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b[:20], lambda b: b""])
def test_a_spoilt_value_does_not_open(spoil):
    ring = KeyRing(secrets.token_bytes(32))
    with pytest.raises(KeyMismatch):
        ring.unseal(spoil(ring.seal("x", "number")), "number")


def test_the_key_that_wrote_the_database_is_accepted_again(app):
    with app.app_context(), everything("test") as session:
        check_key(session)
        check_key(session)


def test_another_key_than_the_databases_is_refused(engine, migrated, database, tmp_path):
    name = database(migrated)
    app = build(engine, name, tmp_path, DATA_KEY=secrets.token_hex(32))
    with app.app_context(), everything("test") as session, pytest.raises(KeyMismatch):
        check_key(session)
    release(app)


def test_another_secret_key_is_no_matter_of_the_data(engine, migrated, database, tmp_path):
    name = database(migrated)
    app = build(engine, name, tmp_path, SECRET_KEY=secrets.token_hex(32), DATA_KEY=KEYS["DATA_KEY"])
    with app.app_context(), everything("test") as session:
        check_key(session)
    release(app)
