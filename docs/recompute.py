#!/usr/bin/env python3
"""Computes the index again from an export of the ledger, apart from Khiên's own code.

usage: recompute.py EXPORT [INSTANT [PACK]]

EXPORT is what `khien ledger export` writes. Without an instant (2026-10-15T01:00:00Z) the last table
that the ledger tells of (`index.computed`) is computed again, from the records it was computed from;
with one, the table at that instant from all records, by the named pack or the last that is valid then.
Prints the same canonical JSON object as `khien index recompute EXPORT --json`. What the names mean is
told in docs/index.md; that the export is whole and unchanged is docs/verify.py's to say.
"""

import calendar
import datetime
import hashlib
import json
import sys
from fractions import Fraction

DAY = 86_400


def seconds(text):
    return calendar.timegm(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").timetuple())


def days(text):
    return datetime.date.fromisoformat(text).toordinal() - datetime.date(1970, 1, 1).toordinal()


class Facts:
    """The latest record of each kind, agency and subject: of all records, and of those that are firm."""

    def __init__(self, records, at, offset):
        self.at, self.offset = seconds(at), offset * 60
        self.today = (self.at + self.offset) // DAY
        self.latest, self.keys = {}, {}
        seen = [about for about, _ in records if seconds(about["at"]) <= self.at]
        void = {(about["corrects"], about.get("agency")) for about in seen if "corrects" in about}
        for about, content in records:
            agency = about.get("agency")
            order = (seconds(about["at"]), about["seq"])
            if order[0] > self.at or (about["seq"], agency) in void:
                continue
            key = (about["type"], agency, about["subject"])
            if key not in self.latest:
                self.latest[key] = [None, None]
                self.keys.setdefault(key[:2], []).append(key)
            for firm in (0, 1):
                known = self.latest[key][firm]
                if (not firm or about["how"] != "declared") and (not known or order > known[0]):
                    self.latest[key][firm] = (order, about, content)

    def before(self, period):
        """The instant a period earlier."""
        count, unit = period.split(" ")
        if unit == "hours":
            return self.at - int(count) * 3_600
        if unit == "days":
            return self.at - int(count) * DAY
        today = datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + self.today)
        month = today.year * 12 + today.month - 1 - int(count)
        year, month = month // 12, month % 12 + 1
        day = min(today.day, calendar.monthrange(year, month)[1])
        return self.at - (self.today - days(f"{year:04}-{month:02}-{day:02}")) * DAY

    def holds(self, content, field, asked):
        """Whether a condition on a field holds."""
        value = content.get(field)
        if not isinstance(asked, dict):
            return value is not None and value in (asked if isinstance(asked, list) else [asked])
        if value is None:
            return asked.get("absent") is True
        is_moment = isinstance(value, str) and "T" in value
        read = seconds if is_moment else days if isinstance(value, str) else int
        value, now, unit = read(value), *((self.at, DAY) if is_moment else (self.today, 1))
        plus, other = asked.get("plus", 0) * unit, lambda name: read(content[name])
        begins = value if is_moment else value * DAY - self.offset
        over = value + plus <= now if is_moment else value + plus < now
        return all({
            "absent": lambda its: not its,
            "min": lambda its: value >= its,
            "max": lambda its: value <= its,
            "by": lambda its: its in content and (read is int or value <= now) and value <= other(its) + plus,
            "before": lambda its: its in content and value < other(its),
            "passed": lambda its: over == its,
            "within": lambda its: begins > self.before(its),
            "plus": lambda its: True,
        }[test](its) for test, its in asked.items())


class Agency:
    """Which facts of an agency are in which set, and what measures give."""

    def __init__(self, pack, facts, code):
        self.pack, self.facts, self.code, self.known = pack, facts, code, {}

    def record(self, key, firm):
        return self.facts.latest[key][firm]

    def members(self, name, firm):
        if (name, firm) not in self.known:
            self.known[name, firm] = self.find(self.pack["sets"][name], firm)
        return self.known[name, firm]

    def find(self, asked, firm):
        facts, found = self.facts, []
        for key in facts.keys.get((asked["kind"], self.code)) or facts.keys.get((asked["kind"], None), []):
            if self.record(key, firm) is None:
                continue
            (at, _), about, content = self.record(key, firm)
            if (
                ("until" not in about or seconds(about["until"]) > facts.at)
                and ("within" not in asked or at > facts.before(asked["within"]))
                and all(facts.holds(content, *test) for test in asked.get("where", {}).items())
                and all(self.related(name, key, firm) for name in asked.get("having", []))
                and not any(self.related(name, key, firm) for name in asked.get("lacking", []))
            ):
                found.append(key)
        if "newest" in asked:
            groups = {}
            for key in sorted(found, key=lambda key: self.record(key, firm)[0], reverse=True):
                system = self.record(key, firm)[1].get("system") if asked.get("same") == "system" else None
                groups.setdefault(system, []).append(key)
            found = [key for keys in groups.values() for key in keys[: asked["newest"]]]
        return found

    def related(self, name, key, firm):
        """The facts of a set that belong to a fact."""
        same, members = self.pack["sets"][name].get("same", "agency"), self.members(name, firm)
        if same == "subject":
            return [other for other in members if other[2] == key[2]]
        if same == "system":
            of = lambda other: self.record(other, 0)[1].get("system")
            return [other for other in members if of(key) is not None and of(other) == of(key)]
        return members

    def union(self, names):
        return list(dict.fromkeys(key for name in names for key in self.members(name, 0)))

    def measure(self, m):
        """The state, the value by all records and by firm ones, and whether all of it was measured."""
        if m["measure"] == "parts":
            parts = [(Fraction(part["share"]), *self.measure(part)) for part in m["parts"]]
            parts = [part for part in parts if part[1] != "not-applicable"]
            if not parts:
                return "not-applicable", Fraction(0), Fraction(0), False
            total = sum(part[0] for part in parts)
            state = "scored" if any(part[1] == "scored" for part in parts) else "no-evidence"
            value = lambda at: sum((part[0] * part[at] / total for part in parts), Fraction(0))
            return state, value(2), value(3), all(part[4] for part in parts)
        elements = self.union(m.get("each") or m["having"])
        missing = m.get("least", 1) - len(elements)
        if missing > 0 and m.get("fill"):
            more = [key for key in self.union(m["fill"]) if key not in elements]
            elements += sorted(more, key=lambda key: self.record(key, 0)[0], reverse=True)[:missing]
        state = self.state(m, elements)
        value = lambda firm: self.value(m, elements, firm) if state == "scored" else Fraction(0)
        return state, value(0), value(1), self.is_measured(m, elements)

    def state(self, m, elements):
        count = len(elements)
        if m["measure"] == "ratio":
            count = sum(self.record(key, 0)[2].get(m["bottom"], 0) for key in elements)
        if elements and count >= m.get("least", 1):
            return "scored"
        shown = any(self.members(name, 1) for name in m.get("nothing", []))
        return "not-applicable" if shown or (elements and "few" in m) else "no-evidence"

    def counted(self, m, key, firm):
        """The content of an element's record, if it is an element by such records too."""
        sets = m.get("each", []) + m.get("fill", [])
        is_one = any(key in self.members(name, firm) for name in sets)
        return self.record(key, firm)[2] if is_one else None

    def meets(self, m, key, firm):
        return (
            (not m.get("is") or any(key in self.members(name, firm) for name in m["is"]))
            and all(self.related(name, key, firm) for name in m.get("having", []))
            and not any(self.related(name, key, firm) for name in m.get("lacking", []))
        )

    def value(self, m, elements, firm):
        way, over = m["measure"], lambda top, bottom: Fraction(top, bottom) if bottom else Fraction(0)
        if way == "share":
            weigh = m.get("weigh")
            level = lambda key: str(self.record(key, 0)[2].get(weigh["by"], 0))
            weights = [weigh["table"].get(level(key), 0) if weigh else 1 for key in elements]
            met = [weight for weight, key in zip(weights, elements) if self.meets(m, key, firm)]
            return over(sum(met), sum(weights))
        if way == "ratio":
            top = bottom = 0
            for key in elements:
                content = self.counted(m, key, firm)
                top += content.get(m["top"], 0) if content else 0
                bottom += (content or self.record(key, 0)[2]).get(m["bottom"], 0)
            return over(top, bottom)
        if way == "mean":
            total = Fraction(0)
            for key in elements:
                keys = [other for name in m.get("of", []) for other in self.related(name, key, firm)]
                own = self.counted(m, key, firm) if "of" not in m else None
                sources = [self.record(other, firm)[2] for other in keys] + ([own] if own is not None else [])
                top = sum(source.get(m["top"], 0) for source in sources)
                bottom = sum(source.get(m["bottom"], 0) for source in sources) if "bottom" in m else len(sources)
                total += over(top, bottom)
            return total / len(elements)
        if way == "percentile":
            durations, at = [], self.facts.at
            for key in elements:
                begun = self.record(key, 0)[2].get(m["from"])
                ended = (self.counted(m, key, firm) or {}).get(m["to"])
                begun, ended = (seconds(text) if text else at for text in (begun, ended))
                durations.append(max(0, min(ended, at) - begun))
            place = -(-m["rank"] * len(durations) // 100)
            return Fraction(sorted(durations)[place - 1], {"minutes": 60, "hours": 3_600}[m["unit"]])
        if way == "exists":
            return Fraction(all(self.members(name, firm) for name in m["having"]))
        counting = [key for key in elements if self.counted(m, key, firm) is not None]
        return min(Fraction(1), Fraction(len(counting), m["full"]))

    def is_measured(self, m, elements):
        used = list(elements)
        if m["measure"] == "exists":
            used += [key for name in m["having"] for key in self.members(name, 0)]
        else:
            joined = m.get("having", []) + m.get("lacking", []) + m.get("of", [])
            used += [other for key in elements for name in joined for other in self.related(name, key, 0)]
        how = [self.record(key, 0)[1]["how"] for key in used if key[0] not in self.pack["register"]]
        return bool(how) and all(word == "measured" for word in how)


def text(value):
    return f"{value.numerator}/{value.denominator}"


def shown(value):
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"


def score(pack, agency):
    outcomes = {}
    for indicator in pack["indicators"]:
        state, value, firm, confident = agency.measure(indicator["value"])
        if not all(agency.members(name) for name in indicator.get("applies", [])):
            state, confident = "not-applicable", False
        value, firm = (its * Fraction(indicator.get("scale", 1)) for its in (value, firm))
        target, floor = Fraction(indicator["target"]), Fraction(indicator["floor"])
        reached = lambda its: max(Fraction(0), min(Fraction(1), (its - floor) / (target - floor)))
        share = Fraction(indicator.get("declared_share", pack["declared_share"]))
        extra = max(Fraction(0), reached(value) - reached(firm))
        earned = min(reached(value), reached(firm)) + share * extra if state == "scored" else Fraction(0)
        its = {"state": state, "value": value, "firm": firm, "earned": earned, "confident": confident}
        outcomes[indicator["id"]] = its
    caps = [cap for cap in pack["caps"] if agency.members(cap["set"])]
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
        sums = groups.setdefault(i["group"], [Fraction(0), Fraction(0)])
        sums[0] += its["points"]
        sums[1] += its["weight"]
        sure += its["weight"] if its["confident"] else 0
    result = {"agency": agency.code, "caps": [cap["id"] for cap in caps], "confidence": text(sure / 100)}
    cohorts = [name for name in sorted(pack["cohorts"]) if agency.members(pack["cohorts"][name]["set"])]
    if cohorts:
        result["cohort"] = cohorts[0]
    result["groups"] = {
        name: {"points": text(points), "points_shown": shown(points), "weight": text(weight)}
        for name, (points, weight) in groups.items()
    }
    result["indicators"] = {name: written(its) for name, its in outcomes.items()}
    points = sum((sums[0] for sums in groups.values()), Fraction(0)) if groups else None
    if points is not None:
        result.update(score=text(points), score_shown=shown(points))
        grades = [grade["grade"] for grade in pack["grades"]]
        by_points = next(g["grade"] for g in pack["grades"] if points >= Fraction(g["from"]))
        result["grade_by_points"] = by_points
        if not any(cap.get("withheld") for cap in caps):
            worst = max([grades.index(by_points)] + [grades.index(cap["to"]) for cap in caps])
            result["grade"] = grades[worst]
    return points, result


def written(its):
    result = {"confident": its["confident"], "state": its["state"]}
    if its["state"] != "not-applicable":
        result.update(earned=text(its["earned"]), points=text(its["points"]))
        result.update(points_shown=shown(its["points"]), weight=text(its["weight"]))
    if its["state"] == "scored":
        result.update(firm=text(its["firm"]), value=text(its["value"]), value_shown=shown(its["value"]))
    return result


def basis(records, at, wanted):
    """The instant, the pack and the records that count."""
    if at is None:
        last = [content for about, content in records if about["type"] == "index.computed"][-1]
        at, wanted = last["at"], last["pack"]
        records = [record for record in records if record[0]["seq"] < last["size"]]
    for about, content in reversed(records):
        if about["type"] != "index.pack" or (wanted and content["pack"]["pack"] != wanted):
            continue
        pack = content["pack"]
        day = (seconds(at) + pack["offset_minutes"] * 60) // DAY
        if days(pack["valid_from"]) <= day <= days(pack["valid_to"]):
            return at, pack, records
    sys.exit("no pack in the export is valid at that instant")


def main(path, at=None, wanted=None):
    with open(path, encoding="utf-8", newline="\n") as lines:
        read = [json.loads(line) for line in lines if line.startswith('{"about":')]
    records = sorted(((record["about"], record["content"]) for record in read), key=lambda its: its[0]["seq"])
    at, pack, records = basis(records, at, wanted)
    facts = Facts(records, at, pack["offset_minutes"])
    codes = sorted({about["agency"] for about, _ in records if "agency" in about})
    agencies = [Agency(pack, facts, code) for code in codes]
    scores = [score(pack, agency) for agency in agencies if agency.members(pack["rated"])]
    for points, result in scores:
        cohort = [(its, other) for its, other in scores if its is not None and other.get("cohort") == result.get("cohort")]
        result["of"] = len(cohort) if "cohort" in result else 0
        if result["of"] >= pack["cohort_least"] and "grade" in result:
            result["rank"] = 1 + sum("grade" in other and its > points for its, other in cohort)
    table = {"agencies": [result for _, result in scores], "at": at, "pack": pack["pack"], "size": len(records)}
    canonical = lambda: json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    table["hash"] = hashlib.sha256(canonical().encode()).hexdigest()
    print(canonical())


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
