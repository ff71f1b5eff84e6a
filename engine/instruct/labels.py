"""One small table of findings, and how the codes and words of each public set are read into it.

Superclasses are those of PTB-XL (Wagner et al. 2020, Sci Data 7:154): NORM, MI, STTC, CD, HYP. In PTB-XL they follow from its own
diagnostic codes, likelihood ignored; in every other set from `Label.superclass`, and NORM from nothing but sinus rhythm and axis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
FIFTEEN = (*SUPERCLASSES, "SR", "AF", "STACH", "SBRAD", "PACE", "1AVB", "LBBB", "RBBB", "AFLT", "PVC")
"""What a small model is trained and scored on."""


@dataclass(frozen=True, slots=True)
class Label:
    """One finding that a set may carry."""

    code: str
    superclass: str
    """Empty of rhythms, axis and form."""
    kind: str
    """whole, rhythm, beats, conduction, infarct, repolarisation, hypertrophy, form or axis."""
    name: str
    """As it stands in a sentence."""
    snomed: str
    """SNOMED CT concept; of an infarct by wall that of the infarct."""


_ROWS = """
NORM   NORM whole          164854000      normal ECG
SR     -    rhythm         426783006      sinus rhythm
STACH  -    rhythm         427084000      sinus tachycardia
SBRAD  -    rhythm         426177001      sinus bradycardia
SARRH  -    rhythm         427393009      sinus arrhythmia
AF     -    rhythm         164889003      atrial fibrillation
AFLT   -    rhythm         164890007      atrial flutter
SVTAC  -    rhythm         426761007      supraventricular tachycardia
ATACH  -    rhythm         713422000      atrial tachycardia
JUNC   -    rhythm         29320008       junctional rhythm
WAP    -    rhythm         195101003      wandering atrial pacemaker
VT     -    rhythm         164895002      ventricular tachycardia
PACE   -    rhythm         10370003       paced rhythm
PVC    -    beats          427172004      ventricular premature beats
PAC    -    beats          284470004      atrial premature beats
BIGU   -    beats          11157007       ventricular bigeminy
TRIGU  -    beats          251180001      ventricular trigeminy
1AVB   CD   conduction     270492004      first degree AV block
2AVB   CD   conduction     195042002      second degree AV block
3AVB   CD   conduction     27885002       complete AV block
AVB    CD   conduction     233917008      AV block
LBBB   CD   conduction     733534002      left bundle branch block
RBBB   CD   conduction     713427006      right bundle branch block
BBB    CD   conduction     6374002        bundle branch block
ILBBB  CD   conduction     251120003      incomplete left bundle branch block
IRBBB  CD   conduction     713426002      incomplete right bundle branch block
LAFB   CD   conduction     445118002      left anterior fascicular block
LPFB   CD   conduction     445211001      left posterior fascicular block
IVCD   CD   conduction     698252002      intraventricular conduction delay
WPW    CD   conduction     74390002       ventricular pre-excitation
MI     MI   infarct        164865005      myocardial infarction
AMI    MI   infarct        22298006       anterior myocardial infarction
ASMI   MI   infarct        22298006       anteroseptal myocardial infarction
ALMI   MI   infarct        22298006       anterolateral myocardial infarction
IMI    MI   infarct        22298006       inferior myocardial infarction
ILMI   MI   infarct        22298006       inferolateral myocardial infarction
LMI    MI   infarct        22298006       lateral myocardial infarction
PMI    MI   infarct        22298006       posterior myocardial infarction
INJ    MI   infarct        22298006       subendocardial injury
NDT    STTC repolarisation 164934002      nonspecific T wave changes
NST    STTC repolarisation 428750005      nonspecific ST-T changes
ISC    STTC repolarisation 164861001      ischaemic ST-T changes
STD    STTC repolarisation 429622005      ST depression
STE    STTC repolarisation 164931005      ST elevation
TINV   STTC repolarisation 59931005       T wave inversion
LQT    STTC repolarisation 111975006      long QT interval
DIG    STTC repolarisation -              digitalis effect
ANEUR  STTC repolarisation -              ST-T changes of a ventricular aneurysm
EL     STTC repolarisation -              ST-T changes of an electrolyte disturbance
LVH    HYP  hypertrophy    164873001      left ventricular hypertrophy
RVH    HYP  hypertrophy    89792004       right ventricular hypertrophy
VH     HYP  hypertrophy    266249003      ventricular hypertrophy
SEHYP  HYP  hypertrophy    266249003      septal hypertrophy
LAE    HYP  hypertrophy    67741000119109 left atrial enlargement
RAE    HYP  hypertrophy    446358003      right atrial enlargement
VLVH   -    form           55827005       voltage criteria for left ventricular hypertrophy
QWAVE  -    form           164917005      pathological Q waves
LVOLT  -    form           251146004      low QRS voltage
PRWP   -    form           365413008      poor R wave progression
LPR    -    form           164947007      long PR interval
SPR    -    form           49578007       short PR interval
EREPOL -    form           428417006      early repolarisation
OTHER  -    form           -              another finding
LAD    -    axis           39732003       left axis deviation
RAD    -    axis           47665007       right axis deviation
EAD    -    axis           251200008      extreme axis deviation
"""


def _table() -> dict[str, Label]:
    found = {}
    for line in _ROWS.strip().splitlines():
        code, superclass, kind, snomed, name = line.split(maxsplit=4)
        found[code] = Label(code, superclass.strip("-"), kind, name, snomed.strip("-"))
    return found


LABELS: dict[str, Label] = _table()
"""By code."""
UNREMARKABLE = frozenset({"SR", "STACH", "SBRAD", "SARRH", "LAD", "RAD", "EAD"})
"""A record with nothing but these is NORM where its set has no code of its own for a normal ECG."""

# PTB-XL -----------------------------------------------------------------------------------------------------------

_SCP = {
    "NORM": "NORM", "SR": "SR", "STACH": "STACH", "SBRAD": "SBRAD", "SARRH": "SARRH", "AFIB": "AF", "AFLT": "AFLT",
    "SVTAC": "SVTAC", "PSVT": "SVTAC", "PACE": "PACE", "PVC": "PVC", "PAC": "PAC", "BIGU": "BIGU", "TRIGU": "TRIGU",
    "1AVB": "1AVB", "2AVB": "2AVB", "3AVB": "3AVB", "CLBBB": "LBBB", "CRBBB": "RBBB", "ILBBB": "ILBBB", "IRBBB": "IRBBB", "LAFB": "LAFB",
    "LPFB": "LPFB", "IVCD": "IVCD", "WPW": "WPW",
    "AMI": "AMI", "ASMI": "ASMI", "ALMI": "ALMI", "IMI": "IMI", "ILMI": "ILMI", "IPMI": "IMI", "IPLMI": "ILMI", "LMI": "LMI", "PMI": "PMI",
    "INJAS": "INJ", "INJAL": "INJ", "INJIN": "INJ", "INJLA": "INJ", "INJIL": "INJ",
    "NDT": "NDT", "NST_": "NST", "ISC_": "ISC", "ISCAL": "ISC", "ISCIN": "ISC", "ISCIL": "ISC", "ISCAS": "ISC", "ISCLA": "ISC", "ISCAN": "ISC",
    "LNGQT": "LQT", "DIG": "DIG", "ANEUR": "ANEUR", "EL": "EL",
    "LVH": "LVH", "RVH": "RVH", "SEHYP": "SEHYP", "LAO/LAE": "LAE", "RAO/RAE": "RAE",
    "VCLVH": "VLVH", "QWAVE": "QWAVE", "LVOLT": "LVOLT", "LPR": "LPR", "STD_": "STD", "STE_": "STE", "INVT": "TINV",
}  # fmt: skip
_SCP_FORM = frozenset({"STD_", "STE_", "INVT"})
"""Of those with a class elsewhere, codes that PTB-XL counts as form: they make no superclass there."""

# SNOMED CT --------------------------------------------------------------------------------------------------------

_SNOMED = {
    "SR": "426783006", "STACH": "427084000", "SBRAD": "426177001 426627000", "SARRH": "427393009",
    "AF": "164889003 426749004 282825002 314208002", "AFLT": "164890007", "SVTAC": "426761007 67198005", "ATACH": "713422000",
    "JUNC": "29320008 426995002 426664006", "WAP": "195101003", "VT": "164895002 425856008 25569003",
    "PACE": "10370003 251268003 251266004", "PVC": "427172004 17338001 164884008 251182009", "PAC": "284470004 63593006 251170000",
    "BIGU": "11157007", "TRIGU": "251180001",
    "1AVB": "270492004", "2AVB": "195042002 54016002 426183003", "3AVB": "27885002", "AVB": "233917008", "LBBB": "733534002 164909002",
    "RBBB": "713427006 59118001", "BBB": "6374002", "ILBBB": "251120003", "IRBBB": "713426002", "LAFB": "445118002", "LPFB": "445211001",
    "IVCD": "698252002 82226007", "WPW": "74390002",
    "MI": "164865005 57054005 164867002 22298006", "AMI": "54329005", "IMI": "73795002", "LMI": "58612006",
    "NDT": "164934002", "NST": "428750005 55930002 164930006", "ISC": "164861001 426434006 425419005 425623009 413444003 413844008",
    "STD": "429622005 704997005", "STE": "164931005", "TINV": "59931005", "LQT": "111975006",
    "LVH": "164873001", "RVH": "89792004", "VH": "266249003", "LAE": "67741000119109 446813000 253352002", "RAE": "446358003 67751000119106",
    "VLVH": "55827005", "QWAVE": "164917005", "LVOLT": "251146004", "PRWP": "365413008", "LPR": "164947007", "SPR": "49578007",
    "EREPOL": "428417006", "LAD": "39732003", "RAD": "47665007", "EAD": "251200008", "NORM": "164854000",
}  # fmt: skip

# words ------------------------------------------------------------------------------------------------------------

_WORDS: tuple[tuple[str, str], ...] = (
    ("PACE", r"\bpac(?:ed|ing)\b|\bpacemaker rhythm|\bp-synchrony"),
    ("AFLT", r"\bflutter\b"),
    ("AF", r"\batrial fibrillation\b|\bafib\b"),
    ("STACH", r"\bsinus tachycardia"),
    ("SBRAD", r"\bsinus bradycardia"),
    ("SARRH", r"\bsinus arr?hythmia|\birregular sinus"),
    ("SR", r"\bsinus rhythm"),
    ("SVTAC", r"\bsupraventricular tachycardia"),
    ("ATACH", r"\batrial tachycardia"),
    ("JUNC", r"\bjunctional (?:rhythm|bradycardia|tachycardia)"),
    ("WAP", r"\bwandering (?:atrial )?pacemaker"),
    ("VT", r"(?<!supra)\bventricular tachycardia"),
    ("PVC", r"\bpvc|\bventricular (?:extrasystole|premature|ectop)|\bpremature ventricular"),
    (
        "PAC",
        r"\bpac\b|\bpacs\b|\bpac\(s\)|\batrial (?:extrasystole|premature|ectop)|\bpremature (?:atrial|supraventricular)",
    ),
    ("1AVB", r"\b(?:first degree|1st degree|i degree|prolonged) a-?v|\bfirst.degree av.?block"),
    ("2AVB", r"\b(?:second degree|2nd degree|ii degree) a-?v|\bmobitz|\bwenckebach"),
    ("3AVB", r"\b(?:third degree|3rd degree|iii degree|complete) a-?v|\bcomplete heart block"),
    ("IRBBB", r"\b(?:incomplete|partial) (?:right bundle|rbbb)|\birbbb\b"),
    ("ILBBB", r"\b(?:incomplete|partial) (?:left bundle|lbbb)|\bilbbb\b"),
    ("RBBB", r"(?<!incomplete )(?<!partial )\b(?:right bundle|rbbb)"),
    ("LBBB", r"(?<!incomplete )(?<!partial )\b(?:left bundle|lbbb)"),
    ("LAFB", r"\bleft anterior (?:fascicular|hemi)"),
    ("LPFB", r"\bleft posterior (?:fascicular|hemi)"),
    ("IVCD", r"\bintraventri?cular conduction (?:delay|defect)|\bintravintricular conduction delay|\bivcd\b"),
    ("WPW", r"\bpre-?excitation|\bwpw\b|\bwolff"),
    ("ASMI", r"\banteroseptal (?:myocardial )?infarct"),
    ("ALMI", r"\banterolateral (?:myocardial )?infarct|\bextensive anterior infarct"),
    ("ILMI", r"\binferolateral (?:myocardial )?infarct|\binferior/lateral (?:st elevation|infarct)"),
    ("AMI", r"(?<!sept)\banterior (?:myocardial )?infarct|\bseptal (?:myocardial )?infarct"),
    ("IMI", r"\binferior (?:myocardial )?infarct"),
    ("LMI", r"\blateral (?:myocardial )?infarct"),
    ("PMI", r"\bposterior (?:myocardial )?infarct"),
    ("MI", r"\bstemi\b|\bscar\b|\bacute mi\b|(?<!non-)\bst elevation mi\b"),
    ("ISC", r"\bisch(?:a)?emi"),
    ("STD", r"\bst depression"),
    ("STE", r"\bst elevation(?! mi)"),
    ("TINV", r"\bt wave inversion|\binverted t"),
    ("NST", r"\bnon-?specific (?:st|repolari[sz]ation)|\bst-t (?:wave )?(?:changes|abnormalit)"),
    ("NDT", r"\bt wave (?:changes|abnormalit)|(?:non-?specific|diffuse|minor) t wave"),
    ("LQT", r"\b(?:prolonged|long) qt"),
    ("DIG", r"\bdigitalis"),
    ("LVH", r"\bleft ventricular (?:hypertrophy|overload)|\blvh\b"),
    ("RVH", r"\bright ventricular (?:hypertrophy|overload)|\brvh\b"),
    ("LAE", r"\bleft atrial (?:hypertrophy|overload|enlargement|abnormality)"),
    ("RAE", r"\bright atrial (?:hypertrophy|overload|enlargement|abnormality)"),
    ("LVOLT", r"\blow (?:qrs )?voltage"),
    ("PRWP", r"\bpoor r.?(?:wave )?progression"),
    ("EREPOL", r"\bearly repolari[sz]ation"),
    ("SPR", r"\bshort pr\b"),
    ("LAD", r"\bleft axis deviation|\bleftward axis"),
    ("RAD", r"\bright axis deviation|\brightward axis"),
    ("NORM", r"^(?:normal ecg|within normal limits)\.?$"),
)
_OPEN = re.compile(
    r"^undefined\b|\b(?:possible|possibly|probable|probably|consider|suspect|suggest\w*|cannot|can not|rule out|versus|vs|or|may be|no|not|without|supp)\b",
    re.IGNORECASE,
)
"""A statement with one of these is no label: it is open, denied, or one of two."""
_SAYS_NOTHING = re.compile(r"^electric axis of the heart\b|^axis\b", re.IGNORECASE)


def of_scp(statements: Mapping[str, float]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Codes of our table and superclasses of a row of PTB-XL; the likelihood is ignored."""
    known = {code: _SCP.get(code, "OTHER") for code in statements}
    classes = {LABELS[ours].superclass for scp, ours in known.items() if scp not in _SCP_FORM}
    return _ordered(known.values()), frozenset(classes - {""})


def scp_codes() -> tuple[str, ...]:
    """Codes of PTB-XL that our table has a finding for."""
    return tuple(_SCP)


def of_snomed(concepts: Iterable[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Codes of our table and superclasses of SNOMED CT concepts."""
    known = _by_concept()
    codes = _ordered(known.get(concept.strip(), "OTHER") for concept in concepts if concept.strip())
    return _with_normal(codes), classes_of(codes)


def proposed(concepts: Iterable[str]) -> tuple[str, ...]:
    """Codes of our table for the SNOMED CT concepts of an interpretation, to be confirmed by a person; a concept without one is none."""
    known = _by_concept()
    return _ordered(known[concept] for concept in concepts if concept in known)


def _by_concept() -> dict[str, str]:
    return {concept: code for code, row in _SNOMED.items() for concept in row.split()}


def of_words(statements: Iterable[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Codes and superclasses of English statements, one finding each: LUDB's cells, machine reports.

    What is open, denied or not known is OTHER: nothing is learnt from it, but the record is not normal by silence.
    """
    found: list[str] = []
    for statement in (text.strip() for text in statements if text.strip()):
        open_ = _OPEN.search(statement) is not None
        here = [] if open_ else [code for code, pattern in _WORDS if re.search(pattern, statement, re.IGNORECASE)]
        found += here or ([] if _SAYS_NOTHING.search(statement) else ["OTHER"])
    codes = _ordered(found)
    return _with_normal(codes), classes_of(codes)


def of_codes(codes: Iterable[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Codes of our own table, as a confirmed review carries them; raises ValueError of one that is none."""
    told = [code.strip() for code in codes if code.strip()]
    strange = [code for code in told if code not in LABELS]
    if strange:
        raise ValueError(f"{strange[0]} is no finding of the table: use one of {', '.join(LABELS)}")
    return _ordered(told), classes_of(told)


def confirmed(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes that a person may say of one window, in the order of the table; raises ValueError with one sentence of what is none."""
    told = of_codes(codes)[0]
    if "NORM" in told and not set(told) <= UNREMARKABLE | {"NORM"}:
        raise ValueError("a normal ECG has no other findings than sinus rhythm and an axis: take away one or the other")
    return told


def classes_of(codes: Iterable[str]) -> frozenset[str]:
    """Superclasses by our table; NORM where there is nothing but sinus rhythm and axis."""
    told = set(codes)
    if told and told <= UNREMARKABLE | {"NORM"}:
        return frozenset({"NORM"})
    return frozenset({LABELS[code].superclass for code in told} - {"", "NORM"})


def _with_normal(codes: tuple[str, ...]) -> tuple[str, ...]:
    """With the normal ECG named where a set that does not name it tells of sinus rhythm alone; a fast or slow one is none."""
    return _ordered([*codes, "NORM"]) if codes and set(codes) <= {"SR", "SARRH", "NORM"} else codes


GROUPS = {
    "HYP": "hypertrophy", "MI": "myocardial infarction", "CD": "conduction disturbance", "STTC": "repolarisation changes", "NORM": "normal ECG",
}  # fmt: skip
"""Superclasses by their names in a sentence, in the order in which a report names them: the rarer before the more frequent."""
DISTURBED_RHYTHM = "rhythm disturbance"
_OF_RHYTHM = frozenset({"rhythm", "beats"})


def groups_of(codes: Iterable[str], classes: Iterable[str]) -> tuple[str, ...]:
    """Names of the groups of findings that a record has: its superclasses; without any, a rhythm that is none of the sinus."""
    told, sinus = set(classes), UNREMARKABLE | {"NORM"}
    found = tuple(name for group, name in GROUPS.items() if group in told)
    disturbed = any(LABELS[code].kind in _OF_RHYTHM and code not in sinus for code in codes)
    return found or ((DISTURBED_RHYTHM,) if disturbed else ())


def by_group(codes: Iterable[str]) -> tuple[str, ...]:
    """Each once: groups in the order of GROUPS, then rhythms and what else there is; within them in the order of the table."""
    order = list(GROUPS)
    return tuple(
        sorted(
            _ordered(codes),
            key=lambda code: order.index(LABELS[code].superclass) if LABELS[code].superclass else len(order),
        )
    )


def fifteen(codes: Iterable[str], classes: Iterable[str]) -> tuple[str, ...]:
    """Which of the fifteen labels a record has, in their order."""
    told = set(codes) | set(classes)
    return tuple(label for label in FIFTEEN if label in told)


def _ordered(codes: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of the table."""
    told = set(codes)
    return tuple(code for code in LABELS if code in told)
