"""Code lists that several features show: each key with its label in Chinese and English.

They are read from the one file that a province edits, the archive's catalogue. Where a national standard exists its
codes are the keys: `gender` GB/T 2261.1, `political_status` GB/T 4762 (labels are the standard's short names),
`education_level` GB/T 4658, `degree` GB/T 6864, `language` ISO 639-1.
"""

import tomllib
from pathlib import Path

CATALOGUE = Path(__file__).parent / "archive" / "catalogue.toml"


def _read(path: Path) -> dict[str, dict[str, tuple[str, str]]]:
    lists = tomllib.loads(path.read_text("utf-8"))["codes"]
    return {name: {key: (label["zh"], label["en"]) for key, label in codes.items()} for name, codes in lists.items()}


CODES = _read(CATALOGUE)


def label(list_name: str, key: str, locale: str) -> str:
    """The label of a key: in Chinese for `zh` and its variants, else in English.

    Raises KeyError for a list or key that is not there.
    """
    zh, en = CODES[list_name][key]
    return zh if locale.startswith("zh") else en
