"""Numbers of people and organisations whose check digits fit, and who are nobody."""

from random import Random

from recipients.identifiers import national_identity_number_is_valid, organization_urn, person_urn

_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def organization_number(chance: Random) -> str:
    """Nine digits that begin with 31, as the synthetic organisations of Tenor do."""
    while True:
        digits = f"31{chance.randrange(10**6):06d}"
        check = -sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"


def person_number(chance: Random) -> str:
    """Eleven digits; the month is 80 too high, so that it is no real person's (as Tenor has it)."""
    while True:
        day, month, year = chance.randint(1, 28), chance.randint(1, 12) + 80, chance.randrange(100)
        begun = f"{day:02d}{month:02d}{year:02d}{chance.randrange(1000):03d}"
        for check in range(100):
            if national_identity_number_is_valid(number := f"{begun}{check:02d}"):
                return number


def recipients(chance: Random, count: int) -> list[str]:
    """URNs, each once: four of five are people."""
    found: dict[str, None] = {}
    while len(found) < count:
        is_person = chance.random() < 0.8
        found[person_urn(person_number(chance)) if is_person else organization_urn(organization_number(chance))] = None
    return list(found)
