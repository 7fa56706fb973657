#!/usr/bin/env python3
"""Computes the index again from an export of the ledger, apart from Khiên's own code.

usage: recompute.py EXPORT [YEAR | INSTANT [PACK]]

EXPORT is what `khien ledger export` writes and docs/verify.py finds to hold: no other is counted. The last table that
the ledger tells of (`index.computed`), or that of the published round of a year, is computed again from the records it
had then; with an instant (2026-10-15T01:00:00Z) the table at it from all records, by the named pack or the last that is
valid then. Prints the JSON of `khien index recompute EXPORT --json`. docs/index.md tells more."""

import calendar, datetime, functools, hashlib, json, sys
from fractions import Fraction

DAY = 86_400
# Of the kinds in packs/evidence.yml: the fields that hold days and moments, and what is about no agency.
fields = lambda listed: {(kind, field) for kind, *names in map(str.split, listed.split(",")) for field in names}
DAYS = fields("agency.assignment signed, system.dossier approved, design.appraisal approved, risk.state due ended,"
              "project.investment decided appraised, incident.state review_by reviewed, incident.hidden found,"
              "tls.probe valid_from valid_to, finding.state found due fixed, exercise.action due closed,"
              "task.state due done, report.state due submitted, scenario.state tested, inspection.finding due closed,"
              "procurement.made made")
MOMENTS = fields("incident.state opened contain_by contained closed report_by reported, alert.handled raised,"
                 "alert.handled acknowledged, bulletin.addressed published answered, index.computed at, index.round at")
LEDGER = "ledger.began audit.sealed audit.checked gate.policy index.pack index.computed index.round".split()
text = lambda value: f"{value.numerator}/{value.denominator}"
seconds = lambda value: since_1970(datetime.datetime, value, "Z", datetime.timedelta(seconds=1))
days = lambda value: since_1970(datetime.date, value, "", datetime.timedelta(days=1))
whole = lambda value: value if type(value) is int else None
# The number, day or moment in a field of a content of a kind: None if it is missing, or holds anything else.
known = lambda content, *its: (seconds if its in MOMENTS else days if its in DAYS else whole)(content.get(its[1]))


def since_1970(calendar, value, mark, unit):
    try:
        read = calendar.fromisoformat(value.removesuffix(mark))
    except (AttributeError, ValueError):
        return None
    return (read - calendar(1970, 1, 1)) // unit if read.isoformat() + mark == value < "9999" else None


class Facts:
    """The latest record of each kind, agency and subject: of all records, and of those that are firm."""

    def __init__(self, records, at, offset):
        self.at, self.offset = seconds(at), offset * 60
        self.today = (self.at + self.offset) // DAY
        self.latest, self.keys = {}, {}
        void = [about for about, _ in records if "corrects" in about and seconds(about["at"]) <= self.at]
        void = {(about["corrects"], about.get("agency")) for about in void}
        for about, content in records:
            order = (seconds(about["at"]), about["seq"])
            key = (about["type"], about.get("agency"), about["subject"])
            if order[0] > self.at or (about["seq"], key[1]) in void:
                continue
            known = self.latest.setdefault(key, [None, None])
            for firm in (0, 1) if about["how"] != "declared" else (0,):
                if not known[firm] or order > known[firm][0]:
                    known[firm] = (order, about, content)
        for key in self.latest:
            self.keys.setdefault(key[:2], []).append(key)

    def before(self, period):
        count, unit = period.split(" ")
        if unit != "months":
            return self.at - int(count) * {"hours": 3_600, "days": DAY}[unit]
        today = datetime.date(1970, 1, 1) + datetime.timedelta(self.today)
        year, month = divmod(today.year * 12 + today.month - 1 - int(count), 12)
        day = min(today.day, calendar.monthrange(year, month + 1)[1])
        return self.at - (today - datetime.date(year, month + 1, day)).days * DAY

    def holds(self, kind, content, field, asked):
        """Whether a condition on a field holds."""
        if not isinstance(asked, dict):
            value, of = content.get(field), asked if isinstance(asked, list) else [asked]
            return any(type(value) is type(one) and value == one for one in of)
        value, other = known(content, kind, field), lambda name: known(content, kind, name)
        if value is None:
            return asked.keys() - {"plus"} == {"absent"} and asked["absent"]
        is_moment, is_day = (kind, field) in MOMENTS, (kind, field) in DAYS
        now, unit, begins = (self.at, DAY, value) if is_moment else (self.today, 1, value * DAY - self.offset)
        plus = asked.get("plus", 0) * unit
        over = value + plus <= now if is_moment else value + plus < now
        has_come = value <= now or not (is_moment or is_day)
        return all({
            "min": lambda its: value >= its, "max": lambda its: value <= its,
            "by": lambda its: has_come and other(its) is not None and value <= other(its) + plus,
            "before": lambda its: other(its) is not None and value < other(its),
            "passed": lambda its: over == its, "within": lambda its: self.at >= begins > self.before(its),
            "absent": lambda its: not its, "plus": lambda its: True,
        }[test](its) for test, its in asked.items())


class Agency:
    """Which facts of an agency are in which set, and what measures give."""

    def __init__(self, pack, facts, code):
        self.pack, self.facts, self.code = pack, facts, code
        self.record = lambda key, firm: facts.latest[key][firm]

    @functools.cache
    def members(self, name, firm):
        asked, facts, found = self.pack["sets"][name], self.facts, []
        keys = facts.keys.get((asked["kind"], None if asked["kind"] in LEDGER else self.code), [])
        for key in (key for key in keys if self.record(key, firm)):
            (at, _), about, content = self.record(key, firm)
            if (
                ("until" not in about or seconds(about["until"]) > facts.at)
                and ("within" not in asked or at > facts.before(asked["within"]))
                and all(facts.holds(key[0], content, *test) for test in asked.get("where", {}).items())
                and all(self.related(name, key, firm) for name in asked.get("having", []))
                and not any(self.related(name, key, firm) for name in asked.get("lacking", []))
            ):
                found.append(key)
        if "newest" in asked:
            groups = {}
            for key in sorted(found, key=lambda key: self.record(key, firm)[0], reverse=True):
                by = self.record(key, firm)[1].get("system") if asked.get("same") == "system" else None
                groups.setdefault(by, []).append(key)
            found = [key for keys in groups.values() for key in keys[: asked["newest"]]]
        return found

    def related(self, name, key, firm):
        same = self.pack["sets"][name].get("same", "agency")
        of = {"agency": lambda other: self.code, "subject": lambda other: other[2],
              "system": lambda other: self.record(other, 0)[1].get("system")}[same]
        return [other for other in self.members(name, firm) if of(key) is not None and of(other) == of(key)]

    def union(self, names):
        return list(dict.fromkeys(key for name in names for key in self.members(name, 0)))

    def measure(self, m):
        """The state, the value by all records and by firm ones, and whether all of it was measured."""
        way = m["measure"]
        if way == "parts":
            parts = [(Fraction(part["share"]), *self.measure(part)) for part in m["parts"]]
            parts = [part for part in parts if part[1] != "not-applicable"]
            total = sum(part[0] for part in parts)
            states = [part[1] for part in parts] or ["not-applicable"]
            value = lambda at: sum((part[0] * (part[at] or 0) / total for part in parts), Fraction(0))
            confident = bool(parts) and all(part[4] for part in parts)
            return "scored" if "scored" in states else states[0], value(2), value(3), confident
        elements = self.union(m.get("each") or m["having"])
        missing = max(0, m.get("least", 1) - len(elements))
        more = [key for key in self.union(m.get("fill", [])) if key not in elements]
        elements += sorted(more, key=lambda key: self.record(key, 0)[0], reverse=True)[:missing]
        count = [self.number(key, m["bottom"]) if way == "ratio" else 1 for key in elements]
        shown = any(self.members(name, 1) for name in m.get("nothing", []))
        state = "not-applicable" if shown or (elements and "few" in m) else "no-evidence"
        state = "scored" if elements and sum(count) >= m.get("least", 1) else state
        values = [self.value(m, elements, 0), self.value(m, elements, 1)] if state == "scored" else [Fraction(0), None]
        asked = [m] + [self.pack["sets"][name] for name in m.get("is", [])]
        joined = [name for its in asked for way_in in ("having", "lacking", "of") for name in its.get(way_in, [])]
        used = [other for key in elements for name in joined for other in self.related(name, key, 0)]
        used = elements + (self.union(m["having"]) if way == "exists" else used)
        how = [self.record(key, 0)[1]["how"] for key in used if key[0] not in self.pack["register"]]
        return state, *values, bool(how) and all(word == "measured" for word in how)

    def counted(self, m, key, firm):
        """Whether an element is one by such records too."""
        return any(key in self.members(name, firm) for name in m.get("each", []) + m.get("fill", []))

    def number(self, key, field, firm=0, missing=0):
        value = known(self.record(key, firm)[2], key[0], field)
        return missing if value is None else value

    def value(self, m, elements, firm):
        way, over = m["measure"], lambda top, bottom: Fraction(top, bottom) if bottom else Fraction(0)
        if way == "share":
            weigh = m.get("weigh")
            level = lambda key: str(self.number(key, weigh["by"]))
            weights = [weigh["table"].get(level(key), 0) if weigh else 1 for key in elements]
            has = lambda key, sets: [bool(self.related(name, key, firm)) for name in m.get(sets, [])]
            is_one = lambda key: "is" not in m or any(key in self.members(name, firm) for name in m["is"])
            meets = lambda key: is_one(key) and all(has(key, "having")) and not any(has(key, "lacking"))
            return over(sum(weight for weight, key in zip(weights, elements) if meets(key)), sum(weights))
        if way == "ratio":
            own = [(key, firm if self.counted(m, key, firm) else None) for key in elements]
            top = sum(self.number(key, m["top"], by) for key, by in own if by is not None)
            return over(top, sum(self.number(key, m["bottom"], by or 0) for key, by in own))
        if way == "mean":
            total = Fraction(0)
            for key in elements:
                keys = [other for name in m.get("of", []) for other in self.related(name, key, firm)]
                keys += [key] if "of" not in m and self.counted(m, key, firm) else []
                bottom = [self.number(other, m["bottom"], firm) if "bottom" in m else 1 for other in keys]
                total += over(sum(self.number(other, m["top"], firm) for other in keys), sum(bottom))
            return total / len(elements)
        if way == "percentile":
            moment = lambda key, end, by: min(self.number(key, m[end], by, self.facts.at), self.facts.at)
            counted = [key for key in elements if self.counted(m, key, firm)]
            durations = sorted(max(0, moment(key, "to", firm) - moment(key, "from", 0)) for key in counted)
            place, unit = -(-m["rank"] * len(counted) // 100) - 1, {"minutes": 60, "hours": 3_600}[m["unit"]]
            return Fraction(durations[place], unit) if len(counted) >= m.get("least", 1) else None
        if way == "exists":
            return Fraction(all(self.members(name, firm) for name in m["having"]))
        counting = sum(self.counted(m, key, firm) for key in elements)
        return min(Fraction(1), Fraction(counting, m["full"]))


def shown(value):
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"


def score(pack, agency):
    outcomes = {}
    for indicator in pack["indicators"]:
        state, value, firm, confident = agency.measure(indicator["value"])
        applies = all(agency.members(name, 0) for name in indicator.get("applies", []))
        state = state if applies else "not-applicable"
        value, firm = (its and its * Fraction(indicator.get("scale", 1)) for its in (value, firm))
        target, floor = Fraction(indicator["target"]), Fraction(indicator["floor"])
        reached = lambda its: max(Fraction(0), min(Fraction(1), (its - floor) / (target - floor)))
        share = Fraction(indicator.get("declared_share", pack["declared_share"]))
        sure = Fraction(0) if firm is None else reached(firm)
        extra = share * max(Fraction(0), reached(value) - sure)
        earned = min(reached(value), sure) + extra if state == "scored" else Fraction(0)
        confident = confident and state != "not-applicable"
        outcomes[indicator["id"]] = dict(state=state, value=value, firm=firm, earned=earned, confident=confident)
    caps = [cap for cap in pack["caps"] if agency.members(cap["set"], 0)]
    for indicator in (name for cap in caps for name in cap.get("zero", [])):
        outcomes[indicator].update(earned=Fraction(0), state="scored")
    live = [i for i in pack["indicators"] if outcomes[i["id"]]["state"] != "not-applicable"]
    left = {name: sum(i["weight"] for i in live if i["group"] == name) for name in pack["groups"]}
    total = sum(group["weight"] for name, group in pack["groups"].items() if left[name])
    groups, sure = {}, Fraction(0)
    for i in live:
        its, group = outcomes[i["id"]], pack["groups"][i["group"]]["weight"]
        its["weight"] = Fraction(i["weight"] * group * 100, left[i["group"]] * total)
        its["points"] = its["weight"] * its["earned"]
        points, weight = groups.get(i["group"], (Fraction(0), Fraction(0)))
        groups[i["group"]] = points + its["points"], weight + its["weight"]
        sure += its["weight"] if its["confident"] else 0
    result = {"agency": agency.code, "caps": [cap["id"] for cap in caps], "confidence": text(sure / 100)}
    in_cohort = lambda name: agency.members(pack["cohorts"][name]["set"], 0)
    result |= {"cohort": name for name in sorted(pack["cohorts"], reverse=True) if in_cohort(name)}
    group = lambda its: {"points": text(its[0]), "points_shown": shown(its[0]), "weight": text(its[1])}
    result["groups"] = {name: group(its) for name, its in groups.items()}
    result["indicators"] = {name: written(its) for name, its in outcomes.items()}
    points = sum((its[0] for its in groups.values()), Fraction(0)) if groups else None
    if points is not None:
        result.update(score=text(points), score_shown=shown(points))
        grades = [grade["grade"] for grade in pack["grades"]]
        result["grade_by_points"] = next(g["grade"] for g in pack["grades"] if points >= Fraction(g["from"]))
        if not any(cap.get("withheld") for cap in caps):
            result["grade"] = max([result["grade_by_points"], *(cap["to"] for cap in caps)], key=grades.index)
    return points, result


def written(its):
    result, is_scored = {"confident": its["confident"], "state": its["state"]}, its["state"] == "scored"
    if its["state"] != "not-applicable":
        result |= {name: text(its[name]) for name in ("earned", "points", "weight")}
        result["points_shown"] = shown(its["points"])
    values = {name: text(its[name]) for name in ("firm", "value") if its[name] is not None}
    return result | values | {"value_shown": shown(its["value"])} if is_scored else result


def basis(records, at, wanted):
    """The instant, the pack and the records that count."""
    if at is None or at.isdigit():
        told = {"type": "index.round", "subject": at} if at else {"type": "index.computed"}
        tables = [(about, content) for about, content in records if about == about | told and "hash" in content]
        about, last = tables[-1] if tables else sys.exit("the export tells of no such table")
        at, size, wanted = last.get("at"), last.get("size"), last.get("pack")
        if seconds(at) is None or type(size) is not int or type(wanted) is not str:
            sys.exit(f"record {about['seq']}: this is no table of the index")
        records = [record for record in records if record[0]["seq"] < size]
    packs = [content["pack"] for about, content in records if about["type"] == "index.pack" and "pack" in content]
    packs = [pack for pack in packs if wanted in (None, pack["pack"])]
    for pack in reversed(packs):
        day = (seconds(at) + pack["offset_minutes"] * 60) // DAY
        if days(pack["valid_from"]) <= day <= days(pack["valid_to"]):
            return at, pack, records
    sys.exit("no pack in the export is valid at that instant" if packs else "the export has no such pack")


def main(path, at=None, wanted=None):
    with open(path, encoding="utf-8", newline="\n") as lines:
        read = [json.loads(line) for line in lines if line.startswith('{"about":')]
    records = sorted(((record["about"], record["content"]) for record in read), key=lambda its: its[0]["seq"])
    at, pack, records = basis(records, at, wanted)
    facts = Facts(records, at, pack["offset_minutes"])
    agencies = (Agency(pack, facts, code) for code in sorted({key[1] for key in facts.latest if key[1]}))
    scores = [score(pack, agency) for agency in agencies if agency.members(pack["rated"], 0)]
    for points, result in scores:
        is_one = lambda its, other: its is not None and other.get("cohort") == result.get("cohort", "")
        cohort = [pair for pair in scores if is_one(*pair)]
        result["of"] = len(cohort)
        if result["of"] >= pack["cohort_least"] and "grade" in result:
            result["rank"] = 1 + sum("grade" in other and its > points for its, other in cohort)
    table = {"agencies": [result for _, result in scores], "at": at, "pack": pack["pack"], "size": len(records)}
    canonical = lambda: json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    table["hash"] = hashlib.sha256(canonical().encode()).hexdigest()
    print(canonical())


if __name__ == "__main__":
    main(*sys.argv[1:]) if 2 <= len(sys.argv) <= 4 else sys.exit(__doc__)
