"""Which field of the vocabulary a column of the file is, by its header and its answers.

A header is recognised by whole words: first by the names that fields go by, then by how
questions are worded, each for the role that is asked. Answers have a veto: a column of yes and no
is no list of preferred mentors. Nothing depends on the order of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from mentormatch.rosters.capacity import parse_capacity
from mentormatch.rosters.hours import parse_week, parse_zone
from mentormatch.rosters.numbers import parse_number
from mentormatch.rosters.references import EMAIL
from mentormatch.rosters.table import TextColumn

FIELD_KINDS = {
    "id": "person", "name": "person", "first_name": "person", "last_name": "person",
    "email": "person", "signed_up": "time", "capacity": "capacity",
    "goals": "labels", "needs": "labels", "skills": "labels", "interests": "labels",
    "languages": "labels", "values": "labels", "identity": "labels",
    "communication_style": "category", "working_style": "category", "personality": "category",
    "availability": "hours", "timezone": "zone", "seniority": "scale",
    "experience": "number", "tenure": "number", "hours": "number", "rhythm": "scale",
    "length": "number", "site": "category", "department": "category",
    "organisation": "category", "profession": "category", "function": "category",
    "job_title": "category", "gender": "category", "nickname": "text", "about": "text",
    "preferred": "people", "avoid": "people", "previous": "people", "supervisor_id": "people",
    "only_preferred": "yes_no", "min_load": "number",
}  # fmt: skip
"""Every field and how its answers are read."""
ON_PROFILES = ("id", "name", "first_name", "last_name", "email", "capacity")
"""Fields that live on `Profiles` itself, not among its columns."""
WISHED = ("site", "gender", "department", "organisation", "profession", "function", "identity")
"""Attributes of the other side that people state wishes about."""

_ID_WORDS = (
    "employee|person|user|staff|participant|member|student|personnel|payroll|company|work|worker"
    "|colleague|people|associate|applicant|badge|global|corporate|hr"
)
_EXACT: tuple[tuple[str, str, int, str], ...] = (
    ("id", rf"(?:{_ID_WORDS}) ?(?:unique )?(?:id|number|no|nr|code)", 100, ""),
    ("id", r"wwid|eid|uid|unique id|id number|matriculation (?:number|no)|student number", 100, ""),
    ("id", r"mentee (?:id|number|no|code)", 100, "mentee"),
    ("id", r"mentor (?:id|number|no|code)", 100, "mentor"),
    ("id", r"id|identifier|employee|uuid|guid", 95, ""),
    ("id", r"(?:response|respondent|submission|record|entry|registration|contact) ?(?:id|number"
     r"|no)",
     60, ""),
    ("name", r"(?:your )?(?:full |complete )?name|(?:participant|employee|person)s? name", 100, ""),
    ("name", r"mentee(?: full)? name|mentee|what is your (?:full )?name", 95, "mentee"),
    ("name", r"mentor(?: full)? name|mentor|what is your (?:full )?name", 95, "mentor"),
    ("name", r"display name|first and last name|name and surname", 90, ""),
    ("first_name", r"(?:your |legal )?(?:first|given) ?names?|forenames?|first", 100, ""),
    ("last_name", r"(?:your |legal )?(?:last|family) ?names?|surnames?|last", 100, ""),
    ("nickname", r"nick ?name|preferred (?:first )?name|known as|goes by", 100, ""),
    ("email", r"(?:your )?(?:company|work|corporate|business|office|school|university|professional)"
     r" e ?mail(?: address| id)?", 105, ""),
    ("email", r"(?:your )?e ?mail(?: address| id)?|mail|contact e ?mail|upn|user principal name",
     100, ""),
    ("email", r"mentee e ?mail(?: address)?", 100, "mentee"),
    ("email", r"mentor e ?mail(?: address)?", 100, "mentor"),
    ("email", r"(?:personal|private|home|alternative|primary|preferred|other) e ?mail(?: address)?"
     r"|username", 80, ""),
    ("signed_up", r"completion time|time ?stamp|submitted(?: at| on)?|submission (?:date|time)"
     r"|date submitted|recorded date|response date|end ?date|sign ?up (?:date|time)"
     r"|submit date(?: utc)?", 100, ""),
    ("signed_up", r"start time|created(?: at| on)?|registered(?: at| on)?|last modified(?: time)?",
     70, ""),
    ("capacity", r"capacity|(?:max(?:imum)?(?: number of)?|number of|no of|how many) mentees"
     r"|mentees? (?:capacity|limit|max(?:imum)?|slots|seats|places)|seats|max(?:imum)? matches"
     r"|max capacity|mentee slots", 100, "mentor"),
    ("min_load", r"min(?:imum)?(?: number of)? mentees|min(?:imum)? load", 100, "mentor"),
    ("goals", r"(?:my |your )?(?:mentoring |mentorship |career |development |learning |personal "
     r"|professional |coaching )*goals?|objectives?|development (?:areas?|needs)|focus(?: areas?)?"
     r"|(?:mentoring |mentorship |discussion )?topics?|areas? of (?:focus|development|support)"
     r"|(?:mentoring |support )areas?", 100, ""),
    ("needs", r"(?:skills? )?needs?|(?:skills?|expertise) (?:needed|wanted|sought|required|desired)"
     r"|skills? to (?:learn|develop|improve|gain|build|work on)"
     r"|(?:desired|wanted|target|needed) (?:mentor )?(?:skills?|expertise)|mentor skills?"
     r"|learning interests", 100, "mentee"),
    ("skills", r"(?:my |your )?skills?|(?:current|existing|key|core|top) skills?"
     r"|strengths|competenc(?:y|ies)|skill ?set", 100, ""),
    ("skills", r"(?:areas? of )?expertise|skills? (?:offered|to share|to teach)|offered skills?"
     r"|specialit(?:y|ies)|specialt(?:y|ies)|speciali[sz]ations?|expert in", 100, "mentor"),
    ("interests", r"(?:my |your |personal |hobbies and |other )*interests?(?: and hobbies)?"
     r"|hobb(?:y|ies)"
     r"|pastimes?|passions?", 100, ""),
    ("languages", r"(?:spoken )?languages?(?: spoken| you speak)?|spoken languages?", 100, ""),
    ("values", r"(?:core |personal |my )?values", 100, ""),
    ("identity", r"(?:protected )?characteristics?|identit(?:y|ies)|identity groups?|i identify as",
     100, ""),
    ("communication_style", r"(?:preferred )?communication (?:style|preference|type)s?", 100, ""),
    ("working_style", r"(?:work|working|learning|mentoring|coaching|leadership) styles?", 100, ""),
    ("personality", r"personality(?: type)?|mbti(?: type)?|myers briggs(?: type)?|disc(?: profile)?"
     r"|enneagram(?: type)?", 100, ""),
    ("availability", r"(?:my |your |weekly |general )?availabilit(?:y|ies)|available(?: times?"
     r"| hours?"
     r"| slots?| days?)?|(?:preferred |best |suitable )?meeting times?|free (?:times?|slots?"
     r"|hours?)",
     100, ""),
    ("timezone", r"(?:your |my )?time ?zones?|tz|utc offset", 100, ""),
    ("seniority", r"(?:job |pay |civil service |current |your )*grade|seniority(?: level)?"
     r"|(?:position|job|management|career|role|employee) (?:level|grade|band)|career stage|rank"
     r"|(?:pay |job )?band|job ?level", 100, ""),
    ("seniority", r"level|year of study|study year", 80, ""),
    ("experience", r"(?:total )?(?:years? of )?(?:professional |work |relevant "
     r"|industry )?experience"
     r"(?: years?| in years)?|years? experience", 100, ""),
    ("tenure", r"tenure(?: years?| in years)?|years? (?:with|at|in) (?:the |this |our )?"
     r"(?:company|organi[sz]ation|firm|business|civil service|department)|(?:years? of|length of) "
     r"service|time (?:with|at|in) (?:the )?(?:company|organi[sz]ation)", 100, ""),
    ("hours", r"(?:hours|hrs)(?: (?:per|a|each|every) (?:month|week))?(?: (?:wanted|offered"
     r"|available"
     r"|needed))?|(?:monthly|weekly) hours|(?:time )?commitment(?: hours)?|hours (?:wanted|offered)"
     r"(?: per month)?", 100, ""),
    ("rhythm", r"(?:meeting )?(?:rhythm|frequency|cadence)(?: of meetings)?|how often", 100, ""),
    ("length", r"(?:programme |program |relationship |mentoring |mentorship |preferred )?"
     r"(?:length|duration)(?: months| in months)?", 100, ""),
    ("site", r"(?:home |office |work |base |main |your |primary )*(?:site|office|location|city"
     r"|campus|workplace|base)(?: location)?", 100, ""),
    ("department", r"(?:your |current )?(?:department|dept|directorate|division|business unit"
     r"|faculty)(?: name)?", 100, ""),
    ("department", r"team|school|unit", 80, ""),
    ("organisation", r"(?:your |current )?(?:organi[sz]ation|company|employer|institution|agency"
     r"|ministry)(?: name)?", 100, ""),
    ("profession", r"(?:your |current )?(?:profession|occupation|discipline)", 100, ""),
    ("function", r"(?:job |business |functional )?function|functional area", 100, ""),
    ("job_title", r"(?:current |your )*(?:job |position |business )?title|(?:current |job )?"
     r"(?:position|role)|job|designation", 95, ""),
    ("gender", r"(?:your )?(?:gender(?: identity)?|sex)", 100, ""),
    ("about", r"(?:short |your |my )*(?:about(?: me| you| yourself)?|bio|biography|elevator pitch"
     r"|introduction|personal statement|motivation|expectations?)", 100, ""),
    ("about", r"profile|summary|background|intro", 80, ""),
    ("preferred", r"(?:ids?|wwids?|e ?mails?|names?) of preferred (?:mentors?|mentees?|people)"
     r"|preferred (?:mentors?|mentees?|matches|match|people)(?: ids?| wwids?| e ?mails?| names?)?"
     r"|(?:mentor|mentee|match) (?:preferences?|choices?|wish(?:es)?|requests?)|wish ?list|wishes"
     r"|requested (?:mentors?|mentees?)", 100, ""),
    ("avoid", r"avoid(?: list)?|(?:people|mentors?|mentees?) to avoid|do not (?:match"
     r"|pair)(?: with)?"
     r"|exclu(?:de|sions?)|conflicts? of interest|blocked(?: people)?", 100, ""),
    ("previous", r"(?:previous|past|former|prior|earlier) (?:mentors?|mentees?|match(?:es)?|pairs?"
     r"|pairings?|partners?)(?: ids?| e ?mails?| names?)?", 100, ""),
    ("supervisor_id", r"(?:direct |line |your |my |reporting )*(?:supervisor|manager|boss)s? "
     r"?(?:employee |e ?)?(?:id|number|no|wwid|code)", 105, ""),
    ("supervisor_id", r"(?:direct |line |your |my |reporting )*(?:supervisor|manager|boss)s? "
     r"?e ?mail(?: address)?", 100, ""),
    ("supervisor_id", r"(?:direct |line |your |my |reporting )*(?:supervisor|manager|boss)s?"
     r"(?: name)?|reports to|reporting to", 95, ""),
    ("only_preferred", r"only preferred(?: mentors?| mentees?)?", 100, ""),
)  # fmt: skip
_ABROAD: tuple[tuple[str, str, str], ...] = (
    # field, German, French: plain nouns that mean one field, whatever the role
    ("id", r"(?:mitarbeiter|personal|matrikel|teilnehmer)(?: ?(?:id|nr|nummer))",
     r"matricule|identifiant|num[ée]ro (?:d employ[ée]|de salari[ée])"),
    ("name", r"(?:vollständiger |voller )?name|vor und nachname|name vorname", r"nom complet"
     r"|nom et pr[ée]nom|pr[ée]nom et nom"),
    ("first_name", r"vorname", r"pr[ée]nom"),
    ("last_name", r"nachname|familienname|zuname", r"nom(?: de famille)?"),
    ("email", r"(?:dienstliche )?(?:e ?mail|mail)(?: ?adresse)?|emailadresse",
     r"(?:adresse )?(?:e ?mail|courriel|mail|[ée]lectronique)(?: professionnel(?:le)?)?"),
    ("goals", r"(?:meine |berufliche )?(?:ziele|entwicklungsziele|mentoring ?ziele)",
     r"(?:mes )?objectifs?(?: de mentorat)?"),
    ("skills", r"(?:meine )?(?:fähigkeiten|kompetenzen|kenntnisse|stärken)",
     r"(?:mes )?comp[ée]tences?"),
    ("interests", r"(?:meine )?(?:interessen|hobbys?)", r"centres? d int[ée]r[êe]ts?|loisirs?"),
    ("languages", r"sprachen|sprachkenntnisse", r"langues?(?: parl[ée]es)?"),
    ("availability", r"verfügbarkeit(?:en)?|verfügbare zeiten", r"disponibilit[ée]s?"),
    ("timezone", r"zeitzone", r"fuseau horaire"),
    ("experience", r"(?:berufs)?erfahrung(?: jahre| in jahren)?|berufsjahre",
     r"(?:ann[ée]es d )?exp[ée]rience(?: professionnelle)?(?: ann[ée]es)?"),
    ("tenure", r"betriebszugehörigkeit(?: jahre| in jahren)?", r"anciennet[ée](?: ann[ée]es)?"),
    ("site", r"standort|dienstort|arbeitsort", r"site|lieu de travail|ville"),
    ("department", r"abteilung|bereich", r"d[ée]partement|service"),
    ("organisation", r"firma|unternehmen|organisation", r"entreprise|soci[ée]t[ée]"),
    ("job_title", r"position|stelle|funktionsbezeichnung|berufsbezeichnung",
     r"poste|intitul[ée] du poste|fonction"),
    ("gender", r"geschlecht", r"genre|sexe"),
    ("about", r"über mich|kurzvorstellung|motivation", r"[àa] propos(?: de moi)?|pr[ée]sentation"),
    ("capacity", r"kapazität|(?:maximale )?(?:anzahl )?mentees?|plätze", r"capacit[ée]"
     r"|nombre (?:maximal )?de mentor[ée]s"),
    ("supervisor_id", r"(?:direkte )?(?:vorgesetzter?|vorgesetzte|führungskraft)(?: id| nr)?",
     r"(?:sup[ée]rieur hi[ée]rarchique|responsable|manageur)"),
    ("preferred", r"wunsch ?(?:mentoren|mentees?|mentor(?:in)?)",
     r"mentors? (?:souhait[ée]s?|pr[ée]f[ée]r[ée]s?)"),
)  # fmt: skip
_WORDING: tuple[tuple[str, str, int, str], ...] = (
    ("name", r"^(?:what is |please enter )?your (?:full )?name\b", 70, ""),
    ("email", r"^(?:what is |please enter "
     r"|enter )?(?:your )?.{0,25}\be ?mail(?: address)?$", 60, ""),
    ("capacity", r"\bhow many (?:mentees|people|colleagues|proteges?|students)\b(?!.*\b(?:had"
     r"|so far"
     r"|previously|already|in the past)\b).*\b(?:mentor|take|support|willing|able|want|like"
     r"|accept)",
     80, "mentor"),
    ("capacity", r"\b(?:max(?:imum)?|number of) .*\bmentees\b", 75, "mentor"),
    ("avoid", r"\b(?:not|avoid|rather not|don t)\b.*\b(?:match|matched|pair|paired|work) with\b"
     r"|\bavoid\b.*\b(?:match|pair)", 85, ""),
    ("previous", r"\b(?:mentored|matched|paired)\b.*\b(?:before|previously|in the past)\b", 75, ""),
    ("previous", r"\b(?:previous|past|former) (?:mentor|mentee)s?\b", 70, ""),
    ("preferred", r"\bpreferred (?:mentor|mentee)s?\b", 75, ""),
    ("preferred", r"\b(?:who|which mentors?|which mentees?|anyone|someone|people) .*\b(?:like|want"
     r"|prefer|wish)\b.*\b(?:match|matched|pair|paired|mentor|mentee|mentored)\b", 70, ""),
    ("supervisor_id", r"\b(?:who is|name of|e ?mail of|id of) your (?:line |direct )?"
     r"(?:manager|supervisor|boss)\b|\bwho do you report to\b", 80, ""),
    ("timezone", r"\btime ?zone\b", 75, ""),
    ("availability", r"\bwhen (?:are|can|could|would|is)\b.*\b(?:available|free|meet|suit\w*)\b"
     r"|\b(?:times?|days?|hours|slots)\b.*\b(?:available|free|meet|suit\w*|unavailable)\b"
     r"|\b(?:un)?available\b.*\b(?:times?|days?|hours|slots|meet\w*)\b"
     r"|\byour availability\b", 75, ""),
    ("rhythm", r"\bhow (?:often|frequently|regularly)\b.*\b(?:meet|talk|speak|met|sessions?"
     r"|connect)",
     80, ""),
    ("hours", r"\bhow (?:many hours|much time)\b.*\b(?:month|week|commit|spend|give|offer"
     r"|want)", 80,
     ""),
    ("length", r"\bhow (?:long|many months)\b.*\b(?:mentor\w*|relationship|commit|programme|program"
     r"|last)\b", 75, ""),
    ("experience", r"\bhow many years\b.*\b(?:experience|worked|working)\b"
     r"|\byears? of .*experience\b"
     r"|\bhow long have you (?:worked|been working)\b(?!.* (?:here|company"
     r"|organi[sz]ation))", 75, ""),
    ("tenure", r"\bhow (?:long|many years)\b.*\b(?:company|organi[sz]ation|here|with us"
     r"|civil service)",
     78, ""),
    ("needs", r"\b(?:skills?|expertise|strengths)\b.*\b(?:important to you|(?:like|want|hope"
     r"|wish|need)"
     r" to (?:learn|develop|improve|gain|build|strengthen|work on)|looking for|seek\w*|need\w*"
     r"|interested in|wanted|want|mentor to have)\b", 85, "mentee"),
    ("needs", r"\b(?:learn|develop|improve|gain|strengthen|build)\b.*\bskills?\b", 80, "mentee"),
    ("needs", r"\b(?:which|what) .*\bmentor skills?\b", 86, "mentee"),
    ("skills", r"\b(?:are you|you are|think are|think you are|i am|i m) (?:\w+ )?good at\b"
     r"|\bgood at\b", 80, ""),
    ("skills", r"\b(?:skills?|expertise|competenc\w+)\b.*\b(?:offer|share|teach|bring|pass on|have"
     r"|possess|strong\w*|expert|mentor)\b", 75, "mentor"),
    ("skills", r"\b(?:share|teach|offer|bring|pass on)\b.*\b(?:skills?|expertise)\b", 75, "mentor"),
    ("skills", r"\b(?:current|existing) .*skills?\b|\bskills?\b.*\b(?:already )?(?:have|possess)\b",
     72, "mentee"),
    ("skills", r"\byour (?:\w+ )?skills?\b|\bskill levels?\b", 66, ""),
    ("goals", r"\b(?:want|hope|like|wish|hoping|wanting|trying) to (?:achieve|accomplish"
     r"|work on|get"
     r" (?:help|support|out)|focus on|gain|talk about|discuss|learn|explore)\b", 72, "mentee"),
    ("goals", r"\b(?:help|support|advice|guidance|mentoring) (?:with|on|in|for)\b|\bgoals?\b", 70,
     "mentee"),
    ("goals", r"\b(?:can|could|able to|like to|willing to|happy to) (?:you )?(?:help|support|mentor"
     r"|advise|coach|guide)\b.*\b(?:with|on|in|about)\b|\b(?:help|support|mentor|advise) (?:others"
     r"|people|mentees|someone|somebody|a mentee) (?:with|on|in|achieve)\b"
     r"|\bgoals?\b", 72, "mentor"),
    ("languages", r"\bwh(?:ich|at) (?:other )?languages?\b(?!.*program)|\blanguages? (?:do|can) you"
     r" speak\b", 75, ""),
    ("interests", r"\b(?:hobbies|hobby|spare time|free time|outside (?:of )?work)\b", 72, ""),
    ("values", r"\bvalues (?:are|do you|matter|that)\b|\byour (?:core "
     r"|personal )?values\b", 72, ""),
    ("communication_style", r"\b(?:communication style|prefer to communicate|communicate best"
     r"|like to communicate)\b", 75, ""),
    ("working_style", r"\b(?:working|work|learning|mentoring|coaching|leadership) style\b", 72, ""),
    ("personality", r"\b(?:personality type|myers briggs|mbti)\b", 72, ""),
    ("site", r"\b(?:home office|work location|office location)\b|\bwhere are you (?:based"
     r"|located)\b"
     r"|\bwhich (?:office|site|location|campus)\b", 75, ""),
    ("department", r"\bdepartment\b", 65, ""),
    ("organisation", r"\b(?:which|what|your) (?:organi[sz]ation|company|employer)\b", 65, ""),
    ("profession", r"\b(?:your|which) profession\b", 65, ""),
    ("job_title", r"\b(?:your|current) (?:job title|role|position)\b", 65, ""),
    ("seniority", r"\b(?:your|current) (?:grade|level|seniority|career stage)\b", 68, ""),
    ("gender", r"\b(?:your gender|gender do you|describe your gender)\b", 70, ""),
    ("about", r"\b(?:tell us (?:a (?:bit|little) )?(?:more )?about (?:you|yourself)"
     r"|describe yourself"
     r"|introduce yourself|about yourself|short bio|brief bio\w*|elevator pitch|why (?:do"
     r"|would) you"
     r" (?:want|like)|what (?:do|are) you (?:hope|hoping|expect)"
     r"|anything else .*mentor)\b", 70, ""),
    ("only_preferred", r"\bonly .*preferred (?:mentor|mentee)s?\b", 60, ""),
)  # fmt: skip
_SENSITIVE = re.compile(
    r"\b(?:gender|sex|ethnic\w*|race|racial|age|age group|date of birth|birth ?date|birthday|dob"
    r"|disabilit\w*|disabled|neurodiver\w*|religio\w*|faith|sexual\w*|orientation|lgbt\w*"
    r"|identit\w*"
    r"|characteristics?|nationality|citizenship|marital|pregnan\w*|veteran|pronouns?|transgender"
    r"|geschlecht|alter|geburtsdatum|behinderung|ethnie|herkunft|konfession|staatsangehörigkeit"
    r"|sexo|género|genero|genre|sexe|âge|date de naissance|handicap|nationalité"
    r"|salutation|anrede|civilité|mother tongue|native language|country of (?:birth|origin)"
    r"|political \w+|income|caring responsibilities|social background|socio ?economic"
    r"|first generation)\b"
)
_WISHED_GENDER = re.compile(
    r"^(?!.*\b(?:same|similar|own|important|matter)\b)"
    r"(?=.*\b(?:prefer\w*|would (?:you|i) like|desired|wish\w*)\b)"
    r"(?=.*\b(?:mentors?|mentees?)\b).*\b(?:gender|sex)\b"
)
"""Questions for the gender that the other side should have; "the same as mine" is another one."""
YES_NO = re.compile(
    r"(?:y|n|yes|no|true|false|maybe|not sure|i (?:do|do not|agree|confirm))\W*", re.I
)
NEGATIVE = re.compile(
    r"\b(?:un ?available|not (?:be )?(?:available|free)|unavailability|busy"
    r"|(?:cannot|can t|unable to|not able to) (?:meet|make)|do(?:es)? not suit|doesn t suit)\b"
)
"""Headers that ask when people have no time."""
_AMOUNT = re.compile(r"\s*\d+(?:[.,]\d+)?\s*(?:%|hours?|hrs?|h)?\s*", re.I)


@dataclass(frozen=True)
class Claim:
    """A field that a header may be, how strongly, and why."""

    field: str
    strength: int
    reason: str


@lru_cache(maxsize=4096)
def fold_header(header: str) -> str:
    """Return a header as lower-case words: ``employeeId`` and ``Employee-ID`` are the same."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    words = re.sub(r"[^\w]+|_", " ", words).casefold()
    words = re.sub(r"\b(?:part|section|question|q) ?\d+(?: of \d+)?\b", " ", words)
    return " ".join(words.split())


def is_sensitive(name: str) -> bool:
    """Tell whether a column is named like a sensitive attribute, or like wishes about one."""
    return bool(_SENSITIVE.search(fold_header(name)))


@lru_cache(maxsize=4096)
def claims(header: str, role: str) -> tuple[Claim, ...]:
    """Return the fields that a header may be for this role, strongest first."""
    folded = fold_header(header)
    found: dict[str, Claim] = {}

    def add(field: str, strength: int, reason: str) -> None:
        if field not in found or found[field].strength < strength:
            found[field] = Claim(field, strength, reason)

    own = folded.replace(" ", "_")
    if own in FIELD_KINDS and not (own == "capacity" and role == "mentee"):
        add(own, 110, "the field's own name")
    for field, pattern, strength, only in _EXACT:
        if only in ("", role) and re.fullmatch(pattern, folded):
            add(field, strength, "a name of this field")
    for field, german, french in _ABROAD:
        if re.fullmatch(f"{german}|{french}", folded) and (field, role) != ("capacity", "mentee"):
            add(field, 90, "a name of this field in another language")
    for field, pattern, strength, only in _WORDING:
        if only in ("", role) and (match := re.search(pattern, folded)):
            add(field, strength, f"worded like it: {match.group()[:60]!r}")
    if (special := _special_claim(folded)) is not None:
        add(*special)
    return tuple(sorted(found.values(), key=lambda claim: (-claim.strength, claim.field)))


def _special_claim(folded: str) -> tuple[str, int, str] | None:
    """Recognise wishes about an attribute, and weights of a criterion."""
    if (
        weight := re.fullmatch(
            r"(?:importance|weight) (?:of |for )?(.+)|how important (?:is|are) (.+?)(?: to you)?",
            folded,
        )
    ) is not None:
        about = (weight.group(1) or weight.group(2)).replace(" ", "_")
        known = [
            field for field, pattern, *_ in _EXACT if re.fullmatch(pattern, about.replace("_", " "))
        ]
        return f"importance_{known[0] if known else about}", 105, "a weight of one criterion"
    if (
        wish := re.fullmatch(
            r"(?:preferred|desired) (?:mentors? |mentees? )?(.+?)(?: of (?:the "
            r"|your )?(?:mentor|mentee))?"
            r"|(?:mentors?|mentees?) (.+) preferences?|(.+) preferences?",
            folded,
        )
    ) is not None:
        word = next(group for group in wish.groups() if group)
        for field, pattern, strength, _ in _EXACT:
            singular = (
                re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")
            )
            if field in WISHED and any(re.fullmatch(pattern, w) for w in (word, singular)):
                return f"preferred_{field}", strength, "wishes about the other side"
    if _WISHED_GENDER.search(folded):
        return "preferred_gender", 80, "asks which gender the other side should have"
    return None


def kind_of(field: str) -> str:
    """Return how a field's answers are read."""
    if field.startswith("importance_"):
        return "weight"
    if field.startswith("preferred_"):
        return "wishes"
    return FIELD_KINDS.get(field, "attribute")


def plausible(claim: Claim, answers: TextColumn) -> bool:
    """Tell whether the answers of a column can be answers of the claimed field."""
    texts = answers.texts[:2000]
    if not texts:
        return False
    field, kind = claim.field, kind_of(claim.field)
    named = claim.strength >= 100
    if kind not in ("yes_no", "weight", "capacity") and all(YES_NO.fullmatch(t) for t in texts):
        return field in ("supervisor_id", "id", "last_name") and named
    if field == "email":
        return _share(texts, lambda t: EMAIL.search(t) is not None) >= 0.5
    if field == "id":
        return len(answers.texts) >= 0.5 * answers.given.sum() and max(map(len, texts)) <= 200
    if kind == "capacity":
        readable = _share(
            texts, lambda t: getattr(parse_capacity(t)[1], "code", "") != "capacity_unread"
        )
        return named or readable >= 0.3
    if kind == "number":
        readable = _share(texts, lambda t: parse_number(t)[0] == parse_number(t)[0])
        return readable >= (0.2 if named else 0.5)
    if kind == "hours" and NEGATIVE.search(fold_header(answers.header)):
        return False  # days that do not suit, in words: what is left over nobody said
    if kind == "hours" and all(_AMOUNT.fullmatch(t) for t in texts):
        return False  # a share of full time, or hours a month: no time of the day
    if kind == "hours" and not named:
        return _share(texts, lambda t: parse_week(t).slots is not None) >= 0.3
    if kind == "zone":
        return _share(texts, lambda t: parse_zone(t)[0] is not None) >= (0.2 if named else 0.5)
    return True


def _share(texts: tuple[str, ...], test: Callable[[str], bool]) -> float:
    return sum(map(test, texts)) / len(texts)
