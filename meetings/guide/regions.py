"""Countries, provinces and states as addresses name them, each with its time zone where it has one.

Provinces and states tell which part of an address is the city: the one before them. Where a province lies in two
zones, it has none here, unless nearly everybody lives in one of them (Ontario, British Columbia).
"""

from entraide.lib.words import folded

_CANADA = """
America/St_Johns: NL, Newfoundland and Labrador, Newfoundland, Terre-Neuve-et-Labrador
America/Halifax: NS, Nova Scotia, Nouvelle-Écosse, NB, New Brunswick, Nouveau-Brunswick, PE, PEI, Prince Edward Island,
 Île-du-Prince-Édouard
America/Toronto: QC, Quebec, Québec, ON, Ontario
America/Winnipeg: MB, Manitoba
America/Regina: SK, Saskatchewan
America/Edmonton: AB, Alberta, NT, Northwest Territories, Territoires du Nord-Ouest
America/Vancouver: BC, British Columbia, Colombie-Britannique
America/Whitehorse: YT, Yukon
-: NU, Nunavut
"""
_UNITED_STATES = """
America/New_York: CT, Connecticut, DC, District of Columbia, DE, Delaware, GA, Georgia, MA, Massachusetts, MD, Maryland,
 ME, Maine, NC, North Carolina, NH, New Hampshire, NJ, New Jersey, NY, New York, OH, Ohio, PA, Pennsylvania,
 RI, Rhode Island, SC, South Carolina, VA, Virginia, VT, Vermont, WV, West Virginia
America/Chicago: AL, Alabama, AR, Arkansas, IA, Iowa, IL, Illinois, LA, Louisiana, MN, Minnesota, MO, Missouri,
 MS, Mississippi, OK, Oklahoma, WI, Wisconsin
America/Denver: CO, Colorado, MT, Montana, NM, New Mexico, UT, Utah, WY, Wyoming
America/Los_Angeles: CA, California, WA, Washington
Pacific/Honolulu: HI, Hawaii
-: AK, Alaska, AZ, Arizona, FL, Florida, ID, Idaho, IN, Indiana, KS, Kansas, KY, Kentucky, MI, Michigan,
 ND, North Dakota, NE, Nebraska, NV, Nevada, OR, Oregon, SD, South Dakota, TN, Tennessee, TX, Texas
"""
_COUNTRIES = """
-: Canada, CA, CAN, USA, US, U.S.A., United States, United States of America, États-Unis
Europe/Paris: France, FR
Europe/Brussels: Belgique, Belgium, België, BE
Europe/Zurich: Suisse, Switzerland, Schweiz, CH
Europe/Luxembourg: Luxembourg, LU
"""


def _zones(table):
    """{name as `folded` writes it: zone, or nothing}"""
    lines = table.strip().replace("\n ", " ").splitlines()
    named = (line.split(": ") for line in lines)
    return {key(name): zone.strip("-") for zone, names in named for name in names.split(",")}


def key(name: str) -> str:
    return folded(name.replace(".", ""))


REGIONS = _zones(_CANADA) | _zones(_UNITED_STATES)
COUNTRIES = _zones(_COUNTRIES)
