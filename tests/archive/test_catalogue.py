"""The archive's catalogue: what it holds, how it reads in both languages, and what each mistake in it is answered."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.archive.catalogue import NOTE, PROOF, Catalogue, CatalogueError, Field, catalogue, load
from app.codes import CATALOGUE
from config import ROOT, ConfigurationError

# Category, then its types: field:kind with ! required, * the title, ^ a list column, # unique, % a whole number.
SHAPE = """
basic
work_experience employer:text* from:month! to:month^ department:text position:text^! specialty:text
education school:text* from:month! to:month! major:text^! education:code(education_level)^! degree:code(degree)^ \
mode:code(study_mode)! certificate_number:text#
continuing_education course:text* year:year^! category:code(training_category)^! hours:number^! organiser:text! \
certificate_number:text#
held_title title:text* series:code(series)! level:code(title_level)^! obtained_on:date^! granted_by:text! \
certificate_number:text!#
appointment position:text* level:code(post_level)^! employer:text! from:month^! to:month
professional_qualification name:text* issued_on:date^! issued_by:text! certificate_number:text!#
social_position organisation:text* role:text^! from:month^! to:month

assessment
annual_assessment year:year* result:code(assessment_result)^! assessed_by:text!
commendation name:text* honour_level:code(honour_level)^! granted_by:text! granted_on:date^! certificate_number:text#
talent_programme name:text* honour_level:code(honour_level)^! granted_by:text! granted_on:date^!
disciplinary_action kind:code(discipline)* decided_by:text! decided_on:date^! ended_on:date^

ability
language_ability certificate:text* language:code(language)^! level:text^ obtained_on:date^ certificate_number:text#
computer_ability certificate:text* level:text^ obtained_on:date^ certificate_number:text#
ability_examination examination:text* score:number^ passed_on:date^! certificate_number:text#
grassroots_service place:text* from:month^! to:month^! host:text! duty:text!
technical_case subject:text* date:date^! role:text^! account:long!

performance
project name:text* project_level:code(honour_level)^! role:text^! rank:number%! from:month! to:month^ funding:money \
number:text#
achievement_award achievement:text* award:text! grade:text^ honour_level:code(honour_level)^! rank:number%! \
granted_on:date^! certificate_number:text#
standard title:text* number:text!# standard_level:code(standard_level)^! rank:number%! published_on:date^!
technology_transfer name:text* benefit:money^ place:text from:month^! to:month account:long!
design_work name:text* scale:text^ role:text^! completed_on:date^!
mentoring name:text* count:number%^! from:month^! to:month account:long

research
paper title:text* journal:text^! issn:issn cn:text doi:doi# published_on:date^! volume:text rank:number%! \
corresponding:bool indexed_in:code(index)^
book title:text* publisher:text! isbn:isbn!# role:code(book_role)^! words:number published_on:date^!
patent name:text* number:text!# patent_kind:code(patent_kind)^! rank:number%! granted_on:date^!
software_copyright name:text* number:text!# rank:number%! registered_on:date^!
research_report title:text* commissioned_by:text! adopted_by:text^ completed_on:date^!

aid
aid_assignment place:text* programme:code(aid_programme)^! from:date^! to:date^! sent_by:text! assessment:text

sector
clinical_workload department:text* year:year^! outpatients:number% inpatients:number% operations:number%
teaching_workload course:text* school_year:text^! hours:number^! evaluation:text
agricultural_extension technology:text* area_mu:number^ year:year^! benefit:money
other_sector_record name:text* date:date^! account:long!
"""

NUMERALS = "一二三四五六七八九十"
POSTS = [
    *(f"p{n} 专业技术{NUMERALS[n - 1] if n < 11 else '十' + NUMERALS[n - 11]}级" for n in range(1, 14)),
    *(f"m{n} 管理{NUMERALS[n - 1]}级" for n in range(3, 11)),
    *(f"w{n} 工勤技能{NUMERALS[n - 1]}级" for n in range(1, 6)),
    "w0 普通工",
]
CODES = {
    "gender": "0 未知 · 1 男 · 2 女 · 9 未说明",
    "political_status": "01 中共党员 · 02 预备党员 · 03 共青团员 · 04 民革会员 · 05 民盟盟员 · 06 民建会员 "
    "· 07 民进会员 · 08 农工党党员 · 09 致公党党员 · 10 九三学社社员 · 11 台盟盟员 · 12 无党派人士 · 13 群众",
    "education_level": "11 博士研究生 · 14 硕士研究生 · 21 大学本科 · 31 大学专科 · 41 中等专科 · 61 普通高中",
    "degree": "2 博士 · 3 硕士 · 4 学士",
    "language": "en 英语 · ja 日语 · ru 俄语 · fr 法语 · de 德语 · es 西班牙语 · ko 朝鲜语（韩国语） · ar 阿拉伯语 "
    "· pt 葡萄牙语 · it 意大利语 · th 泰语 · vi 越南语 · id 印度尼西亚语 · ms 马来语",
    "id_type": "resident_id 居民身份证 · passport 护照 · hk_macau_permit 港澳居民证件 · taiwan_permit 台湾居民证件",
    "unit_nature": "government 机关 · public_institution 事业单位 · state_enterprise 国有企业 "
    "· private_enterprise 民营企业 · foreign_enterprise 外资企业 · social_organisation 社会组织 · other 其他",
    "title_level": "full_senior 正高级 · associate_senior 副高级 · intermediate 中级 · assistant 助理级 · junior 员级",
    "series": "college_teacher 高等学校教师 · philosophy_social 哲学社会科学研究人员 "
    "· natural_science 自然科学研究人员 · health 卫生技术人员 · engineering 工程技术人员 "
    "· agriculture 农业技术人员 · news 新闻专业人员 "
    "· publishing 出版专业人员 · library 图书资料专业人员 · museum 文物博物专业人员 · archives 档案专业人员 "
    "· arts_crafts 工艺美术专业人员 · technician_teacher 技工院校教师 · sports 体育专业人员 · translation 翻译专业人员 "
    "· broadcasting 播音主持专业人员 · accounting 会计人员 · statistics 统计专业人员 · economics 经济专业人员 "
    "· laboratory 实验技术人员 · vocational_teacher 中等职业学校教师 · school_teacher 中小学教师 "
    "· performing_arts 艺术专业人员 · legal_service 公共法律服务专业人员 · shipping 船舶专业技术人员 "
    "· aviation 民用航空飞行技术人员 · audit 审计专业人员",
    "post_level": " · ".join(POSTS),
    "honour_level": "national 国家级 · provincial 省部级 · municipal 市厅级 · county 县处级 · unit 单位级",
    "assessment_result": "excellent 优秀 · competent 合格 · basic 基本合格 · incompetent 不合格 · ungraded 不定等次",
    "study_mode": "full_time 全日制 · part_time 非全日制",
    "training_category": "public 公需科目 · professional 专业科目",
    "patent_kind": "invention 发明 · utility 实用新型 · design 外观设计",
    "index": "sci SCI · ssci SSCI · ei EI · cssci CSSCI · pku 北大核心 · cscd CSCD · other 其他",
    "book_role": "author 独著 · chief_editor 主编 · associate_editor 副主编 · contributor 参编 · translator 译著",
    "standard_level": "national 国家标准 · sector 行业标准 · local 地方标准 · association 团体标准 "
    "· enterprise 企业标准",
    "aid_programme": "tibet 援藏 · xinjiang 援疆 · ningxia 援宁 · medical_abroad 援外医疗队 · teaching_abroad 援外教师 "
    "· rural 乡村振兴 · other 其他",
    "discipline": "warning 警告 · demerit 记过 · downgrade 降低岗位等级 · dismissal 开除 · party 党内处分 · other 其他",
}

FIELD = re.compile(r"(?P<key>\w+):(?P<kind>\w+)(?:\((?P<codes>\w+)\))?(?P<flags>[!*^#%]*)")
LINES = [line.split() for line in SHAPE.splitlines() if line]
TYPES = {key: fields for key, *fields in LINES if fields}
ABBREVIATIONS = {"SCI", "SSCI", "EI", "CSSCI", "CSCD", "DOI"}  # nobody calls them otherwise

Shape = tuple[str, str, str, set[str]]


def expected(field: str) -> Shape:
    found = FIELD.fullmatch(field)
    assert found, field
    flags = set(found["flags"])
    return found["key"], found["kind"], found["codes"] or "", flags | ({"!"} if "*" in flags else set())


def shape(field: Field) -> Shape:
    flags = {"!": field.required, "*": field.title, "^": field.listed, "#": field.unique, "%": field.whole}
    return field.key, field.kind, field.codes, {flag for flag, given in flags.items() if given}


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load(CATALOGUE)


def test_categories_and_types_stand_in_the_order_of_the_menu(shipped: Catalogue) -> None:
    branches = [[category.key, *(item_type.key for item_type in category.types)] for category in shipped.categories]
    assert [key for branch in branches for key in branch] == [key for key, *_ in LINES]


def test_there_are_7_categories_and_32_types_by_key(shipped: Catalogue) -> None:
    assert (len(shipped.categories), list(shipped.types)) == (7, list(TYPES))


@pytest.mark.parametrize("key", TYPES)
def test_a_type_has_its_fields_and_note_and_proof_behind_them(shipped: Catalogue, key: str) -> None:
    fields = shipped.types[key].fields
    assert [shape(field) for field in fields[:-2]] == [expected(field) for field in TYPES[key]]
    assert fields[-2:] == (NOTE, PROOF)


def test_code_lists_are_those_the_fields_and_forms_need(shipped: Catalogue) -> None:
    assert shipped.codes.keys() == CODES.keys()


@pytest.mark.parametrize("name", CODES)
def test_a_code_list_has_its_keys_and_labels(shipped: Catalogue, name: str) -> None:
    found = [f"{key} {zh}" for key, (zh, _en) in shipped.codes[name].items()]
    assert " · ".join(found) == CODES[name]


def labels(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for category in catalogue.categories:
        yield category.zh, category.en
        for item_type in category.types:
            yield item_type.zh, item_type.en
            yield from ((field.zh, field.en) for field in item_type.fields)
    for codes in catalogue.codes.values():
        yield from codes.values()


def test_chinese_labels_are_chinese(shipped: Catalogue) -> None:
    assert not [zh for zh, _ in labels(shipped) if not set(re.findall("[A-Za-z]+", zh)) <= ABBREVIATIONS]


def test_english_labels_are_english(shipped: Catalogue) -> None:
    assert not [en for _, en in labels(shipped) if not re.fullmatch(r"[A-Za-z0-9 ,'()-]+", en)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_type_calls_two_fields_the_same(shipped: Catalogue, language: str) -> None:
    for item_type in shipped.types.values():
        names = [getattr(field, language) for field in item_type.fields]
        assert len(set(names)) == len(names), item_type.key


# A small catalogue, and what becomes of it when one thing is wrong.
GOOD = """
[[category]]
key = "basic"
zh = "基本信息"
en = "Basic information"

[[type]]
key = "training"
category = "basic"
zh = "培训"
en = "Training"
fields = [
    { key = "course", kind = "text", title = true, zh = "培训名称", en = "Course" },
    { key = "hours", kind = "number", listed = true, whole = true, zh = "学时", en = "Hours" },
    { key = "grade", kind = "code", codes = "grade", zh = "等级", en = "Grade" },
    { key = "certificate", kind = "text", unique = true, zh = "证书编号", en = "Certificate" },
    { key = "scan", kind = "file", zh = "扫描件", en = "Scan" },
    { key = "from", kind = "month", zh = "起始年月", en = "From" },
    { key = "to", kind = "month", zh = "终止年月", en = "To" },
]

[codes.grade]
1 = { zh = "甲", en = "First" }
2 = { zh = "乙", en = "Second" }
"""
CATEGORY, TYPE = GOOD.strip().split("\n\n")[:2]

# what is wrong → (what is replaced, by what, how the message begins)
MISTAKES = {
    "unknown block": ("[[category]]", "[[kategorie]]", 'top level: unknown key "kategorie"'),
    "no types": (TYPE, "", "top level: type is missing"),
    "unknown key of a category": ('en = "Basic', 'icon = "x"\nen = "Basic', 'category basic: unknown key "icon"'),
    "unknown key of a type": ('en = "Training"', 'en = "Training"\nicon = "x"', 'type training: unknown key "icon"'),
    "unknown key of a field": ('zh = "学时"', 'zh = "学时", max = 9', 'type training, field hours: unknown key "max"'),
    "unknown key of a code": ('en = "First"', 'en = "First", x = 1', 'codes grade, code 1: unknown key "x"'),
    "no key": ('key = "training"', "", "type number 1: key is missing"),
    "no key of a field": ('key = "hours", ', "", "type training, field number 2: key is missing"),
    "key in capitals": ('"training"', '"Training"', 'type Training: key "Training" is not made of'),
    "key of a field with a hyphen": ('"hours"', '"class-hours"', 'type training, field class-hours: key "class-hours"'),
    "key too long": ('"training"', f'"{"t" * 41}"', f'type {"t" * 41}: key "{"t" * 41}" is not made of'),
    "key with a line break": (r'key = "hours"', r'key = "hours\n"', 'type training, field hours : key "hours " is not'),
    "list in capitals": ("[codes.grade]", "[codes.Grade]", "codes Grade: the name is not made of"),
    "code in capitals": ("1 = {", "A = {", 'codes grade: code "A" is not made of'),
    "reserved key note": ('"scan"', '"note"', 'type training, field note: key "note" is taken'),
    "reserved key proof": ('"scan"', '"proof"', 'type training, field proof: key "proof" is taken'),
    "unknown kind": ('"number"', '"nummer"', 'type training, field hours: kind "nummer" is not one of text, long,'),
    "no kind": ('kind = "number", ', "", "type training, field hours: kind is missing"),
    "no label": ('en = "Hours" ', 'en = ""', "type training, field hours: en is empty"),
    "blank label": ('zh = "学时"', 'zh = " "', "type training, field hours: zh is empty"),
    "label of two lines": (
        'en = "Hours"',
        r'en = "Ho\nurs"',
        "type training, field hours: en is empty or not one line",
    ),
    "label missing": ('zh = "学时", ', "", "type training, field hours: zh is missing"),
    "label of a category missing": ('zh = "基本信息"', "", "category basic: zh is missing"),
    "label of a type missing": ('zh = "培训"\n', "", "type training: zh is missing"),
    "label of a code missing": ('zh = "甲", ', "", "codes grade, code 1: zh is missing"),
    "list without codes": ("[codes.grade]", "[codes.empty]\n[codes.grade]", "codes empty: must be a table of codes"),
    "code without a table": ('{ zh = "甲", en = "First" }', '"甲"', "codes grade, code 1: must be a table"),
    "code list that is not there": (
        'codes = "grade"',
        'codes = "mark"',
        'type training, field grade: code list "mark"',
    ),
    "code without a list": ('codes = "grade", ', "", "type training, field grade: codes is missing"),
    "list of another kind": ("whole = true", 'codes = "grade"', "type training, field hours: codes does not go with"),
    "whole text": ("title = true", "title = true, whole = true", "type training, field course: whole does not go with"),
    "unique file": ('"file"', '"file", unique = true', "type training, field scan: unique does not go with"),
    "listed file": ('"file"', '"file", listed = true', "type training, field scan: listed does not go with"),
    "title of many lines": ('"text", title', '"long", title', "type training, field course: title does not go with"),
    "flag in words": ("whole = true", 'whole = "yes"', "type training, field hours: whole must be true or false"),
    "number for a label": ('zh = "学时"', "zh = 1", "type training, field hours: zh must be text"),
    "no title": (", title = true", "", "type training: one field must have title = true, not 0"),
    "two titles": ("unique = true", "title = true", "type training: one field must have title = true, not 2 (course, "),
    "two fields of a key": ('"scan"', '"hours"', "type training, field hours: key stands twice"),
    "two types of a key": (TYPE, f"{TYPE}\n{TYPE}", "type training: key stands twice"),
    "two categories of a key": (CATEGORY, f"{CATEGORY}\n{CATEGORY}", "category basic: key stands twice"),
    "type with a category's key": ('"training"', '"basic"', "type basic: key is a category's key too"),
    "category that is not there": ('category = "basic"', 'category = "base"', 'type training: category "base" is not'),
    "pair of two kinds": (
        '"to", kind = "month"',
        '"to", kind = "date"',
        "type training, field to: from and to must be",
    ),
    "pair of text": ('kind = "month"', 'kind = "text"', "type training, field to: from and to must be of one kind"),
    "not TOML": ("[[category]]", "[[category]", "Expected"),
}


@pytest.fixture
def read(tmp_path: Path):
    """Loads a catalogue from its text."""

    def read(text: str) -> Catalogue:
        path = tmp_path / "catalogue.toml"
        path.write_text(text, "utf-8")
        return load(path)

    return read


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_file_block_and_key(read, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError) as problem:
        read(GOOD.replace(old, new))
    assert str(problem.value).startswith(f"catalogue.toml: {message}")


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["not there", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "province.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CatalogueError, match=r"^province\.toml: "):
        load(path)


def test_a_mistake_stops_the_start_as_a_mistake_of_the_environment_does() -> None:
    assert issubclass(CatalogueError, ConfigurationError)


def test_a_type_tells_its_fields_by_their_use(read) -> None:
    training = read(GOOD).types["training"]
    told = {
        "title": [training.title_field.key],
        "listed": [field.key for field in training.listed],
        "unique": [field.key for field in training.unique],
        "files": [field.key for field in training.files],
    }
    assert told == {"title": ["course"], "listed": ["hours"], "unique": ["certificate"], "files": ["scan", "proof"]}


def test_a_title_is_required(read) -> None:
    assert read(GOOD).types["training"].title_field.required


def test_a_title_that_is_listed_too_is_one_column(read) -> None:
    training = read(GOOD.replace("title = true", "title = true, listed = true")).types["training"]
    assert [field.key for field in training.listed] == ["hours"]


def test_a_type_without_proof_takes_a_note_only(read) -> None:
    training = read(GOOD.replace('en = "Training"', 'en = "Training"\nproof = false')).types["training"]
    assert NOTE in training.fields and PROOF not in training.fields


def test_one_more_block_is_one_more_type(read) -> None:
    more = read(GOOD + TYPE.replace("培训", "进修").replace('"training"', '"study_visit"'))
    assert [item_type.zh for item_type in more.categories[0].types] == ["培训", "进修"]


@pytest.mark.parametrize(("locale", "expected"), [("zh", "甲"), ("zh_Hans_CN", "甲"), ("en", "First")])
def test_a_code_reads_in_the_language_asked_for(read, locale: str, expected: str) -> None:
    assert read(GOOD).code_label("grade", "1", locale) == expected


@pytest.mark.parametrize(("name", "key"), [("grade", "7"), ("gone", "7")], ids=["code", "list"])
def test_a_code_that_is_gone_reads_as_itself(read, name: str, key: str) -> None:
    assert read(GOOD).code_label(name, key, "zh") == key


@pytest.fixture
def small_app() -> Flask:
    app = Flask(__name__)
    Babel(app)
    return app


def test_labels_are_in_the_language_of_whoever_reads_them(read, small_app: Flask) -> None:
    small = read(GOOD)
    category, training = small.categories[0], small.types["training"]
    named = [category.label, training.label, training.title_field.label]
    printed = {}
    for locale in ("zh", "en"):
        with small_app.test_request_context(), force_locale(locale):
            printed[locale] = [str(label) for label in named]
    assert printed == {"zh": ["基本信息", "培训", "培训名称"], "en": ["Basic information", "Training", "Course"]}


def test_the_running_app_has_one_catalogue(read, small_app: Flask) -> None:
    small_app.extensions["catalogue"] = read(GOOD)
    with small_app.app_context():
        assert catalogue() is small_app.extensions["catalogue"]


def page(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / ".ci" / "catalogue_page.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_page_in_the_guide_is_up_to_date() -> None:
    checked = page("--check")
    assert checked.returncode == 0, checked.stderr


def test_a_page_that_is_behind_the_catalogue_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# an older one\n")
    checked = page("--check", "--page", tmp_path / "page.md")
    assert checked.returncode == 1 and "not up to date" in checked.stderr


def test_a_new_type_appears_on_the_page(read, tmp_path: Path) -> None:
    read(GOOD)
    page("--catalogue", tmp_path / "catalogue.toml", "--page", tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text("utf-8")
    assert "### 培训 · Training\n" in text
    assert "| 学时 | Hours | `hours` | number | column, whole |\n" in text
