"""Who can come."""

import hashlib
import secrets
from dataclasses import asdict, dataclass

from stdnum.cn import uscc


@dataclass(frozen=True)
class Person:
    """Who comes, from which unit; the fields are the claims (config.CLAIMS), an empty one is not made."""

    unit_code: str
    unit_name: str
    name: str
    id_number: str = ""

    @property
    def sub(self) -> str:
        """What the provider calls the person, always the same."""
        return hashlib.sha256(f"{self.unit_code} {self.id_number or self.name}".encode()).hexdigest()[:32]

    def claims(self) -> dict[str, str]:
        return {"sub": self.sub, **{name: value for name, value in asdict(self).items() if value}}


SURVEYORS = ("91350203MA8LJ2T47H", "厦门鹭江测绘设计院有限公司")
SCHOOL = ("12350503488267103B", "泉州市丰泽区东湖第二小学")
COMPANY = ("913501026C8BXBRCPT", "福州榕信软件有限公司")  # of the demo's feed

# who is ready to come, and what happens then
PEOPLE = (
    (Person(*SURVEYORS, "叶文涛", "350203198406173136"), "系统里还没有的单位：第一个来，登记单位信息，成为管理员"),
    (Person(*SURVEYORS, "苏晓琴", "35020319910923454X"), "同一单位的第二个人"),
    (Person(*COMPANY, "何嘉敏", "350103199008112628"), "演示数据里已有的单位：等待本单位管理员或人社部门同意"),
    (Person(*SCHOOL, "傅雅萍"), "没有身份证号码的人：由系统询问一次"),
)


def invented_code() -> str:
    """The unified social credit code (GB 32100) of a unit that nobody has: of 鼓楼区, with its check character."""
    body = f"91350102{secrets.randbelow(10**9):09d}"
    return body + str(uscc.calc_check_digit(body + "0"))
