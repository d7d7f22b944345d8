"""The words that invented people answer with, the most frequent first."""

from __future__ import annotations

GOALS = (
    "leading a team",
    "career planning",
    "public speaking",
    "moving into management",
    "confidence",
    "work-life balance",
    "building a network",
    "giving feedback",
    "changing profession",
    "negotiation",
    "managing stakeholders",
    "strategic thinking",
    "returning from leave",
    "preparing for promotion",
    "working across cultures",
    "handling conflict",
    "time management",
    "starting a side project",
    "becoming a specialist",
    "interview practice",
    "working remotely",
    "mentoring others",
    "writing well",
    "understanding the business",
)
SKILLS = (
    "python",
    "data analysis",
    "project management",
    "presenting",
    "facilitation",
    "sql",
    "budgeting",
    "product management",
    "user research",
    "machine learning",
    "contract law",
    "cloud architecture",
    "copywriting",
    "recruiting",
    "statistics",
    "accounting",
    "service design",
    "security engineering",
    "supply planning",
    "quality assurance",
    "javascript",
    "account management",
    "coaching",
    "forecasting",
    "procurement",
    "data visualisation",
    "change management",
    "policy drafting",
    "technical writing",
    "devops",
    "market research",
    "process improvement",
    "risk assessment",
    "brand design",
    "laboratory methods",
    "logistics",
    "tax",
    "internal audit",
    "field sales",
    "video editing",
)
INTERESTS = (
    "running",
    "cooking",
    "reading",
    "hiking",
    "music",
    "photography",
    "cycling",
    "gardening",
    "board games",
    "travel",
    "painting",
    "chess",
    "swimming",
    "volunteering",
    "astronomy",
    "theatre",
    "knitting",
    "football",
    "climbing",
    "bird watching",
)
STYLES = ("direct", "encouraging", "analytical", "reflective", "spontaneous")
DEPARTMENTS = (
    "Engineering",
    "Sales",
    "Operations",
    "Finance",
    "Product",
    "Human Resources",
    "Research",
    "Legal",
    "Marketing",
    "Customer Care",
    "Procurement",
    "Communications",
)
SITES = (
    ("London", "Europe/London", "English"),
    ("Bengaluru", "Asia/Kolkata", "Hindi"),
    ("New York", "America/New_York", "English"),
    ("Berlin", "Europe/Berlin", "German"),
    ("Singapore", "Asia/Singapore", "Mandarin"),
    ("Sao Paulo", "America/Sao_Paulo", "Portuguese"),
    ("Nairobi", "Africa/Nairobi", "Swahili"),
    ("Sydney", "Australia/Sydney", "English"),
    ("Kathmandu", "Asia/Kathmandu", "Nepali"),
    ("Vancouver", "America/Vancouver", "French"),
)
"""Site, its IANA time zone, the language spoken there beside English."""
LANGUAGES = ("Spanish", "French", "Arabic", "Polish", "Tamil", "Japanese")
SENIORITY = tuple(f"Level {level}" for level in range(1, 10))
RHYTHMS = ("monthly", "every two weeks", "weekly")
GENDERS = ("woman", "man", "non-binary", "prefer not to say")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
BLOCKS = (
    "09:00-11:00",
    "14:00-16:00",
    "10:00-12:00",
    "13:00-17:00",
    "08:00-10:00",
    "16:00-18:00",
    "12:00-13:00",
    "17:30-19:30",
    "09:30-10:15",
    "19:00-21:00",
)
_FIRST = """
Ada Amir Ana Anika Arun Asha Bao Bea Ben Bruno Carla Chidi Clara Dana Dara Diego Ebba Elif
Elsa Emre Esi Farah Felix Femi Gita Goran Hana Hugo Ida Ines Ivan Jana Jonas Joy Kai Kamal
Keiko Kofi Lars Leila Lena Lin Luca Maja Malik Mara Mei Milan Mina Nadia Nia Nils Noor Olga
Omar Otto Paola Pavel Pia Priya Rafa Rania Rosa Sami Sanjay Sara Sefa Simon Suda Tala Tomas
Uma Vera Victor Wanda Wei Yara Yusuf Zain Zoe
"""
FIRST_NAMES = tuple(_FIRST.split())
_LAST = """
Abara Acheampong Adler Almeida Andersen Aoki Arslan Bakker Banerjee Barros Becker Bello
Berg Bianchi Boateng Bose Brandt Castillo Chanda Chen Costa Cruz Dahl Danso Das Demir Diallo
Duarte Eze Farkas Fischer Fofana Fonseca Garcia Ghosh Gomes Grant Gupta Haddad Hansen Hassan
Herrera Holm Horvat Ibarra Ito Iyer Jansen Jensen Kamau Kaplan Karimi Keller Khan Kimura
Kowal Kumar Lange Larsen Leone Lindgren Lopes Mbeki Mehta Meyer Mori Moyo Mwangi Nakamura
Navarro Ndiaye Nguyen Novak Nyberg Okafor Olsen Ortega Osei Pereira Petrov Popescu Quist
Rahman Ramos Reyes Ricci Rossi Sato Schmid Sharma Silva Singh Sousa Suzuki Tanaka Thapa
Toure Vargas Vogel Wang Weber Wolff Yilmaz Zhang Ziegler
"""
LAST_NAMES = tuple(_LAST.split())
ABOUT = (
    "I work in {department} and care about {goal}.",
    "My days in {department} are full; I hope for honest talk about {goal}.",
    "After some years in {department} I want to spend time on {goal}.",
    "People in {department} say that I listen well. Topic for me: {goal}.",
    "New ideas about {goal} are welcome, in {department} we rarely speak of it.",
)
