# ruff: noqa: E501 (rows of exported files)
# fmt: off
"""Ordinary exports of invented people, as coordinators hand them in, and what they say.

Eight shapes: Google Forms, Microsoft Forms, SurveyMonkey, Qualtrics, Typeform, an HR system,
a sheet made by hand, and the export of a mentoring platform.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.rosters.exports import csv, workbook

Wanted = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Export:
    """One export, and the values that its core fields hold.

    mentees, mentors : what `read_roster` takes; the same for both where one sheet has both roles.
    mentee_says, mentor_says : field -> one value per person; "names" and "capacity" too.
    """

    name: str
    mentees: Any
    mentors: Any
    mentee_says: Wanted
    mentor_says: Wanted

    def source(self, role: str) -> Any:
        """Return the file, an open one from its start."""
        source = self.mentees if role == "mentee" else self.mentors
        return io.StringIO(source) if isinstance(source, str) else source

    def says(self, role: str) -> Wanted:
        return self.mentee_says if role == "mentee" else self.mentor_says


def text(lines: str) -> str:
    return csv(lines).getvalue()


GOOGLE_ENGLISH = Export(
    "google-forms-english",
    text(
        """
        Timestamp,Email Address,First name,Last name,Pronouns,Which team are you in?,What would you like to work on with your mentor? (choose up to three),"What made you sign up? Tell us in a few sentences.",How often would you like to meet?,I understand that my answers are shared with my mentor
        3/4/2024 9:12:33,maya.ortiz@brightside.example,Maya,Ortiz,she/her,Customer Support,"Career planning, Public speaking, Managing up","I have been here for two years, and I would love to find out what comes next.",Every two weeks,Yes
        3/4/2024 9:40:02,t.okafor@brightside.example,Tobi,Okafor,he/him,Engineering,"Technical leadership, Career planning",My manager said it would be good for me.,Once a month,Yes
        3/4/2024 11:05:51,lin.wei@brightside.example,Lin,Wei,,Finance,Public speaking,,Once a month,Yes
        3/5/2024 8:01:10,ruth.adeyemi@brightside.example,Ruth,Adeyemi,she/her,Engineering,"Managing up, Work-life balance","Back from parental leave, I want to get my confidence back.",Every two weeks,Yes
        3/6/2024 16:44:09,sam.kirk@brightside.example,Sam,Kirk,they/them,Marketing,"Career planning, Work-life balance",See above!,Once a week,Yes
        """
    ),
    text(
        """
        Timestamp,Email Address,First name,Last name,Pronouns,Which team are you in?,What can you help a mentee with?,How many mentees can you take on?,Have you been a mentor before?,Anything else we should know?
        3/4/2024 10:00:00,ines.park@brightside.example,Ines,Park,she/her,Engineering,"Technical leadership, Managing up",2,Yes,I am away in August.
        3/4/2024 10:15:45,d.novak@brightside.example,Dan,Novak,he/him,Finance,"Career planning, Public speaking",1,No,
        3/7/2024 9:20:12,ola.berg@brightside.example,Ola,Berg,,Marketing,"Work-life balance, Public speaking, Career planning",1,Yes,Happy to meet online or in person.
        """
    ),
    {"names": ["Maya Ortiz", "Tobi Okafor", "Lin Wei", "Ruth Adeyemi", "Sam Kirk"], "goals": [["Career planning", "Public speaking", "Managing up"], ["Technical leadership", "Career planning"], ["Public speaking"], ["Managing up", "Work-life balance"], ["Career planning", "Work-life balance"]]},
    {"names": ["Ines Park", "Dan Novak", "Ola Berg"], "capacity": [2, 1, 1], "goals": [["Technical leadership", "Managing up"], ["Career planning", "Public speaking"], ["Work-life balance", "Public speaking", "Career planning"]]},
)

_GOOGLE_GERMAN = text(
    """
    Zeitstempel,E-Mail-Adresse,Vorname,Nachname,Ich möchte teilnehmen als,Fakultät,Bei welchen Themen wünschst du dir Unterstützung?,Bei welchen Themen kannst du unterstützen?,Wie viele Mentees kannst du begleiten?,Wer ist deine Führungskraft?,Ich bin mit der Speicherung meiner Daten einverstanden.
    04.03.2024 09:12:33,jana.weber@uni.example,Jana,Weber,Mentee,Physik,"Promotion, Auslandsaufenthalt",,,Prof. Lehmann,Ja
    04.03.2024 10:03:10,emre.yilmaz@uni.example,Emre,Yılmaz,Mentee,Informatik,"Berufseinstieg, Promotion",,,,Ja
    05.03.2024 08:30:00,karla.voss@uni.example,Karla,Voß,Mentorin / Mentor,Physik,,"Promotion, Drittmittel",2,Prof. Lehmann,Ja
    05.03.2024 12:45:21,uwe.jaeger@uni.example,Uwe,Jäger,Mentorin / Mentor,Informatik,,"Berufseinstieg, Auslandsaufenthalt",3,,Ja
    06.03.2024 17:02:59,li.zhang@uni.example,Li,Zhang,Mentee,Chemie,Drittmittel,,,,Ja
    """
)
GOOGLE_GERMAN = Export(
    "google-forms-german-one-form",
    _GOOGLE_GERMAN,
    _GOOGLE_GERMAN,
    {"names": ["Jana Weber", "Emre Yılmaz", "Li Zhang"], "goals": [["Promotion", "Auslandsaufenthalt"], ["Berufseinstieg", "Promotion"], ["Drittmittel"]], "supervisor_id": [["Prof. Lehmann"], None, None]},
    {"names": ["Karla Voß", "Uwe Jäger"], "capacity": [2, 3], "goals": [["Promotion", "Drittmittel"], ["Berufseinstieg", "Auslandsaufenthalt"]]},
)

GOOGLE_SPANISH = Export(
    "google-forms-spanish-grid",
    text(
        """
        Marca temporal,Dirección de correo electrónico,Nombre y apellidos,Ciudad,¿Qué temas te interesan?,Disponibilidad [Lunes],Disponibilidad [Martes],Disponibilidad [Miércoles],¿Cómo nos conociste?
        4/03/2024 9:12:33,lucia@red.example,Lucía Gómez,Valencia,"Finanzas, Marketing",10:00-12:00,,16:00-18:00,LinkedIn
        4/03/2024 9:33:00,marco@red.example,Marco Díaz,Sevilla,Ventas,,10:00-12:00,,Un amigo
        5/03/2024 19:01:41,ana@red.example,Ana Ruiz,Valencia,"Marketing, Ventas",10:00-12:00,10:00-12:00,,LinkedIn
        """
    ),
    text(
        """
        Marca temporal,Dirección de correo electrónico,Nombre y apellidos,Ciudad,¿En qué temas puedes ayudar?,¿A cuántas personas puedes acompañar?,Disponibilidad [Lunes],Disponibilidad [Martes],Disponibilidad [Miércoles],Comentarios
        6/03/2024 9:12:33,pilar@red.example,Pilar Soto,Valencia,"Finanzas, Ventas",1,10:00-12:00,,,
        6/03/2024 9:50:00,jordi@red.example,Jordi Vila,Barcelona,Marketing,2,,10:00-12:00,16:00-18:00,Solo online
        """
    ),
    {"names": ["Lucía Gómez", "Marco Díaz", "Ana Ruiz"], "site": ["Valencia", "Sevilla", "Valencia"], "goals": [["Finanzas", "Marketing"], ["Ventas"], ["Marketing", "Ventas"]], "availability": ["Mon 10:00-12:00; Wed 16:00-18:00", "Tue 10:00-12:00", "Mon 10:00-12:00; Tue 10:00-12:00"]},
    {"names": ["Pilar Soto", "Jordi Vila"], "capacity": [1, 2], "goals": [["Finanzas", "Ventas"], ["Marketing"]], "availability": ["Mon 10:00-12:00", "Tue 10:00-12:00; Wed 16:00-18:00"]},
)

GOOGLE_POLISH = Export(
    "google-forms-polish",
    text(
        """
        Sygnatura czasowa,Adres e-mail,Imię i nazwisko,Wydział,Czego chcesz się nauczyć?,Wyrażam zgodę na przetwarzanie danych
        2024/03/04 9:12:33 AM CET,ola@szkola.example,Ola Nowak,Prawo,"Negocjacje, Wystąpienia publiczne",Tak
        2024/03/04 9:20:33 AM CET,jan@szkola.example,Jan Wiśniewski,Ekonomia,"Excel, Negocjacje",Tak
        """
    ),
    text(
        """
        Sygnatura czasowa,Adres e-mail,Imię i nazwisko,Wydział,Umiejętności,Liczba podopiecznych
        2024/03/05 9:12:33 AM CET,ewa@szkola.example,Ewa Zając,Prawo,"Negocjacje, Wystąpienia publiczne",2
        2024/03/05 9:20:33 AM CET,piotr@szkola.example,Piotr Lis,Ekonomia,"Excel, Negocjacje",1
        """
    ),
    {"names": ["Ola Nowak", "Jan Wiśniewski"], "needs": [["Negocjacje", "Wystąpienia publiczne"], ["Excel", "Negocjacje"]], "department": ["Prawo", "Ekonomia"]},
    {"names": ["Ewa Zając", "Piotr Lis"], "skills": [["Negocjacje", "Wystąpienia publiczne"], ["Excel", "Negocjacje"]], "capacity": [2, 1]},
)


def _forms(headers: list[str], rows: list[list[Any]]) -> bytes:
    return workbook(("Form1", [headers, *rows]))


MICROSOFT_ENGLISH = Export(
    "microsoft-forms-english",
    _forms(
        ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time", "Job title", "Grade", "Location", "Which skills would you like to develop?", "Would you be willing to travel to another site?", "What do you hope to get out of the programme?"],
        [
            [1, "2024-02-01 09:00:04", "2024-02-01 09:07:31", "a.khan@council.example", "Khan, Amira", None, "Policy Officer", "Grade 7", "Leeds", "Stakeholder engagement;Project management;", "Yes", "Confidence in meetings"],
            [2, "2024-02-01 09:10:04", "2024-02-01 09:12:31", "b.lowe@council.example", "Lowe, Ben", None, "Accountant", "Grade 6", "Leeds", "Presenting;", "No", "A second opinion on my career."],
            [3, "2024-02-02 13:00:04", "2024-02-02 13:17:00", "c.evans@council.example", "Evans, Cerys", None, "Planner", "Grade 7", "Cardiff", "Project management;Presenting;Budgeting;", "Yes", None],
        ],
    ),
    _forms(
        ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time", "Job title", "Grade", "Location", "Which skills could you help someone develop?", "How many mentees would you be happy to support?", "Is there anyone you should not be matched with?"],
        [
            [1, "2024-02-01 09:00:04", "2024-02-01 09:07:31", "d.ross@council.example", "Ross, Dee", None, "Head of Policy", "Grade 10", "Leeds", "Stakeholder engagement;Presenting;", 2, "Amira Khan"],
            [2, "2024-02-01 10:00:04", "2024-02-01 10:07:31", "e.shaw@council.example", "Shaw, Eli", None, "Finance Manager", "Grade 9", "Cardiff", "Budgeting;Project management;", 1, None],
        ],
    ),
    {"names": ["Khan, Amira", "Lowe, Ben", "Evans, Cerys"], "needs": [["Stakeholder engagement", "Project management"], ["Presenting"], ["Project management", "Presenting", "Budgeting"]], "site": ["Leeds", "Leeds", "Cardiff"]},
    {"names": ["Ross, Dee", "Shaw, Eli"], "skills": [["Stakeholder engagement", "Presenting"], ["Budgeting", "Project management"]], "capacity": [2, 1], "avoid": [["Amira Khan"], None]},
)

MICROSOFT_GERMAN = Export(
    "microsoft-forms-german",
    _forms(
        ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name", "Standort", "Abteilung", "Welche Kompetenzen möchtest du ausbauen?", "Welche Sprachen sprichst du?", "Möchtest du uns noch etwas mitteilen?"],
        [
            [4, "2024-05-02 08:00:00", "2024-05-02 08:04:00", "anna.beck@werk.example", "Anna Beck", "München", "Einkauf", "Verhandeln;Führung;", "Deutsch;Englisch;", None],
            [5, "2024-05-02 09:00:00", "2024-05-02 09:04:00", "timo.haas@werk.example", "Timo Haas", "Köln", "Vertrieb", "Präsentieren;", "Deutsch;", "Freue mich!"],
            [6, "2024-05-03 09:00:00", "2024-05-03 09:14:00", "sofia.ricci@werk.example", "Sofia Ricci", "München", "Vertrieb", "Führung;Präsentieren;", "Deutsch;Italienisch;Englisch;", None],
        ],
    ),
    _forms(
        ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name", "Standort", "Abteilung", "Welche Kompetenzen kannst du vermitteln?", "Welche Sprachen sprichst du?", "Wie viele Mentees möchtest du betreuen?"],
        [[1, "2024-05-02 08:00:00", "2024-05-02 08:04:00", "petra.lang@werk.example", "Petra Lang", "München", "Einkauf", "Verhandeln;", "Deutsch;", 1], [2, "2024-05-02 09:00:00", "2024-05-02 09:04:00", "ralf.otto@werk.example", "Ralf Otto", "Köln", "IT", "Führung;Präsentieren;", "Deutsch;Englisch;", 2]],
    ),
    {"names": ["Anna Beck", "Timo Haas", "Sofia Ricci"], "needs": [["Verhandeln", "Führung"], ["Präsentieren"], ["Führung", "Präsentieren"]], "languages": [["Deutsch", "Englisch"], ["Deutsch"], ["Deutsch", "Italienisch", "Englisch"]], "site": ["München", "Köln", "München"]},
    {"names": ["Petra Lang", "Ralf Otto"], "skills": [["Verhandeln"], ["Führung", "Präsentieren"]], "capacity": [1, 2]},
)

_MICROSOFT_FRENCH = _forms(
    ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Prénom", "Nom de famille", "Vous souhaitez participer en tant que", "Site", "Objectifs", "Nombre de mentorés souhaité", "Vos disponibilités ou contraintes"],
    [
        [1, "2024-01-08 08:00:00", "2024-01-08 08:04:00", "anonymous", None, "Chloé", "Martin", "Mentoré", "Lyon", "Prise de parole;Réseau;", None, None],
        [2, "2024-01-08 08:10:00", "2024-01-08 08:14:00", "anonymous", None, "Hugo", "Petit", "Mentor", "Paris", "Réseau;Carrière;", 2, "Pas le vendredi"],
        [3, "2024-01-09 08:10:00", "2024-01-09 08:14:00", "anonymous", None, "Inès", "Roux", "Mentoré", "Paris", "Carrière;", None, None],
        [4, "2024-01-09 09:10:00", "2024-01-09 09:14:00", "anonymous", None, "Jules", "Faure", "Les deux", "Lyon", "Prise de parole;Carrière;", 1, None],
    ],
)
MICROSOFT_FRENCH = Export(
    "microsoft-forms-french-one-form",
    _MICROSOFT_FRENCH,
    _MICROSOFT_FRENCH,
    {"names": ["Chloé Martin", "Inès Roux", "Jules Faure"], "goals": [["Prise de parole", "Réseau"], ["Carrière"], ["Prise de parole", "Carrière"]], "site": ["Lyon", "Paris", "Lyon"]},
    {"names": ["Hugo Petit", "Jules Faure"], "goals": [["Réseau", "Carrière"], ["Prise de parole", "Carrière"]], "capacity": [2, 1]},
)

SURVEYMONKEY_ENGLISH = Export(
    "surveymonkey-english",
    text(
        """
        Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,What is your full name?,Which areas would you like support with?,,,,What is your work email?,Where are you based?,Is there anything else you would like to share?
        ,,,,,,,,,Open-Ended Response,Fundraising,Governance,People management,Other (please specify),Open-Ended Response,Response,Open-Ended Response
        118000000001,430000001,03/04/2024 10:12:11 AM,03/04/2024 10:19:40 AM,10.0.0.1,,,,,Nadia Hussein,Fundraising,,People management,,nadia@charity.example,Bristol,
        118000000002,430000001,03/04/2024 11:02:11 AM,03/04/2024 11:09:40 AM,10.0.0.2,,,,,Owen Price,,Governance,,Impact reporting,owen@charity.example,Cardiff,Thank you for organising this
        118000000003,430000001,03/05/2024 09:02:11 AM,03/05/2024 09:09:40 AM,10.0.0.3,,,,,Priya Shah,Fundraising,Governance,,,priya@charity.example,Bristol,
        """
    ),
    text(
        """
        Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,What is your full name?,What is your work email?,Which areas can you support a mentee with?,,,How many mentees could you support?,Do you have any conflicts of interest we should know about?
        ,,,,,,,,,Open-Ended Response,Open-Ended Response,Fundraising,Governance,People management,Response,Open-Ended Response
        118000000004,430000002,03/04/2024 10:12:11 AM,03/04/2024 10:19:40 AM,10.0.0.4,,,,,Quentin Ames,quentin@charity.example,Fundraising,Governance,,2,
        118000000005,430000002,03/04/2024 12:12:11 PM,03/04/2024 12:19:40 PM,10.0.0.5,,,,,Rosa Diaz,rosa@charity.example,,,People management,1,Owen Price
        """
    ),
    {"names": ["Nadia Hussein", "Owen Price", "Priya Shah"], "emails": ["nadia@charity.example", "owen@charity.example", "priya@charity.example"], "goals": [["Fundraising", "People management"], ["Governance", "Impact reporting"], ["Fundraising", "Governance"]]},
    {"names": ["Quentin Ames", "Rosa Diaz"], "goals": [["Fundraising", "Governance"], ["People management"]], "capacity": [2, 1], "avoid": [None, ["Owen Price"]]},
)

_SURVEYMONKEY_DUTCH = text(
    """
    Respondent-ID;Verzamelaar-ID;Begindatum;Einddatum;Wat is je naam?;Wat is je e-mailadres?;Wil je meedoen als mentor of mentee?;Welke onderwerpen spreken je aan?;;;Hoeveel mentees kun je begeleiden?;Opmerkingen
    ;;;;Open antwoord;Open antwoord;Antwoord;Leiderschap;Communicatie;Onderzoek;Antwoord;Open antwoord
    2001;31;04-03-2024 10:12;04-03-2024 10:19;Sanne de Vries;sanne@hogeschool.example;Mentee;Leiderschap;;Onderzoek;;
    2002;31;04-03-2024 11:12;04-03-2024 11:19;Bram Bakker;bram@hogeschool.example;Mentor;;Communicatie;Onderzoek;2;Graag op dinsdag
    2003;31;05-03-2024 11:12;05-03-2024 11:19;Fatima el Idrissi;fatima@hogeschool.example;Mentee;;Communicatie;;;
    2004;31;05-03-2024 12:12;05-03-2024 12:19;Joost Smit;joost@hogeschool.example;Mentor;Leiderschap;;;1;
    """
)
SURVEYMONKEY_DUTCH = Export(
    "surveymonkey-dutch-one-survey", _SURVEYMONKEY_DUTCH, _SURVEYMONKEY_DUTCH, {"names": ["Sanne de Vries", "Fatima el Idrissi"], "goals": [["Leiderschap", "Onderzoek"], ["Communicatie"]]}, {"names": ["Bram Bakker", "Joost Smit"], "goals": [["Communicatie", "Onderzoek"], ["Leiderschap"]], "capacity": [2, 1]}
)


def _qualtrics(names: list[str], asked: list[str], rows: list[list[str]]) -> str:
    """Return a Qualtrics CSV: names, questions, import ids, answers after the usual columns."""
    import csv as writer

    fixed = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage"]
    spoken = [
        "Start Date",
        "End Date",
        "Response Type",
        "IP Address",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "Recorded Date",
        "Response ID",
        "Recipient Last Name",
        "Recipient First Name",
        "Recipient Email",
        "External Data Reference",
        "Location Latitude",
        "Location Longitude",
        "Distribution Channel",
        "User Language",
    ]
    ids = [f'{{"ImportId":"{name}"}}' for name in [*fixed, *(f"QID{k}" for k in range(len(names)))]]
    out = io.StringIO()
    sheet = writer.writer(out)
    sheet.writerows([[*fixed, *names], [*spoken, *asked], ids])
    for k, row in enumerate(rows):
        meta = [f"2024-03-0{k % 9 + 1} 09:00:00", f"2024-03-0{k % 9 + 1} 09:11:{k:02d}", "IP Address", f"10.1.0.{k}", "100", str(300 + 7 * k), "True", f"2024-03-0{k % 9 + 1} 09:11:{k:02d}", f"R_{k:03d}aQz", "", "", "", "", "53.8", "-1.5", "anonymous", "EN"]
        sheet.writerow([*meta, *row])
    return out.getvalue()


QUALTRICS_ENGLISH = Export(
    "qualtrics-english",
    _qualtrics(
        ["Q1", "Q2_1", "Q2_2", "Q2_3", "Q3", "Q4", "Q5"],
        ["I have read the information sheet and agree to take part.", "Contact details - First name", "Contact details - Last name", "Contact details - Email", "Which of these would you like help with? - Selected Choice", "What is your year of study?", "What do you hope to gain?"],
        [
            ["Yes", "Grace", "Mbeki", "grace@uni.example", "Applying for jobs,Interview practice", "Year 1", "I'd like to know what a lawyer does all day."],
            ["Yes", "Henry", "Cole", "henry@uni.example", "Interview practice", "Year 3", ""],
            ["Yes", "Ivy", "Tran", "ivy@uni.example", "Applying for jobs,Postgraduate study", "Year 2", "Contacts"],
            ["Yes", "Jack", "Moss", "jack@uni.example", "Postgraduate study", "Year 3", ""],
        ],
    ),
    _qualtrics(
        ["Q1_1", "Q1_2", "Q1_3", "Q2", "Q3", "Q4"],
        ["Contact details - First name", "Contact details - Last name", "Contact details - Email", "Which of these can you help with? - Selected Choice", "How many students can you mentor?", "Current employer"],
        [["Kemi", "Bello", "kemi@law.example", "Applying for jobs,Interview practice", "2", "Bello & Co"], ["Leo", "Hart", "leo@lab.example", "Postgraduate study", "1", "City Lab"]],
    ),
    {"names": ["Grace Mbeki", "Henry Cole", "Ivy Tran", "Jack Moss"], "emails": ["grace@uni.example", "henry@uni.example", "ivy@uni.example", "jack@uni.example"], "goals": [["Applying for jobs", "Interview practice"], ["Interview practice"], ["Applying for jobs", "Postgraduate study"], ["Postgraduate study"]]},
    {"names": ["Kemi Bello", "Leo Hart"], "goals": [["Applying for jobs", "Interview practice"], ["Postgraduate study"]], "capacity": [2, 1]},
)

_TOPICS = ["Grant writing", "Teaching", "Open science", "Supervision"]


def _large_qualtrics(count: int, role: str) -> str:
    last = ["Abara", "Boyle", "Cruz", "Duarte", "Engel", "Farouk", "Gallo"]
    rows = []
    for k in range(count):
        ticks = [topic if (k + t) % 3 == 0 or k % 4 == t else "" for t, topic in enumerate(_TOPICS)]
        who = [f"{('Ash', 'Bea', 'Cem', 'Dov')[k % 4]}{k}", f"{last[k % 7]}{k}", f"{role}{k}@institute.example"]
        rows.append([*who, ["Biology", "History", "Physics"][k % 3], *ticks, str(1 + k % 3), f"I work on project {k}, mostly with students."])
    asked = [f"Topics you {'want help with' if role == 'mentee' else 'can help with'} - {topic}" for topic in _TOPICS]
    number = "Years since PhD" if role == "mentee" else "Maximum number of mentees"
    return _qualtrics(["First name", "Last name", "Email", "Department", *(f"Topics_{k}" for k in range(1, 5)), "Number", "About"], ["First name", "Last name", "Email", "Department", *asked, number, "Tell us about your research"], rows)


def _ticked(count: int) -> list[list[str]]:
    chosen = [[topic for t, topic in enumerate(_TOPICS) if (k + t) % 3 == 0 or k % 4 == t] for k in range(count)]
    return [sorted(topics) for topics in chosen]


QUALTRICS_LARGE = Export("qualtrics-ticks-of-200", _large_qualtrics(200, "mentee"), _large_qualtrics(80, "mentor"), {"goals": _ticked(200), "department": [["Biology", "History", "Physics"][k % 3] for k in range(200)]}, {"goals": _ticked(80), "capacity": [1 + k % 3 for k in range(80)]})

TYPEFORM_ENGLISH = Export(
    "typeform-english",
    text(
        """
        #,"Hi! What's your first name?","And your last name?","What's your email address?",What industry do you work in?,What would you like your mentor to help you with?,"On a scale of 1 to 10, how confident do you feel about your career?",LinkedIn profile,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags,Ending
        ab1cd2,Mina,Cho,mina@mail.example,Media,"Finding a job, Building a portfolio",4,https://linkedin.example/in/mina,completed,2024-03-04 09:10:00,,2024-03-04 09:15:21,f1e2d3,,Thank you
        ab1cd3,Noor,Ali,noor@mail.example,Health,Changing industry,6,,completed,2024-03-04 10:10:00,,2024-03-04 10:15:21,f1e2d4,,Thank you
        ab1cd4,Otto,Lund,otto@mail.example,Media,"Building a portfolio, Freelancing",7,https://linkedin.example/in/otto,completed,2024-03-05 09:10:00,,2024-03-05 09:15:21,f1e2d5,,Thank you
        """
    ),
    text(
        """
        #,"Hi! What's your first name?","And your last name?","What's your email address?",What industry do you work in?,What can you help mentees with?,How many mentees would you like?,How many years have you worked in your industry?,LinkedIn profile,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags,Ending
        bb1cd2,Pia,Falk,pia@mail.example,Media,"Building a portfolio, Freelancing",2,12,,completed,2024-03-04 09:10:00,,2024-03-04 09:15:21,f1e2d6,,Thank you
        bb1cd3,Ravi,Iyer,ravi@mail.example,Health,"Changing industry, Finding a job",1,8,,completed,2024-03-04 10:10:00,,2024-03-04 10:15:21,f1e2d7,,Thank you
        """
    ),
    {"names": ["Mina Cho", "Noor Ali", "Otto Lund"], "emails": ["mina@mail.example", "noor@mail.example", "otto@mail.example"], "goals": [["Finding a job", "Building a portfolio"], ["Changing industry"], ["Building a portfolio", "Freelancing"]]},
    {"names": ["Pia Falk", "Ravi Iyer"], "goals": [["Building a portfolio", "Freelancing"], ["Changing industry", "Finding a job"]], "capacity": [2, 1]},
)

TYPEFORM_PORTUGUESE = Export(
    "typeform-portuguese",
    text(
        """
        #,Qual é o seu nome?,Qual é o seu e-mail?,Em que cidade você mora?,Em quais temas você gostaria de receber apoio?,Como ficou sabendo do programa?,Start Date (UTC),Submit Date (UTC),Network ID
        c1,Beatriz Lima,bia@rede.example,Recife,"Carreira, Finanças pessoais",Instagram,2024-03-04 09:10:00,2024-03-04 09:15:21,aa1
        c2,Caio Souza,caio@rede.example,Natal,Programação,Amigos,2024-03-04 10:10:00,2024-03-04 10:15:21,aa2
        c3,Davi Rocha,davi@rede.example,Recife,"Programação, Carreira",Instagram,2024-03-05 10:10:00,2024-03-05 10:15:21,aa3
        """
    ),
    text(
        """
        #,Qual é o seu nome?,Qual é o seu e-mail?,Em que cidade você mora?,Em quais temas você pode ajudar?,Quantos mentorados você pode acompanhar?,Start Date (UTC),Submit Date (UTC),Network ID
        d1,Elisa Prado,elisa@rede.example,Recife,"Carreira, Programação",2,2024-03-04 09:10:00,2024-03-04 09:15:21,aa4
        d2,Fábio Nunes,fabio@rede.example,Natal,Finanças pessoais,1,2024-03-04 10:10:00,2024-03-04 10:15:21,aa5
        """
    ),
    {"names": ["Beatriz Lima", "Caio Souza", "Davi Rocha"], "emails": ["bia@rede.example", "caio@rede.example", "davi@rede.example"], "goals": [["Carreira", "Finanças pessoais"], ["Programação"], ["Programação", "Carreira"]], "site": ["Recife", "Natal", "Recife"]},
    {"names": ["Elisa Prado", "Fábio Nunes"], "goals": [["Carreira", "Programação"], ["Finanças pessoais"]], "capacity": [2, 1]},
)

_TYPEFORM_OPTIONS = text(
    """
    #,Your name,Your email,Are you joining as a mentor or a mentee?,Leadership,Data analysis,Storytelling,Negotiation,Other,How many mentees can you support?,Submitted At,Token
    t1,Gail Watts,gail@hub.example,Mentee,Leadership,,Storytelling,,,,2024-03-04 09:15:21,k1
    t2,Hal Ives,hal@hub.example,Mentor,,Data analysis,,Negotiation,,2,2024-03-04 10:15:21,k2
    t3,Ida Bloom,ida@hub.example,Mentee,,Data analysis,,,Grant applications,,2024-03-05 09:15:21,k3
    t4,Jo Marsh,jo@hub.example,Mentor,Leadership,,Storytelling,,,1,2024-03-05 10:15:21,k4
    """
)
TYPEFORM_OPTIONS = Export("typeform-a-column-per-option", _TYPEFORM_OPTIONS, _TYPEFORM_OPTIONS, {"names": ["Gail Watts", "Ida Bloom"], "emails": ["gail@hub.example", "ida@hub.example"]}, {"names": ["Hal Ives", "Jo Marsh"], "capacity": [2, 1]})

_WORKDAY = text(
    """
    Mentoring Programme - Participants,,,,,,,,,,,
    Effective as of 2024-03-01,,,,,,,,,,,
    Employee ID,Worker,Preferred Name,Email - Work,Business Title,Supervisory Organization,Worker's Manager,Location,Management Level,Hire Date,Time Type,Mentoring Role
    100231,Alice Stone,Ally Stone,alice.stone@corp.example,Analyst,Treasury (Mark Reed),Mark Reed,London,Individual Contributor,2021-06-14,Full time,Mentee
    100232,Brian Teo,Brian Teo,brian.teo@corp.example,Director,Treasury (Mark Reed),Mark Reed,London,Director,2012-01-09,Full time,Mentor
    100233,Carmen Vega,Carmen Vega,carmen.vega@corp.example,Engineer,Platform (Ito Kei),Ito Kei,Madrid,Individual Contributor,2022-10-03,Part time,Mentee
    100234,Ito Kei,Ito Kei,ito.kei@corp.example,Head of Platform,Technology (Ann Day),Ann Day,London,Director,2010-02-01,Full time,Mentor
    100235,Dora Elm,Dora Elm,dora.elm@corp.example,Engineer,Platform (Ito Kei),Ito Kei,London,Manager,2018-02-01,Full time,Mentee
    """
)
WORKDAY = Export(
    "workday-report",
    _WORKDAY,
    _WORKDAY,
    {"ids": ["100231", "100233", "100235"], "names": ["Alice Stone", "Carmen Vega", "Dora Elm"], "supervisor_id": [["Mark Reed"], ["Ito Kei"], ["Ito Kei"]], "site": ["London", "Madrid", "London"]},
    {"ids": ["100232", "100234"], "names": ["Brian Teo", "Ito Kei"], "supervisor_id": [["Mark Reed"], ["Ann Day"]]},
)

HR_GERMAN = Export(
    "hr-system-german",
    text(
        """
        Personalnummer;Nachname;Vorname;E-Mail;Kostenstelle;Abteilung;Standort;Entgeltgruppe;Eintrittsdatum;Vorgesetzter;Entwicklungsziele
        00417;Arndt;Mia;mia.arndt@stadt.example;4711;Bauamt;Rathaus;E9;01.09.2019;00102;Projektleitung, Moderation
        00418;Brandt;Nils;nils.brandt@stadt.example;4711;Bauamt;Rathaus;E11;01.04.2016;00102;Moderation
        00533;Celik;Deniz;deniz.celik@stadt.example;4800;Kämmerei;Neubau;E10;15.02.2021;00105;Projektleitung, Haushaltsrecht
        """
    ),
    text(
        """
        Personalnummer;Nachname;Vorname;E-Mail;Kostenstelle;Abteilung;Standort;Entgeltgruppe;Eintrittsdatum;Vorgesetzter;Themen;Kapazität
        00102;Dietz;Hanna;hanna.dietz@stadt.example;4711;Bauamt;Rathaus;E14;01.01.2005;00001;Projektleitung, Moderation;2
        00105;Ehlers;Jan;jan.ehlers@stadt.example;4800;Kämmerei;Neubau;E13;01.10.2009;00001;Haushaltsrecht;1
        """
    ),
    {"ids": ["00417", "00418", "00533"], "names": ["Mia Arndt", "Nils Brandt", "Deniz Celik"], "supervisor_id": [["00102"], ["00102"], ["00105"]], "goals": [["Projektleitung", "Moderation"], ["Moderation"], ["Projektleitung", "Haushaltsrecht"]]},
    {"ids": ["00102", "00105"], "capacity": [2, 1], "goals": [["Projektleitung", "Moderation"], ["Haushaltsrecht"]]},
)

_HAND_ENGLISH = workbook(
    (
        "Mentees",
        [
            ["Name", "Email", "Team", "Goals", "Preferred mentors", "Notes"],
            ["Ali Raza", "ali@shop.example", "Sales", "Negotiation, Coaching", "Kay Moore", None],
            ["Bea Finch", "bea@shop.example", "Stores", "Coaching", None, "on leave until May"],
            ["Cal Young", "cal@shop.example", "Stores", "Merchandising, Negotiation", "Kay Moore, Lee Ward", None],
        ],
    ),
    ("Mentors", [["Name", "Email", "Team", "Goals", "Max mentees", "Notes"], ["Kay Moore", "kay@shop.example", "Sales", "Negotiation, Coaching", 2, None], ["Lee Ward", "lee@shop.example", "Stores", "Merchandising", 1, "prefers mornings"]]),
)
HAND_ENGLISH = Export(
    "by-hand-a-sheet-per-role",
    _HAND_ENGLISH,
    _HAND_ENGLISH,
    {"names": ["Ali Raza", "Bea Finch", "Cal Young"], "goals": [["Negotiation", "Coaching"], ["Coaching"], ["Merchandising", "Negotiation"]], "preferred": [["Kay Moore"], None, ["Kay Moore", "Lee Ward"]]},
    {"names": ["Kay Moore", "Lee Ward"], "capacity": [2, 1], "goals": [["Negotiation", "Coaching"], ["Merchandising"]]},
)

_HAND_ITALIAN = workbook(
    (
        "Foglio1",
        [
            ["Programma di mentoring 2024", None, None, None, None, None, None],
            [None] * 7,
            ["Nome", "Cognome", "E-mail", "Ruolo", "Sede", "Competenze", "Numero massimo di mentee"],
            ["Giulia", "Conti", "giulia@azienda.example", "Mentee", "Torino", "Vendite, Inglese", None],
            ["Marco", "Serra", "marco@azienda.example", "Mentore", "Torino", "Vendite", 2],
            ["Paolo", "Riva", "paolo@azienda.example", "Mentee", "Bari", "Bilancio", None],
            ["Sara", "Neri", "sara@azienda.example", "Mentore", "Bari", "Bilancio, Inglese", 1],
        ],
    )
)
HAND_ITALIAN = Export("by-hand-italian-with-a-title", _HAND_ITALIAN, _HAND_ITALIAN, {"names": ["Giulia Conti", "Paolo Riva"], "site": ["Torino", "Bari"], "skills": [["Vendite", "Inglese"], ["Bilancio"]]}, {"names": ["Marco Serra", "Sara Neri"], "capacity": [2, 1], "skills": [["Vendite"], ["Bilancio", "Inglese"]]})

HAND_JAPANESE = Export(
    "by-hand-japanese",
    workbook(("新人", [["社員番号", "氏名", "メールアドレス", "部署", "学びたいスキル", "備考"], ["A001", "佐藤 花子", "hanako@kaisha.example", "営業部", "英語、交渉", None], ["A002", "鈴木 一郎", "ichiro@kaisha.example", "経理部", "Excel", "4月入社"]])),
    workbook(("先輩", [["社員番号", "氏名", "メールアドレス", "部署", "スキル", "受け入れ可能人数"], ["B001", "高橋 実", "minoru@kaisha.example", "営業部", "英語、交渉", 2], ["B002", "田中 恵", "megumi@kaisha.example", "経理部", "Excel、簿記", 1]])),
    {"ids": ["A001", "A002"], "names": ["佐藤 花子", "鈴木 一郎"], "needs": [["英語", "交渉"], ["Excel"]], "department": ["営業部", "経理部"]},
    {"ids": ["B001", "B002"], "skills": [["英語", "交渉"], ["Excel", "簿記"]], "capacity": [2, 1]},
)

_CHRONUS = text(
    """
    Member ID,First name,Last name,Email,Role,Status,Joined on,Last login,Profile completion (%),Ongoing engagements,Max ongoing engagements preferred,Location,Areas of expertise,Areas of interest,About Me,Tags
    5001,Uma,Nair,uma@firm.example,Student,Active,2024-02-01,2024-03-02,100,0,,Pune,,"Consulting, Data science","Final-year student, curious about consulting.",cohort-24
    5002,Vik,Rao,vik@firm.example,Mentor,Active,2023-02-01,2024-03-01,90,0,2,Pune,"Consulting, Interviewing",,Partner in a small firm.,
    5003,Wes,Dunn,wes@firm.example,Student,Active,2024-02-03,2024-02-28,80,0,,Delhi,,Data science,,cohort-24
    5004,Xena,Kaur,xena@firm.example,Mentor,Active,2022-05-11,2024-03-03,100,0,1,Delhi,Data science,,I lead a team of eight.,
    """
)
CHRONUS = Export("chronus-members", _CHRONUS, _CHRONUS, {"ids": ["5001", "5003"], "names": ["Uma Nair", "Wes Dunn"], "site": ["Pune", "Delhi"]}, {"ids": ["5002", "5004"], "names": ["Vik Rao", "Xena Kaur"], "capacity": [2, 1]})

TOGETHER = Export(
    "together-like-users",
    text(
        """
        User ID,First Name,Last Name,Email,Job Title,Department,Office Location,Time Zone,Manager Email,Skills to Develop,Interests,Bio,Registered At
        u-01,Yara,Haddad,yara@scale.example,Engineer,Product,Toronto,America/Toronto,ana@scale.example,"Roadmapping, Hiring",Climbing,"I build things, and break some.",2024-03-01T09:00:00Z
        u-02,Zane,Otieno,zane@scale.example,Designer,Product,Nairobi,Africa/Nairobi,ana@scale.example,Hiring,"Chess, Running",,2024-03-01T10:00:00Z
        u-03,Abel,Mora,abel@scale.example,Engineer,Data,Toronto,America/Toronto,bo@scale.example,Roadmapping,Running,,2024-03-02T09:00:00Z
        """
    ),
    text(
        """
        User ID,First Name,Last Name,Email,Job Title,Department,Office Location,Time Zone,Manager Email,Skills,Interests,Mentee Capacity,Current Mentees,Registered At
        u-11,Ana,Lind,ana@scale.example,Director,Product,Toronto,America/Toronto,cto@scale.example,"Roadmapping, Hiring",Chess,2,0,2024-03-01T09:00:00Z
        u-12,Bo,Quist,bo@scale.example,Manager,Data,Nairobi,Africa/Nairobi,cto@scale.example,Hiring,"Running, Climbing",1,0,2024-03-01T10:00:00Z
        """
    ),
    {"ids": ["u-01", "u-02", "u-03"], "needs": [["Roadmapping", "Hiring"], ["Hiring"], ["Roadmapping"]], "interests": [["Climbing"], ["Chess", "Running"], ["Running"]], "supervisor_id": [["ana@scale.example"], ["ana@scale.example"], ["bo@scale.example"]]},
    {"ids": ["u-11", "u-12"], "skills": [["Roadmapping", "Hiring"], ["Hiring"]], "capacity": [2, 1]},
)

EXPORTS = (
    GOOGLE_ENGLISH, GOOGLE_GERMAN, GOOGLE_SPANISH, GOOGLE_POLISH,
    MICROSOFT_ENGLISH, MICROSOFT_GERMAN, MICROSOFT_FRENCH,
    SURVEYMONKEY_ENGLISH, SURVEYMONKEY_DUTCH,
    QUALTRICS_ENGLISH, QUALTRICS_LARGE,
    TYPEFORM_ENGLISH, TYPEFORM_PORTUGUESE, TYPEFORM_OPTIONS,
    WORKDAY, HR_GERMAN,
    HAND_ENGLISH, HAND_ITALIAN, HAND_JAPANESE,
    CHRONUS, TOGETHER,
)  # fmt: skip
