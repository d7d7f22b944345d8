# ruff: noqa: E501 (rows of exported files)
"""Small rosters of invented people, in the shapes that forms and HR systems export."""

from __future__ import annotations

import io
import zipfile

import pandas as pd


def csv(text: str) -> io.StringIO:
    """Return an open file of a CSV written with one line per row, indentation dropped."""
    return io.StringIO("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    """Return an XLSX with these sheets."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, place, cell)
    return buffer.getvalue()


YES, PERHAPS, NO = "Definitely Yes", "Not my first preference, but I'd make it work.", "No"

MS_FORMS: list[list[object]] = [
    [
        "ID", "Start time", "Completion time", "Email", "Name", "First Name", "Last Name",
        "Badge number", "Work email address", "Where are you based?",
        "Leeds (North)", "Bath (South)", "Ely (North)", "Female", "Male",
        "Which skills would you like to develop?", "Ids of preferred mentors",
        "How would you like to proceed?",
    ],
    [
        1, "2024-03-01 09:00:00", "2024-03-01 09:05:00", "anonymous", None, "Ana", "Lima",
        70001, "ana@firm.example", "Leeds", YES, PERHAPS, NO, YES, PERHAPS,
        "Skill: Planning, budgets;Skill: Speaking;", "80002, ",
        "Finish. (I'd rather not be paired with anyone else)",
    ],
    [
        2, "2024-03-01 09:01:00", "2024-03-01 09:09:00", "anonymous", None, "Bo", "Chan",
        70002, "bo@firm.example", "Bath", NO, YES, PERHAPS, YES, YES,
        "Skill: Speaking;", "80001 80003", "Take me to the next section.",
    ],
    [
        3, "2024-03-02 09:01:00", "2024-03-02 09:09:00", "anonymous", None, "Ana", "Lima",
        70001, "ana@firm.example", "Leeds", YES, NO, NO, YES, PERHAPS,
        "Skill: Speaking;", 80001, None,
    ],
]  # fmt: skip

GOOGLE_FORMS = """
Timestamp,Email Address,Name,What do you hope to work on?,When are you UNAVAILABLE? [Monday],When are you UNAVAILABLE? [Tuesday],Time zone,How would you rate your confidence?
2024/03/01 9:00:00 AM GMT,ana@x.example,Ana,"Career planning, Public speaking",8AM;9AM,8AM;noon,London,4. I have done it before
2024/03/01 9:10:00 AM GMT,bo@x.example,Bo,"Public speaking, Networking",noon,,GMT+1,1. I have never done it
2024/03/01 9:20:00 AM GMT,cy@x.example,Cy,Networking,,,Europe/Paris,4. I have done it before
"""

TOGETHER = """
employeeId,supervisorId,firstName,lastName,email,employeeStatusCode,jobTitle
101,201,Ana,Lima,ana@x.example,A,Analyst
102,201,Bo,Chan,bo@x.example,T,Analyst
103,101,Cy,Dahl,cy@x.example,L,Clerk
"""

BAMBOO = """
Employee ID,Employee number,First name,Last name,Supervisor ID,Supervisor E ID,Work email,Hire date
11,E-1,Ana,Lima,E-2,12,ana@x.example,2019-01-01
12,E-2,Bo,Chan,E-3,13,bo@x.example,2018-01-01
13,E-3,Cy,Dahl,,,cy@x.example,2017-01-01
"""

PUSHFAR = """
Email,First Name,Last Name,Mentoring Type,Maximum Mentees,Expertise,Skills needed
ana@x.example,Ana,Lima,Mentor,2;88,Finance;Law,
bo@x.example,Bo,Chan,Mentee,,,Law
cy@x.example,Cy,Dahl,Both,As many as you need,Law,Finance
di@x.example,Di,Eng,Disabled,,,
"""

CIVIL_SERVICE = """
first name,last name,email address,both mentor and mentee,grade,profession,match with similar identity,identity to match
Ana,Lima,ana@gov.example,yes,HEO,Policy,yes,Gay
Bo,Chan,bo@gov.example,no,AA,Policy,no,Lesbian
Cy,Dahl,cy@gov.example,no,Grade 7,Law,yes,
"""


def people(count: int) -> pd.DataFrame:
    """Return a roster with a column of every kind and nothing to repair."""
    cities = ["Leeds", "Bath", "Ely"]
    return pd.DataFrame(
        {
            "Employee ID": [f"E{k:03d}" for k in range(count)],
            "Name": [f"Person {chr(65 + k % 26)}{k}" for k in range(count)],
            "Email": [f"p{k}@x.example" for k in range(count)],
            "Skills needed": [f"Python:{k % 4 + 1};Law" if k % 3 else "Art" for k in range(count)],
            "Availability": [f"Mon 9:00-1{k % 3}:00; Thu 14:00-15:00" for k in range(count)],
            "Time zone": [("Europe/London", "Asia/Kolkata")[k % 2] for k in range(count)],
            "Grade": [("AA", "EO", "SCS1")[k % 3] for k in range(count)],
            "Office": [cities[k % 3] for k in range(count)],
            "Gender": [("Female", "Male", None)[k % 3] for k in range(count)],
            "Manager ID": [f"E{k // 4:03d}" for k in range(count)],
            "Preferred mentors": [f"M{k};M{k + 1}" for k in range(count)],
            "Years of experience": [float(k % 20) if k % 5 else None for k in range(count)],
            "About me": [
                f"I am person {k} and hope to learn how to lead a team." for k in range(count)
            ],
        }
    )


def open_document(rows, hidden_row, hidden_column, failed, *, flat=False):
    """Return an ODS of these rows, with a hidden row, a hidden column and a failed formula.

    With `flat` they are not hidden but have no height and no width.
    """
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }
    spaces = " ".join(f'xmlns:{short}="{long}"' for short, long in names.items())
    shown = ["<table:table-column/>"] * len(rows[0])
    closed = 'table:style-name="co9"' if flat else 'table:visibility="collapse"'
    shown[hidden_column - 1] = f"<table:table-column {closed}/>"
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table-{family}">'
        f'<style:table-{family}-properties style:{family}-{size}="{value}"/></style:style>'
        for name, family, size, value in (
            ("co1", "column", "width", "2.3cm"), ("co9", "column", "width", "0cm"),
            ("ro1", "row", "height", "0.45cm"), ("ro9", "row", "height", "0in"),
        )
    )  # fmt: skip
    columns = "".join(shown)
    body = ""
    for number, row in enumerate(rows, 1):
        cells = "".join(
            '<table:table-cell office:value-type="string" office:string-value="" '
            f'calcext:value-type="error"><text:p>{cell}</text:p></table:table-cell>'
            if (number, place) == failed
            else '<table:table-cell office:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for place, cell in enumerate(row, 1)
        )
        closed = ' table:style-name="ro9"' if flat else ' table:visibility="filter"'
        state = closed if number == hidden_row else ' table:style-name="ro1"'
        body += f"<table:table-row{state}>{cells}</table:table-row>"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} '
        f'office:version="1.2"><office:automatic-styles>{styles}</office:automatic-styles>'
        f'<office:body><office:spreadsheet><table:table table:name="People">'
        f"{columns}{body}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
        '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()
