"""Write the two invented rosters of the shipped example: what a programme's two forms would export.

`mentees.xlsx` looks like Microsoft Forms, `mentors.csv` like Google Forms. Nobody in them is
real. They hold the blemishes of real exports on purpose: a person who signed up twice, somebody
on both rosters, separators mixed, a misspelt and an unknown name among the wishes.

Run it with ``python examples/make_rosters.py``; the same seed writes the same rosters.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from mentormatch.datasets import example_files, make_cohort

FOLDER = example_files()[0].parent
SEED = 20
MENTEES, MENTORS = 120, 45
OPENED = datetime(2026, 3, 2, 9, 0)

GOALS = {  # options of a real form are sentences, and hold commas
    "leading a team": "Leading a team, for the first time",
    "public speaking": "Public speaking",
    "work-life balance": "Balance of work, family and rest",
    "changing profession": "Changing profession",
    "managing stakeholders": "Managing stakeholders, inside and outside",
    "preparing for promotion": "Preparing for a promotion",
}
CAPACITY = {
    "1": ("Just one", "1", "one", "One mentee, please"),
    "2": ("Two", "One or two is good for me", "2", "up to 2"),
    "3": ("3", "Three", "2-3", "up to three"),
    "4": ("4", "Up to 4"),
    "5": ("5", "five"),
}
MENTORED_BEFORE = (
    "1. I have never mentored anybody",
    "2. I have mentored once or twice",
    "3. I have mentored several people",
    "4. I have mentored for many years",
)
DAYS = {"Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday"}
GRID_HOURS = range(8, 20)
SPELT = {"Zoe ": "Zoë ", "Ines ": "Inês ", "Noor ": "Noor van ", " Sousa": " de Sousa"}


def main() -> None:
    """Write both files."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    mentees, mentors = make_cohort(MENTEES, MENTORS, rng, seats=0.96, missing=0.06, sites=5)
    for frame in (mentees, mentors):
        frame["name"] = frame["name"].replace(SPELT, regex=True)
        frame["goals"] = frame["goals"].replace(GOALS, regex=True)
    submitted = _times(rng, MENTEES), _times(rng, MENTORS)
    write_xlsx(mentees_form(mentees, mentors, submitted[0], rng), FOLDER / "mentees.xlsx")
    form = mentors_form(mentors, mentees, submitted[1], rng)
    form.to_csv(FOLDER / "mentors.csv", index=False, lineterminator="\n", encoding="utf-8")


def _times(rng: np.random.Generator, count: int) -> list[datetime]:
    """Return when the answers came in, in order."""
    minutes = np.sort((rng.random(count) * 14 * 24 * 60).astype(int))
    return [OPENED + timedelta(minutes=int(minute)) for minute in minutes]


def _capitalised(cell: str) -> str:
    return ";".join(word[:1].upper() + word[1:] for word in cell.split(";"))


def _microsoft(cell: str) -> str:
    """Close several answers with a semicolon, as Microsoft Forms does."""
    return f"{_capitalised(cell)};" if cell else ""


def _google(cell: str) -> str:
    """Join several answers with a comma, as Google Forms does."""
    return _capitalised(cell).replace(";", ", ")


def _employee(cell: pd.Series) -> pd.Series:
    return cell.str.replace("0000", "", n=1, regex=False)


def mentees_form(
    mentees: pd.DataFrame,
    mentors: pd.DataFrame,
    submitted: list[datetime],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the mentees' answers under the headers of a Microsoft form."""
    names = dict(zip(mentors["id"], mentors["name"], strict=True))
    wishes = [[names[one] for one in cell.split(";") if one] for cell in mentees["preferred"]]
    form = pd.DataFrame(
        {
            "ID": range(1, len(mentees) + 1),
            "Start time": [moment - timedelta(minutes=6) for moment in submitted],
            "Completion time": submitted,
            "Email": "anonymous",
            "Name": "",
            "Your full name": mentees["name"],
            "Your work email address": mentees["email"],
            "Employee number": _employee(mentees["id"]),
            "Line manager (employee number)": _employee(mentees["supervisor_id"]),
            "Which department do you work in?": mentees["department"],
            "Which site are you based at?": mentees["site"],
            "What is your time zone?": mentees["timezone"],
            "What is your current grade?": mentees["seniority"],
            "What are your goals for this programme? (choose up to three)": mentees["goals"].map(
                _microsoft
            ),
            "Which skills do you need help with, and which level do you aim for? "
            "(for example python:3; 1 = beginner, 5 = expert)": mentees["needs"],
            "Which skills do you have today, and at which level?": mentees["skills"],
            "Which communication style suits you best?": mentees["communication_style"].map(
                _capitalised
            ),
            "When are you available to meet? (your local time)": mentees["availability"],
            "How many hours per month can you set aside for mentoring?": mentees["hours"],
            "How often would you like to meet?": mentees["rhythm"].map(_capitalised),
            "What are your interests outside of work?": mentees["interests"].map(_microsoft),
            "Which languages do you speak?": mentees["languages"].map(_microsoft),
            "Preferred mentors, if any (up to three names, the most wanted first)": [
                "; ".join(wish) for wish in wishes
            ],
            "Gender": mentees["gender"].map(_capitalised),
            "Tell us a little about yourself and what you hope for": mentees["about"],
        }
    )
    return _blemished(form, mentors, rng)


def _blemished(form: pd.DataFrame, mentors: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the form with what goes wrong in real ones."""
    needs = next(header for header in form if header.startswith("Which skills do you need"))
    wishes = next(header for header in form if header.startswith("Preferred mentors"))
    several = form.index[form[needs].str.count(";") >= 1]
    form.loc[several[0], needs] = form.loc[several[0], needs].replace(";", ", ")
    form.loc[several[1], needs] = form.loc[several[1], needs].replace(";", " / ").replace(":", ": ")
    form.loc[several[2], needs] = form.loc[several[2], needs].upper().replace(";", "\n")
    wished = form.index[form[wishes] != ""]
    first, _, last = str(mentors["name"].iloc[3]).partition(" ")
    form.loc[wished[2], wishes] = f"{first} {last[:-2]}{last[-1]}{last[-2]}"  # letters swapped
    form.loc[wished[5], wishes] = "Professor Alma Nobody"
    name, mail = "Your full name", "Your work email address"
    form.loc[7, name] = f"  {form.loc[7, name]} "
    form.loc[8, mail] = str(form.loc[8, mail]).upper()
    # a mentor who would also like to be mentored
    both = mentors.iloc[int(rng.random() * 10)]
    form.loc[20, [name, mail]] = both[["name", "email"]].to_list()
    form.loc[20, "Employee number"] = both["id"].replace("0000", "", 1)
    # and a mentee who signed up twice, with a second thought
    again = form.loc[[31]].assign(ID=len(form) + 1)
    again[["Start time", "Completion time"]] += timedelta(days=20)
    again["How many hours per month can you set aside for mentoring?"] = "2"
    return pd.concat([form, again], ignore_index=True)


def mentors_form(
    mentors: pd.DataFrame,
    mentees: pd.DataFrame,
    submitted: list[datetime],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the mentors' answers under the headers of a Google form."""
    names = dict(zip(mentees["id"], mentees["name"], strict=True))
    capacity = [
        CAPACITY[seats][int(rng.random() * len(CAPACITY[seats]))] for seats in mentors["capacity"]
    ]
    columns = {
        "Timestamp": [moment.strftime("%m/%d/%Y %H:%M:%S") for moment in submitted],
        "Email Address": mentors["email"],
        "Full name": mentors["name"],
        "Employee number": _employee(mentors["id"]),
        "Line manager (employee number)": _employee(mentors["supervisor_id"]),
        "Department": mentors["department"],
        "Site": mentors["site"],
        "Time zone": mentors["timezone"],
        "Your grade": mentors["seniority"],
        "Which goals can you help with?": mentors["goals"].map(_google),
        "Skills you can offer, with your level (1 = beginner, 5 = expert)": mentors["skills"].map(
            _google
        ),
        "Communication style": mentors["communication_style"].map(_capitalised),
        "How many mentees can you take on?": capacity,
        "How many hours per month can you offer?": mentors["hours"],
        "How often would you like to meet?": mentors["rhythm"].map(_capitalised),
        "Your experience as a mentor": [
            MENTORED_BEFORE[int(rng.random() * len(MENTORED_BEFORE))] for _ in submitted
        ],
        "Interests": mentors["interests"].map(_google),
        "Languages": mentors["languages"].map(_google),
        "Is there anybody you would rather not be matched with?": [
            names.get(person, "") for person in mentors["avoid"]
        ],
        "Gender": mentors["gender"].map(_capitalised),
        "Tell us a little about yourself": mentors["about"],
    }
    form = pd.DataFrame(columns)
    place = form.columns.get_loc("How many hours per month can you offer?")
    for step, (short, day) in enumerate(DAYS.items()):
        hours = [_grid(cell, short) for cell in mentors["availability"]]
        form.insert(int(place) + step, f"When are you available to meet? [{day}]", hours)
    return form


def _grid(availability: str, day: str) -> str:
    """Return the hours of one day as the ticked columns of a grid: ``9AM;10AM;noon``."""
    for span in availability.split("; "):
        name, _, hours = span.partition(" ")
        if name == day:
            start, end = (int(clock[:2]) + int(clock[3:]) / 60 for clock in hours.split("-"))
            return ";".join(
                _clock(hour) for hour in GRID_HOURS if start <= hour and hour + 1 <= end
            )
    return ""


def _clock(hour: int) -> str:
    if hour == 12:
        return "noon"
    return f"{hour}AM" if hour < 12 else f"{hour - 12}PM"


def write_xlsx(form: pd.DataFrame, path: Path) -> None:
    """Write one sheet, with times as Excel dates and nothing that changes from run to run."""
    with xlsxwriter.Workbook(path, {"default_date_format": "m/d/yy h:mm:ss"}) as book:
        book.set_properties({"created": OPENED})
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, form.columns)
        for row, answers in enumerate(form.itertuples(index=False), start=1):
            for place, answer in enumerate(answers):
                if isinstance(answer, datetime):
                    sheet.write_datetime(row, place, answer)
                elif answer != "":
                    sheet.write(row, place, answer)


if __name__ == "__main__":
    main()
