"""Names of languages in twelve languages and in their own: Deutsch, German and allemand are one."""

from __future__ import annotations

from types import MappingProxyType

from mentormatch.rosters.columns import label_key

__all__ = ["language_code", "language_key"]

_NAMES = {
    "ar": "arabic|arabisch|arabe|árabe|arabo|arabski|阿拉伯语|アラビア語|العربية|عربی",
    "bg": (
        "bulgarian|bulgarisch|bulgare|búlgaro|bulgaro|bulgaars|bułgarski|保加利亚语|ブルガリア語"
        "|البلغارية|بلغاری|български"
    ),
    "bn": (
        "bangla|bengalisch|bengali|bengalí|bengalese|bengaals|bengalski|孟加拉语|ベンガル語"
        "|البنغالية|بنگالی|বাংলা"
    ),
    "ca": (
        "catalan|katalanisch|catalán|catalano|catalaans|catalão|kataloński|加泰罗尼亚语"
        "|カタロニア語|الكتالانية|کاتالان|català"
    ),
    "cs": (
        "czech|tschechisch|tchèque|checo|ceco|tsjechisch|tcheco|czeski|捷克语|チェコ語"
        "|التشيكية|چکی|čeština"
    ),
    "cy": (
        "welsh|walisisch|gallois|galés|gallese|galês|walijski|威尔士语|ウェールズ語|الويلزية|ولزی"
        "|cymraeg"
    ),
    "da": (
        "danish|dänisch|danois|danés|danese|deens|dinamarquês|duński|丹麦语|デンマーク語"
        "|الدانمركية|دانمارکی|dansk"
    ),
    "de": (
        "german|deutsch|allemand|alemán|tedesco|duits|alemão|niemiecki|德语|ドイツ語"
        "|الألمانية|آلمانی"
    ),
    "el": (
        "greek|griechisch|grec|griego|greco|grieks|grego|grecki|希腊语|ギリシャ語|اليونانية"
        "|یونانی|ελληνικά|modern greek"
    ),
    "en": (
        "english|englisch|anglais|inglés|inglese|engels|inglês|angielski|英语|英語"
        "|الإنجليزية|انگلیسی"
    ),
    "es": (
        "spanish|spanisch|espagnol|español|spagnolo|spaans|espanhol|hiszpański|西班牙语"
        "|スペイン語|الإسبانية|اسپانیایی|castellano|castilian"
    ),
    "et": (
        "estonian|estnisch|estonien|estonio|estone|estisch|estoniano|estoński|爱沙尼亚语"
        "|エストニア語|الإستونية|استونیایی|eesti"
    ),
    "eu": "basque|baskisch|euskera|basco|baskijski|巴斯克语|バスク語|الباسكية|باسکی|euskara",
    "fa": (
        "persian|persisch|persan|persa|persiano|perzisch|perski|波斯语|ペルシア語|الفارسية"
        "|فارسی|farsi"
    ),
    "fi": (
        "finnish|finnisch|finnois|finés|finlandese|fins|finlandês|fiński|芬兰语|フィンランド語"
        "|الفنلندية|فنلاندی|suomi"
    ),
    "fr": (
        "french|französisch|français|francés|francese|frans|francês|francuski|法语|フランス語"
        "|الفرنسية|فرانسوی"
    ),
    "ga": (
        "irish|irisch|irlandais|irlandés|irlandese|iers|irlandês|irlandzki|爱尔兰语|アイルランド語"
        "|الأيرلندية|ایرلندی|gaeilge"
    ),
    "gl": (
        "galician|galicisch|galicien|gallego|galiziano|galego|galicyjski|加利西亚语|ガリシア語"
        "|الجاليكية|گالیسیایی"
    ),
    "gu": (
        "gujarati|goudjarati|guyaratí|guzerate|gudżarati|古吉拉特语|グジャラート語|الغوجاراتية"
        "|گجراتی|ગુજરાતી"
    ),
    "he": (
        "hebrew|hebräisch|hébreu|hebreo|ebraico|hebreeuws|hebraico|hebrajski|希伯来语|ヘブライ語"
        "|العبرية|عبری|עברית"
    ),
    "hi": "hindi|印地语|ヒンディー語|الهندية|هندی|हिन्दी",
    "hr": (
        "croatian|kroatisch|croate|croata|croato|chorwacki|克罗地亚语|クロアチア語|الكرواتية|کروات"
        "|hrvatski"
    ),
    "hu": (
        "hungarian|ungarisch|hongrois|húngaro|ungherese|hongaars|węgierski|匈牙利语|ハンガリー語"
        "|الهنغارية|مجاری|magyar"
    ),
    "id": (
        "indonesian|indonesisch|indonésien|indonesio|indonesiano|indonésio|indonezyjski"
        "|印度尼西亚语|インドネシア語|الإندونيسية|اندونزیایی"
    ),
    "is": (
        "icelandic|isländisch|islandais|islandés|islandese|ijslands|islandês|islandzki"
        "|冰岛语|アイスランド語|الأيسلندية|ایسلندی|íslenska"
    ),
    "it": (
        "italian|italienisch|italien|italiano|italiaans|włoski|意大利语|イタリア語|الإيطالية"
        "|ایتالیایی"
    ),
    "ja": (
        "japanese|japanisch|japonais|japonés|giapponese|japans|japonês|japoński|日语|日本語"
        "|اليابانية|ژاپنی"
    ),
    "ka": (
        "georgian|georgisch|géorgien|georgiano|gruziński|格鲁吉亚语|ジョージア語|الجورجية|گرجی"
        "|ქართული"
    ),
    "kn": "kannada|canarés|canarim|卡纳达语|カンナダ語|الكانادا|کانارا|ಕನ್ನಡ",
    "ko": "korean|koreanisch|coréen|coreano|koreaans|koreański|韩语|韓国語|الكورية|کره‌ای|한국어",
    "lt": (
        "lithuanian|litauisch|lituanien|lituano|litouws|litewski|立陶宛语|リトアニア語|الليتوانية"
        "|لیتوانیایی|lietuvių"
    ),
    "lv": (
        "latvian|lettisch|letton|letón|lettone|letão|łotewski|拉脱维亚语|ラトビア語|اللاتفية"
        "|لتونیایی|latviešu"
    ),
    "mk": (
        "macedonian|mazedonisch|macédonien|macedonio|macedone|macedonisch|macedônio"
        "|macedoński|马其顿语|マケドニア語|المقدونية|مقدونی|македонски"
    ),
    "ml": (
        "malayalam|malayálam|malaiala|malajalam|马拉雅拉姆语|マラヤーラム語|المالايالامية|مالایالامی"
        "|മലയാളം"
    ),
    "mr": "marathi|maratí|marati|马拉地语|マラーティー語|الماراثية|مراتی|मराठी",
    "ms": (
        "malay|malaiisch|malais|malayo|malese|maleis|malaio|malajski|马来语|マレー語|الماليزية"
        "|مالایی|melayu"
    ),
    "mt": (
        "maltese|maltesisch|maltais|maltés|maltees|maltês|maltański|马耳他语|マルタ語|المالطية"
        "|مالتی|malti"
    ),
    "nl": (
        "dutch|niederländisch|néerlandais|neerlandés|olandese|nederlands|holandês"
        "|niderlandzki|荷兰语|オランダ語|الهولندية|هلندی|holländisch|hollandais|holandés"
    ),
    "no": (
        "norwegian|norwegisch|norvégien|noruego|norvegese|noors|norueguês|norweski|挪威语"
        "|ノルウェー語|النرويجية|نروژی|norsk|norwegian bokmål|bokmål"
    ),
    "pa": (
        "punjabi|pendjabi|punyabí|panjabi|pendżabski|旁遮普语|パンジャブ語|البنجابية|پنجابی|ਪੰਜਾਬੀ"
    ),
    "pl": (
        "polish|polnisch|polonais|polaco|polacco|polonês|polski|波兰语|ポーランド語|البولندية"
        "|لهستانی"
    ),
    "pt": (
        "portuguese|portugiesisch|portugais|portugués|portoghese|portugees|português"
        "|portugalski|葡萄牙语|ポルトガル語|البرتغالية|پرتغالی"
    ),
    "ro": (
        "romanian|rumänisch|roumain|rumano|rumeno|roemeens|romeno|rumuński|罗马尼亚语|ルーマニア語"
        "|الرومانية|رومانیایی|română"
    ),
    "ru": "russian|russisch|russe|ruso|russo|rosyjski|俄语|ロシア語|الروسية|روسی|русский",
    "sk": (
        "slovak|slowakisch|slovaque|eslovaco|slovacco|slowaaks|słowacki|斯洛伐克语|スロバキア語"
        "|السلوفاكية|اسلواکی|slovenčina"
    ),
    "sl": (
        "slovenian|slowenisch|slovène|esloveno|sloveno|sloveens|słoweński|斯洛文尼亚语|スロベニア語"
        "|السلوفانية|اسلوونیایی|slovenščina"
    ),
    "sq": (
        "albanian|albanisch|albanais|albanés|albanese|albanees|albanês|albański|阿尔巴尼亚语"
        "|アルバニア語|الألبانية|آلبانیایی|shqip"
    ),
    "sr": (
        "serbian|serbisch|serbe|serbio|serbo|servisch|sérvio|serbski|塞尔维亚语|セルビア語"
        "|الصربية|صربی|српски"
    ),
    "sv": (
        "swedish|schwedisch|suédois|sueco|svedese|zweeds|szwedzki|瑞典语|スウェーデン語|السويدية"
        "|سوئدی|svenska"
    ),
    "sw": (
        "swahili|suaheli|suajili|suaíli|suahili|斯瓦希里语|スワヒリ語|السواحلية|سواحیلی|kiswahili"
    ),
    "ta": "tamil|tamoul|tâmil|tamilski|泰米尔语|タミル語|التاميلية|تامیلی|தமிழ்",
    "te": "telugu|télougou|télugo|泰卢固语|テルグ語|التيلوغوية|تلوگویی|తెలుగు",
    "th": (
        "thai|thailändisch|thaï|tailandés|thailandese|tailandês|tajski|泰语|タイ語"
        "|التايلاندية|تایلندی|ไทย"
    ),
    "tr": (
        "turkish|türkisch|turc|turco|turks|turecki|土耳其语|トルコ語|التركية|ترکی استانبولی|türkçe"
    ),
    "uk": (
        "ukrainian|ukrainisch|ukrainien|ucraniano|ucraino|oekraïens|ukraiński|乌克兰语"
        "|ウクライナ語|الأوكرانية|اوکراینی|українська"
    ),
    "ur": "urdu|ourdou|乌尔都语|ウルドゥー語|الأوردية|اردو",
    "vi": (
        "vietnamese|vietnamesisch|vietnamien|vietnamita|vietnamees|wietnamski|越南语|ベトナム語"
        "|الفيتنامية|ویتنامی|tiếng việt"
    ),
    "zh": (
        "chinese|chinesisch|chinois|chino|cinese|chinees|chinês|chiński|中文|中国語|الصينية"
        "|چینی|汉语|漢語"
    ),
}
"""ISO code -> names, the English one first."""
_CODES = MappingProxyType(
    {label_key(word): code for code, names in _NAMES.items() for word in names.split("|")}
)
_KEYS = MappingProxyType(
    {word: label_key(_NAMES[code].split("|")[0]) for word, code in _CODES.items()}
)


def language_code(name: str) -> str | None:
    """Return the ISO code of a language, None if no such name is known.

    Examples
    --------
    >>> language_code("Deutsch"), language_code("COBOL")
    ('de', None)
    """
    return _CODES.get(label_key(name))


def language_key(key: str) -> str:
    """Return the `label_key` of a language's English name for that of any name; others as they are.

    Examples
    --------
    >>> language_key("allemand"), language_key("law")
    ('german', 'law')
    """
    return _KEYS.get(key, key)
