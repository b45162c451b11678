"""Code lists that several features show: each key with its label in Chinese and English.

Where a national standard exists its codes are the keys: `gender` GB/T 2261.1, `political_status` GB/T 4762
(labels are the standard's short names). The lists of item types are in the catalogue.
"""

CODES: dict[str, dict[str, tuple[str, str]]] = {
    "gender": {
        "0": ("未知", "Unknown"),
        "1": ("男", "Male"),
        "2": ("女", "Female"),
        "9": ("未说明", "Not stated"),
    },
    "political_status": {
        "01": ("中共党员", "Member of the Communist Party of China"),
        "02": ("预备党员", "Probationary member of the Communist Party of China"),
        "03": ("共青团员", "Member of the Communist Youth League of China"),
        "04": ("民革会员", "Member of the Revolutionary Committee of the Chinese Kuomintang"),
        "05": ("民盟盟员", "Member of the China Democratic League"),
        "06": ("民建会员", "Member of the China National Democratic Construction Association"),
        "07": ("民进会员", "Member of the China Association for Promoting Democracy"),
        "08": ("农工党党员", "Member of the Chinese Peasants' and Workers' Democratic Party"),
        "09": ("致公党党员", "Member of the China Zhi Gong Party"),
        "10": ("九三学社社员", "Member of the Jiusan Society"),
        "11": ("台盟盟员", "Member of the Taiwan Democratic Self-Government League"),
        "12": ("无党派人士", "Public figure without party affiliation"),
        "13": ("群众", "Citizen without party affiliation"),
    },
    "id_type": {
        "resident_id": ("居民身份证", "Resident identity card"),
        "passport": ("护照", "Passport"),
        "hk_macau_permit": ("港澳居民证件", "Permit of a Hong Kong or Macao resident"),
        "taiwan_permit": ("台湾居民证件", "Permit of a Taiwan resident"),
    },
    "unit_nature": {
        "government": ("机关", "Government body"),
        "public_institution": ("事业单位", "Public institution"),
        "state_enterprise": ("国有企业", "State-owned enterprise"),
        "private_enterprise": ("民营企业", "Private enterprise"),
        "foreign_enterprise": ("外资企业", "Foreign-invested enterprise"),
        "social_organisation": ("社会组织", "Social organisation"),
        "other": ("其他", "Other"),
    },
}


def label(list_name: str, key: str, locale: str) -> str:
    """The label of a key: in Chinese for `zh` and its variants, else in English.

    Raises KeyError for a list or key that is not there.
    """
    zh, en = CODES[list_name][key]
    return zh if locale.startswith("zh") else en
