"""Writes any number of invented result pages, to measure the publisher on more records than a library has.

    python benchmarks/generate.py 100000 --out /tmp/pages
    python benchmarks/generate.py 1000 --seed 7 --faults 0.01 --out - | less

A record follows from the seed and its index alone, so a longer run begins with the records of a shorter one.
The pools of persons and bodies widen with the index (about one person to four records, one body to forty), as
an authority file does. Nothing is kept from record to record, so memory stays constant. All is invented, and
every host ends in .example, a name reserved for examples (https://www.rfc-editor.org/rfc/rfc2606).

With --faults, that share of the records is damaged in the ways listed in FAULTS, and standard error tells how
many in each way.
"""

from __future__ import annotations

import argparse
import datetime
import os
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random
from typing import BinaryIO

FIRST_SHELF_NUMBER = 200_000
FIRST_YEAR, LAST_YEAR = 1960, 2024
VOCABULARY_SIZE = 6_000
KEYWORD_COUNT = 3_000
YEARS_IN_WORDS = ("nineteen ninety-nine", "two thousand and four", "the year after the reform")

Fields = dict[str, str]
"""A record as it stands on the page: label -> text, in the order of the page; keywords one a line."""


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


def listed(text: str) -> list[str]:
    """The parts of a text between upright bars, with single spaces."""
    return [" ".join(part.split()) for part in text.split("|")]


def spread(weights: Mapping[str, float], size: int) -> list[str]:
    """A list of that size with each text as often as its weight asks, so an even draw is weighted."""
    total, end = sum(weights.values()), 0.0
    table: list[str] = []
    for text, weight in weights.items():
        end += weight
        table.extend([text] * (round(size * end / total) - len(table)))
    return table


# --------------------------------------------------------------------------------------------------- words

GIVEN_NAMES = words("""
Aisha Alan Alice Amara Amina Andrew Angela Anita Anna Anthony Arjun Barbara Beatrice Benjamin Bridget Carl
Carlos Caroline Catherine Charles Chen Claire Daniel David Deborah Diana Dmitri Edward Elena Elizabeth Emily
Emma Eric Esther Eva Farah Fatima Felix Fiona Frances Gabriel George Grace Graham Hannah Harriet Helen Henry
Hugo Ian Ingrid Irene Isaac Isabel Jack James Jane Janet Javier Jean Joan Johan John Jonas Joseph Joyce
Judith Julia Karen Katarina Keith Kenji Kofi Laura Lars Leila Leonard Lin Linda Lucia Luke Magnus Maria
Marie Mark Martha Martin Mary Mei Michael Miriam Mohamed Monica Nadia Naomi Nicholas Nina Noah Nora Olga
Oliver Olivia Omar Oscar Patricia Paul Paula Peter Philip Priya Rachel Ravi Rebecca Richard Robert Rosa Ruth
Samuel Sandra Sanjay Sara Simon Sofia Stephen Susan Teresa Thomas Tomas Ursula Vera Victor Vincent Walter
Wei William Yasmin Yuki Yusuf Zoe
""")

FAMILY_NAMES = words("""
Abbott Acheson Adams Adeyemi Ahmed Ali Allen Alvarez Andersen Anderson Armstrong Bailey Baker Banerjee
Barnes Becker Bell Bennett Berg Bianchi Blake Boateng Bosman Bouchard Bradley Brennan Brooks Brown Burke
Butler Campbell Carlsson Carter Chan Chanda Chapman Chavez Chen Clark Cohen Coleman Collins Conti Cooper
Costa Cox Cruz Dalton Davies Davis Delgado Desai Diaz Dixon Doyle Dubois Duffy Dunn Edwards Ellis Eriksen
Evans Farrell Fernandes Fischer Fisher Fleming Fletcher Flores Foster Fraser Fujita Garcia Gibson Gill Gomez
Gordon Graham Grant Gray Green Griffin Gupta Haas Hall Hamilton Hansen Harper Harris Hassan Hayes Henderson
Hill Hoffman Holmes Horvat Hughes Hunter Ibrahim Ito Jackson Jacobs Jansen Jenkins Jensen Johnson Jones
Joshi Kang Kaplan Kaur Keane Kelly Kennedy Khan Kim King Klein Knight Kovacs Kumar Lambert Larsen Lawson Lee
Leroy Lewis Lindholm Lopez Lynch MacDonald Malik Mason Mbeki McCarthy Meyer Miller Mills Mitchell Moore
Morales Moreau Morgan Morris Moyo Murphy Murray Mutua Nakamura Nash Ncube Nelson Nguyen Nilsson Novak
O'Connor O'Neill Okafor Olsen Ortiz Osborne Owens Palmer Park Parker Patel Pearson Pereira Perez Peters
Petrov Phillips Popov Powell Price Quinn Ramirez Rao Reed Reid Reyes Rhodes Richards Rivera Roberts Robinson
Rogers Romero Rossi Roy Russell Ryan Saito Sanchez Santos Sato Schmidt Schneider Scott Sharma Shaw Shields
Silva Simmons Singh Smit Smith Sorensen Spencer Stewart Stone Sullivan Suzuki Svensson Tanaka Taylor
Thompson Torres Tran Tucker Turner Vargas Vaughan Visser Wagner Walker Wallace Walsh Wang Ward Watson Weber
Webster White Williams Wilson Wong Wood Wright Yamada Yang Yilmaz Young Zhang Zhou Zulu
""")

PLACE_STARTS = words("""
Alder Ash Barn Beck Birch Black Brack Bright Carl Chal Clay Cold Cran Dart Dun East Elder Fair Fal Fern Glen
Gold Hal Hart Haw Hazel Holm Kel Kirk Lang Lark Lin Mal Mar Mill Nether North Oak Old Pen Quarn Raven Red
Roth Sal Shel Stan Stone Thorn Wal Wen West Whit Wick Win Wood Wych Yar
""")
PLACE_MIDDLES = listed("|a|ber|den|el|en|er|field|ham|ing|low|man|mer|ring|sel|ter|val|wing")
PLACE_ENDS = words("""
borough bourne bridge brook burn bury by cliffe combe dale don ferry field ford gate ham haven holt hurst
ington land leigh ley mere minster mouth pool port stead stoke ton vale ville water well wick wold worth
""")
PLACE_COUNT = len(PLACE_STARTS) * len(PLACE_MIDDLES) * len(PLACE_ENDS)

NOUNS = words("""
prison court offender victim crime sentence probation officer study report program community prisoner risk
youth family assessment outcome policy rate sample agency evaluation system judge arrest order case
interview survey release analysis county state finding model effect measure response offense charge trial
hearing conviction jail inmate intervention strategy school neighborhood resident gang weapon firearm
homicide assault trafficker border migrant worker child parent partner injury witness prosecutor lawyer jury
verdict appeal fine fee cost budget benefit resource partnership collaboration protocol guideline standard
inspection complaint procedure stop search patrol hotspot camera database record register statute reform
amendment committee commission inspectorate ministry department bureau institute university foundation
charity volunteer mentor counselor psychologist nurse clinic hospital addiction opioid relapse vocation
skill wage race ethnicity disparity discrimination culture language identity apology conference circle
amnesty pardon caution warning curfew tag bracelet network computer password scam account transaction bank
tax market seizure fishery forest attack threat bomb hostage caseload workload breach revocation referral
instrument score scale predictor factor variable baseline cohort comparison control trend estimate interval
regression coefficient questionnaire respondent focus group theory framework concept definition category
indicator target objective recommendation barrier challenge lesson
""")
"""Nouns with a plural, the most usual first."""

MASS_NOUNS = words("""
police service recidivism practice data custody staff training supervision justice evidence testimony
oversight accountability legitimacy trust fairness discretion law robbery burglary theft fraud violence
abuse harm drug alcohol heroin cocaine cannabis overdose therapy counseling education employment housing
literacy debt poverty inequality gender minority stigma shame remorse mediation restitution compensation
reparation dialogue reconciliation diversion monitoring tracking surveillance intelligence internet malware
phishing ransom laundering corruption bribery supply demand cultivation wildlife waste pollution extremism
radicalization terrorism prevention deterrence incapacitation rehabilitation reintegration desistance
resettlement reentry compliance screening smuggling parole detention bail legislation hacking treatment
research
""")

VERBS = words("""
assess examin evaluat describ analyz compar measur identif estimat explor investigat indicat suggest
demonstrat recommend report review survey interview observ document collect record monitor supervis arrest
charg prosecut convict sentenc detain releas transfer refer treat train support assist protect prevent reduc
increas improv expand implement develop deliver design fund manag coordinat target screen complet attend
respond
""")
VERB_ENDINGS = {"identif": ("ied", "ying"), "transfer": ("red", "ring"), "refer": ("red", "ring")}

ADJECTIVES = words("""
criminal social public local national federal juvenile young adult female male serious violent sexual
domestic high low medium early late formal informal effective significant likely average annual recent
previous initial further correctional judicial custodial residential institutional structural cultural
economic financial legal mental physical clinical cognitive behavioral restorative rural urban regional
international comparative quantitative qualitative longitudinal experimental random representative
independent voluntary mandatory discretionary intensive specialized multiple complex persistent chronic
vulnerable homeless unemployed indigenous foreign electronic digital organized transnational environmental
racial ethnic
""")

OPENINGS = listed("""
This report examines the|This study describes the|The paper presents findings on
|This evaluation considers the|Drawing on interviews, this report looks at
|This review summarizes evidence about|The authors analyze|This thesis explores the
|This bulletin presents statistics on|This brief discusses the|Based on a survey, the report assesses
|The purpose of this inspection was to assess the
""")

CLOSINGS = listed("""
The sample comprised {number} cases from {place}.|Data were collected in {place} over {number} days.
|In {place}, {number} interviews were held.|A survey of {number} residents of {place} is appended.
|The files of {number} persons in {place} were read.|Recommendations for {place} follow.
""")

LINKS = {
    " of the ": 26, " of ": 18, " and ": 30, " in the ": 18, " in ": 14, " to the ": 12, " for ": 12,
    " with ": 10, " by the ": 7, " on the ": 7, " from ": 6, " that ": 8, " or ": 4, " were ": 6,
    " was ": 6, " is ": 4, " are ": 4, " than ": 3, " at ": 3, " as the ": 3, " between ": 3, " among ": 3,
    " who ": 4, " which ": 3, " after ": 2, " during ": 2, ", and the ": 3, ", while ": 2, " and their ": 2,
    ". The ": 10, ". In ": 3, ". This ": 3, ". These ": 2, ". A ": 3, ". Most ": 1, ". Although ": 1,
    ". However, ": 1, ". Findings -- The ": 1, ". Results suggest that ": 1, ". It recommends ": 1,
}  # fmt: skip
"""What joins two content words, with its weight: one or two words, up to four where a sentence starts."""

# -------------------------------------------------------------------------------- titles, keywords, bodies

TITLE_OPENERS = listed("""
An Evaluation of|Understanding|Reducing|Responding to|The Costs of|Rethinking|Explaining|Patterns of
|Monitoring|A Review of|The Impact of|Experiences of|Preventing|The Future of|Measuring|Perceptions of
|A Profile of|Trends in|Beyond|Improving|Lessons from|Managing|The Governance of|Attitudes Toward
""")
TITLE_GROUPS = listed("""
Adult Offenders|Young Adults|Women|First-Time Offenders|Repeat Offenders|Older Prisoners|Foster Children
|Migrants|Rural Residents|Police Recruits|Probation Officers|Remand Prisoners|Victims|Families|Veterans
|Homeless People|Students|Indigenous Communities
""")
TITLE_TAILS = listed("""
Findings from the {} Study|Report of the {} Inquiry|Evidence from {}|A Follow-Up of the {} Cohort
|The {} Project|Lessons of the {} Pilot|A Case Study of {} and {}|The {} and {} Surveys Compared
|Process Evaluation of the {} Scheme|Interim Report on the {} Partnership
|Final Report to the {} Steering Group|What Works in {}?
""")

SUBJECTS = listed("""
Probation|Policing|Prisons|Recidivism|Sentencing|Drug Offenders|Juvenile Offenders|Domestic Violence
|Victims of Crime|Human Trafficking|Cybercrime|Restorative Justice|Gangs|Homicide|Firearms|Parole|Bail
|Plea Bargaining|Drug Courts|Police Accountability|Body-Worn Cameras|Community Policing|Prisoner Reentry
|Solitary Confinement|Sex Offenders|Mental Health Services|Drug Treatment|Alcohol Abuse|School Violence
|Hate Crime|Terrorism|Money Laundering|Corruption|Organized Crime|Environmental Crime|Wildlife Crime
|Burglary|Robbery|Vehicle Theft|Shoplifting|Arson|Identity Theft|Online Fraud|Child Abuse|Elder Abuse
|Stalking|Sexual Assault|Hot Spots|Crime Mapping|Fear of Crime|Private Security|Electronic Monitoring
|Community Service Orders|Fines and Fees|Jails|Pretrial Detention|Capital Punishment|Juries|Judges
|Prosecutors|Public Defenders|Forensic Science|Wrongful Convictions|Interpreters|Witness Protection
|Police Training|Police Discretion|Racial Profiling|Use of Force|Immigration Detention|Border Security
|Smuggling|Street Lighting|Closed-Circuit Television|Offender Supervision|Risk Assessment|Mentoring
|Diversion|Boot Camps|Halfway Houses
""")
ASPECTS = listed("""
Costs|Evaluation|Statistics|Legislation|Policy|Programs|Partnerships|Prevention|Research|Training|Staffing
|Ethics|Public Opinion|History|Technology|Funding|Rural Areas|Urban Areas|Women|Young People|Minorities
|Families|Health|Education|Employment|Housing|Schools|Data Collection|Decision Making|Supervision|Treatment
|Inspection|Standards|Reform|Theory|Comparative Studies|Best Practices|Management|Performance Measures
""")

BODY_FORMS = listed("""
{0} Institute for the Study of {1}|{0} Centre for Research on {1}|{0} Commission on {1}|{0} Foundation
|{0} University|{0} Council on {1}|{0} Trust|Office of {1} Research, {0}|{0} Police Department
|{0} County Probation Department|{0} Task Force on {1}|{0} Observatory
""")
OFFICIAL_FORMS = listed("""
Ministry of Justice, {0} Division|Department of Corrections, {0} Office|Inspectorate of {1}, {0} Region
|Office of the {0} Ombudsman|Law Commission, {0} Panel|Bureau of {1} Statistics, {0} Branch
|Parliament. {0} Committee on {1}|National Audit Office, {0} Unit
""")
JURISDICTIONS = listed("""
Great Britain:|United States.|Canada:|Australia:|Scotland:|Northern Ireland:|New Zealand:|Ireland:
|South Africa:|New South Wales:|Victoria:|California:|Texas.|New York (State):|Florida.|Ontario:|India:
|Netherlands:|Sweden:|Queensland:
""")

CITIES = listed("""
London|Washington, DC|New York|Ottawa|Sydney|Melbourne|Canberra|Edinburgh|Belfast|Cardiff|Dublin|Manchester
|Chicago|Los Angeles|Sacramento, CA|Austin, TX|Boston, MA|Toronto|Vancouver|Wellington|Pretoria|Cape Town
|Nairobi|Lagos|New Delhi|The Hague|Stockholm|Oslo|Helsinki|Vienna|Geneva|Paris|Brussels|Rome|Madrid|Tokyo
|São Paulo|Bogotá|Santiago|Kingston|Ann Arbor, MI|Santa Monica, CA|Arlington, VA|Harrisburg, PA|Leeds|Oxford
|Birmingham
""")

COMMON_COUNTRIES = {
    "United States": 380, "United Kingdom": 230, "Canada": 60, "Australia": 60, "International": 40,
    "Europe": 25, "South Africa": 14, "New Zealand": 14, "Netherlands": 12, "Ireland": 11, "India": 10,
    "Germany": 9, "Mexico": 9, "Brazil": 8, "Sweden": 8, "Norway": 7, "Japan": 6, "France": 6, "Kenya": 5,
    "Nigeria": 5, "Italy": 5, "Spain": 5, "Jamaica": 4, "Finland": 4, "Denmark": 4, "Belgium": 4,
    "Africa": 3, "Asia": 3,
}  # fmt: skip
OTHER_COUNTRIES = listed("""
Afghanistan|Albania|Algeria|Andorra|Angola|Antigua and Barbuda|Argentina|Armenia|Austria|Azerbaijan|Bahamas
|Bahrain|Bangladesh|Barbados|Belarus|Belize|Benin|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brunei
|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|Cape Verde|Central African Republic|Chad|Chile|China
|Colombia|Comoros|Democratic Republic of the Congo
|Republic of the Congo|Costa Rica|Cote d'Ivoire|Croatia
|Cuba|Cyprus|Czech Republic|Djibouti|Dominica|Dominican Republic|East Timor|Ecuador|Egypt|El Salvador
|Equatorial Guinea|Eritrea|Estonia|Eswatini|Ethiopia|Fiji|Gabon|Gambia|Georgia|Ghana|Greece|Grenada
|Guatemala|Guinea|Guinea-Bissau|Guyana|Haiti|Honduras|Hong Kong|Hungary|Iceland|Indonesia|Iran|Iraq|Israel
|Jordan|Kazakhstan|Kiribati|Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein
|Lithuania|Luxembourg|Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|Mauritius
|Micronesia|Moldova|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|Nicaragua
|Niger|North Korea|North Macedonia|Oman|Pakistan|Palau|Palestine|Panama|Papua New Guinea|Paraguay|Peru
|Philippines|Poland|Portugal|Puerto Rico|Qatar|Romania|Russia|Rwanda|Saint Kitts and Nevis|Saint Lucia
|Saint Vincent and the Grenadines|Samoa|San Marino|Sao Tome and Principe|Saudi Arabia|Senegal|Serbia
|Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|Solomon Islands|Somalia|South Korea|South Sudan
|Sri Lanka|Sudan|Suriname|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga
|Trinidad and Tobago|Tunisia|Turkey|Turkmenistan|Tuvalu|Uganda|Ukraine|United Arab Emirates|Uruguay
|Uzbekistan|Vanuatu|Vatican City|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe
""")
QUALIFIERS = {"United Kingdom": "U.K.", "United States": "U.S."}
"""How a keyword names a country; every other country is named in full."""

IMPRINT_FORMS = spread(
    {
        "{place}: {publisher}, {year}. {pages}p.": 62,
        "{place}: {publisher}, {year}. {pages}p., app.": 8,
        "{place}: {publisher}, {year}.": 8,
        "{place}: {publisher}, {year}. {pages}p. (Research Report {series})": 6,
        "{place}; {second}: {publisher}, {year}. {pages}p.": 4,
        "{place}: {publisher}, {year}. iv, {pages}p.": 4,
        "{place}: University of {town}, {year}. {pages}p., Thesis": 3,
        "{place}: {publisher}, {year}. {few}v.": 2,
        "[s.l.]: The Author, {year}. {pages}p.": 3,
    },
    100,
)

MONTHS = words("January February March April May June July August September October November December")
WEEKDAYS = words("Mon Tue Wed Thu Fri Sat Sun")


# --------------------------------------------------------------------------------------------------- pools


def one_of(random: Random, things: Sequence[str]) -> str:
    """Any of the things, each as likely."""
    return things[int(random.random() * len(things))]


def by_zipf(ranked: Sequence[str], size: int = 65_536) -> list[str]:
    """A table of texts in which the n-th stands as often as 1/(n+5), Zipf's law with Mandelbrot's shift."""
    return spread({text: 1 / (rank + 5) for rank, text in enumerate(ranked, start=1)}, size)


def place_name(number: int) -> str:
    """The invented place of that number; numbers below PLACE_COUNT give different parts put together."""
    number, end = divmod(number * 7_919 % PLACE_COUNT, len(PLACE_ENDS))
    start, middle = divmod(number, len(PLACE_MIDDLES))
    return PLACE_STARTS[start] + PLACE_MIDDLES[middle] + PLACE_ENDS[end]


def participles(stem: str) -> list[str]:
    """The two participles of a verb: "assess" gives "assessed" and "assessing"."""
    past, present = VERB_ENDINGS.get(stem, ("ed", "ing"))
    return [stem + past, stem + present]


def plural(noun: str) -> str:
    """The plural of a regular noun."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def vocabulary(random: Random) -> list[str]:
    """The content words of abstracts, most frequent first: the field's own words, then names of places."""
    usual, other = NOUNS[:100], NOUNS[100:]
    frequent = [*usual, *map(plural, usual), *MASS_NOUNS]
    rarer = [*other, *map(plural, other), *ADJECTIVES, *chain.from_iterable(map(participles, VERBS))]
    compounds = [f"{adjective} {noun}" for adjective in ADJECTIVES for noun in [*NOUNS, *MASS_NOUNS]]
    places = [place_name(number) for number in random.sample(range(PLACE_COUNT), VOCABULARY_SIZE // 6)]
    random.shuffle(frequent)
    random.shuffle(rarer)
    known = list(dict.fromkeys(frequent + rarer))
    tail = random.sample(compounds, VOCABULARY_SIZE - len(known) - len(places)) + places
    random.shuffle(tail)
    return known + tail


def keyword_pool(random: Random) -> list[str]:
    """The keywords of the catalogue, the most used first: subjects, then subjects with an aspect."""
    subjects = random.sample(SUBJECTS, len(SUBJECTS))
    narrower = [f"{subject} {aspect}" for subject in SUBJECTS for aspect in ASPECTS]
    return subjects + random.sample(narrower, KEYWORD_COUNT - len(subjects))


class Tables:
    """What every record of a seed is drawn from; built once, then only read."""

    def __init__(self, seed: int) -> None:
        random = Random(f"tables of {seed}")
        self.words = by_zipf(vocabulary(random))
        self.links = spread(LINKS, 256)
        self.keywords = by_zipf(keyword_pool(random))
        self.countries = spread(COMMON_COUNTRIES | dict.fromkeys(OTHER_COUNTRIES, 1), 4_096)


def person(number: int) -> str:
    """The heading of a person, "Smith, Jane A."; a second initial when every name with one is used up."""
    names = len(FAMILY_NAMES) * len(GIVEN_NAMES) * 26
    again, number = divmod(number, names)
    number, initial = divmod(number * 104_729 % names, 26)
    given, family = divmod(number, len(FAMILY_NAMES))
    second = f" {chr(64 + again)}." if again else ""
    return f"{FAMILY_NAMES[family]}, {GIVEN_NAMES[given]} {chr(65 + initial)}.{second}"


@dataclass(frozen=True, slots=True)
class Body:
    """A corporate author or publisher: its heading, the name on its imprints, its city and its host."""

    heading: str
    name: str
    city: str
    host: str


def body(number: int) -> Body:
    """The body of that number; four in ten belong to a jurisdiction, which then opens the heading."""
    place, subject = place_name(number), SUBJECTS[number * 31 % len(SUBJECTS)]
    city = CITIES[number * 17 % len(CITIES)]
    host = f"www.{place.lower()}-{number}.example"
    if number % 5 < 2:
        name = OFFICIAL_FORMS[number // 5 % len(OFFICIAL_FORMS)].format(place, subject)
        return Body(f"{JURISDICTIONS[number // 3 % len(JURISDICTIONS)]} {name}", name, city, host)
    name = BODY_FORMS[number // 5 % len(BODY_FORMS)].format(place, subject)
    return Body(name, name, city, host)


# -------------------------------------------------------------------------------------------------- fields


def drawn_person(random: Random, index: int) -> str:
    """A person from the pool as wide as it is at that index; those met earlier write more."""
    return person(int((index / 3 + 12) * random.random() ** 1.2))


def drawn_body(random: Random, index: int) -> Body:
    """A body from the pool as wide as it is at that index."""
    return body(int((index / 38 + 12) * random.random() ** 1.5))


def authors(random: Random, index: int, publisher: Body) -> str:
    """One to four headings, persons and bodies mixed; in three of a hundred records nobody is named."""
    kind = random.random()
    if kind < 0.03:
        return ""
    if kind < 0.25:
        return publisher.heading
    if kind < 0.32:
        return drawn_body(random, index).heading
    count = 1 + int(4 * random.random() ** 1.7)
    headings = [drawn_person(random, index) for _ in range(count)]
    if kind > 0.93:
        headings[-1] = publisher.heading
    return "; ".join(dict.fromkeys(headings))


def title(random: Random) -> str:
    """A title of 5 to 16 words; places and topics make it nearly always the only one of its kind."""
    parts = [one_of(random, TITLE_OPENERS), one_of(random, SUBJECTS)]
    form = random.random()
    if form < 0.3:
        parts += ["Among", one_of(random, TITLE_GROUPS)]
    elif form < 0.8:
        parts += ["in", some_place(random)]
    return f"{' '.join(parts)}: {title_tail(random)}"


def title_tail(random: Random) -> str:
    """The second part of a title, of at least three words."""
    return one_of(random, TITLE_TAILS).format(some_place(random), some_place(random))


def some_place(random: Random) -> str:
    """Any invented place."""
    return place_name(int(random.random() * PLACE_COUNT))


def abstract(random: Random, tables: Tables) -> str:
    """80 to 500 words: content words by Zipf's law, joined by the small words of English."""
    count = 39 + int(130 * random.random() ** 1.9)
    found = map(tables.words.__getitem__, struct.unpack(f"<{count}H", random.randbytes(2 * count)))
    links = list(map(tables.links.__getitem__, random.randbytes(count)))
    links[-1] = "."
    text = "".join(chain.from_iterable(zip(found, links, strict=True)))
    number = 20 + int(5_000 * random.random() ** 3)
    closing = one_of(random, CLOSINGS).format(number=number, place=some_place(random))
    return f"{one_of(random, OPENINGS)} {text} {closing}"


def imprint(random: Random, publisher: Body, year: str) -> str:
    """Place, publisher, year and extent, in one of the forms that catalogues use."""
    pages = 8 + int(300 * random.random() ** 2)
    form = one_of(random, IMPRINT_FORMS)
    if form.startswith("[s.l.]") and year.isdigit():
        year = f"c{year}"
    return form.format(
        place=publisher.city,
        second=CITIES[pages % len(CITIES)],
        publisher=publisher.name,
        year=year.rstrip("."),
        pages=pages,
        series=1 + pages % 90,
        town=place_name(pages),
        few=2 + pages % 3,
    )


def issued(random: Random) -> tuple[str, int]:
    """The year as the page gives it (three in a hundred are uncertain) and the last year it can mean."""
    year = LAST_YEAR - int((LAST_YEAR - FIRST_YEAR + 1) * random.random() ** 1.8)
    form = random.random()
    if form < 0.97 or year == FIRST_YEAR:
        return str(year), year
    if form < 0.98:
        return "n.d.", year
    if form < 0.99:
        return f"[{year}?]", year
    return f"{year - 1}-{year}", year


def source(random: Random, url: str, year: int) -> str:
    """Where the library found the report, and when: never before its year, never before 1996."""
    if not url:
        return "Book"
    first = max(year, 1996)
    accessed = first + int((LAST_YEAR + 1 - first) * random.random())
    month, day = one_of(random, MONTHS), 1 + int(28 * random.random())
    return f"Internet Resource: Accessed {month} {day}, {accessed} at: {url}"


def keywords(random: Random, tables: Tables, country: str) -> str:
    """Two to nine different keywords, one a line and sorted; one in ten is qualified by the country."""
    count = 2 + int(8 * random.random() ** 1.4)
    found: set[str] = set()
    while len(found) < count:
        keyword = one_of(random, tables.keywords)
        found.add(f"{keyword} ({QUALIFIERS.get(country, country)})" if random.random() < 0.1 else keyword)
    return "\n".join(sorted(found))


def record(seed: int, index: int, tables: Tables, random: Random) -> Fields:
    """The record of that seed and index; the generator is set anew, so what it did before does not matter."""
    random.seed(seed << 40 | index)
    publisher = drawn_body(random, index)
    year, latest = issued(random)
    country = one_of(random, tables.countries)
    shelf_number = str(FIRST_SHELF_NUMBER + index)
    url = f"https://{publisher.host}/reports/{latest}/{shelf_number}.pdf" if random.random() < 0.8 else ""
    fields = {
        "Author": authors(random, index, publisher),
        "Title": title(random),
        "Summary": abstract(random, tables),
        "Details": imprint(random, publisher, year),
        "Source": source(random, url, latest),
        "Year": year,
        "Country": country,
        "URL": url,
        "Shelf Number": shelf_number,
        "Keywords": keywords(random, tables, country),
    }
    return {label: text for label, text in fields.items() if text}


# -------------------------------------------------------------------------------------------------- faults


def without(label: str) -> Callable[[Fields, Random], None]:
    """A fault: the field is missing."""

    def spoil(fields: Fields, random: Random) -> None:
        fields.pop(label, None)

    return spoil


def emptied(label: str) -> Callable[[Fields, Random], None]:
    """A fault: the label stands without a text."""

    def spoil(fields: Fields, random: Random) -> None:
        fields[label] = ""

    return spoil


def year_in_words(fields: Fields, random: Random) -> None:
    """A fault: the year is not written in figures."""
    fields["Year"] = one_of(random, YEARS_IN_WORDS)


def year_to_come(fields: Fields, random: Random) -> None:
    """A fault: the year lies far ahead, as a slip of the finger gives it."""
    fields["Year"] = str(random.randrange(2_100, 9_999))


def repeated_shelf_number(fields: Fields, random: Random) -> None:
    """A fault: the shelf number of the record before, or after where there is none before."""
    number = int(fields["Shelf Number"])
    fields["Shelf Number"] = str(number - 1 if number > FIRST_SHELF_NUMBER else number + 1)


def shelf_number_in_words(fields: Fields, random: Random) -> None:
    """A fault: a note stands where the shelf number should."""
    fields["Shelf Number"] = "on order"


def broken_url(fields: Fields, random: Random) -> None:
    """A fault: the link is no link."""
    fields["URL"] = "htp:/www. lost page"


def unknown_country(fields: Fields, random: Random) -> None:
    """A fault: a country that no list knows."""
    fields["Country"] = "Ruritania"


FAULTS: dict[str, Callable[[Fields, Random], None]] = {
    "missing title": without("Title"),
    "empty title": emptied("Title"),
    "missing shelf number": without("Shelf Number"),
    "shelf number in words": shelf_number_in_words,
    "repeated shelf number": repeated_shelf_number,
    "missing year": without("Year"),
    "year in words": year_in_words,
    "year to come": year_to_come,
    "missing summary": without("Summary"),
    "missing keywords": without("Keywords"),
    "broken URL": broken_url,
    "unknown country": unknown_country,
}


def damage(fields: Fields, random: Random) -> str:
    """Damages the record in one of the ways of FAULTS, and gives the name of that way."""
    name = one_of(random, list(FAULTS))
    FAULTS[name](fields, random)
    return name


# --------------------------------------------------------------------------------------------------- pages


def block(fields: Fields) -> str:
    """The record as the page shows it: a field a paragraph, keywords on lines of their own."""
    lines = (label + (":\n" if label == "Keywords" else ": ") + text for label, text in fields.items())
    return "\n\n".join(line.rstrip() for line in lines)


def furniture(number: int, count: int) -> str:
    """What stands above the records: the page of that number announces that many results."""
    day = datetime.date(2024, 1, 1) + datetime.timedelta(days=number % 366)
    lines = (
        "Centenial Celebration",
        "Transaction Search Form: please type in any of the fields below.",
        f"Date: {MONTHS[day.month - 1]} {day.day}, {day.year} {WEEKDAYS[day.weekday()]}",
        f"Time: {1 + number % 12}:{number * 7 % 60:02} {'ap'[number % 2]}m",
        f"Results for {SUBJECTS[number % len(SUBJECTS)].lower()}",
        f"{count} results found",
    )
    return "\n\n".join(lines)


def pages(count: int, seed: int, per_page: int, faults: float, found: Counter[str]) -> Iterator[str]:
    """The pages in order; the faults done are counted by name while the pages are taken."""
    tables, random = Tables(seed), Random()
    for number, start in enumerate(range(0, count, per_page), start=1):
        indexes = range(start, min(start + per_page, count))
        blocks = [furniture(number, len(indexes))]
        for index in indexes:
            fields = record(seed, index, tables, random)
            if random.random() < faults:
                found[damage(fields, random)] += 1
            blocks.append(block(fields))
        yield "\n\n".join(blocks) + "\n"


def write_files(texts: Iterator[str], folder: Path) -> None:
    """Writes page-000001.txt and so on; a folder that holds pages is refused, lest two runs be mixed."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("page-*.txt")):
        raise FileExistsError(f"{folder} already holds pages: name an empty folder, or empty this one.")
    for number, text in enumerate(texts, start=1):
        (folder / f"page-{number:06}.txt").write_text(text, encoding="utf-8", newline="\n")


def write_stream(texts: Iterator[str], stream: BinaryIO) -> None:
    """Writes the pages one after another."""
    for number, text in enumerate(texts):
        stream.write((("\n" if number else "") + text).encode())


# -------------------------------------------------------------------------------------------- command line


def whole_number(least: int) -> Callable[[str], int]:
    """A reader of whole numbers from that number up."""

    def read(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is less than {least}")
        return number

    return read


def share(text: str) -> float:
    """A share between 0 and 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def arguments(line: Sequence[str] | None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(description="Writes invented result pages.")
    add = parser.add_argument
    add("count", metavar="COUNT", type=whole_number(0), help="how many records")
    add("--seed", metavar="N", type=whole_number(0), default=1, help="another seed, other records (1)")
    add("--out", metavar="DIR|-", default="-", help="folder for the pages; - is standard output (-)")
    add("--per-page", metavar="N", type=whole_number(1), default=500, help="records a page (500)")
    add("--faults", metavar="SHARE", type=share, default=0.0, help="share of damaged records (0)")
    return parser.parse_args(line)


def main(line: Sequence[str] | None = None) -> int:
    """Runs the command; gives its exit code."""
    given = arguments(line)
    found: Counter[str] = Counter()
    texts = pages(given.count, given.seed, given.per_page, given.faults, found)
    try:
        if given.out == "-":
            write_stream(texts, sys.stdout.buffer)
            sys.stdout.flush()
        else:
            write_files(texts, Path(given.out))
    except BrokenPipeError:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    for name, number in sorted(found.items()):
        print(f"{number} {name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
