import pytest

from app.units.regions import REGIONS, Region, full_name, path, read_regions, region_bounds

CITIES = {
    "350100": "福州市",
    "350200": "厦门市",
    "350300": "莆田市",
    "350400": "三明市",
    "350500": "泉州市",
    "350600": "漳州市",
    "350700": "南平市",
    "350800": "龙岩市",
    "350900": "宁德市",
}


def test_the_cities_are_those_in_force() -> None:
    assert {region.code: region.name for region in REGIONS.values() if region.level == "city"} == CITIES


def test_there_is_one_province() -> None:
    assert [region for region in REGIONS.values() if region.level == "province"] == [
        Region("350000", "福建省", "province")
    ]


def test_counties_are_as_many_as_the_province_has() -> None:
    counties = [region for region in REGIONS.values() if region.level == "county"]
    assert len(counties) == 31 + 11 + 42  # 区, 县级市, 县


def test_regions_stand_in_order_of_their_codes() -> None:
    assert list(REGIONS) == sorted(REGIONS)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("350121", "闽侯县"),  # without a period
        ("350102", "鼓楼区"),  # with an open one
        ("350111", "晋安区"),  # of two names the open one
        ("350205", "海沧区"),
        ("350404", "三元区"),  # moved to this code in 2021
    ],
)
def test_a_county_in_force_has_its_name(code: str, name: str) -> None:
    assert REGIONS[code].name == name


@pytest.mark.parametrize(
    "code",
    [
        "350403",  # 三元区 until 2021
        "350182",  # 长乐市 until 2017
        "352100",  # 南平地区 until 1993
        "350101",  # 市辖区
        "350120",  # 市区
        "110101",  # another province
        "350199",
        "",
    ],
)
def test_what_is_not_in_force_here_is_no_region(code: str) -> None:
    assert code not in REGIONS


@pytest.mark.parametrize("province", ["110000", "420000", "460000", "500000", "650000"])
def test_rows_that_only_group_others_are_no_regions(province: str) -> None:
    names = {region.name for region in read_regions(province).values()}
    assert not {name for name in names if name in {"市辖区", "县"} or "直辖县级" in name}


def test_an_unknown_province_has_no_regions() -> None:
    assert not read_regions("990000")


@pytest.mark.parametrize(
    ("code", "bounds"),
    [
        ("350000", ("350000", "359999")),
        ("350100", ("350100", "350199")),
        ("350102", ("350102", "350102")),
    ],
)
def test_bounds_span_the_region_and_all_below(code: str, bounds: tuple[str, str]) -> None:
    assert region_bounds(code) == bounds


@pytest.mark.parametrize("ask", [region_bounds, path, full_name])
@pytest.mark.parametrize("code", ["110000", "350101", "35", ""])
def test_a_region_that_is_not_served_opens_nothing(ask: object, code: str) -> None:
    with pytest.raises(KeyError):
        ask(code)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("350000", ["福建省"]),
        ("350100", ["福建省", "福州市"]),
        ("350102", ["福建省", "福州市", "鼓楼区"]),
    ],
)
def test_a_path_leads_from_the_province_down(code: str, names: list[str]) -> None:
    assert [region.name for region in path(code)] == names


def test_a_full_name_is_the_path_in_one_word() -> None:
    assert full_name("350102") == "福建省福州市鼓楼区"
