"""How a registered name, mostly in capitals, is written in a text."""

import unicodedata

# Unicode's general categories, by their first letter or in full: what ends a word. Digits and combining marks do not.
_ENDS_WORD = ("Z", "P", "S", "Cc", "Cf")
_APOSTROPHE = "'"


def title_cased(name: str) -> str:
    """The name with each word's first letter in upper case and the others in lower case (contract http-api.md §3.3).

    Words are those of .NET's ToTitleCase, as in the original: "ANNE-LISE O'NEIL" gives "Anne-Lise O'neil".
    """
    cased = []
    in_word = False
    for character in name.lower():
        category = unicodedata.category(character)
        is_letter = category.startswith("L")
        cased.append(character.title() if is_letter and not in_word else character)
        in_word = is_letter or (in_word and (character == _APOSTROPHE or not category.startswith(_ENDS_WORD)))
    return "".join(cased)
